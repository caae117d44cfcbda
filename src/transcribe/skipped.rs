//! Words that the recognizer passed over: a few words stretched over sound that holds more.
//!
//! A decoder without timestamps may leap over a sentence. Nothing in its text shows it, and the
//! words on either side are then spread over the sound, so that no gap shows either. But they
//! take longer than their letters can: such a stretch is listened to again with its neighbours,
//! and what is found replaces it if it holds what was there and more.

use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::speech::Word;
use crate::time::{Ms, Span};
use crate::transcribe::TranscribeError;
use crate::transcribe::chunk::Chunk;
use crate::transcribe::envelope::Envelope;
use crate::transcribe::faults::bare;
use crate::transcribe::reading::{Decode, Reader, Reading};
use crate::transcribe::recognizer::Job;
use crate::transcribe::times;

/// Sound beyond what the words in it need.
const UNEXPLAINED_MS: f64 = 1_300.0;
/// Words over which a skipped stretch is spread.
const MOST_WORDS: usize = 6;
/// How much slower than the chunk's pace a word may be.
const SLOW: f64 = 1.5;
/// A silence between words in which a cut does no harm.
const PAUSE: Ms = Ms::new(80);
/// Words that are heard again before and after the stretch, to compare.
const CONTEXT_WORDS: usize = 3;
/// A stretch with its neighbours that is longer is decoded as the chunk was: nothing is won.
const LONGEST: Ms = Ms::new(20_000);

/// Words to hear again, and where.
#[derive(Debug, Clone, PartialEq)]
struct Passage {
    words: Range<usize>,
    span: Span,
}

impl Reader<'_> {
    /// Listens again to stretches of sound with too few words in them.
    pub(crate) fn recover(
        &self,
        chunks: &[Chunk],
        readings: &mut [Reading],
        decode: &mut Decode<'_>,
    ) -> Result<(), TranscribeError> {
        let mut passages: Vec<(usize, Passage, Chunk)> = Vec::new();
        for (index, (chunk, reading)) in chunks.iter().zip(readings.iter()).enumerate() {
            // From the last to the first: replacing one leaves the places of the others as they are.
            for passage in find(&reading.words, chunk, self.envelope).into_iter().rev() {
                let speech =
                    chunk.speech.iter().filter_map(|s| s.intersection(passage.span)).collect();
                let part = Chunk { span: passage.span, speech };
                passages.push((index, passage, part));
            }
        }
        let jobs: Vec<Job<'_>> =
            passages.iter().map(|(_, _, part)| self.job(part, self.settings.search)).collect();
        for ((index, passage, part), hypothesis) in passages.iter().zip(decode(&jobs)?) {
            let again = self.read(part, &hypothesis);
            if let Some(reading) = readings.get_mut(*index)
                && let Some(before) = reading.words.get(passage.words.clone())
                && again.is_sound()
                && holds_more(&again.words, before)
            {
                reading.words.splice(passage.words.clone(), again.words);
            }
        }
        Ok(())
    }
}

/// Whether `again` has the words of `before`, most of them, and at least two more.
fn holds_more(again: &[Word], before: &[Word]) -> bool {
    let (again, before) = (bare(again), bare(before));
    let kept: usize = capture_diff_slices(Algorithm::Myers, &before, &again)
        .iter()
        .filter(|operation| operation.tag() == DiffTag::Equal)
        .map(|operation| operation.old_range().len())
        .sum();
    again.len() >= before.len() + 2 && kept * 10 >= before.len() * 6
}

