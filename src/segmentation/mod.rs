//! Samples -> how likely each frame holds nobody, one of three local speakers, or two of them.
//!
//! Runs pyannote's segmentation-3.0, which detection and diarization share. Comes in: mono samples
//! at 16 kHz. Goes out: per window of ten seconds one row of class probabilities a frame. The three
//! speakers are local to their window: speaker A of one window need not be speaker A of the next. The
//! windows of a recording are a value that the pipeline makes once and lends to both stages.
//! What the frames mean for the episode (who, from when to when) is not decided here.
//!
//! Reference: Plaquet and Bredin, "Powerset multi-class cross entropy loss for neural speaker
//! diarization", 2023.

use std::path::{Path, PathBuf};

use thiserror::Error;

use self::network::Network;
use crate::network::{Weights, shared_out};
use crate::time::{Ms, SAMPLE_RATE_HZ};

mod network;

/// Samples in a window: ten seconds, the length the network was trained on.
pub const WINDOW_SAMPLES: usize = 160_000;
/// Frames that the network gives for a window.
pub const WINDOW_FRAMES: usize = 589;
/// Samples from one frame to the next, 16.875 ms.
pub const FRAME_SAMPLES: usize = 270;
/// Local speakers in a window.
pub const LOCAL_SPEAKERS: usize = 3;

/// Classes in the order of the network's output: nobody, A, B, C, A+B, A+C, B+C.
const CLASSES: usize = 7;
/// The probability of each class in one frame.
type Classes = [f32; CLASSES];
/// Which classes each local speaker is part of.
const CLASSES_OF_SPEAKER: [[usize; 3]; LOCAL_SPEAKERS] = [[1, 4, 5], [2, 4, 6], [3, 5, 6]];
/// Frames from one window to the next where as few as possible hear all: neighbours share a second,
/// for the network is unsure at a window's ends.
const SPARSE_STEP_FRAMES: usize = WINDOW_FRAMES - 59;
/// The middle of the first frame: half of the network's receptive field of 991 samples.
const FIRST_FRAME_MIDDLE: usize = 495;
/// Windows in the place of each of those that cover a recording, as detection and diarization share
/// them: 3 s from one to the next. Measured: docs/decisions/0006-speaker-clustering.md.
pub const DENSITY: usize = 3;
/// Windows that one thread listens to side by side: with more, a step of the recurrent layers costs in
/// proportion; with fewer, their weights are read for less.
const BATCH: usize = 12;
/// Below this amplitude a window is digital silence with dither, which nobody spoke. Two steps of
/// the 16-bit grid.
const SILENCE: f32 = 2.5 / 32_768.0;

/// Why the network cannot be used.
#[derive(Debug, Error)]
#[error("cannot load the segmentation network from `{path}`: {cause}")]
pub struct SegmentationError {
    /// The weights file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub cause: String,
}

/// A frame counted from the start of the recording; frame `n` lies around sample `495 + 270 n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameIndex(pub usize);

impl FrameIndex {
    /// The instant halfway between this frame's middle and the middle of the frame before it: where
    /// a change between the two is put. The first frame begins at 0.
    pub fn start(self) -> Ms {
        if self.0 == 0 {
            return Ms::ZERO;
        }
        let sample = self.0 * FRAME_SAMPLES + FIRST_FRAME_MIDDLE - FRAME_SAMPLES / 2;
        let ms = (sample * 1000 + SAMPLE_RATE_HZ as usize / 2) / SAMPLE_RATE_HZ as usize;
        Ms::new(i64::try_from(ms).unwrap_or(i64::MAX))
    }

    /// The frame in which this instant lies; times before 0 give the first frame.
    pub fn at(time: Ms) -> FrameIndex {
        let sample = time.to_sample().0;
        FrameIndex(sample.saturating_sub(FIRST_FRAME_MIDDLE - FRAME_SAMPLES / 2) / FRAME_SAMPLES)
    }
}

/// What the network says of ten seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// The window's first frame, counted from the start of the recording.
    pub first: FrameIndex,
    /// Probabilities of the classes nobody, A, B, C, A+B, A+C, B+C; each row sums to 1.
    /// Shape (frames, 7) with at most [`WINDOW_FRAMES`] rows; fewer where the recording ends.
    pub classes: Vec<Classes>,
}

impl Window {
    /// The probability that anybody speaks, per frame, 0 to 1. Shape (frames,).
    pub fn speech(&self) -> impl Iterator<Item = f32> + '_ {
        self.classes.iter().map(|row| 1.0 - row[0])
    }

    /// The probability that each local speaker speaks, alone or with another, per frame, 0 to 1.
    /// Shape (frames, 3).
    pub fn activities(&self) -> impl Iterator<Item = [f32; LOCAL_SPEAKERS]> + '_ {
        self.classes
            .iter()
            .map(|row| CLASSES_OF_SPEAKER.map(|classes| classes.iter().map(|&c| row[c]).sum()))
    }

    /// Who speaks in the most probable class, per frame. Shape (frames, 3).
    pub fn active(&self) -> impl Iterator<Item = [bool; LOCAL_SPEAKERS]> + '_ {
        self.classes.iter().map(|row| {
            let mut best = 0;
            for (class, &p) in row.iter().enumerate() {
                if p > row[best] {
                    best = class;
                }
            }
            CLASSES_OF_SPEAKER.map(|classes| classes.contains(&best))
        })
    }
}

