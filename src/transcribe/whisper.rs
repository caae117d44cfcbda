//! Whisper through whisper.cpp: only this file and what is below it name `whisper_rs`.
//!
//! Comes in: weights in the ggml form and jobs. Goes out: text tokens with probabilities and
//! times. It uses neither whisper.cpp's own voice detection (token times would stay in shortened
//! time) nor its carrying over of text from window to window (an error would spread).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use whisper_rs::{
    DtwMode, DtwModelPreset, DtwParameters, FullParams, SamplingStrategy, WhisperContext,
    WhisperContextParameters, WhisperState,
};

use crate::speech::ModelId;
use crate::time::{Ms, SAMPLE_RATE_HZ, SampleIndex};
use crate::transcribe::beam::ahead::Ahead;
use crate::transcribe::beam::carried::{Numbered, carried};
use crate::transcribe::beam::recalled::Recalled;
use crate::transcribe::beam::spoken::spoken;
use crate::transcribe::beam::{self, Beam, TokenId};
use crate::transcribe::ggml::{self, Header};
use crate::transcribe::recognizer::{Hypothesis, Job, RecognizeError, Recognizer, Token};

mod next_token;

use self::next_token::{EngineDecoder, log_softmax};

/// How often the watcher asks whether to stop.
const CANCEL_POLL_MS: u64 = 100;

/// Below this the engine returns nothing at all; shorter sound is padded with silence.
const MIN_SAMPLES: usize = SAMPLE_RATE_HZ as usize * 11 / 10;

/// Chunks decoded at once, each by one thread or more: as fast as all threads on one chunk on an
/// idle machine and faster on a busy one. Each holds its own buffers, about 150 MB with base.
const MAX_LANES: usize = 2;

/// Why weights could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is no such file, or it cannot be read.
    #[error("failed to read the speech model `{}`", path.display())]
    Io {
        /// The weights.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no ggml model, or memory ran out.
    #[error("failed to load the speech model `{}`: {cause}", path.display())]
    Malformed {
        /// The weights.
        path: PathBuf,
        /// What the engine says.
        cause: String,
    },
}

/// A loaded Whisper model.
pub struct WhisperRecognizer {
    context: WhisperContext,
    model: ModelId,
    lanes: usize,
    threads_per_lane: usize,
    english_only: bool,
}

impl std::fmt::Debug for WhisperRecognizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WhisperRecognizer").field("model", &self.model).finish_non_exhaustive()
    }
}

impl WhisperRecognizer {
    /// Loads ggml weights and prepares to use `threads` processor threads.
    pub fn load(
        path: &Path,
        model: ModelId,
        threads: usize,
    ) -> Result<WhisperRecognizer, LoadError> {
        whisper_rs::install_logging_hooks();
        let mut bytes = std::fs::read(path)
            .map_err(|source| LoadError::Io { path: path.to_owned(), source })?;
        let malformed = |cause: String| LoadError::Malformed { path: path.to_owned(), cause };
        let header = Header::read(&bytes)
            .ok_or_else(|| malformed("it is no ggml model of Whisper".to_owned()))?;
        if multiplies_bf16() {
            ggml::to_bf16(&mut bytes);
        }
        let mut parameters = WhisperContextParameters::default();
        parameters.use_gpu(false);
        // Word times from cross-attention exclude flash attention; docs/decisions/0004-decoding.md
        // has what both cost.
        parameters.flash_attn(false);
        parameters.dtw_parameters(DtwParameters {
            mode: alignment_heads(header),
            ..DtwParameters::default()
        });
        let context = WhisperContext::new_from_buffer_with_params(&bytes, parameters)
            .map_err(|error| malformed(error.to_string()))?;
        drop(bytes);
        let english_only = !context.is_multilingual();
        let lanes = threads.clamp(1, MAX_LANES);
        let threads_per_lane = (threads / lanes).max(1);
        Ok(WhisperRecognizer { context, model, lanes, threads_per_lane, english_only })
    }
}

impl Recognizer for WhisperRecognizer {
    fn model(&self) -> &ModelId {
        &self.model
    }

    fn engine(&self) -> String {
        "whisper.cpp".to_owned()
    }

    fn language(&mut self, samples: &[f32]) -> Result<(String, f32), RecognizeError> {
        if self.english_only {
            return Ok(("en".to_owned(), 1.0));
        }
        let threads = self.threads_per_lane * self.lanes;
        let mut state = self
            .context
            .create_state()
            .map_err(|error| engine("preparing to listen for the language", &error))?;
        let samples = padded(samples);
        state.pcm_to_mel(&samples, threads).map_err(|e| engine(FOR_LANGUAGE, &e))?;
        state.encode(0, threads).map_err(|e| engine(FOR_LANGUAGE, &e))?;
        likeliest_language(&self.context, &mut state, threads)
    }

