//! Whisper through whisper.cpp, for graphics cards and to compare with: only this file names
//! `whisper_rs`.
//!
//! Comes in: weights in the ggml form and jobs. Goes out: text tokens with probabilities and
//! times. It uses neither whisper.cpp's own voice detection (token times would stay in shortened
//! time) nor its carrying over of text from window to window (an error would spread).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use whisper_rs::{
    DtwAhead, DtwMode, DtwParameters, FullParams, SamplingStrategy, WhisperContext,
    WhisperContextParameters, WhisperState,
};

use crate::speech::ModelId;
use crate::time::{Ms, SAMPLE_RATE_HZ, SampleIndex};
use crate::transcribe::engine::ggml::Model;
use crate::transcribe::engine::heads::heads;
use crate::transcribe::lanes;
use crate::transcribe::recognizer::{Hypothesis, Job, RecognizeError, Recognizer, Token};

/// Below this the engine returns nothing at all; shorter sound is padded with silence.
const MIN_SAMPLES: usize = SAMPLE_RATE_HZ as usize * 11 / 10;

/// Why weights could not be loaded.
#[derive(Debug, thiserror::Error)]
#[error("failed to load the speech model `{}`: {cause}", path.display())]
pub struct LoadError {
    /// The weights.
    path: PathBuf,
    /// What the engine or the system says.
    cause: String,
}

/// A loaded Whisper model.
pub struct WhisperRecognizer {
    context: WhisperContext,
    model: ModelId,
    threads: usize,
    english_only: bool,
}

impl std::fmt::Debug for WhisperRecognizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WhisperRecognizer").field("model", &self.model).finish_non_exhaustive()
    }
}

impl WhisperRecognizer {
    /// Loads ggml weights and prepares to use `threads` processor threads, or the graphics card
    /// that the program is built for.
    pub fn load(
        path: &Path,
        model: ModelId,
        threads: usize,
    ) -> Result<WhisperRecognizer, LoadError> {
        whisper_rs::install_logging_hooks();
        let failed = |cause: String| LoadError { path: path.to_owned(), cause };
        let sizes = Model::open(path).map_err(|error| failed(error.to_string()))?.sizes;
        let number = |of: usize| i32::try_from(of).unwrap_or_default();
        let heads: Vec<DtwAhead> = heads(sizes)
            .into_iter()
            .map(|(layer, head)| DtwAhead { n_text_layer: number(layer), n_head: number(head) })
            .collect();
        let mut parameters = WhisperContextParameters::default();
        parameters.use_gpu(ON_CARD);
        // Word times from cross-attention exclude flash attention.
        parameters.flash_attn(false);
        parameters.dtw_parameters(DtwParameters {
            mode: DtwMode::Custom { aheads: &heads },
            ..DtwParameters::default()
        });
        let context = WhisperContext::new_with_params(path, parameters)
            .map_err(|error| failed(error.to_string()))?;
        let english_only = !context.is_multilingual();
        Ok(WhisperRecognizer { context, model, threads: threads.max(1), english_only })
    }
}

/// Whether the program is built for a graphics card.
const ON_CARD: bool = cfg!(any(feature = "cuda", feature = "metal", feature = "vulkan"));

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
        let mut state = self.context.create_state().map_err(|e| engine(FOR_LANGUAGE, &e))?;
        state.pcm_to_mel(&padded(samples), self.threads).map_err(|e| engine(FOR_LANGUAGE, &e))?;
        state.encode(0, self.threads).map_err(|e| engine(FOR_LANGUAGE, &e))?;
        likeliest_language(&self.context, &mut state, self.threads)
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
        let (stop, next) = (Arc::new(AtomicBool::new(false)), AtomicUsize::new(0));
        lanes::run(1, cancelled, done, &stop, &|sender| {
            while !stop.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(index) else { break };
                let result = decode(&self.context, job, self.threads, &stop);
                if sender.send((index, result)).is_err() {
                    break;
                }
            }
        })
    }
}

/// Runs one job to its end, or until `stop` is set.
fn decode(
    context: &WhisperContext,
    job: &Job<'_>,
    threads: usize,
    stop: &Arc<AtomicBool>,
) -> Result<Hypothesis, RecognizeError> {
    let samples = padded(job.samples);
    let mut state =
        context.create_state().map_err(|error| engine("preparing to decode", &error))?;
    let outcome = state.full(parameters(job, threads, stop), &samples);
    if stop.load(Ordering::Relaxed) {
        return Err(RecognizeError::Cancelled);
    }
    outcome.map_err(|error| engine("decoding speech", &error))?;
    let (tokens, no_speech_prob) =
        text_tokens(context, &state, SampleIndex(job.samples.len()).to_ms());
    let language = if context.is_multilingual() {
        Some(likeliest_language(context, &mut state, threads)?)
    } else {
        None
    };
    Ok(Hypothesis { tokens, no_speech_prob, language })
}

/// How the engine decodes a job.
fn parameters<'a>(job: &Job<'a>, threads: usize, stop: &Arc<AtomicBool>) -> FullParams<'a, 'a> {
    let mut params = FullParams::new(match job.beam {
        0 | 1 => SamplingStrategy::Greedy { best_of: 1 },
        beam => SamplingStrategy::BeamSearch { beam_size: i32::from(beam), patience: -1.0 },
    });
    params.set_n_threads(i32::try_from(threads).unwrap_or(1));
    params.set_language(Some(job.language));
    params.set_translate(job.translate);
    params.set_no_context(true);
    params.set_single_segment(true);
    params.set_no_timestamps(true);
    params.set_token_timestamps(false);
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
    let likelihoods: Vec<(&str, f32)> = (0..=whisper_rs::get_lang_max_id())
        // Models of 99 languages lack the last; another token stands in its place.
        .filter(|&id| context.token_lang(id) < context.token_translate())
        .filter_map(|id| {
            let token = usize::try_from(context.token_lang(id)).ok()?;
            Some((whisper_rs::get_lang_str(id)?, *logits.get(token)?))
        })
        .collect();
    let likeliest = likelihoods.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let (code, most) =
        likeliest.ok_or_else(|| engine(FOR_LANGUAGE, &"the model knows no language"))?;
    let sum: f32 = likelihoods.iter().map(|(_, likelihood)| (likelihood - most).exp()).sum();
    Ok(((*code).to_owned(), 1.0 / sum))
}

/// The text tokens that the engine found, with their times, and its probability that nobody speaks.
fn text_tokens(context: &WhisperContext, state: &WhisperState, duration: Ms) -> (Vec<Token>, f32) {
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
            tokens.push(Token { bytes: bytes.to_vec(), probability, start, end });
            start = end;
        }
    }
    (tokens, no_speech_prob)
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
