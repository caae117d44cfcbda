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
pub(crate) struct Ear<'a> {
    pub(crate) recognizer: &'a mut dyn Recognizer,
    pub(crate) store: &'a mut dyn ChunkStore,
}

impl Ear<'_> {
    /// The language that `samples` are most probably in, ISO 639-1, and its probability, 0 to 1.
    pub(crate) fn language(&mut self, samples: &[f32]) -> Result<(String, f32), RecognizeError> {
        let key = key(samples, self.recognizer.model(), "the language");
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
    ear: &mut Ear<'_>,
    warnings: &mut Vec<TranscribeWarning>,
) -> Result<String, TranscribeError> {
    let places = spread(chunks.len());
    let mut votes: BTreeMap<String, f32> = BTreeMap::new();
    let mut heard = 0.0;
    let mut left = places.iter().filter_map(|index| chunks.get(*index));
    while let Some(chunk) = left.next() {
        let (language, probability) = ear.language(recording.slice(chunk.span))?;
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
    use crate::speech::ModelId;
    use crate::time::{Ms, Span};
    use crate::transcribe::recognizer::Job;
    use crate::transcribe::store::MemoryStore;

    #[test]
    fn places_are_spread() {
        assert_eq!(spread(0), Vec::<usize>::new());
        assert_eq!(spread(3), [0, 1, 2]);
        assert_eq!(spread(50), [5, 15, 25, 35, 45]);
    }

    /// Hears what stands in a list, a place each.
    struct Listed(ModelId, Vec<(&'static str, f32)>);

    impl Recognizer for Listed {
        fn model(&self) -> &ModelId {
            &self.0
        }

        fn language(&mut self, _: &[f32]) -> Result<(String, f32), RecognizeError> {
            let (language, probability) = self.1.remove(0);
            Ok((language.to_owned(), probability))
        }

        fn recognize(
            &mut self,
            _: &[Job<'_>],
            _: &(dyn Fn() -> bool + Sync),
            _: &mut dyn FnMut(usize, Hypothesis) -> Result<(), RecognizeError>,
        ) -> Result<(), RecognizeError> {
            unreachable!("nothing is decoded")
        }
    }

    /// What is voted for a recording of five seconds in as many chunks; how many warnings there
    /// are, and how many places were not listened to.
    fn voted(heard: &[(&'static str, f32)], store: &mut MemoryStore) -> (String, usize, usize) {
        let samples = (0_u8..5).flat_map(|n| std::iter::repeat_n(f32::from(n), 16_000)).collect();
        let recording = Recording { samples, source: SourceInfo::default() };
        let second = |n: i64| Span::new(Ms::new(n * 1_000), Ms::new((n + 1) * 1_000)).unwrap();
        let chunks = (0..5).map(|n| Chunk { span: second(n), speech: Vec::new() });
        let chunks: Vec<Chunk> = chunks.take(heard.len().max(3)).collect();
        let model = ModelId { name: String::new(), sha256: String::new() };
        let mut listed = Listed(model, heard.to_vec());
        let mut warnings = Vec::new();
        let ear = &mut Ear { recognizer: &mut listed, store };
        let language = vote(&recording, &chunks, ear, &mut warnings).unwrap();
        (language, warnings.len(), listed.1.len())
    }

    #[test]
    fn the_majority_decides_and_then_nobody_listens_any_more() {
        let mut store = MemoryStore::default();
        let alike = [("de", 0.9); 5];
        assert_eq!(voted(&alike, &mut store), ("de".to_owned(), 0, 2));
        assert_eq!(voted(&[], &mut store), ("de".to_owned(), 0, 0), "what was heard is kept");
        let jingle = [("en", 0.6), ("en", 0.7), ("fr", 0.9), ("fr", 0.9), ("fr", 0.9)];
        assert_eq!(voted(&jingle, &mut MemoryStore::default()), ("fr".to_owned(), 0, 0));
        let unsure = [("en", 0.6), ("de", 0.5), ("fr", 0.5), ("es", 0.5), ("it", 0.5)];
        assert_eq!(voted(&unsure, &mut MemoryStore::default()), ("en".to_owned(), 1, 0));
    }
}
