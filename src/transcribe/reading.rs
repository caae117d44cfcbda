//! What was read out of a chunk, how it is judged, and how it is read again when it failed.

use crate::decode::Recording;
use crate::speech::{Segment, Suspicion, Word};
use crate::time::{Ms, Span};
use crate::transcribe::chunk::{Chunk, quietest};
use crate::transcribe::envelope::Envelope;
use crate::transcribe::faults::{self, Fault};
use crate::transcribe::recognizer::{Hypothesis, Job, Search};
use crate::transcribe::{TranscribeError, TranscribeSettings, disfluency, times, words};

/// Speech of this length without a word is listened to on its own.
pub(crate) const UNHEARD: Ms = Ms::new(2_000);
/// Sound given around such a stretch.
const UNHEARD_PADDING: Ms = Ms::new(250);
/// Whisper's own limit: above it nobody speaks, if the words are improbable, too.
const NO_SPEECH: f32 = 0.6;
/// A chunk shorter than this is not cut in half.
const MIN_CUT: Ms = Ms::new(4_000);

/// The words of a chunk, and how far they can be trusted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    pub(crate) words: Vec<Word>,
    avg_logprob: f32,
    no_speech_prob: f32,
    faults: Vec<Fault>,
    /// The language that the whole chunk sounds like, ISO 639-1, and its probability, 0 to 1.
    pub(crate) language: Option<(String, f32)>,
}

/// A way to read a failed chunk again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// With the likeliest token at every step, which leaps over less than a beam does.
    Greedy,
    /// With timestamp tokens, which keep the decoder from looping.
    Timestamps,
    /// In two parts.
    Halves,
}

/// In the order in which they are tried. None of them draws at random: two runs agree.
/// docs/decisions/0004-decoding.md has what each is worth.
pub(crate) const ATTEMPTS: [Attempt; 3] = [Attempt::Greedy, Attempt::Halves, Attempt::Timestamps];

/// Decodes jobs in order; the stage lends it so that finished work is kept.
pub(crate) type Decode<'a> = dyn FnMut(&[Job<'_>]) -> Result<Vec<Hypothesis>, TranscribeError> + 'a;

/// What reading needs beside the sound of a chunk.
pub(crate) struct Reader<'a> {
    pub(crate) recording: &'a Recording,
    pub(crate) envelope: &'a Envelope,
    pub(crate) language: &'a str,
    pub(crate) settings: &'a TranscribeSettings,
}

