//! Samples -> how likely each frame holds nobody, one of three local speakers, or two of them.
//!
//! Runs pyannote's segmentation-3.0, which detection and diarization share. Comes in: mono samples
//! at 16 kHz. Goes out: per window of ten seconds one row of class probabilities a frame. The three
//! speakers are local to their window: speaker A of one window need not be speaker A of the next.
//! What the frames mean for the episode (who, from when to when) is not decided here.
//!
//! Reference: Plaquet and Bredin, "Powerset multi-class cross entropy loss for neural speaker
//! diarization", 2023.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use thiserror::Error;

use self::memory::Memory;
use crate::time::{Ms, SAMPLE_RATE_HZ};

mod memory;

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
/// Windows that one worker hands to the network at once; more gains nothing, measured.
const BATCH: usize = 4;

/// Why the network cannot be used.
#[derive(Debug, Error)]
pub enum SegmentationError {
    /// The weights are missing, damaged, or of another network.
    #[error("cannot load the segmentation network from `{path}`: {cause}")]
    Load {
        /// The weights file.
        path: PathBuf,
        /// What the network runtime said.
        cause: String,
    },
    /// The network ran and gave an error or a result of another shape.
    #[error("the segmentation network failed: {cause}")]
    Run {
        /// What the network runtime said, or the shape that came out.
        cause: String,
    },
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

/// The loaded network.
pub struct Segmenter {
    model: Model,
    input: NodeId,
    output: NodeId,
    /// One pool a worker: the network's recurrent part cannot use several threads for one window,
    /// so windows are shared out instead.
    pools: Vec<Arc<ThreadPool>>,
    memory: Memory,
}

impl Segmenter {
    /// Loads the weights; windows are computed on `threads` threads (at least one).
    pub fn load(path: &Path, threads: usize) -> Result<Segmenter, SegmentationError> {
        let failed = |cause: String| SegmentationError::Load { path: path.to_path_buf(), cause };
        let model = ModelOptions::with_all_ops()
            .prepack_weights(true)
            .load_file(path)
            .map_err(|error| failed(error.to_string()))?;
        let (&[input], &[output]) = (model.input_ids(), model.output_ids()) else {
            return Err(failed("it must have one input and one output".into()));
        };
        let pools = (0..threads.max(1)).map(|_| Arc::new(ThreadPool::with_num_threads(1)));
        let memory = Memory::default();
        Ok(Segmenter { model, input, output, pools: pools.collect(), memory })
    }

    /// Keeps what was said of these windows of `samples`, in the place of what was kept before, so
    /// that the same sound need not be heard again; 16 KB a window.
    pub fn remember(&self, samples: &[f32], windows: Vec<Window>) {
        self.memory.keep(samples, windows);
    }

    /// How many windows keep all threads busy; callers that report progress pass this many at once.
    pub fn batch(&self) -> usize {
        self.pools.len() * BATCH
    }

    /// What the network says of the windows that begin at `starts`, in their order; windows that are
    /// remembered are not run again. Where a window reaches over the end it is filled with silence,
    /// and rows beyond the end are left out.
    pub fn run(
        &self,
        samples: &[f32],
        starts: &[FrameIndex],
    ) -> Result<Vec<Window>, SegmentationError> {
        let mut known: Vec<Option<Window>> =
            starts.iter().map(|&first| self.memory.recall(samples, first)).collect();
        let unknown = starts.iter().zip(&known).filter(|(_, window)| window.is_none());
        let unknown: Vec<FrameIndex> = unknown.map(|(&first, _)| first).collect();
        let places = known.iter_mut().filter(|window| window.is_none());
        for (place, window) in places.zip(self.run_all(samples, &unknown)?) {
            *place = Some(window);
        }
        Ok(known.into_iter().flatten().collect())
    }

    fn run_all(
        &self,
        samples: &[f32],
        starts: &[FrameIndex],
    ) -> Result<Vec<Window>, SegmentationError> {
        let share = starts.len().div_ceil(self.pools.len()).clamp(1, BATCH);
        let batches: Vec<&[FrameIndex]> = starts.chunks(share).collect();
        let mut windows = Vec::with_capacity(starts.len());
        for round in batches.chunks(self.pools.len()) {
            let results: Vec<_> = std::thread::scope(|scope| {
                let workers: Vec<_> = round
                    .iter()
                    .zip(&self.pools)
                    .map(|(batch, pool)| scope.spawn(move || self.run_batch(samples, batch, pool)))
                    .collect();
                workers.into_iter().map(|worker| worker.join().unwrap_or_else(panicked)).collect()
            });
            for result in results {
                windows.extend(result?);
            }
        }
        Ok(windows)
    }

