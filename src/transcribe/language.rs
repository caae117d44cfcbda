//! Which language is spoken: voted from several places of the recording, not its start alone.

use std::collections::BTreeMap;

use crate::decode::Recording;
use crate::transcribe::chunk::Chunk;
use crate::transcribe::recognizer::{Hypothesis, RecognizeError, Recognizer};
use crate::transcribe::store::ChunkStore;
use crate::transcribe::{TranscribeError, TranscribeWarning, key};

/// Places listened to; each takes about as long as decoding half a chunk.
const PLACES: usize = 5;

/// Below this mean probability the language is said to be unsure.
const SURE: f32 = 0.5;

/// Listens for the language, once to each sound: what was heard is kept.
pub(crate) struct LanguageDetector<'a> {
    pub(crate) recognizer: &'a mut dyn Recognizer,
    pub(crate) store: &'a mut dyn ChunkStore,
}

impl LanguageDetector<'_> {
    /// The language that `samples` are most probably in, ISO 639-1, and its probability, 0 to 1.
    pub(crate) fn language(&mut self, samples: &[f32]) -> Result<(String, f32), RecognizeError> {
        let question = format!("the language, by {}", self.recognizer.engine());
        let key = key(samples, self.recognizer.model(), &question);
        if let Some(language) = self.store.get(&key).and_then(|kept| kept.language) {
            return Ok(language);
        }
        let language = self.recognizer.language(samples)?;
        let heard = Hypothesis { language: Some(language.clone()), ..Hypothesis::default() };
        self.store.put(&key, &heard)?;
        Ok(language)
    }
}

/// The language that most of the recording is in; `und` without speech.
pub(crate) fn vote(
    recording: &Recording,
    chunks: &[Chunk],
    detector: &mut LanguageDetector<'_>,
    warnings: &mut Vec<TranscribeWarning>,
) -> Result<String, TranscribeError> {
    let places = spread(chunks.len());
    let mut votes: BTreeMap<String, f32> = BTreeMap::new();
    let mut heard = 0.0;
    let mut left = places.iter().filter_map(|index| chunks.get(*index));
    while let Some(chunk) = left.next() {
        let (language, probability) = detector.language(recording.slice(chunk.span))?;
        *votes.entry(language).or_default() += probability;
        heard += 1.0;
        if is_decided(&votes, left.clone().count()) {
            break;
        }
    }
    let Some((language, sum)) = votes.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)) else {
        return Ok("und".to_owned());
    };
    let probability = sum / heard;
    if probability < SURE {
        warnings
            .push(TranscribeWarning::UnsureLanguage { language: language.clone(), probability });
    }
    Ok(language)
}

/// Whether `left` more votes of 1 each would not put another language first.
#[expect(clippy::cast_precision_loss, reason = "at most five places")]
fn is_decided(votes: &BTreeMap<String, f32>, left: usize) -> bool {
    let mut sums: Vec<f32> = votes.values().copied().collect();
    sums.sort_by(|a, b| b.total_cmp(a));
    let second = sums.get(1).copied().unwrap_or_default();
    sums.first().is_some_and(|first| first - second > left as f32)
}

/// At most [`PLACES`] indices, spread evenly over `count`.
fn spread(count: usize) -> Vec<usize> {
    let places = count.min(PLACES);
    (0..places).map(|place| (2 * place + 1) * count / (2 * places)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::SourceInfo;
    use crate::time::{Ms, Span};
    use crate::transcribe::scripted::ScriptedRecognizer;
    use crate::transcribe::store::MemoryStore;

    #[test]
    fn places_are_spread() {
        assert_eq!(spread(0), Vec::<usize>::new());
        assert_eq!(spread(3), [0, 1, 2]);
        assert_eq!(spread(50), [5, 15, 25, 35, 45]);
    }

    /// What is voted where the five seconds of a recording sound like so many of these; how many
    /// warnings there are, and how many places were listened to.
    fn voted(places: [f32; 5]) -> (String, usize, usize) {
        let second = |place: f32, n: f32| [vec![place], vec![n; 15_999]].concat();
        let seconds = places.iter().zip([0.0, 1.0, 2.0, 3.0, 4.0]);
        let samples = seconds.flat_map(|(&place, n)| second(place, n)).collect();
        let recording = Recording { samples, source: SourceInfo::default() };
        let span = |n: i64| Span::new(Ms::new(n * 1_000), Ms::new((n + 1) * 1_000)).unwrap();
        let chunks: Vec<Chunk> = (0..5).map(|n| Chunk::alone(span(n), Vec::new())).collect();
        let mut recognizer = ScriptedRecognizer::new([""; 0]);
        recognizer.listen = |samples| match samples[0] {
            0.0 => ("de", 0.9),
            1.0 => ("en", 0.7),
            2.0 => ("es", 0.4),
            _ => ("fr", 0.4),
        };
        let mut store = MemoryStore::default();
        let mut warnings = Vec::new();
        let mut detector = LanguageDetector { recognizer: &mut recognizer, store: &mut store };
        let language = vote(&recording, &chunks, &mut detector, &mut warnings).unwrap();
        recognizer.listen = |_| panic!("what was heard is kept");
        let mut detector = LanguageDetector { recognizer: &mut recognizer, store: &mut store };
        assert_eq!(vote(&recording, &chunks, &mut detector, &mut Vec::new()).unwrap(), language);
        (language, warnings.len(), store.0.len())
    }

    #[test]
    fn the_majority_decides_and_then_nobody_listens_any_more() {
        assert_eq!(voted([0.0; 5]), ("de".to_owned(), 0, 3));
        assert_eq!(voted([1.0, 1.0, 0.0, 0.0, 0.0]), ("de".to_owned(), 0, 5), "a foreign start");
        assert_eq!(voted([1.0, 2.0, 3.0, 2.0, 2.0]), ("es".to_owned(), 1, 5), "none is sure");
    }
}