    fn recognize(
        &mut self,
        jobs: &[Job<'_>],
        cancelled: &(dyn Fn() -> bool + Sync),
        done: &mut dyn FnMut(usize, Hypothesis) -> Result<(), RecognizeError>,
    ) -> Result<(), RecognizeError> {
        for job in jobs {
            if whisper_rs::get_lang_id(job.language).is_none()
                || (self.english_only && job.language != "en")
            {
                return Err(RecognizeError::UnknownLanguage {
                    model: self.model.name.clone(),
                    language: job.language.to_owned(),
                });
            }
        }
        let stop = Arc::new(AtomicBool::new(false));
        let next = AtomicUsize::new(0);
        let threads = self.threads_per_lane;
        let context = &self.context;
        std::thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            for _ in 0..self.lanes {
                let (sender, stop, next) = (sender.clone(), &stop, &next);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(job) = jobs.get(index) else { break };
                        let result = decode(context, job, threads, stop);
                        let failed = result.is_err();
                        if sender.send((index, result)).is_err() || failed {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            let mut outcome = Ok(());
            loop {
                match receiver.recv_timeout(Duration::from_millis(CANCEL_POLL_MS)) {
                    Ok((index, result)) => {
                        if outcome.is_ok() {
                            outcome = result.and_then(|hypothesis| done(index, hypothesis));
                        }
                    }
                    Err(mpsc::RecvTimeoutError::Timeout) => {}
                    Err(mpsc::RecvTimeoutError::Disconnected) => break,
                }
                if cancelled() {
                    outcome = Err(RecognizeError::Cancelled);
                }
                if outcome.is_err() {
                    stop.store(true, Ordering::Relaxed);
                }
            }
            outcome
        })
    }
}

/// Tokens that the engine writes for one chunk at most.
const MAX_TOKENS: usize = 220;

/// Runs one job to its end, or until `stop` is set.
///
/// The engine's own beam draws its candidates at random. So it decodes greedily, which gives the
/// tokens' times as well, and the beam of [`beam`] looks on the same encoded sound for a likelier
/// text.
fn decode(
    context: &WhisperContext,
    job: &Job<'_>,
    threads: usize,
    stop: &Arc<AtomicBool>,
) -> Result<Hypothesis, RecognizeError> {
    let samples = padded(job.samples);
    let mut state =
        context.create_state().map_err(|error| engine("preparing to decode", &error))?;
    let outcome = state.full(greedy(job, threads, stop), &samples);
    if stop.load(Ordering::Relaxed) {
        return Err(RecognizeError::Cancelled);
    }
    outcome.map_err(|error| engine("decoding speech", &error))?;
    let (heard, no_speech_prob) =
        greedy_tokens(context, &state, SampleIndex(job.samples.len()).to_ms());
    let language = if context.is_multilingual() {
        Some(likeliest_language(context, &mut state, threads)?)
    } else {
        None
    };
    let tokens = if job.searches() && !heard.is_empty() {
        let end = context.token_eot();
        let engine = EngineDecoder::new(context, &mut state, job, threads, stop);
        let said = |tokens: &[TokenId]| said(context, tokens);
        let mut decoder = Recalled::new(Ahead::new(engine, end), &heard, &said);
        let width = usize::from(job.search.beam);
        let beam = Beam { width, max_tokens: MAX_TOKENS, end, said: &said };
        carried(&heard, &numbered(context, &beam::search(&mut decoder, &beam)?))
    } else {
        heard.into_iter().map(|(_, token)| token).collect()
    };
    Ok(Hypothesis { tokens, no_speech_prob, language })
}

/// How the engine decodes a job: the likeliest token at every step.
fn greedy<'a>(job: &Job<'a>, threads: usize, stop: &Arc<AtomicBool>) -> FullParams<'a, 'a> {
    let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
    params.set_n_threads(i32::try_from(threads).unwrap_or(1));
    params.set_language(Some(job.language));
    params.set_translate(job.translate);
    params.set_no_context(true);
    params.set_single_segment(true);
    params.set_no_timestamps(!job.search.timestamps);
    params.set_token_timestamps(job.search.timestamps);
    params.set_temperature(0.0);
    params.set_temperature_inc(0.0);
    // Signs such as brackets and notes stay possible: `(Music)` is easier to leave out than the
    // words that the decoder would write in its place.
    params.set_suppress_nst(false);
    params.set_print_special(false);
    params.set_print_progress(false);
    params.set_print_realtime(false);
    params.set_print_timestamps(false);
    if !job.prompt.is_empty() {
        params.set_initial_prompt(&job.prompt.replace('\0', " "));
    }
    let flag = Arc::clone(stop);
    // The callback must be of exactly this boxed type: the wrapper stores a boxed closure and
    // calls it as the type that it was given.
    let abort: Box<dyn FnMut() -> bool> = Box::new(move || flag.load(Ordering::Relaxed));
    params.set_abort_callback_safe::<_, Box<dyn FnMut() -> bool>>(Some(abort));
    params
}

/// What tokens say.
fn said(context: &WhisperContext, tokens: &[TokenId]) -> String {
    let bytes = tokens.iter().filter_map(|&id| context.token_to_bytes(id).ok()).flatten();
    let bytes: Vec<u8> = bytes.copied().collect();
    spoken(&String::from_utf8_lossy(&bytes))
}