/// The first frames of the windows that cover `samples` samples, the last one ending with the
/// recording. Empty where there is no sample. With a `density` of 1 neighbours share one second of
/// their ten; a density of n has n windows in the place of each, and those of 1 among them.
pub fn window_starts(samples: usize, density: usize) -> Vec<FrameIndex> {
    if samples == 0 {
        return Vec::new();
    }
    let last = samples.saturating_sub(WINDOW_SAMPLES).div_ceil(FRAME_SAMPLES);
    let density = density.clamp(1, SPARSE_STEP_FRAMES);
    let starts = (0..).map(|n: usize| n * SPARSE_STEP_FRAMES / density);
    let mut starts: Vec<_> = starts.take_while(|&first| first < last).map(FrameIndex).collect();
    starts.push(FrameIndex(last));
    starts
}

/// How many frames `samples` samples have.
pub fn frame_count(samples: usize) -> usize {
    samples.div_ceil(FRAME_SAMPLES)
}

/// What says who of three local speakers speaks in a window: [`Segmenter`], or a double in tests.
pub trait ListenToWindows: Send + Sync {
    /// How many windows keep all threads busy; callers that report progress pass this many at once.
    fn batch(&self) -> usize;

    /// What it says of the windows that begin at `starts`, which rise, in their order. Where a window
    /// reaches over the end it is filled with silence, and rows beyond the end are left out.
    fn windows(&self, samples: &[f32], starts: &[FrameIndex]) -> Vec<Window>;
}

/// The windows of a recording, but for silent ones; see [`window_starts`] for `density`. `go_on` hears
/// how far it is; `None` where it does not want more.
pub fn listen(
    listener: &dyn ListenToWindows,
    samples: &[f32],
    density: usize,
    mut go_on: impl FnMut(Ms) -> bool,
) -> Option<Vec<Window>> {
    let mut starts = window_starts(samples.len(), density);
    let is_loud = |sample: &f32| sample.abs() >= SILENCE;
    starts.retain(|first| window_samples(samples, *first).iter().any(is_loud));
    let mut windows = Vec::with_capacity(starts.len());
    for batch in starts.chunks(listener.batch().max(1)) {
        if !go_on(batch.first().map_or(Ms::ZERO, |first| first.start())) {
            return None;
        }
        windows.extend(listener.windows(samples, batch));
    }
    Some(windows)
}

/// The loaded network.
pub struct Segmenter {
    network: Network,
    threads: usize,
}

impl Segmenter {
    /// Loads the weights; windows are computed on `threads` threads (at least one).
    pub fn load(path: &Path, threads: usize) -> Result<Segmenter, SegmentationError> {
        let network = Weights::read(path)
            .and_then(Network::take)
            .map_err(|cause| SegmentationError { path: path.to_path_buf(), cause })?;
        Ok(Segmenter { network, threads: threads.max(1) })
    }
}

impl ListenToWindows for Segmenter {
    fn batch(&self) -> usize {
        self.threads * BATCH
    }

    fn windows(&self, samples: &[f32], starts: &[FrameIndex]) -> Vec<Window> {
        let share = starts.len().div_ceil(self.threads).clamp(1, BATCH);
        // Those that overlap are best heard together.
        let batches: Vec<&[FrameIndex]> = starts
            .chunk_by(|a, b| b.0 - a.0 < WINDOW_FRAMES)
            .flat_map(|together| together.chunks(share))
            .collect();
        let classes =
            shared_out(self.threads, &batches, |starts| self.network.classes(samples, starts));
        let frames = frame_count(samples.len());
        let classes = classes.into_iter().flatten();
        let window = |(&first, mut classes): (&FrameIndex, Vec<Classes>)| {
            classes.truncate(frames.saturating_sub(first.0));
            Window { first, classes }
        };
        starts.iter().zip(classes).map(window).collect()
    }
}

/// The probability that anybody speaks, mean over the windows of a frame, 0 to 1; 0 where there
/// are none. Shape (frames,).
pub(crate) fn speech_probability(windows: &[Window], frames: usize) -> Vec<f32> {
    let mut sums = vec![(0.0_f32, 0.0_f32); frames];
    for window in windows {
        for (sum, speech) in sums[window.first.0..].iter_mut().zip(window.speech()) {
            *sum = (sum.0 + speech, sum.1 + 1.0);
        }
    }
    sums.into_iter().map(|(sum, count)| if count > 0.0 { sum / count } else { 0.0 }).collect()
}

