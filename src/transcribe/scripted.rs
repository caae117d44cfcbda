//! A recognizer that says what it is told: the double for tests that run without weights.

use std::collections::VecDeque;

use crate::speech::ModelId;
use crate::time::{Ms, SampleIndex};
use crate::transcribe::recognizer::{Hypothesis, Job, RecognizeError, Recognizer, Token};

/// Gives out one scripted text per job, in order, its words spread evenly over the sound; after
/// the last text, silence.
#[derive(Debug)]
pub struct ScriptedRecognizer {
    model: ModelId,
    /// What language a sound is heard in, ISO 639-1, and its probability, 0 to 1; English at first.
    pub listen: fn(&[f32]) -> (&'static str, f32),
    texts: VecDeque<String>,
    /// The probability of every token, 0 to 1.
    pub probability: f32,
}

impl ScriptedRecognizer {
    /// A recognizer of English that will say `texts`, one per job.
    pub fn new(texts: impl IntoIterator<Item = impl Into<String>>) -> ScriptedRecognizer {
        ScriptedRecognizer {
            model: ModelId { name: "scripted".to_owned(), sha256: "scripted".to_owned() },
            listen: |_| ("en", 1.0),
            texts: texts.into_iter().map(Into::into).collect(),
            probability: 0.9,
        }
    }
}

impl Recognizer for ScriptedRecognizer {
    fn model(&self) -> &ModelId {
        &self.model
    }

    fn engine(&self) -> String {
        "scripted".to_owned()
    }

    fn language(&mut self, samples: &[f32]) -> Result<(String, f32), RecognizeError> {
        let (language, probability) = (self.listen)(samples);
        Ok((language.to_owned(), probability))
    }

    fn recognize(
        &mut self,
        jobs: &[Job<'_>],
        cancelled: &(dyn Fn() -> bool + Sync),
        done: &mut dyn FnMut(usize, Hypothesis) -> Result<(), RecognizeError>,
    ) -> Result<(), RecognizeError> {
        for (index, job) in jobs.iter().enumerate() {
            if cancelled() {
                return Err(RecognizeError::Cancelled);
            }
            let text = self.texts.pop_front().unwrap_or_default();
            let duration = SampleIndex(job.samples.len()).to_ms();
            done(index, spread(&text, duration, self.probability))?;
        }
        Ok(())
    }

    fn align(
        &mut self,
        samples: &[f32],
        _language: &str,
        words: &[&str],
    ) -> Result<Option<Vec<(Ms, Ms)>>, RecognizeError> {
        let said = spread(&words.join(" "), SampleIndex(samples.len()).to_ms(), 1.0);
        Ok(Some(said.tokens.iter().map(|token| (token.start, token.end)).collect()))
    }
}

/// One token per word, evenly over `duration`.
pub(crate) fn spread(text: &str, duration: Ms, probability: f32) -> Hypothesis {
    let words: Vec<&str> = text.split_whitespace().collect();
    let count = i64::try_from(words.len()).unwrap_or(i64::MAX).max(1);
    let step = duration.get() / count;
    let tokens = words
        .iter()
        .zip(0i64..)
        .map(|(word, index)| Token {
            bytes: format!(" {word}").into_bytes(),
            probability,
            start: Ms::new(index * step),
            end: Ms::new((index + 1) * step),
        })
        .collect();
    Hypothesis { tokens, ..Hypothesis::default() }
}
