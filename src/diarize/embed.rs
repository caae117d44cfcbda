//! Stretches of one voice -> embeddings, shape (pieces, dim), L2-normalised.
//!
//! The seam to the network: [`SpeakerEmbedder`] is what the stage needs of it, [`NetworkEmbedder`] is
//! CAM++, [`ScriptedEmbedder`] is for tests.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::campplus::CamPlus;
use super::fbank::{Fbank, HOP_SAMPLES, MELS};
use super::vectors::normalised;
use crate::network::{Weights, shared_out};
use crate::segmentation::{
    FrameIndex, LOCAL_SPEAKERS, ListenToWindows, WINDOW_FRAMES, Window, frame_count,
};
use crate::speech::ModelId;
use crate::time::Span;

/// Why the speaker network cannot be used: its weights are missing, damaged, or of another network.
#[derive(Debug, Error)]
#[error("cannot load the speaker network from `{path}`: {cause}")]
pub struct EmbedError {
    /// The weights file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub cause: String,
}

/// What the stage needs of the network.
pub trait SpeakerEmbedder: Send {
    /// How many pieces are best handed over at once.
    fn batch(&self) -> usize;

    /// One L2-normalised embedding a piece, shape (pieces, dim); `None` for a piece that is too
    /// short to have features.
    fn embed(&mut self, samples: &[f32], pieces: &[Span]) -> Vec<Option<Vec<f32>>>;

    /// The weights of the speaker network.
    fn id(&self) -> ModelId;
}

/// CAM++.
pub struct NetworkEmbedder {
    fbank: Fbank,
    network: CamPlus,
    id: ModelId,
    threads: usize,
}

/// Pieces that a thread is given at once, so that progress is told and a stop is heard.
const PIECES: usize = 8;

impl NetworkEmbedder {
    /// Loads the speaker network, whose weights `id` names. Work is shared out over `threads`
    /// threads (at least one).
    pub fn load(path: &Path, id: ModelId, threads: usize) -> Result<NetworkEmbedder, EmbedError> {
        let network = Weights::read(path)
            .and_then(CamPlus::take)
            .map_err(|cause| EmbedError { path: path.to_path_buf(), cause })?;
        Ok(NetworkEmbedder { fbank: Fbank::new(), network, id, threads: threads.max(1) })
    }

    fn embed_one(&self, samples: &[f32], piece: Span) -> Option<Vec<f32>> {
        let end = piece.end().to_sample().0.min(samples.len());
        let start = piece.start().to_sample().0.min(end);
        let mut features = self.fbank.features(&samples[start..end]);
        // The network needs a few frames to have a deviation at all.
        if features.len() * HOP_SAMPLES < MIN_FEATURE_SAMPLES {
            return None;
        }
        remove_mean(&mut features);
        normalised(self.network.embed(&features))
    }
}

/// A tenth of a second.
const MIN_FEATURE_SAMPLES: usize = 1_600;

impl SpeakerEmbedder for NetworkEmbedder {
    fn batch(&self) -> usize {
        self.threads * PIECES
    }

    fn embed(&mut self, samples: &[f32], pieces: &[Span]) -> Vec<Option<Vec<f32>>> {
        shared_out(self.threads, pieces, |piece| self.embed_one(samples, *piece))
    }

    fn id(&self) -> ModelId {
        self.id.clone()
    }
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

/// A double of both networks for tests: it is told who speaks when and answers as they would.
#[derive(Debug, Clone, Default)]
pub struct ScriptedEmbedder {
    /// Who speaks when, by number.
    pub script: Vec<(Span, usize)>,
}

impl ScriptedEmbedder {
    /// Who speaks in that frame, by number, in the script's order.
    pub(super) fn speakers_at(&self, frame: FrameIndex) -> Vec<usize> {
        let at = frame.start();
        let mut speakers: Vec<usize> =
            self.script.iter().filter(|(span, _)| span.contains(at)).map(|&(_, who)| who).collect();
        speakers.dedup();
        speakers
    }
}

impl ListenToWindows for ScriptedEmbedder {
    fn batch(&self) -> usize {
        8
    }

    fn windows(&self, samples: &[f32], starts: &[FrameIndex]) -> Vec<Window> {
        let frames = frame_count(samples.len());
        starts
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
            .collect()
    }
}

impl SpeakerEmbedder for ScriptedEmbedder {
    fn batch(&self) -> usize {
        8
    }

    fn embed(&mut self, _samples: &[f32], pieces: &[Span]) -> Vec<Option<Vec<f32>>> {
        pieces
            .iter()
            .map(|piece| {
                let mut vector = vec![0.0_f32; 16];
                for &(span, who) in &self.script {
                    #[expect(clippy::cast_precision_loss, reason = "far below 2^24 ms")]
                    let overlap = span.overlap(*piece).get() as f32;
                    vector[who % 16] += overlap;
                }
                normalised(vector)
            })
            .collect()
    }

    fn id(&self) -> ModelId {
        ModelId { name: "scripted".into(), sha256: "scripted".into() }
    }
}
