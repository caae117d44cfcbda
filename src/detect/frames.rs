//! Samples -> how probable speech is, frame by frame, and how loud the sound is.
//!
//! The segmentation network tells speech from everything else; where its weights are missing, the
//! small detector inside the program stands in, which takes music for speech.

use earshot::Detector;

use super::DetectError;
use crate::decode::Recording;
use crate::progress::Progress;
use crate::segmentation::{
    FrameIndex, Segmenter, WINDOW_FRAMES, Window, frame_count, speech_probability, window_samples,
    window_starts,
};
use crate::stage::Stage;
use crate::time::{Ms, SAMPLE_RATE_HZ};

/// Below this amplitude a window is digital silence with dither, which nobody spoke. Two steps of
/// the 16-bit grid.
const SILENCE: f32 = 2.5 / 32_768.0;

/// Samples in a frame of loudness and of the small detector, 16 ms.
pub(super) const LOUDNESS_SAMPLES: usize = 256;

/// The probability of speech per frame of the segmentation network, 0 to 1. Shape (frames,). The
/// network remembers these windows.
pub(super) fn network(
    recording: &Recording,
    segmenter: &Segmenter,
    progress: &dyn Progress,
) -> Result<Vec<f32>, DetectError> {
    let samples = &recording.samples;
    let starts: Vec<FrameIndex> = window_starts(samples.len(), 1)
        .into_iter()
        .filter(|start| !is_silent(window_samples(samples, *start)))
        .collect();
    let mut windows: Vec<Window> = Vec::with_capacity(starts.len());
    for batch in starts.chunks(segmenter.batch().max(1)) {
        if progress.cancelled() {
            return Err(DetectError::Interrupted);
        }
        windows.extend(segmenter.run(samples, batch)?);
        if let Some(last) = batch.last() {
            progress.advance(Stage::Detect, FrameIndex(last.0 + WINDOW_FRAMES).start());
        }
    }
    let speech = speech_probability(&windows, frame_count(samples.len()));
    segmenter.remember(samples, windows);
    Ok(speech)
}

fn is_silent(samples: &[f32]) -> bool {
    samples.iter().all(|sample| sample.abs() < SILENCE)
}

/// The probability of speech per frame of 16 ms by the small detector, 0 to 1. Shape (frames,).
pub(super) fn small_detector(
    recording: &Recording,
    progress: &dyn Progress,
) -> Result<Vec<f32>, DetectError> {
    let mut detector = Box::new(Detector::default());
    let mut probabilities = Vec::new();
    for (n, frame) in recording.samples.chunks(LOUDNESS_SAMPLES).enumerate() {
        if n % 1024 == 0 {
            if progress.cancelled() {
                return Err(DetectError::Interrupted);
            }
            progress.advance(Stage::Detect, loudness_start(n));
        }
        let mut whole = [0.0; LOUDNESS_SAMPLES];
        for (to, from) in whole.iter_mut().zip(frame) {
            *to = *from;
        }
        probabilities.push(detector.predict_f32(&whole));
    }
    Ok(probabilities)
}

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
