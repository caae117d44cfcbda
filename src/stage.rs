//! The names of the eight stages and their order.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A stage of the pipeline. The order of the variants is the order in which the stages run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// An audio file becomes mono samples at 16 kHz.
    Decode,
    /// Where anybody speaks.
    Detect,
    /// What is said, word by word, with times.
    Transcribe,
    /// Who speaks when, under anonymous labels.
    Diarize,
    /// Each word is given to a speaker.
    Attribute,
    /// A person's names and corrections are applied.
    Edit,
    /// The page, the notes and the captions are made in memory.
    Render,
    /// They are put in place on disk.
    Publish,
}

impl Stage {
    /// All stages in the order in which they run.
    pub const ALL: [Stage; 8] = [
        Stage::Decode,
        Stage::Detect,
        Stage::Transcribe,
        Stage::Diarize,
        Stage::Attribute,
        Stage::Edit,
        Stage::Render,
        Stage::Publish,
    ];

    /// The stage's verb, as it is typed on the command line.
    pub const fn verb(self) -> &'static str {
        match self {
            Stage::Decode => "decode",
            Stage::Detect => "detect",
            Stage::Transcribe => "transcribe",
            Stage::Diarize => "diarize",
            Stage::Attribute => "attribute",
            Stage::Edit => "edit",
            Stage::Render => "render",
            Stage::Publish => "publish",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb())
    }
}
