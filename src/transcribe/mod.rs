//! Recording + speech regions -> [`Transcript`]: segments of timed words, without speakers.
//!
//! Chunks of at most 30 s are cut in silence ([`chunk`]), decoded one by one without carrying
//! text over ([`recognizer`]), and joined where they meet ([`seam`]) to words on the source
//! timeline. Speech that stayed without words is decoded again ([`deletions`]). What may have been
//! invented is marked, never deleted. This stage knows nothing of speakers or spelling lists.

use serde::{Deserialize, Serialize};

use crate::decode::Recording;
use crate::detect::SpeechRegions;
use crate::library::show::Term;
use crate::progress::Progress;
use crate::speech::{ModelId, Segment};
use crate::stage::Stage;
use crate::time::{Ms, Span};
use crate::transcribe::chunk::{Chunk, ChunkSettings};
use crate::transcribe::chunk_result::{ChunkDecoder, ChunkResult};
use crate::transcribe::envelope::Envelope;
use crate::transcribe::glossary::Glossary;
use crate::transcribe::language::LanguageDetector;
use crate::transcribe::recognizer::{Hypothesis, Job, RecognizeError, Recognizer};
use crate::transcribe::store::ChunkStore;

pub mod chunk;
mod chunk_result;
pub mod consistency;
pub mod coverage;
mod deletions;
mod disfluency;
pub mod engine;
mod envelope;
mod faults;
mod foreign;
pub mod glossary;
mod lanes;
mod language;
mod prompted;
pub mod recognizer;
mod retry;
pub mod scripted;
mod seam;
pub mod store;
mod times;
#[cfg(feature = "whisper-cpp")]
pub mod whisper_cpp;
mod words;

/// What was said, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// Language as ISO 639-1, `en`; `und` where nobody speaks and none was given.
    pub language: String,
    /// Segments sorted by start; each holds at least one word.
    pub segments: Vec<Segment>,
    /// Where something is said that nobody understood, and the words are marks: sorted.
    #[serde(default)]
    pub inaudible: Vec<Span>,
    /// The weights that wrote it.
    pub recognizer: ModelId,
    /// What computed it, as `linernotes x86_64-u8i8i32-avx512 (8 bits)`.
    #[serde(default)]
    pub engine: String,
}

/// How speech becomes words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TranscribeSettings {
    /// ISO 639-1; `None` listens for it in several places.
    pub language: Option<String>,
    /// Whether to write English whatever is spoken.
    pub translate: bool,
    /// Names and terms to listen for where the recognizer is in doubt.
    pub glossary: Vec<Term>,
    /// How chunks are made.
    pub chunks: ChunkSettings,
    /// Hypotheses kept side by side; 1 is greedy.
    pub beam: u8,
}

impl Default for TranscribeSettings {
    fn default() -> TranscribeSettings {
        TranscribeSettings {
            language: None,
            translate: false,
            glossary: Vec::new(),
            chunks: ChunkSettings::default(),
            beam: 3, // a third fewer errors than greedy; five find no more
        }
    }
}

/// Why there is no transcript.
#[derive(Debug, thiserror::Error)]
pub enum TranscribeError {
    /// The person asked to stop; finished chunks are kept.
    #[error("interrupted")]
    Interrupted,
    /// The recognizer gave up at a place in the recording.
    #[error("failed to transcribe")]
    Recognizer(#[source] RecognizeError),
}

impl From<RecognizeError> for TranscribeError {
    fn from(error: RecognizeError) -> TranscribeError {
        match error {
            RecognizeError::Cancelled => TranscribeError::Interrupted,
            other => TranscribeError::Recognizer(other),
        }
    }
}

/// Something to know about a transcript that is there nevertheless.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum TranscribeWarning {
    /// The language could not be told with certainty.
    #[error("the language is `{language}` with a probability of {probability:.2} only")]
    UnsureLanguage {
        /// The language that was taken.
        language: String,
        /// Its probability, 0 to 1.
        probability: f32,
    },
    /// A stretch is spoken in another language, and written in it.
    #[error("{} to {}: spoken in `{language}`; it is written in that language", start.clock(), end.clock())]
    OtherLanguage {
        /// ISO 639-1.
        language: String,
        /// Where it begins.
        start: Ms,
        /// Where it ends.
        end: Ms,
    },
}

