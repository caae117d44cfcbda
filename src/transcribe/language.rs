//! Which language is spoken: voted from several places of the recording, not its start alone.

use std::collections::BTreeMap;

use crate::decode::Recording;
use crate::transcribe::chunk::Chunk;
use crate::transcribe::recognizer::Recognizer;
use crate::transcribe::{TranscribeError, TranscribeSettings, TranscribeWarning};

/// Places listened to; each takes about as long as decoding half a chunk.
const PLACES: usize = 5;

/// Below this mean probability the language is said to be unsure.
const SURE: f32 = 0.5;

/// The language to decode in: the given one, else the vote; `und` without speech.
pub(crate) fn choose(
    recording: &Recording,
    chunks: &[Chunk],
    recognizer: &mut dyn Recognizer,
    settings: &TranscribeSettings,
    warnings: &mut Vec<TranscribeWarning>,
) -> Result<String, TranscribeError> {
    if let Some(language) = &settings.language {
        return Ok(language.clone());
    }
    let places = spread(chunks.len());
    let mut votes: BTreeMap<String, f32> = BTreeMap::new();
    for chunk in places.iter().filter_map(|index| chunks.get(*index)) {
        for (language, probability) in recognizer.languages(recording.slice(chunk.span))? {
            *votes.entry(language).or_default() += probability;
        }
    }
    let Some((language, sum)) = votes.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)) else {
        return Ok("und".to_owned());
    };
    #[expect(clippy::cast_precision_loss, reason = "at most five places")]
    let probability = sum / places.len() as f32;
    if probability < SURE {
        warnings
            .push(TranscribeWarning::UnsureLanguage { language: language.clone(), probability });
    }
    Ok(language)
}

/// At most [`PLACES`] indices, spread evenly over `count`.
fn spread(count: usize) -> Vec<usize> {
    let places = count.min(PLACES);
    (0..places).map(|place| (2 * place + 1) * count / (2 * places)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_spread() {
        assert_eq!(spread(0), Vec::<usize>::new());
        assert_eq!(spread(3), [0, 1, 2]);
        assert_eq!(spread(50), [5, 15, 25, 35, 45]);
    }
}