impl Reader<'_> {
    /// The job for a chunk.
    pub(crate) fn job(&self, chunk: &Chunk, search: Search) -> Job<'_> {
        Job {
            samples: self.recording.slice(chunk.span),
            language: self.language,
            translate: self.settings.translate,
            prompt: "",
            search,
        }
    }

    /// The words of a chunk, at their true times, judged.
    pub(crate) fn read(&self, chunk: &Chunk, hypothesis: &Hypothesis) -> Reading {
        let mut words = words::build(hypothesis, chunk.span.start());
        if !self.settings.translate {
            times::refine(&mut words, chunk.span, self.envelope);
        }
        let (logprob, silence) = (hypothesis.avg_logprob(), hypothesis.no_speech_prob);
        judge(chunk, words, logprob, silence, hypothesis.language.clone())
    }

    /// Reads the failed ones among `chunks` again in another way; keeps what is better.
    pub(crate) fn again(
        &self,
        chunks: &[Chunk],
        readings: &mut [Reading],
        attempt: Attempt,
        decode: &mut Decode<'_>,
    ) -> Result<(), TranscribeError> {
        let search = match attempt {
            Attempt::Greedy => Search { beam: 1, ..self.settings.search },
            Attempt::Halves => self.settings.search,
            Attempt::Timestamps => Search { timestamps: true, ..self.settings.search },
        };
        let failed: Vec<(usize, Vec<Chunk>)> = readings
            .iter()
            .enumerate()
            .filter(|(_, reading)| reading.failed())
            .filter_map(|(index, _)| {
                let chunk = chunks.get(index)?;
                match attempt {
                    Attempt::Greedy | Attempt::Timestamps => Some((index, vec![chunk.clone()])),
                    Attempt::Halves => Some((index, halves(chunk, self.envelope)?)),
                }
            })
            .collect();
        let jobs: Vec<Job<'_>> = failed
            .iter()
            .flat_map(|(_, parts)| parts.iter().map(|part| self.job(part, search)))
            .collect();
        let mut hypotheses = decode(&jobs)?.into_iter();
        for (index, parts) in failed {
            let mut words = Vec::new();
            let (mut logprob, mut silence) = (0.0f32, 0.0f32);
            for part in &parts {
                let reading = self.read(part, &hypotheses.next().unwrap_or_default());
                logprob = logprob.min(reading.avg_logprob);
                silence = silence.max(reading.no_speech_prob);
                words.extend(reading.words);
            }
            if let (Some(chunk), Some(best)) = (chunks.get(index), readings.get_mut(index)) {
                let other = judge(chunk, words, logprob, silence, best.language.clone());
                if other.better_than(best) {
                    *best = other;
                }
            }
        }
        Ok(())
    }

    /// Listens on their own to stretches of speech in which no word was found.
    pub(crate) fn fill(
        &self,
        chunks: &[Chunk],
        readings: &mut [Reading],
        decode: &mut Decode<'_>,
    ) -> Result<(), TranscribeError> {
        let mut gaps: Vec<(usize, Chunk)> = Vec::new();
        for (index, (chunk, reading)) in chunks.iter().zip(readings.iter()).enumerate() {
            if reading.words.is_empty() {
                continue;
            }
            for gap in faults::unheard(&chunk.speech, &reading.words, UNHEARD) {
                let start = (gap.start() - UNHEARD_PADDING).max(chunk.span.start());
                let end = (gap.end() + UNHEARD_PADDING).min(chunk.span.end());
                let span = Span::at_least_1ms(start, end);
                gaps.push((index, Chunk { span, speech: vec![gap] }));
            }
        }
        let jobs: Vec<Job<'_>> =
            gaps.iter().map(|(_, gap)| self.job(gap, self.settings.search)).collect();
        for ((index, gap), hypothesis) in gaps.iter().zip(decode(&jobs)?) {
            let found = self.read(gap, &hypothesis);
            if let Some(reading) = readings.get_mut(*index)
                && found.is_sound()
            {
                reading.insert(found.words);
            }
        }
        Ok(())
    }
}

/// What speaks against a chunk's words.
fn judge(
    chunk: &Chunk,
    words: Vec<Word>,
    avg_logprob: f32,
    no_speech_prob: f32,
    language: Option<(String, f32)>,
) -> Reading {
    let speech = chunk.speech.iter().fold(Ms::ZERO, |sum, span| sum + span.duration());
    let faults = faults::find(&words, avg_logprob, speech);
    Reading { words, avg_logprob, no_speech_prob, faults, language }
}

