//! Stretches of one voice -> embeddings, shape (pieces, dim), L2-normalised.
//!
//! The seam to the networks: [`SpeakerEmbedder`] is what the stage needs of them,
//! [`NetworkEmbedder`] is segmentation-3.0 with CAM++ on rten, [`ScriptedEmbedder`] is for tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use thiserror::Error;

use super::fbank::{Fbank, HOP_SAMPLES, MELS};
use crate::segmentation::{FrameIndex, SegmentationError, Segmenter, Window};
use crate::speech::ModelId;
use crate::time::{Ms, SampleIndex, Span};

/// Why a network cannot be used.
#[derive(Debug, Error)]
pub enum EmbedError {
    /// The segmentation network.
    #[error(transparent)]
    Segmentation(#[from] SegmentationError),
    /// The speaker network's weights are missing, damaged, or of another network.
    #[error("cannot load the speaker network from `{path}`: {cause}")]
    Load {
        /// The weights file.
        path: PathBuf,
        /// What the network runtime said.
        cause: String,
    },
    /// The speaker network ran and gave an error or a result of another shape.
    #[error("the speaker network failed: {cause}")]
    Run {
        /// What the network runtime said.
        cause: String,
    },
}

/// Sound of one person: the spans are taken out and put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Sorted, disjoint, not empty.
    pub spans: Vec<Span>,
}

impl Piece {
    /// How much sound there is in all.
    pub fn duration(&self) -> Ms {
        self.spans.iter().fold(Ms::ZERO, |sum, span| sum + span.duration())
    }
}

/// What the stage needs of the networks.
pub trait SpeakerEmbedder {
    /// How many windows or pieces are best handed over at once.
    fn batch(&self) -> usize;

    /// Who of three local speakers speaks in the windows that begin at `starts`, in their order.
    fn windows(
        &mut self,
        samples: &[f32],
        starts: &[FrameIndex],
    ) -> Result<Vec<Window>, EmbedError>;

    /// One L2-normalised embedding a piece, shape (pieces, dim); `None` for a piece that is too
    /// short to have features.
    fn embed(
        &mut self,
        samples: &[f32],
        pieces: &[Piece],
    ) -> Result<Vec<Option<Vec<f32>>>, EmbedError>;

    /// The weights of the speaker network.
    fn id(&self) -> ModelId;
}

/// Segmentation-3.0 and CAM++ on rten.
pub struct NetworkEmbedder {
    segmenter: Arc<Segmenter>,
    fbank: Fbank,
    model: Model,
    input: NodeId,
    output: NodeId,
    id: ModelId,
    pools: Vec<Arc<ThreadPool>>,
}

impl NetworkEmbedder {
    /// Loads the speaker network, whose weights `id` names. Work is shared out over `threads`
    /// threads (at least one).
    pub fn load(
        segmenter: Arc<Segmenter>,
        embedding: &Path,
        id: ModelId,
        threads: usize,
    ) -> Result<NetworkEmbedder, EmbedError> {
        let failed = |cause: String| EmbedError::Load { path: embedding.to_path_buf(), cause };
        let model = ModelOptions::with_all_ops()
            .prepack_weights(true)
            .load_file(embedding)
            .map_err(|error| failed(error.to_string()))?;
        let (&[input], &[output]) = (model.input_ids(), model.output_ids()) else {
            return Err(failed("it must have one input and one output".into()));
        };
        let pools = (0..threads.max(1)).map(|_| Arc::new(ThreadPool::with_num_threads(1)));
        Ok(NetworkEmbedder {
            segmenter,
            fbank: Fbank::new(),
            model,
            input,
            output,
            id,
            pools: pools.collect(),
        })
    }

    fn embed_one(
        &self,
        samples: &[f32],
        piece: &Piece,
        pool: &Arc<ThreadPool>,
    ) -> Result<Option<Vec<f32>>, EmbedError> {
        let failed = |cause: String| EmbedError::Run { cause };
        let mut features = self.piece_features(samples, piece);
        if features.is_empty() {
            return Ok(None);
        }
        remove_mean(&mut features);
        let shape = [1, features.len(), MELS];
        let input = NdTensor::from_data(shape, features.into_flattened());
        let options = RunOptions::default().with_thread_pool(Some(pool.clone()));
        let [output] = self
            .model
            .run_n(vec![(self.input, input.into())], [self.output], Some(options))
            .map_err(|error| failed(error.to_string()))?;
        let output: NdTensor<f32, 2> =
            output.try_into().map_err(|error| failed(format!("{error:?}")))?;
        Ok(normalised(output.to_vec()))
    }

    /// Features of each span on its own, one after the other.
    fn piece_features(&self, samples: &[f32], piece: &Piece) -> Vec<[f32; MELS]> {
        let mut features = Vec::new();
        for span in &piece.spans {
            let end = span.end().to_sample().0.min(samples.len());
            let SampleIndex(start) = span.start().to_sample();
            features.extend(self.fbank.features(&samples[start.min(end)..end]));
        }
        // The network needs a few frames to have a deviation at all.
        if features.len() * HOP_SAMPLES < MIN_FEATURE_SAMPLES {
            features.clear();
        }
        features
    }
}

