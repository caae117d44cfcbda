//! What was read out of a chunk, and how far it can be trusted.

use crate::decode::Recording;
use crate::speech::{Segment, Suspicion, Word};
use crate::time::{Ms, Span};
use crate::transcribe::chunk::Chunk;
use crate::transcribe::envelope::Envelope;
use crate::transcribe::faults::{self, Fault};
use crate::transcribe::recognizer::{Hypothesis, Job};
use crate::transcribe::{TranscribeError, TranscribeSettings, disfluency, times, words};

/// Whisper's own limit: above it nobody speaks, if the words are improbable, too.
const NO_SPEECH: f32 = 0.6;

/// The words of a chunk, and how far they can be trusted.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChunkResult {
    pub(crate) words: Vec<Word>,
    /// Where the words are marks, as nobody understood what is said.
    pub(crate) inaudible: Vec<Span>,
    /// Mean natural logarithm of the token probabilities, at most 0.
    pub(crate) avg_logprob: f32,
    /// The probability that nobody speaks, 0 to 1.
    pub(crate) no_speech_prob: f32,
    faults: Vec<Fault>,
    /// The language that the whole chunk sounds like, ISO 639-1, and its probability, 0 to 1.
    pub(crate) language: Option<(String, f32)>,
}

/// Decodes jobs in order; the stage lends it so that finished work is kept.
pub(crate) type Decode<'a> = dyn FnMut(&[Job<'_>]) -> Result<Vec<Hypothesis>, TranscribeError> + 'a;

/// What decoding needs beside the sound of a chunk.
pub(crate) struct ChunkDecoder<'a> {
    pub(crate) recording: &'a Recording,
    pub(crate) envelope: &'a Envelope,
    pub(crate) language: &'a str,
    pub(crate) settings: &'a TranscribeSettings,
}

impl ChunkDecoder<'_> {
    /// The job for a chunk.
    pub(crate) fn job(&self, chunk: &Chunk) -> Job<'_> {
        Job {
            samples: self.recording.slice(chunk.heard),
            language: self.language,
            translate: self.settings.translate,
            prompt: "",
            beam: self.settings.beam,
        }
    }

    /// The words of a chunk, at their true times, judged.
    pub(crate) fn read(&self, chunk: &Chunk, hypothesis: &Hypothesis) -> ChunkResult {
        let mut words = words::build(hypothesis, chunk.heard.start());
        if !self.settings.translate {
            times::refine(&mut words, chunk.heard, self.envelope);
        }
        let mut result = ChunkResult {
            words,
            inaudible: Vec::new(),
            avg_logprob: hypothesis.avg_logprob(),
            no_speech_prob: hypothesis.no_speech_prob,
            faults: Vec::new(),
            language: hypothesis.language.clone(),
        };
        result.judge(chunk.spoken() + (chunk.heard.end() - chunk.span.end()));
        result
    }
}

impl ChunkResult {
    /// Finds what speaks against the words, in which somebody speaks for so long.
    fn judge(&mut self, speech: Ms) {
        self.faults = faults::find(&self.words, self.avg_logprob, speech);
    }

    /// The results of the parts of a chunk, as one.
    pub(crate) fn joined(parts: Vec<ChunkResult>, chunk: &Chunk) -> ChunkResult {
        let mut whole = ChunkResult::default();
        for part in parts {
            whole.words.extend(part.words);
            whole.avg_logprob = whole.avg_logprob.min(part.avg_logprob);
            whole.no_speech_prob = whole.no_speech_prob.max(part.no_speech_prob);
            whole.language = whole.language.or(part.language);
        }
        whole.judge(chunk.spoken());
        whole
    }

    /// Takes another result of the same chunk where it is better.
    pub(crate) fn take_better(&mut self, other: ChunkResult) {
        if other.better_than(self) {
            *self = ChunkResult { language: self.language.take(), ..other };
        }
    }

    /// Fewer faults first, then more probable words; silence is never better.
    fn better_than(&self, other: &ChunkResult) -> bool {
        if self.words.is_empty() || self.no_speech_prob > NO_SPEECH {
            return false;
        }
        match self.faults.len().cmp(&other.faults.len()) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            std::cmp::Ordering::Equal => {
                !other.words.is_empty() && self.avg_logprob > other.avg_logprob
            }
        }
    }

    /// Whether it is worth decoding again; where nobody seems to speak, more tries invent more.
    pub(crate) fn failed(&self) -> bool {
        !self.faults.is_empty() && !self.is_silent()
    }

    /// Whether the recognizer heard nobody.
    pub(crate) fn is_silent(&self) -> bool {
        self.words.is_empty() && self.no_speech_prob > NO_SPEECH
    }

    /// Whether the words can have been said, though there may be more.
    pub(crate) fn is_plausible(&self) -> bool {
        self.no_speech_prob < NO_SPEECH && self.faults.iter().all(|fault| *fault == Fault::Sparse)
    }

    /// The chunk's segment, with doubtful words marked; `None` without words.
    pub(crate) fn finish(mut self) -> Option<Segment> {
        self.mark();
        disfluency::mark(&mut self.words);
        let start = self.words.first()?.span.start();
        let end = self.words.iter().map(|word| word.span.end()).max()?;
        Some(Segment {
            span: Span::at_least_1ms(start, end),
            words: self.words,
            avg_logprob: self.avg_logprob,
            no_speech_prob: self.no_speech_prob,
        })
    }

    /// Marks what was probably not said. Nothing is deleted.
    fn mark(&mut self) {
        let silence = self.no_speech_prob > NO_SPEECH;
        let whole = self.faults.iter().find_map(|fault| match fault {
            Fault::TooFast => Some(Suspicion::TooFast),
            Fault::LowProbability if silence => Some(Suspicion::LowProbability),
            _ => None,
        });
        let loops = faults::loops(&self.words);
        let looping = self.faults.contains(&Fault::Compression) && loops.is_empty();
        for (index, word) in self.words.iter_mut().enumerate() {
            word.suspect = if loops.iter().any(|range| range.contains(&index)) {
                Some(Suspicion::Loop)
            } else if looping {
                Some(Suspicion::Compression)
            } else {
                whole
            };
        }
    }
}
