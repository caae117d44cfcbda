//! Whisper on processors: windows are heard in batches, by products of bytes.
//!
//! Comes in: weights in the ggml form, of any size, and jobs. Goes out: text tokens with
//! probabilities and times. Each thread is a lane of its own with its own windows; the text of a
//! job depends neither on the number of lanes nor on the jobs beside it. All of it is safe Rust;
//! the products are rten-gemm's, which picks its kernels by the processor it runs on.

#![expect(
    clippy::inline_always,
    reason = "vector code is fast only inside the function that chooses the instructions"
)]

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use self::cross::Heard;
use self::decoder::{Decoder, Row, Window};
use self::encoder::Encoder;
use self::ggml::{Model, Sizes};
use self::lane::{Lane, WINDOWS};
use self::linear::{Kernels, Quantized};
use self::mel::Mel;
use self::tokens::Tokens;
use crate::network::alone;
use crate::speech::ModelId;
use crate::time::Ms;
use crate::transcribe::lanes::{self, Finished};
use crate::transcribe::recognizer::{Hypothesis, Job, RecognizeError, Recognizer};

mod align;
mod cross;
mod decoder;
mod encoder;
pub(crate) mod ggml;
pub(crate) mod heads;
mod lane;
mod linear;
mod mel;
mod rows;
mod search;
mod tokens;

/// Encodings are kept for jobs to come, of the same sound, up to so many bytes together: six of
/// base's.
const KEPT_BYTES: usize = 120 << 20;
/// Samples of a frame of the encoder.
const FRAME_SAMPLES: usize = 320;

/// Why weights could not be loaded.
#[derive(Debug, thiserror::Error)]
#[error("failed to load the speech model `{}`: {cause}", path.display())]
pub struct LoadError {
    /// The weights.
    pub path: PathBuf,
    /// What is wrong.
    pub cause: io::Error,
}

/// The products that this engine uses on this processor, as `x86_64-u8i8i32-avx512 (8 bits), …`.
pub fn kernels() -> String {
    Kernels::new().names()
}

/// Whether a model of that name can know a language, ISO 639-1, as far as names tell.
pub fn knows(model: &str, language: &str) -> bool {
    let is_english_only = Path::new(model).extension().is_some_and(|ending| ending == "en");
    tokens::LANGUAGES.contains(&language) && (!is_english_only || language == "en")
}

/// A loaded Whisper model.
pub struct Engine {
    model: ModelId,
    weights: Weights,
    lanes: usize,
    /// What was encoded last, by the hash of its sound.
    kept: Mutex<VecDeque<(blake3::Hash, Arc<Heard>)>>,
}

/// All that lanes share.
struct Weights {
    sizes: Sizes,
    kernels: Kernels,
    mel: Mel,
    encoder: Encoder,
    decoder: Decoder,
    tokens: Tokens,
    heads: Vec<(usize, usize)>,
    /// Minus infinity for tokens that a text never holds, else 0.
    never: Vec<f32>,
    /// The same for a text's first token.
    never_first: Vec<f32>,
    /// 0 for every token.
    always: Vec<f32>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("model", &self.model)
            .field("kernels", &self.weights.kernels)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Loads ggml weights and prepares to use `threads` processor threads.
    pub fn load(path: &Path, model: ModelId, threads: usize) -> Result<Engine, LoadError> {
        let weights =
            Weights::load(path).map_err(|cause| LoadError { path: path.to_owned(), cause })?;
        Ok(Engine { model, weights, lanes: threads.max(1), kept: Mutex::default() })
    }

    /// The sound as the decoder hears it; encoded once for jobs that follow each other.
    fn hear(&self, samples: &[f32]) -> Arc<Heard> {
        let key = hash(samples);
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, heard)) = kept().iter().find(|(other, _)| *other == key) {
            return Arc::clone(heard);
        }
        let mel = self.weights.mel.of(samples);
        let heard = Arc::new(self.weights.encoder.encode(&self.weights.kernels, &mel));
        let mut kept = kept();
        kept.push_front((key, Arc::clone(&heard)));
        kept.truncate((KEPT_BYTES / heard.bytes().max(1)).max(1));
        heard
    }

    /// One lane's work until no job is left or `stop` is set.
    fn work(
        &self,
        jobs: &[Job<'_>],
        next: &AtomicUsize,
        stop: &AtomicBool,
        done: &mpsc::Sender<Finished>,
    ) {
        let mut lane = Lane::new(&self.weights);
        let share = jobs.len().div_ceil(self.lanes).min(WINDOWS);
        while !stop.load(Ordering::Relaxed) {
            while lane.len() < share {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(index) else { break };
                lane.take(index, *job, self.hear(job.samples));
                if stop.load(Ordering::Relaxed) {
                    return;
                }
            }
            if lane.len() == 0 {
                return;
            }
            for (index, hypothesis) in lane.step() {
                if done.send((index, Ok(hypothesis))).is_err() {
                    return;
                }
            }
        }
    }
}

impl Recognizer for Engine {
    fn model(&self) -> &ModelId {
        &self.model
    }

    fn engine(&self) -> String {
        format!("linernotes {}", self.weights.kernels.names())
    }