/// A tenth of a second.
const MIN_FEATURE_SAMPLES: usize = 1_600;

impl SpeakerEmbedder for NetworkEmbedder {
    fn batch(&self) -> usize {
        self.segmenter.batch()
    }

    fn windows(
        &mut self,
        samples: &[f32],
        starts: &[FrameIndex],
    ) -> Result<Vec<Window>, EmbedError> {
        Ok(self.segmenter.run(samples, starts)?)
    }

    fn embed(
        &mut self,
        samples: &[f32],
        pieces: &[Piece],
    ) -> Result<Vec<Option<Vec<f32>>>, EmbedError> {
        let share = pieces.len().div_ceil(self.pools.len()).max(1);
        let this = &*self;
        let results: Vec<_> = std::thread::scope(|scope| {
            let workers: Vec<_> = pieces
                .chunks(share)
                .zip(&this.pools)
                .map(|(chunk, pool)| {
                    scope.spawn(move || {
                        chunk
                            .iter()
                            .map(|piece| this.embed_one(samples, piece, pool))
                            .collect::<Result<Vec<_>, _>>()
                    })
                })
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(panicked)).collect()
        });
        let mut embeddings = Vec::with_capacity(pieces.len());
        for result in results {
            embeddings.extend(result?);
        }
        Ok(embeddings)
    }

    fn id(&self) -> ModelId {
        self.id.clone()
    }
}

type Embeddings = Result<Vec<Option<Vec<f32>>>, EmbedError>;

/// A worker that panicked is the runtime's fault on this input, not a reason to end the program.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Embeddings {
    Err(EmbedError::Run { cause: "the network runtime panicked".into() })
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^24 frames")]
fn remove_mean(features: &mut [[f32; MELS]]) {
    let count = features.len() as f32;
    for band in 0..MELS {
        let mean = features.iter().map(|row| row[band]).sum::<f32>() / count;
        for row in features.iter_mut() {
            row[band] -= mean;
        }
    }
}

/// The vector at length one; `None` where it has no length (or is not a number).
pub(super) fn normalised(mut vector: Vec<f32>) -> Option<Vec<f32>> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if !length.is_normal() {
        return None;
    }
    for x in &mut vector {
        *x /= length;
    }
    Some(vector)
}

/// A double for tests: it is told who speaks when and answers as the networks would.
#[derive(Debug, Clone, Default)]
pub struct ScriptedEmbedder {
    /// Who speaks when, by number.
    pub script: Vec<(Span, usize)>,
}

impl ScriptedEmbedder {
    /// Who speaks in that frame, by number, in the script's order.
    pub(super) fn speakers_at(&self, frame: FrameIndex) -> Vec<usize> {
        let at = FrameIndex(frame.0).start();
        let mut speakers: Vec<usize> =
            self.script.iter().filter(|(span, _)| span.contains(at)).map(|&(_, who)| who).collect();
        speakers.dedup();
        speakers
    }
}

impl SpeakerEmbedder for ScriptedEmbedder {
    fn batch(&self) -> usize {
        8
    }

    fn windows(
        &mut self,
        samples: &[f32],
        starts: &[FrameIndex],
    ) -> Result<Vec<Window>, EmbedError> {
        use crate::segmentation::{LOCAL_SPEAKERS, WINDOW_FRAMES, frame_count};
        let frames = frame_count(samples.len());
        Ok(starts
            .iter()
            .map(|&first| {
                let mut local: Vec<usize> = Vec::new();
                let classes = (first.0..frames.min(first.0 + WINDOW_FRAMES))
                    .map(|frame| {
                        let mut slots: Vec<usize> = Vec::new();
                        for who in self.speakers_at(FrameIndex(frame)) {
                            if !local.contains(&who) && local.len() < LOCAL_SPEAKERS {
                                local.push(who);
                            }
                            slots.extend(local.iter().position(|&known| known == who));
                        }
                        slots.sort_unstable();
                        let mut row = [0.0; 7];
                        row[match slots.as_slice() {
                            [] => 0,
                            [one] => one + 1,
                            [0, 1, ..] => 4,
                            [0, 2, ..] => 5,
                            _ => 6,
                        }] = 1.0;
                        row
                    })
                    .collect();
                Window { first, classes }
            })
            .collect())
    }

    fn embed(&mut self, _samples: &[f32], pieces: &[Piece]) -> Embeddings {
        Ok(pieces
            .iter()
            .map(|piece| {
                let mut vector = vec![0.0_f32; 16];
                for &(span, who) in &self.script {
                    for part in &piece.spans {
                        #[expect(clippy::cast_precision_loss, reason = "far below 2^24 ms")]
                        let overlap = span.overlap(*part).get() as f32;
                        vector[who % 16] += overlap;
                    }
                }
                normalised(vector)
            })
            .collect())
    }

    fn id(&self) -> ModelId {
        ModelId { name: "scripted".into(), sha256: "scripted".into() }
    }
}
