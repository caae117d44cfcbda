//! Recording -> [`SpeechRegions`]: where anybody speaks, and where something else sounds.

pub mod binarize;
mod frames;
mod sounds;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::decode::Recording;
use crate::progress::Progress;
use crate::segmentation::{SegmentationError, Segmenter};
use crate::stage::Stage;
use crate::time::{Ms, Span};

use self::binarize::{Binarize, binarize};

/// Why no speech could be looked for.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DetectError {
    /// The network that tells speech from other sound failed.
    #[error(transparent)]
    Segmentation(#[from] SegmentationError),
    /// The person asked to stop.
    #[error("looking for speech was interrupted")]
    Interrupted,
}

/// How speech is told from everything else.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectSettings {
    /// How probabilities become regions.
    pub binarize: Binarize,
    /// Loud stretches without speech that are shorter than this are not told.
    pub min_sound: Ms,
    /// Sounds quieter than this are not told, in dB below full scale.
    pub min_sound_dbfs: f32,
}

impl Default for DetectSettings {
    fn default() -> DetectSettings {
        DetectSettings {
            binarize: Binarize {
                onset: 0.5,
                offset: 0.3,
                min_duration_on: Ms::new(120),
                min_duration_off: Ms::new(300),
                // Whisper hears words better with a little air around them.
                pad_onset: Ms::new(150),
                pad_offset: Ms::new(200),
            },
            min_sound: Ms::new(2500),
            min_sound_dbfs: -45.0,
        }
    }
}

/// Finds where anybody speaks and where something else sounds.
pub fn detect_speech(
    recording: &Recording,
    settings: &DetectSettings,
    _segmenter: Option<&Segmenter>,
    progress: &dyn Progress,
) -> Result<SpeechRegions, DetectError> {
    let duration = recording.duration();
    progress.start(Stage::Detect, duration);
    let frames = recording.samples.len().div_ceil(frames::FRAME_SAMPLES);
    let mut speech = Vec::with_capacity(frames);
    let mut loudness = Vec::with_capacity(frames);
    let mut detector = frames::SpeechProbability::new();
    for (n, frame) in recording.samples.chunks(frames::FRAME_SAMPLES).enumerate() {
        if n % 1024 == 0 {
            if progress.cancelled() {
                return Err(DetectError::Interrupted);
            }
            progress.advance(Stage::Detect, frames::frame_start(n));
        }
        speech.push(detector.next(frame));
        loudness.push(frames::mean_square(frame));
    }
    let regions = binarize(&speech, frames::frame_start, duration, &settings.binarize);
    let sounds = sounds::sounds(&loudness, &regions, duration, settings);
    progress.finish(Stage::Detect);
    Ok(SpeechRegions { regions, sounds })
}

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