    fn run_batch(
        &self,
        samples: &[f32],
        starts: &[FrameIndex],
        pool: &Arc<ThreadPool>,
    ) -> Result<Vec<Window>, SegmentationError> {
        let failed = |cause: String| SegmentationError::Run { cause };
        let mut input = vec![0.0_f32; starts.len() * WINDOW_SAMPLES];
        for (row, start) in input.chunks_exact_mut(WINDOW_SAMPLES).zip(starts) {
            let there = window_samples(samples, *start);
            row[..there.len()].copy_from_slice(there);
        }
        let input = NdTensor::from_data([starts.len(), 1, WINDOW_SAMPLES], input);
        let options = RunOptions::default().with_thread_pool(Some(pool.clone()));
        let [output] = self
            .model
            .run_n(vec![(self.input, input.into())], [self.output], Some(options))
            .map_err(|error| failed(error.to_string()))?;
        let output: NdTensor<f32, 3> =
            output.try_into().map_err(|error| failed(format!("{error:?}")))?;
        if output.shape() != [starts.len(), WINDOW_FRAMES, CLASSES] {
            return Err(failed(format!("a result of shape {:?}", output.shape())));
        }
        let frames = frame_count(samples.len());
        Ok(starts
            .iter()
            .enumerate()
            .map(|(row, &first)| Window {
                first,
                classes: (0..WINDOW_FRAMES.min(frames.saturating_sub(first.0)))
                    .map(|frame| std::array::from_fn(|class| output[[row, frame, class]].exp()))
                    .collect(),
            })
            .collect())
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

/// A worker that panicked is the runtime's fault on this input, not a reason to end the program.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Result<Vec<Window>, SegmentationError> {
    Err(SegmentationError::Run { cause: "the network runtime panicked".into() })
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

    #[test]
    #[ignore = "needs weights"]
    fn silence_is_nobody() {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/models/segmentation-3.0.onnx"));
        let segmenter = Segmenter::load(path, 2).unwrap();
        let samples = vec![0.0; WINDOW_SAMPLES];
        let windows = segmenter.run(&samples, &window_starts(samples.len(), 1)).unwrap();
        assert_eq!(windows.len(), 1);
        assert!(windows[0].speech().all(|p| p < 0.5));
    }

    #[test]
    #[ignore = "needs weights"]
    fn a_remembered_window_is_that_of_the_same_sound() {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/models/segmentation-3.0.onnx"));
        let segmenter = Segmenter::load(path, 2).unwrap();
        let chirp = |n: i32| (f64::from(n) * f64::from(n) * 1e-5).sin() as f32;
        let samples: Vec<f32> = (0..400_000).map(chirp).collect();
        let starts = window_starts(samples.len(), 2);
        let heard = segmenter.run(&samples, &starts).unwrap();
        assert_eq!(heard.len(), starts.len());
        // Something else is said of the second window, which shows where it comes from.
        let mut kept = heard.clone();
        kept.retain(|window| window.first == starts[1]);
        kept[0].classes.fill([0.0; CLASSES]);
        segmenter.remember(&samples, kept.clone());
        let again = segmenter.run(&samples, &starts).unwrap();
        assert_eq!(again[1], kept[0]);
        assert!(again.iter().zip(&starts).all(|(window, &first)| window.first == first));
        let alike = |a: &Window, b: &Window| {
            let mut pairs = a.speech().zip(b.speech());
            a.classes.len() == b.classes.len() && pairs.all(|(p, q)| (p - q).abs() < 1e-4)
        };
        assert!((0..starts.len()).all(|n| n == 1 || alike(&again[n], &heard[n])));
        let softer: Vec<f32> = samples.iter().map(|sample| sample * 0.5).collect();
        assert!(
            segmenter.run(&softer, &starts).unwrap().iter().all(|w| w.classes != kept[0].classes)
        );
    }
}