/// The stretches of a chunk with too few words for their sound, sorted, apart from each other.
fn find(words: &[Word], chunk: &Chunk, envelope: &Envelope) -> Vec<Passage> {
    let Some(voiced) = Voiced::of(chunk, envelope) else { return Vec::new() };
    let needed: Vec<f64> = words.iter().map(|word| times::expected_ms(&word.text)).collect();
    let pace = pace(words, &needed).clamp(0.6, 1.3) * SLOW;
    let mut found: Vec<Passage> = Vec::new();
    let mut first = 0;
    while first < words.len() {
        let worst = (1..=MOST_WORDS.min(words.len() - first))
            .map(|count| {
                let span = between(words, first..first + count, chunk.span);
                let expected: f64 = needed[first..first + count].iter().sum();
                (voiced.ms(span) - expected * pace, count)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        match worst {
            Some((unexplained, count)) if unexplained > UNEXPLAINED_MS => {
                let from = found.last().map_or(0, |passage| passage.words.end);
                let passage = with_context(words, first..first + count, from, chunk.span);
                first = passage.words.end.max(first + 1);
                if passage.span.duration() <= LONGEST {
                    found.push(passage);
                }
            }
            _ => first += 1,
        }
    }
    found
}

/// How long the words take against what their letters lead to expect: the median, which a few
/// stretched words do not move.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of a chunk")]
fn pace(words: &[Word], needed: &[f64]) -> f64 {
    let mut ratios: Vec<f64> = words
        .iter()
        .zip(needed)
        .map(|(word, needed)| word.span.duration().get() as f64 / needed.max(1.0))
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or(1.0)
}

/// From the end of the word before to the start of the word after.
fn between(words: &[Word], range: Range<usize>, chunk: Span) -> Span {
    let start = match range.start.checked_sub(1).and_then(|before| words.get(before)) {
        Some(before) => before.span.end(),
        None => chunk.start(),
    };
    let end = words.get(range.end).map_or(chunk.end(), |after| after.span.start());
    Span::at_least_1ms(start, end)
}

/// A stretch with the words around it, up to pauses; it begins no earlier than word `from`.
fn with_context(words: &[Word], range: Range<usize>, from: usize, chunk: Span) -> Passage {
    let pause_before = |index: usize| {
        index == 0
            || index >= words.len()
            || words[index].span.start() - words[index - 1].span.end() >= PAUSE
    };
    let mut start = range.start;
    while start > from && !(pause_before(start) && range.start - start >= CONTEXT_WORDS) {
        start -= 1;
    }
    let mut end = range.end;
    while end < words.len() && !(pause_before(end) && end - range.end >= CONTEXT_WORDS) {
        end += 1;
    }
    Passage { words: start..end, span: between(words, start..end, chunk) }
}

/// Where a chunk's speech sounds.
struct Voiced {
    origin: Ms,
    /// Frames of sound before each frame; one more than there are frames.
    sum: Vec<u32>,
}

impl Voiced {
    fn of(chunk: &Chunk, envelope: &Envelope) -> Option<Voiced> {
        let (origin, voiced) = times::voiced(chunk.span, envelope)?;
        let mut sum = vec![0];
        for (frame, sounds) in voiced.into_iter().enumerate() {
            let at = origin + crate::transcribe::envelope::time_of(frame);
            let speech = sounds && chunk.speech.iter().any(|span| span.contains(at));
            sum.push(sum.last().copied().unwrap_or(0) + u32::from(speech));
        }
        Some(Voiced { origin, sum })
    }

    /// How long speech sounds within a span, ms.
    fn ms(&self, span: Span) -> f64 {
        let before = |at: Ms| {
            let frame = usize::try_from((at - self.origin).get().max(0) / 10).unwrap_or(0);
            self.sum.get(frame).or(self.sum.last()).copied().unwrap_or(0)
        };
        f64::from(before(span.end()).saturating_sub(before(span.start()))) * 10.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(pieces: &[(&str, i64, i64)]) -> Vec<Word> {
        pieces
            .iter()
            .map(|(text, start, end)| {
                Word::new(Span::at_least_1ms(Ms::new(*start), Ms::new(*end)), *text, 0.9)
            })
            .collect()
    }

    fn chunk(end: i64) -> Chunk {
        let span = Span::new(Ms::ZERO, Ms::new(end)).unwrap();
        Chunk { span, speech: vec![span] }
    }

    /// Sound but for a short pause before each of the given times.
    fn sounding(length: i64, pauses: &[i64]) -> Envelope {
        let mut levels = vec![-20.0; usize::try_from(length / 10).unwrap()];
        for pause in pauses {
            let at = usize::try_from(pause / 10).unwrap();
            levels[at - 10..at].fill(-70.0);
        }
        Envelope::from_levels(levels)
    }

    #[test]
    fn words_stretched_over_a_sentence_are_found_with_their_neighbours() {
        let said = words(&[
            ("We", 0, 150),
            ("made", 150, 450),
            ("it", 450, 600),
            ("last", 600, 900),
            ("year.", 900, 1_250),
            ("You", 1_350, 1_700),
            ("can", 1_700, 4_200),
            ("find", 4_300, 4_600),
            ("it", 4_600, 4_800),
            ("right", 4_800, 5_100),
            ("there.", 5_100, 5_500),
        ]);
        let envelope = sounding(6_500, &[1_350, 4_300, 5_700, 6_000, 6_300, 6_500]);
        let found = find(&said, &chunk(6_500), &envelope);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].words, 0..11);
    }

    #[test]
    fn ordinary_speech_is_left_alone() {
        let said: Vec<Word> = (0..40)
            .map(|n| {
                let span = Span::at_least_1ms(Ms::new(n * 300), Ms::new(n * 300 + 300));
                Word::new(span, "something", 0.9)
            })
            .collect();
        assert_eq!(
            find(
                &said,
                &chunk(12_000),
                &sounding(12_000, &[600, 3_000, 4_200, 6_000, 7_200, 9_000, 11_100])
            ),
            []
        );
    }

    #[test]
    fn only_more_of_the_same_replaces() {
        let before = words(&[("You", 0, 1), ("can", 1, 2), ("find", 2, 3)]);
        let text =
            |text: &str| words(&text.split(' ').map(|word| (word, 0, 1)).collect::<Vec<_>>());
        assert!(holds_more(&text("music is by them. You can find"), &before));
        assert!(!holds_more(&text("you can find it"), &before));
        assert!(!holds_more(&text("something else is said here now"), &before));
    }
}