impl Reading {
    /// Fewer faults first, then more probable words; silence is never better.
    fn better_than(&self, other: &Reading) -> bool {
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

    /// Whether it is worth reading again; where nobody seems to speak, more tries invent more.
    fn failed(&self) -> bool {
        let silent = self.words.is_empty() && self.no_speech_prob > NO_SPEECH;
        !self.faults.is_empty() && !silent
    }

    /// Mean natural logarithm of the token probabilities, at most 0.
    pub(crate) fn avg_logprob(&self) -> f32 {
        self.avg_logprob
    }

    /// Whether nothing speaks against what was read.
    pub(crate) fn is_sound(&self) -> bool {
        self.faults.is_empty() && self.no_speech_prob < NO_SPEECH
    }

    /// Adds words that were found in between, unless they only repeat their neighbours.
    fn insert(&mut self, found: Vec<Word>) {
        let Some(first) = found.first() else { return };
        let at = self.words.partition_point(|word| word.span.start() <= first.span.start());
        let texts =
            |words: &[Word]| words.iter().map(|w| w.text.to_lowercase()).collect::<Vec<_>>();
        let new = texts(&found);
        let before = self.words.get(at.saturating_sub(new.len())..at).unwrap_or_default();
        let after = self.words.get(at..(at + new.len()).min(self.words.len())).unwrap_or_default();
        if texts(before) == new || texts(after) == new {
            return;
        }
        let ends = self.words.get(at).map(|word| word.span.start());
        // The word before was stretched over what is now known to be another.
        if let Some(previous) = at.checked_sub(1).and_then(|i| self.words.get_mut(i)) {
            let end = previous.span.end().min(first.span.start());
            previous.span = Span::at_least_1ms(previous.span.start(), end);
        }
        let fitting =
            found.into_iter().filter(|word| ends.is_none_or(|end| word.span.start() < end));
        self.words.splice(at..at, fitting);
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

/// A chunk in two parts, cut where it is quietest; `None` where it is too short.
fn halves(chunk: &Chunk, envelope: &Envelope) -> Option<Vec<Chunk>> {
    if chunk.span.duration() < MIN_CUT {
        return None;
    }
    let cut = quietest(chunk.span, envelope);
    let part = |span: Span| Chunk {
        span,
        speech: chunk.speech.iter().filter_map(|speech| speech.intersection(span)).collect(),
    };
    let left = part(Span::new(chunk.span.start(), cut)?);
    let right = part(Span::new(cut, chunk.span.end())?);
    Some([left, right].into_iter().filter(|part| !part.speech.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::SourceInfo;
    use crate::transcribe::recognizer::Token;

    /// So many different words, evenly over `duration`.
    fn heard(count: i64, duration: Ms) -> Hypothesis {
        let step = duration.get() / count;
        let token = |n: i64| Token {
            bytes: format!(" word{n}").into_bytes(),
            probability: 0.9,
            start: Ms::new(n * step),
            end: Ms::new((n + 1) * step),
        };
        Hypothesis { tokens: (0..count).map(token).collect(), ..Hypothesis::default() }
    }

    /// Reads twelve seconds in which the beam found one word, a whole chunk greedily as `greedy`
    /// says; returns the words at the end, and how many jobs each attempt asked for.
    fn read_again(greedy: i64) -> (usize, Vec<usize>) {
        let recording = Recording { samples: vec![0.0; 192_000], source: SourceInfo::default() };
        let envelope = Envelope::of(&recording);
        let settings = TranscribeSettings::default();
        let reader = Reader {
            recording: &recording,
            envelope: &envelope,
            language: "en",
            settings: &settings,
        };
        let span = Span::at_least_1ms(Ms::ZERO, Ms::new(12_000));
        let chunks = [Chunk { span, speech: vec![span] }];
        let mut readings = [reader.read(&chunks[0], &heard(1, span.duration()))];
        let mut asked = Vec::new();
        for attempt in ATTEMPTS {
            let mut decode = |jobs: &[Job<'_>]| {
                asked.push(jobs.len());
                let answer = |job: &Job<'_>| match job.search {
                    Search { beam: 1, .. } => heard(greedy, Ms::new(12_000)),
                    Search { timestamps: false, .. } => heard(6, Ms::new(6_000)),
                    Search { .. } => unreachable!("both halves are sound"),
                };
                Ok(jobs.iter().map(answer).collect())
            };
            reader.again(&chunks, &mut readings, attempt, &mut decode).unwrap();
        }
        (readings[0].words.len(), asked)
    }

    #[test]
    fn a_failed_chunk_is_read_again_until_a_reading_is_sound() {
        assert_eq!(read_again(11), (11, vec![1, 0, 0]), "what the beam leapt over");
        assert_eq!(read_again(2), (12, vec![1, 2, 0]), "in two halves");
    }
}