/// The tokens of the beam's text, without times.
fn numbered(context: &WhisperContext, path: &beam::Path) -> Vec<Numbered> {
    let tokens = path.tokens.iter().zip(&path.logprobs);
    tokens
        .filter_map(|(&id, logprob)| {
            let bytes = context.token_to_bytes(id).ok()?.to_vec();
            let probability = logprob.exp().clamp(0.0, 1.0);
            Some((id, Token { bytes, probability, start: Ms::ZERO, end: Ms::ZERO }))
        })
        .collect()
}

/// What the engine was doing, for its errors.
const FOR_LANGUAGE: &str = "listening for the language";

/// The language that the sound which `state` has encoded last is most probably in, and its
/// probability, 0 to 1. It costs one token's decoding.
fn likeliest_language(
    context: &WhisperContext,
    state: &mut WhisperState,
    threads: usize,
) -> Result<(String, f32), RecognizeError> {
    state.decode(&[context.token_sot()], 0, threads).map_err(|e| engine(FOR_LANGUAGE, &e))?;
    let logits = state.get_logits().map_err(|e| engine(FOR_LANGUAGE, &e))?;
    let (codes, mut logprobs): (Vec<&str>, Vec<f32>) = (0..=whisper_rs::get_lang_max_id())
        // Models of 99 languages lack the last; another token stands in its place.
        .filter(|&id| context.token_lang(id) < context.token_translate())
        .filter_map(|id| {
            let token = usize::try_from(context.token_lang(id)).ok()?;
            Some((whisper_rs::get_lang_str(id)?, *logits.get(token)?))
        })
        .unzip();
    log_softmax(&mut logprobs);
    let likeliest = codes.into_iter().zip(logprobs).max_by(|a, b| a.1.total_cmp(&b.1));
    let (code, logprob) =
        likeliest.ok_or_else(|| engine(FOR_LANGUAGE, &"the model knows no language"))?;
    Ok((code.to_owned(), logprob.exp()))
}

/// The text tokens that the engine found, with their times, and its probability that nobody speaks.
fn greedy_tokens(
    context: &WhisperContext,
    state: &WhisperState,
    duration: Ms,
) -> (Vec<Numbered>, f32) {
    let end_of_text = context.token_eot();
    let mut tokens = Vec::new();
    let mut no_speech_prob: f32 = 0.0;
    let mut start = Ms::ZERO;
    for segment in state.as_iter() {
        no_speech_prob = no_speech_prob.max(segment.no_speech_probability());
        for index in 0..segment.n_tokens() {
            let Some(token) = segment.get_token(index) else { continue };
            let facts = token.token_data();
            if facts.id >= end_of_text {
                continue;
            }
            let Ok(bytes) = token.to_bytes() else { continue };
            let end = if facts.t_dtw >= 0 { facts.t_dtw } else { facts.t1 };
            let end = Ms::from_centiseconds(end.max(0)).min(duration).max(start);
            let probability = facts.p.clamp(0.0, 1.0);
            tokens.push((facts.id, Token { bytes: bytes.to_vec(), probability, start, end }));
            start = end;
        }
    }
    (tokens, no_speech_prob)
}

/// The attention heads that follow the sound, for the model's size.
fn alignment_heads(header: Header) -> DtwMode<'static> {
    let english = header.vocabulary == 51_864;
    let model_preset = match (header.encoder_layers, header.decoder_layers, english) {
        (4, 4, true) => DtwModelPreset::TinyEn,
        (4, 4, false) => DtwModelPreset::Tiny,
        (6, 6, true) => DtwModelPreset::BaseEn,
        (6, 6, false) => DtwModelPreset::Base,
        (12, 12, true) => DtwModelPreset::SmallEn,
        (12, 12, false) => DtwModelPreset::Small,
        (24, 24, true) => DtwModelPreset::MediumEn,
        (24, 24, false) => DtwModelPreset::Medium,
        (32, 32, _) if header.mels == 128 => DtwModelPreset::LargeV3,
        (32, 32, _) => DtwModelPreset::LargeV2,
        (32, 4, _) => DtwModelPreset::LargeV3Turbo,
        // A distilled or unusual model: the upper half of its decoder.
        _ => return DtwMode::TopMost { n_top: (header.decoder_layers / 2).max(1) },
    };
    DtwMode::ModelPreset { model_preset }
}

/// Whether the processor multiplies bf16 numbers directly.
fn multiplies_bf16() -> bool {
    #[cfg(target_arch = "x86_64")]
    let direct = std::arch::is_x86_feature_detected!("avx512bf16");
    #[cfg(not(target_arch = "x86_64"))]
    let direct = false;
    direct
}

fn padded(samples: &[f32]) -> std::borrow::Cow<'_, [f32]> {
    if samples.len() >= MIN_SAMPLES {
        return samples.into();
    }
    let mut longer = samples.to_vec();
    longer.resize(MIN_SAMPLES, 0.0);
    longer.into()
}

fn engine(doing: &'static str, error: &dyn std::fmt::Display) -> RecognizeError {
    RecognizeError::Engine { doing, cause: error.to_string() }
}
