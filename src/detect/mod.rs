//! Recording -> [`SpeechRegions`]: where anybody speaks, and where something else sounds.

use serde::{Deserialize, Serialize};

use crate::time::{Ms, Span};

/// Where anybody speaks, on the source timeline.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeechRegions {
    /// Speech: sorted, disjoint.
    pub regions: Vec<Span>,
    /// Music, applause and other loud stretches without speech: sorted, disjoint.
    pub sounds: Vec<Span>,
}

impl SpeechRegions {
    /// How long anybody speaks in all.
    pub fn speech(&self) -> Ms {
        self.regions.iter().fold(Ms::ZERO, |sum, span| sum + span.duration())
    }
}
