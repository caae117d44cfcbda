//! Recording + speech regions -> [`Diarization`]: who speaks when, under anonymous labels.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::speech::{ModelId, SpeakerLabel, Turn};
use crate::time::Ms;

/// Who speaks when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diarization {
    /// Turns sorted by start; turns of different speakers may overlap, of one speaker they do not.
    pub turns: Vec<Turn>,
    /// What is known of each speaker's voice.
    pub voices: BTreeMap<SpeakerLabel, Voice>,
    /// The weights of the speaker embedding.
    pub embedder: ModelId,
}

/// A speaker's voice within one episode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Voice {
    /// L2-normalised mean of the speaker's embeddings, shape (dim,).
    pub centroid: Vec<f32>,
    /// How much speech of this person alone the mean rests on.
    pub speech: Ms,
}
