//! Recording + speech regions -> [`Transcript`]: segments of timed words, without speakers.

use serde::{Deserialize, Serialize};

use crate::speech::{ModelId, Segment};

/// What was said, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// Language as ISO 639-1, `en`.
    pub language: String,
    /// Segments sorted by start; each holds at least one word.
    pub segments: Vec<Segment>,
    /// The weights that wrote it.
    pub recognizer: ModelId,
}