/// The samples of the window that begins there; fewer where the recording ends.
pub(crate) fn window_samples(samples: &[f32], first: FrameIndex) -> &[f32] {
    let from = (first.0 * FRAME_SAMPLES).min(samples.len());
    &samples[from..samples.len().min(from + WINDOW_SAMPLES)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_the_recording_and_end_with_it() {
        assert!(window_starts(0, 9).is_empty());
        assert_eq!(window_starts(1, 9), [FrameIndex(0)]);
        assert_eq!(window_starts(WINDOW_SAMPLES, 9), [FrameIndex(0)]);
        let samples = 400_000;
        let starts = window_starts(samples, 9);
        assert!(starts.windows(2).all(|pair| pair[0] < pair[1] && pair[1].0 - pair[0].0 <= 59));
        let last = starts.last().unwrap().0 * FRAME_SAMPLES + WINDOW_SAMPLES;
        assert!((samples..samples + FRAME_SAMPLES).contains(&last));
    }

    #[test]
    fn denser_windows_hold_the_sparse_ones() {
        let samples = 1_000_000;
        let sparse = window_starts(samples, 1);
        assert_eq!(sparse[1].0, WINDOW_FRAMES - 59);
        for density in 2..=5 {
            let dense = window_starts(samples, density);
            assert!(sparse.iter().all(|first| dense.contains(first)), "{density}");
            assert!(dense.len() > density * (sparse.len() - 2));
        }
    }

    #[test]
    fn frames_and_times_agree() {
        assert_eq!(FrameIndex(0).start(), Ms::ZERO);
        for n in [1, 2, 58, 589, 100_000] {
            let start = FrameIndex(n).start();
            assert!(FrameIndex::at(start + Ms::new(1)) == FrameIndex(n));
            assert!(FrameIndex::at(start - Ms::new(1)) == FrameIndex(n - 1));
        }
    }

    #[test]
    fn activities_sum_the_classes_of_a_speaker() {
        let row = [0.1, 0.2, 0.05, 0.05, 0.3, 0.2, 0.1];
        let window = Window { first: FrameIndex(0), classes: vec![row] };
        let activities = window.activities().next().unwrap();
        for (got, want) in activities.iter().zip([0.7, 0.45, 0.35]) {
            assert!((got - want).abs() < 1e-6);
        }
        assert_eq!(window.active().next(), Some([true, true, false]));
        assert!((window.speech().next().unwrap() - 0.9).abs() < 1e-6);
    }

    /// The installed network.
    fn network(threads: usize) -> Segmenter {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/models/segmentation-3.0.onnx"));
        Segmenter::load(path, threads).unwrap()
    }

    #[test]
    #[ignore = "needs weights"]
    fn nobody_speaks_in_quiet_noise() {
        let noise: Vec<f32> = (0..WINDOW_SAMPLES).map(|n| (n * 7919 % 13) as f32 * 1e-5).collect();
        let windows = network(2).windows(&noise, &window_starts(noise.len(), 1));
        assert_eq!(windows.len(), 1);
        assert!(windows[0].speech().all(|p| p < 0.5));
    }

    #[test]
    #[ignore = "needs weights"]
    fn a_window_is_the_same_whatever_is_heard_beside_it() {
        let chirp = |n: i32| (f64::from(n) * f64::from(n) * 1e-5).sin() as f32;
        let samples: Vec<f32> = (0..700_000).map(chirp).collect();
        let starts = window_starts(samples.len(), 3);
        let together = network(1).windows(&samples, &starts);
        assert_eq!(together.len(), starts.len());
        assert_eq!(network(3).windows(&samples, &starts), together);
        let alone = network(1);
        for (start, window) in starts.iter().zip(&together) {
            assert_eq!(alone.windows(&samples, &[*start])[0], *window);
        }
    }

    #[test]
    fn silent_windows_are_left_out_and_the_caller_may_stop() {
        struct Everybody;
        impl ListenToWindows for Everybody {
            fn batch(&self) -> usize {
                2
            }
            fn windows(&self, _: &[f32], starts: &[FrameIndex]) -> Vec<Window> {
                starts.iter().map(|&first| Window { first, classes: Vec::new() }).collect()
            }
        }
        let mut samples = vec![0.0; 6 * WINDOW_SAMPLES];
        samples[3 * WINDOW_SAMPLES] = 0.1;
        let heard = listen(&Everybody, &samples, 1, |_| true).unwrap();
        let with_it = |window: &Window| window_samples(&samples, window.first).contains(&0.1);
        assert!(!heard.is_empty() && heard.len() < 3 && heard.iter().all(with_it));
        assert_eq!(listen(&Everybody, &samples, 1, |_| false), None);
        assert_eq!(listen(&Everybody, &[], 3, |_| false), Some(Vec::new()));
    }
}
