//! Samples -> how probable speech is and how loud the sound is, every 16 ms.

use earshot::Detector;

use crate::time::{Ms, SAMPLE_RATE_HZ};

/// Samples in a frame: 16 ms, the detector's own step.
pub(super) const FRAME_SAMPLES: usize = 256;

/// When frame `frame` begins.
pub(super) fn frame_start(frame: usize) -> Ms {
    let samples = frame as u64 * FRAME_SAMPLES as u64;
    Ms::new(i64::try_from(samples * 1000 / u64::from(SAMPLE_RATE_HZ)).unwrap_or(i64::MAX))
}

/// The first frame that begins at `time` or after it.
pub(super) fn frame_at(time: Ms) -> usize {
    time.to_sample().0.div_ceil(FRAME_SAMPLES)
}

/// The speech detector, fed frame by frame.
pub(super) struct SpeechProbability {
    detector: Box<Detector>,
}

impl SpeechProbability {
    pub(super) fn new() -> SpeechProbability {
        SpeechProbability { detector: Box::new(Detector::default()) }
    }

    /// The probability of speech in the next frame, 0 to 1; a shorter last frame is filled with
    /// silence.
    pub(super) fn next(&mut self, frame: &[f32]) -> f32 {
        let mut whole = [0.0; FRAME_SAMPLES];
        for (to, from) in whole.iter_mut().zip(frame) {
            *to = *from;
        }
        self.detector.predict_f32(&whole)
    }
}

/// Loudness of a frame as mean square, 0 to 1.
pub(super) fn mean_square(frame: &[f32]) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a frame's length")]
    let count = frame.len().max(1) as f32;
    frame.iter().map(|sample| sample * sample).sum::<f32>() / count
}
