//! Recording -> [`SpeechRegions`]: where anybody speaks, and where something else sounds.

pub mod binarize;
pub mod bleed;
mod frames;
mod sounds;

use serde::{Deserialize, Serialize};

use crate::decode::Recording;
use crate::segmentation::{FrameIndex, Window, frame_count, speech_probability};
use crate::time::{Ms, Span};

use self::binarize::{Binarize, binarize};

/// How speech is told from everything else.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectSettings {
    /// How the segmentation network's probabilities become regions.
    pub binarize: Binarize,
    /// Loud stretches without speech that are shorter than this are not told.
    pub min_sound: Ms,
    /// Sounds quieter than this are not told, in dB above full scale.
    pub min_sound_dbfs: f32,
    /// Sounds that are quieter than the voices by more than this are not told, in dB.
    pub sound_below_voices_db: f32,
}

impl Default for DetectSettings {
    fn default() -> DetectSettings {
        // Measured: docs/decisions/0002-speech-detection.md.
        let binarize = Binarize {
            onset: 0.4,
            offset: 0.1,
            min_peak: 0.7,
            min_duration_on: Ms::new(120),
            min_duration_off: Ms::new(300),
            // A recognizer hears words better with a little air around them.
            pad_onset: Ms::new(150),
            pad_offset: Ms::new(200),
        };
        DetectSettings {
            binarize,
            // A jingle; shorter than that nobody would print a line for.
            min_sound: Ms::new(2500),
            min_sound_dbfs: -45.0,
            sound_below_voices_db: 20.0,
        }
    }
}

/// Finds where anybody speaks and where something else sounds. `windows` are those of the recording;
/// where there are none nobody speaks.
pub fn detect_speech(
    recording: &Recording,
    windows: &[Window],
    settings: &DetectSettings,
) -> SpeechRegions {
    let duration = recording.duration();
    let speech = speech_probability(windows, frame_count(recording.samples.len()));
    let start = |frame| FrameIndex(frame).start();
    let regions = binarize(&speech, start, duration, &settings.binarize);
    let loudness = frames::loudness(&recording.samples);
    let sounds = sounds::sounds(&loudness, &regions, duration, settings);
    SpeechRegions { regions, sounds }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::SourceInfo;
    use crate::segmentation::{ListenToWindows, Segmenter, listen};

    fn detect(samples: Vec<f32>, listener: Option<&dyn ListenToWindows>) -> SpeechRegions {
        let windows = listener.and_then(|listener| listen(listener, &samples, 1, |_| true));
        let recording = Recording { samples, source: SourceInfo::default() };
        detect_speech(&recording, &windows.unwrap_or_default(), &DetectSettings::default())
    }

    #[test]
    fn nothing_and_silence_hold_no_speech() {
        assert_eq!(detect(Vec::new(), None), SpeechRegions::default());
        assert_eq!(detect(vec![0.0; 100], None), SpeechRegions::default());
        assert_eq!(detect(vec![0.0; 160_000], None), SpeechRegions::default());
    }

    #[test]
    #[ignore = "needs weights"]
    fn neither_tones_nor_noise_nor_silence_are_speech() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/models/segmentation-3.0.onnx");
        let segmenter = Segmenter::load(std::path::Path::new(path), 2).unwrap();
        let tone = (0..480_000_i32).map(|n| 0.3 * (f64::from(n) * 0.17).sin() as f32).collect();
        let found = detect(tone, Some(&segmenter));
        assert_eq!(found.regions, []);
        assert_eq!(found.sounds.len(), 1);
        let mut seed = 1_u32;
        let noise = (0..480_000).map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as f32 / 8_388_608.0 * 0.1 - 0.1
        });
        assert_eq!(detect(noise.collect(), Some(&segmenter)).regions, []);
        assert_eq!(detect(vec![0.0; 480_000], Some(&segmenter)), SpeechRegions::default());
    }
}