    fn language(&mut self, samples: &[f32]) -> Result<(String, f32), RecognizeError> {
        let weights = &self.weights;
        if !weights.tokens.multilingual {
            return Ok(("en".to_owned(), 1.0));
        }
        let mut window =
            Window { heard: alone(|| self.hear(samples)), past: weights.decoder.past() };
        let slots = vec![window.past.slot(weights.decoder.width(), &Vec::new)];
        let row = Row { token: weights.tokens.start, position: 0, slots };
        let mut batch = [(&mut window, vec![row])];
        let hidden = weights.decoder.step(&weights.kernels, &mut batch, &mut |_, _, _, _| {});
        let mut likelihoods = Quantized::default();
        weights.decoder.likelihoods.sums(&weights.kernels, &hidden, &mut likelihoods);
        let scale = likelihoods.scales.first().copied().unwrap_or(0.0);
        Ok(weights.language(&likelihoods.sums, scale).unwrap_or_else(|| ("en".to_owned(), 0.0)))
    }

    fn recognize(
        &mut self,
        jobs: &[Job<'_>],
        cancelled: &(dyn Fn() -> bool + Sync),
        done: &mut dyn FnMut(usize, Hypothesis) -> Result<(), RecognizeError>,
    ) -> Result<(), RecognizeError> {
        for job in jobs {
            if self.weights.tokens.opening(job.language, job.translate).is_none() {
                return Err(RecognizeError::UnknownLanguage {
                    model: self.model.name.clone(),
                    language: job.language.to_owned(),
                });
            }
        }
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let lanes = self.lanes.min(jobs.len());
        let engine = &*self;
        lanes::run(lanes, cancelled, done, &stop, &|sender| {
            alone(|| engine.work(jobs, &next, &stop, sender));
        })
    }

    fn align(
        &mut self,
        samples: &[f32],
        language: &str,
        words: &[&str],
    ) -> Result<Option<Vec<(Ms, Ms)>>, RecognizeError> {
        let weights = &self.weights;
        let Some(opening) = weights.tokens.opening(language, false) else { return Ok(None) };
        let mut text = Vec::new();
        let mut firsts = vec![0];
        for word in words {
            text.extend(weights.tokens.of(&format!(" {word}")));
            firsts.push(text.len());
        }
        if text.is_empty() || opening.len() + text.len() > weights.sizes.text_context {
            return Ok(None);
        }
        let times = alone(|| {
            let mut window = Window { heard: self.hear(samples), past: weights.decoder.past() };
            weights.times(&mut window, &opening, &text, samples.len())
        });
        let spans = firsts.windows(2).map(|pair| (times[pair[0]], times[pair[1]]));
        Ok(Some(spans.collect()))
    }
}

fn hash(samples: &[f32]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for sample in samples {
        hasher.update(&sample.to_le_bytes());
    }
    hasher.finalize()
}

impl Weights {
    fn load(path: &Path) -> io::Result<Weights> {
        let mut model = Model::open(path)?;
        let sizes = model.sizes;
        let kernels = Kernels::new();
        let tokens = Tokens::new(std::mem::take(&mut model.tokens), sizes.vocabulary);
        let mel = Mel::new(std::mem::take(&mut model.filters), model.bins).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "its mel filters are not Whisper's")
        })?;
        let always = vec![0.0; sizes.vocabulary];
        let mut never = always.clone();
        never.iter_mut().skip(tokens.end as usize + 1).for_each(|to| *to = f32::NEG_INFINITY);
        let mut never_first = never.clone();
        for token in tokens.space().into_iter().chain([tokens.end]) {
            never_first[token as usize] = f32::NEG_INFINITY;
        }
        Ok(Weights {
            encoder: Encoder::load(&mut model, &kernels)?,
            decoder: Decoder::load(&mut model, &kernels)?,
            heads: heads::heads(sizes),
            sizes,
            kernels,
            mel,
            tokens,
            never,
            never_first,
            always,
        })
    }

    /// When each token of a text begins and the last one ends, in a window of so many samples.
    fn times(&self, window: &mut Window, opening: &[u32], text: &[u32], samples: usize) -> Vec<Ms> {
        let frames = samples.div_ceil(FRAME_SAMPLES).clamp(1, self.sizes.audio_context);
        let times =
            align::times(&self.decoder, &self.kernels, &self.heads, window, opening, text, frames);
        let ends = i64::try_from(samples / 16).unwrap_or(i64::MAX);
        let ms = |frame: usize| i64::try_from(frame * align::FRAME_MS).unwrap_or(ends).min(ends);
        times.into_iter().map(|frame| Ms::new(ms(frame))).collect()
    }

    /// How likely it is that nobody speaks, by the row of the start token.
    fn no_speech(&self, sums: &[i32], scale: f32) -> f32 {
        let scales = &self.decoder.likelihoods.scales;
        let (log_sum, _) = rows::likeliest(sums, scale, scales, &self.always, 1);
        (self.value(sums, scale, self.tokens.no_speech()) - log_sum).exp().clamp(0.0, 1.0)
    }

    /// The likeliest language and its probability among languages, by the row of the start token.
    fn language(&self, sums: &[i32], scale: f32) -> Option<(String, f32)> {
        if !self.tokens.multilingual {
            return None;
        }
        let values: Vec<(&str, f32)> = self
            .tokens
            .languages()
            .map(|(code, token)| (code, self.value(sums, scale, token)))
            .collect();
        let best = values.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let sum: f32 = values.iter().map(|(_, value)| (value - best.1).exp()).sum();
        Some((best.0.to_owned(), 1.0 / sum))
    }

    #[expect(clippy::cast_precision_loss, reason = "as the vectors do")]
    fn value(&self, sums: &[i32], scale: f32, token: u32) -> f32 {
        let token = token as usize;
        match (sums.get(token), self.decoder.likelihoods.scales.get(token)) {
            (Some(sum), Some(of_token)) => *sum as f32 * scale * of_token,
            _ => f32::NEG_INFINITY,
        }
    }
}

#[cfg(test)]
mod tests;