/// Writes down what is said in `regions`.
pub fn transcribe(
    recording: &Recording,
    regions: &SpeechRegions,
    recognizer: &mut dyn Recognizer,
    settings: &TranscribeSettings,
    store: &mut dyn ChunkStore,
    progress: &dyn Progress,
) -> Result<(Transcript, Vec<TranscribeWarning>), TranscribeError> {
    let envelope = Envelope::of(recording);
    let mut planned = settings.chunks;
    if settings.translate {
        planned.overlap_ms = 0; // a translation's words have no times to join texts by
    }
    let mut chunks = chunk::plan(&regions.regions, recording.duration(), &envelope, &planned);
    let total = chunks.iter().fold(Ms::ZERO, |sum, chunk| sum + chunk.span.duration());
    progress.start(Stage::Transcribe, total);
    let mut warnings = Vec::new();
    let mut detector = LanguageDetector { recognizer, store };
    let language = match &settings.language {
        Some(language) => language.clone(),
        None => language::vote(recording, &chunks, &mut detector, &mut warnings)?,
    };
    let decoder = ChunkDecoder { recording, envelope: &envelope, language: &language, settings };
    let mut results = first_pass(&decoder, &chunks, &mut detector, progress)?;
    let mut again = |jobs: &[Job<'_>]| {
        recognize_all(jobs, detector.recognizer, detector.store, progress, &mut |_| {})
    };
    decoder.retry(&chunks, &mut results, &mut again)?;
    seam::settle(&mut chunks, &mut results);
    decoder.recover(&chunks, &mut results, &mut again)?;
    let foreign = decoder.foreign(&chunks, &results, &mut detector)?;
    let jobs: Vec<Job<'_>> = foreign.iter().map(|stretch| decoder.foreign_job(stretch)).collect();
    let mut again = |jobs: &[Job<'_>]| {
        recognize_all(jobs, detector.recognizer, detector.store, progress, &mut |_| {})
    };
    let heard = again(&jobs)?;
    let heard =
        foreign.iter().zip(&heard).map(|(stretch, heard)| decoder.read(&stretch.part, heard));
    decoder.take_foreign(&foreign, heard.collect(), &mut results, &mut warnings);
    let glossary = Glossary::new(&settings.glossary, []);
    decoder.listen_for(&glossary, &chunks, &mut results, &mut again)?;
    let inaudible = results.iter().flat_map(|result| result.inaudible.clone()).collect();
    let segments: Vec<Segment> = results.into_iter().filter_map(ChunkResult::finish).collect();
    progress.finish(Stage::Transcribe);
    let (engine, recognizer) = (recognizer.engine(), recognizer.model().clone());
    let transcript = Transcript { language, segments, inaudible, recognizer, engine };
    Ok((transcript, warnings))
}

/// Decodes every chunk.
fn first_pass(
    decoder: &ChunkDecoder<'_>,
    chunks: &[Chunk],
    detector: &mut LanguageDetector<'_>,
    progress: &dyn Progress,
) -> Result<Vec<ChunkResult>, TranscribeError> {
    let jobs: Vec<Job<'_>> = chunks.iter().map(|chunk| decoder.job(chunk)).collect();
    let mut done = Ms::ZERO;
    let heard =
        recognize_all(&jobs, detector.recognizer, detector.store, progress, &mut |index| {
            if let Some(chunk) = chunks.get(index) {
                done = done + chunk.span.duration();
                progress.advance(Stage::Transcribe, done);
            }
        })?;
    Ok(chunks.iter().zip(&heard).map(|(chunk, heard)| decoder.read(chunk, heard)).collect())
}

/// Decodes the jobs that the store does not hold yet; results in the order of the jobs.
fn recognize_all(
    jobs: &[Job<'_>],
    recognizer: &mut dyn Recognizer,
    store: &mut dyn ChunkStore,
    progress: &dyn Progress,
    finished: &mut dyn FnMut(usize),
) -> Result<Vec<Hypothesis>, TranscribeError> {
    let model = recognizer.model().clone();
    let engine = recognizer.engine();
    let keys: Vec<String> = jobs.iter().map(|job| job_key(job, &model, &engine)).collect();
    let mut results: Vec<Option<Hypothesis>> = keys.iter().map(|key| store.get(key)).collect();
    let mut missing = Vec::new();
    for (index, result) in results.iter().enumerate() {
        if result.is_some() {
            finished(index);
        } else {
            missing.push(index);
        }
    }
    let todo: Vec<Job<'_>> = missing.iter().filter_map(|i| jobs.get(*i).copied()).collect();
    recognizer.recognize(&todo, &|| progress.cancelled(), &mut |position, hypothesis| {
        let Some(index) = missing.get(position).copied() else { return Ok(()) };
        if let Some(key) = keys.get(index) {
            store.put(key, &hypothesis)?;
        }
        if let Some(result) = results.get_mut(index) {
            *result = Some(hypothesis);
        }
        finished(index);
        Ok(())
    })?;
    Ok(results.into_iter().map(Option::unwrap_or_default).collect())
}

/// Raised whenever a recognizer makes another text of the same job.
const DECODING: u32 = 7;

/// Names the sound, the model and every setting that a job's result depends on.
fn job_key(job: &Job<'_>, model: &ModelId, engine: &str) -> String {
    let Job { samples, language, translate, prompt, beam } = *job;
    key(samples, model, &format!("{:?}", (DECODING, engine, language, translate, prompt, beam)))
}

/// Names a sound, the model and what was asked about the sound.
fn key(samples: &[f32], model: &ModelId, question: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for sample in samples {
        hasher.update(&sample.to_le_bytes());
    }
    hasher.update(model.sha256.as_bytes());
    hasher.update(question.as_bytes());
    hasher.finalize().to_hex().to_string()
}
