//! How loud the sound is, frame by frame.

use crate::time::{Ms, SAMPLE_RATE_HZ};

/// Samples in a frame of loudness, 16 ms.
pub(super) const LOUDNESS_SAMPLES: usize = 256;

/// Mean square per frame of 16 ms, 0 to 1. Shape (frames,).
pub(super) fn loudness(samples: &[f32]) -> Vec<f32> {
    samples.chunks(LOUDNESS_SAMPLES).map(mean_square).collect()
}

fn mean_square(frame: &[f32]) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a frame's length")]
    let count = frame.len().max(1) as f32;
    frame.iter().map(|sample| sample * sample).sum::<f32>() / count
}

/// When frame `frame` of loudness begins.
pub(super) fn loudness_start(frame: usize) -> Ms {
    let samples = frame as u64 * LOUDNESS_SAMPLES as u64;
    Ms::new(i64::try_from(samples * 1000 / u64::from(SAMPLE_RATE_HZ)).unwrap_or(i64::MAX))
}

/// The first frame of loudness that begins at `time` or after it.
pub(super) fn loudness_frame(time: Ms) -> usize {
    time.to_sample().0.div_ceil(LOUDNESS_SAMPLES)
}
