//! Where words are missing: sound that has none, or fewer than it has room for.

use std::ops::Range;

use crate::speech::Word;
use crate::time::{Ms, Span};
use crate::transcribe::chunk::{self, Chunk};
use crate::transcribe::envelope::{Envelope, time_of};
use crate::transcribe::times;

/// Sound beyond what the words in it need, ms.
const UNEXPLAINED_MS: f64 = 1_000.0;
/// Words over which a skipped stretch is spread.
const MOST_WORDS: usize = 6;
/// What a word more in a stretch must add, ms: words at their usual pace stay out of it.
const PER_WORD_MS: f64 = 100.0;
/// How much slower than the chunk's pace a word may be.
const SLOW: f64 = 1.5;
/// A silence between words in which a cut does no harm.
const PAUSE: Ms = Ms::new(80);
/// Words that are heard again before and after the stretch.
const CONTEXT_WORDS: usize = 3;

/// A stretch of a chunk with too few words for its sound.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stretch {
    /// The words that are spread over it; none where it has none.
    pub(super) words: Range<usize>,
    /// From the word before to the word after.
    pub(super) span: Span,
}

/// The stretches of a chunk with too few words for their sound, sorted, apart from each other.
#[expect(clippy::cast_precision_loss, reason = "six words")]
pub(super) fn find(words: &[Word], voiced: &Voiced) -> Vec<Stretch> {
    let needed: Vec<f64> = words.iter().map(|word| times::expected_ms(&word.text)).collect();
    let pace = pace(words, &needed).clamp(0.6, 1.3) * SLOW;
    let mut found: Vec<Stretch> = Vec::new();
    let mut first = 0;
    while first <= words.len() {
        let worst = (0..=MOST_WORDS.min(words.len() - first))
            .map(|count| {
                let span = between(words, first..first + count, voiced.chunk);
                let expected: f64 = needed[first..first + count].iter().sum();
                (voiced.ms(span) - expected * pace - PER_WORD_MS * count as f64, count)
            })
            .reduce(|best, other| if other.0 > best.0 { other } else { best });
        match worst {
            Some((unexplained, count)) if unexplained > UNEXPLAINED_MS => {
                let words_of = first..first + count;
                found.push(Stretch {
                    span: between(words, words_of.clone(), voiced.chunk),
                    words: words_of,
                });
                // The gap behind its last word is its own.
                first += count + 1;
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
pub(super) fn with_context(
    words: &[Word],
    range: Range<usize>,
    from: usize,
    chunk: Span,
) -> Stretch {
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
    Stretch { words: start..end, span: between(words, start..end, chunk) }
}

/// Where a chunk's speech sounds.
pub(super) struct Voiced {
    chunk: Span,
    /// The time of the first frame.
    origin: Ms,
    /// Frames of sound before each frame; one more than there are frames.
    sum: Vec<u32>,
}

impl Voiced {
    pub(super) fn of(chunk: &Chunk, envelope: &Envelope) -> Voiced {
        let (origin, voiced) = times::voiced(chunk.span, envelope);
        let mut sum = vec![0];
        for (frame, sounds) in voiced.into_iter().enumerate() {
            let at = origin + time_of(frame);
            let speech = sounds && chunk.speech.iter().any(|span| span.contains(at));
            sum.push(sum.last().copied().unwrap_or(0) + u32::from(speech));
        }
        Voiced { chunk: chunk.span, origin, sum }
    }

    /// How much of the sound the words leave unexplained, ms.
    pub(super) fn unexplained(&self, words: &[Word]) -> f64 {
        let left = |stretch: Stretch| {
            let words = words.get(stretch.words).unwrap_or_default();
            self.ms(stretch.span) - times::expected_of(words)
        };
        find(words, self).into_iter().map(left).sum()
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

/// Where words may be missing in a stretch: the longest gap, if what is stretched ends too late,
/// and if it begins too early.
pub(super) fn gaps(words: &[Word], stretch: &Stretch) -> [Stretch; 2] {
    [false, true].map(|late| {
        let mut longest = stretch.clone();
        let mut most = Ms::ZERO;
        let mut from = stretch.span.start();
        for index in stretch.words.start..=stretch.words.end {
            let word = words.get(index).filter(|_| index < stretch.words.end);
            let said = word.map(|word| {
                let length = word.span.duration().min(usual(word));
                let start = if late { word.span.end() - length } else { word.span.start() };
                (start, start + length)
            });
            let to = said.map_or(stretch.span.end(), |(start, _)| start);
            if let Some(span) = Span::new(from, to).filter(|span| span.duration() > most) {
                most = span.duration();
                longest = Stretch { words: index..index, span };
            }
            from = said.map_or(from, |(_, end)| end);
        }
        longest
    })
}

/// A long gap in two parts: what the recognizer leaps over as a whole it may hear in parts.
pub(super) fn halves(gap: &Stretch, envelope: &Envelope) -> Vec<Stretch> {
    let part = |span| Stretch { span, words: gap.words.clone() };
    chunk::halves(gap.span, envelope).into_iter().map(part).collect()
}

fn usual(word: &Word) -> Ms {
    Ms::from_seconds(times::expected_ms(&word.text) / 1000.0)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn words(pieces: &[(&str, i64, i64)]) -> Vec<Word> {
        pieces
            .iter()
            .map(|(text, start, end)| {
                Word::new(Span::at_least_1ms(Ms::new(*start), Ms::new(*end)), *text, 0.9)
            })
            .collect()
    }

    fn chunk(end: i64) -> Chunk {
        let span = Span::new(Ms::ZERO, Ms::new(end)).unwrap();
        Chunk::alone(span, vec![span])
    }

    /// Sound but for a short pause before each of the given times.
    pub(crate) fn sounding(length: i64, pauses: &[i64]) -> Envelope {
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
        let found = find(&said, &Voiced::of(&chunk(6_500), &envelope));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].words.contains(&6), "{found:?}");
        let among = with_context(&said, found[0].words.clone(), 0, chunk(6_500).span);
        assert_eq!(among.words, 0..11);
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
                &Voiced::of(
                    &chunk(12_000),
                    &sounding(12_000, &[600, 3_000, 4_200, 6_000, 7_200, 9_000, 11_100])
                )
            ),
            []
        );
    }

    #[test]
    fn words_are_missing_where_a_word_takes_too_long() {
        let said = words(&[("We", 0, 200), ("made", 200, 5_000), ("it.", 5_000, 5_200)]);
        let stretch = Stretch { words: 0..3, span: Span::at_least_1ms(Ms::ZERO, Ms::new(5_200)) };
        let made = i64::from(90 + 4 * 58);
        let [behind, before] = gaps(&said, &stretch);
        assert_eq!((behind.words, behind.span.start()), (2..2, Ms::new(200 + made)));
        assert_eq!((before.words, before.span.end()), (1..1, Ms::new(5_000 - made)));
        let empty = Stretch { words: 3..3, ..stretch };
        assert_eq!(gaps(&said, &empty), [empty.clone(), empty]);
    }
}
