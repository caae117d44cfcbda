//! The seam to the speech model: [`Recognizer`] takes chunks of sound and returns tokens.
//!
//! There are two: [`whisper`](crate::transcribe::whisper), the real one, and
//! [`scripted`](crate::transcribe::scripted), a double for tests. Nothing here knows about
//! recordings, regions or chunks' places; all times count from the start of the job's sound.

use serde::{Deserialize, Serialize};

use crate::speech::ModelId;
use crate::time::Ms;

/// A model that turns sound into tokens.
pub trait Recognizer {
    /// The weights in use.
    fn model(&self) -> &ModelId;

    /// What computes, and how exactly, where that decides over the text.
    fn engine(&self) -> String;

    /// The language that `samples` (mono, 16 kHz, at most 30 s) are most probably in, ISO 639-1,
    /// and its probability, 0 to 1. A model of one language is sure of that.
    fn language(&mut self, samples: &[f32]) -> Result<(String, f32), RecognizeError>;

    /// Decodes `jobs`, in any order and several at once where the recognizer can, and hands each
    /// result over with its job's index as soon as it is there. `cancelled` is asked several
    /// times a second; once it is true, the work ends with [`RecognizeError::Cancelled`].
    fn recognize(
        &mut self,
        jobs: &[Job<'_>],
        cancelled: &(dyn Fn() -> bool + Sync),
        done: &mut dyn FnMut(usize, Hypothesis) -> Result<(), RecognizeError>,
    ) -> Result<(), RecognizeError>;

    /// When each of `words` is roughly said, which are what `samples` (mono, 16 kHz, at most 30 s)
    /// hold: its start and its end, counted from the start of the sound. `None` where the recognizer
    /// cannot tell.
    fn align(
        &mut self,
        samples: &[f32],
        language: &str,
        words: &[&str],
    ) -> Result<Option<Vec<(Ms, Ms)>>, RecognizeError> {
        let _ = (samples, language, words);
        Ok(None)
    }
}

/// A chunk of sound to decode, and how.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// Mono, 16 kHz, at most 30 s. Shape (samples,).
    pub samples: &'a [f32],
    /// ISO 639-1.
    pub language: &'a str,
    /// Whether to write English whatever is spoken.
    pub translate: bool,
    /// Text that the model is to believe came before; empty for none.
    pub prompt: &'a str,
    /// Hypotheses kept side by side; 1 is greedy.
    pub beam: u8,
}

/// What the recognizer made of one job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Hypothesis {
    /// The text's tokens in order; empty where the recognizer heard no speech.
    pub tokens: Vec<Token>,
    /// The recognizer's probability that nobody speaks, 0 to 1.
    pub no_speech_prob: f32,
    /// The language that the sound is most probably in, ISO 639-1, and its probability, 0 to 1;
    /// `None` where the recognizer knows one language only.
    #[serde(default)]
    pub language: Option<(String, f32)>,
}

impl Hypothesis {
    /// Mean natural logarithm of the token probabilities, at most 0; 0 without tokens.
    #[expect(clippy::cast_precision_loss, reason = "a chunk has a few hundred tokens")]
    pub fn avg_logprob(&self) -> f32 {
        if self.tokens.is_empty() {
            return 0.0;
        }
        let sum: f32 = self.tokens.iter().map(|token| token.probability.max(1e-10).ln()).sum();
        sum / self.tokens.len() as f32
    }
}

/// A piece of a word, with the white space before it where a word begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// The token's bytes; a character of several bytes may be split over tokens.
    pub bytes: Vec<u8>,
    /// 0 to 1.
    pub probability: f32,
    /// Where it starts, counted from the start of the job's sound.
    pub start: Ms,
    /// Where it ends.
    pub end: Ms,
}

/// Why the recognizer gave up.
#[derive(Debug, thiserror::Error)]
pub enum RecognizeError {
    /// The person asked to stop.
    #[error("interrupted")]
    Cancelled,
    /// The engine refused the language.
    #[error("the model `{model}` does not know the language `{language}`")]
    UnknownLanguage {
        /// The model's name.
        model: String,
        /// The language that was asked for.
        language: String,
    },
    /// The engine failed; memory is the usual reason.
    #[error("the speech engine failed while {doing}: {cause}")]
    Engine {
        /// What it was at.
        doing: &'static str,
        /// What it says.
        cause: String,
    },
    /// A finished chunk could not be kept.
    #[error("failed to keep a finished chunk")]
    Store(#[from] std::io::Error),
}
