//! Speech that the recognizer passed over: it is decoded again until it has words.
//!
//! A decoder may leap over a sentence. Then sound has no words, or a few words are spread over
//! sound that holds more: they take longer than their letters can. Such a stretch is decoded
//! again: what lies before its stretched word, what lies behind it, and all of it with its
//! neighbours. Of the texts that hold what stood there before, the one that leaves the least
//! speech unexplained is taken, and the search goes on in what is left. Where something is said
//! and no text can be trusted, a mark stands for a person to resolve.

use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::speech::Word;
use crate::time::{Ms, Span};
use crate::transcribe::TranscribeError;
use crate::transcribe::chunk::{Chunk, quietest};
use crate::transcribe::chunk_result::{ChunkDecoder, ChunkResult, Decode};
use crate::transcribe::envelope::{Envelope, time_of};
use crate::transcribe::faults::bare;
use crate::transcribe::recognizer::Job;
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
/// A stretch with its neighbours that is longer is decoded as the chunk was: nothing is won.
const LONGEST: Ms = Ms::new(20_000);
/// Sound given around a stretch.
const PADDING: Ms = Ms::new(250);
/// What a reading must explain beyond the one before it, ms; the one with its neighbours comes
/// first, as it is heard best.
const BETTER_MS: f64 = 500.0;

/// A gap shorter than this is not cut in half.
const MIN_CUT: Ms = Ms::new(4_000);
/// Rounds of decoding again; each finds what the one before has uncovered.
const ROUNDS: usize = 4;

/// A stretch of a chunk with too few words for its sound.
#[derive(Debug, Clone, PartialEq)]
struct Stretch {
    /// The words that are spread over it; none where it has none.
    words: Range<usize>,
    /// From the word before to the word after.
    span: Span,
}

/// Another reading of a part of a chunk.
struct Attempt {
    /// The words that it replaces, and where they may lie.
    place: Stretch,
    /// What is decoded.
    part: Chunk,
}

/// A stretch that is decoded again.
struct Retry {
    chunk: usize,
    stretch: Stretch,
    attempts: Vec<Attempt>,
}

impl ChunkDecoder<'_> {
    /// Decodes stretches again that have too few words for their sound, and marks those in which
    /// something is said that stays unknown.
    pub(crate) fn recover(
        &self,
        chunks: &[Chunk],
        results: &mut [ChunkResult],
        decode: &mut Decode<'_>,
    ) -> Result<(), TranscribeError> {
        for round in 1..=ROUNDS {
            let mut retries: Vec<Retry> = Vec::new();
            for (index, (chunk, result)) in chunks.iter().zip(results.iter()).enumerate() {
                // From the last to the first: replacing one leaves the places of the others as
                // they are.
                let found = self.retries(index, chunk, &result.words, round > 1);
                retries.extend(found.into_iter().rev());
            }
            let jobs: Vec<Job<'_>> = retries
                .iter()
                .flat_map(|retry| retry.attempts.iter().map(|attempt| self.job(&attempt.part)))
                .collect();
            let mut heard = decode(&jobs)?.into_iter();
            for retry in &retries {
                let readings: Vec<ChunkResult> = retry
                    .attempts
                    .iter()
                    .map(|attempt| self.read(&attempt.part, &heard.next().unwrap_or_default()))
                    .collect();
                if let (Some(chunk), Some(result)) =
                    (chunks.get(retry.chunk), results.get_mut(retry.chunk))
                {
                    match self.best(chunk, &result.words, retry, &readings) {
                        Some(words) => result.words = words,
                        None if round == ROUNDS && something_said(retry, &readings) => {
                            mark(&mut result.words, &retry.stretch);
                        }
                        None => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// The stretches of a chunk to decode again, apart from each other; `again` in smaller parts,
    /// too.
    fn retries(&self, index: usize, chunk: &Chunk, words: &[Word], again: bool) -> Vec<Retry> {
        let mut retries: Vec<Retry> = Vec::new();
        let mut from = 0;
        for stretch in find(words, chunk, self.envelope) {
            if stretch.words.start < from {
                continue;
            }
            let among = with_context(words, stretch.words.clone(), from, chunk.span);
            let mut places = Vec::new();
            from = stretch.words.end;
            if among.span.duration() <= LONGEST {
                from = among.words.end;
                places.push(among);
            }
            let gaps = gaps(words, &stretch);
            if again {
                places.extend(gaps.iter().flat_map(|gap| halves(gap, self.envelope)));
            }
            places.extend(gaps);
            places.dedup();
            let attempt = |place: Stretch| {
                let span = Span::at_least_1ms(
                    (place.span.start() - PADDING).max(chunk.span.start()),
                    (place.span.end() + PADDING).min(chunk.span.end()),
                );
                let speech = chunk.speech.iter().filter_map(|s| s.intersection(span)).collect();
                Attempt { place, part: Chunk::alone(span, speech) }
            };
            let attempts = places.into_iter().map(attempt).collect();
            retries.push(Retry { chunk: index, stretch, attempts });
        }
        retries
    }

    /// The words of a chunk with the reading that explains most of the sound; `None` where none
    /// explains more than the words that are there.
    fn best(
        &self,
        chunk: &Chunk,
        words: &[Word],
        retry: &Retry,
        readings: &[ChunkResult],
    ) -> Option<Vec<Word>> {
        let mut least = self.unexplained(words, chunk);
        let mut best = None;
        for (attempt, reading) in retry.attempts.iter().zip(readings) {
            let old = words.get(attempt.place.words.clone()).unwrap_or_default();
            let new = fitted(&reading.words, words, &attempt.place);
            if !reading.is_plausible() || new.len() <= old.len() || !holds(&new, old) {
                continue;
            }
            let mut other = words.to_vec();
            let (start, end) = (attempt.place.words.start, attempt.place.words.start + new.len());
            other.splice(attempt.place.words.clone(), new);
            join_sentence(&mut other, start);
            join_sentence(&mut other, end);
            put_in_order(&mut other);
            let left = self.unexplained(&other, chunk);
            if left + BETTER_MS < least {
                (least, best) = (left, Some(other));
            }
        }
        best
    }

    /// How much of a chunk's sound its words leave unexplained, ms.
    fn unexplained(&self, words: &[Word], chunk: &Chunk) -> f64 {
        let voiced = Voiced::of(chunk, self.envelope);
        let needed = |stretch: &Stretch| -> f64 {
            let words = words.get(stretch.words.clone()).unwrap_or_default();
            words.iter().map(|word| times::expected_ms(&word.text)).sum()
        };
        let found = find(words, chunk, self.envelope);
        found.iter().map(|stretch| voiced.ms(stretch.span) - needed(stretch)).sum()
    }
}

/// Whether a reading of the stretch alone has words of its own, which were not trusted.
fn something_said(retry: &Retry, readings: &[ChunkResult]) -> bool {
    retry.attempts.iter().zip(readings).any(|(attempt, reading)| {
        attempt.place.words.is_empty() && !reading.words.is_empty() && !reading.is_silent()
    })
}

/// Puts a mark into the text where something is said that nobody understood.
fn mark(words: &mut Vec<Word>, stretch: &Stretch) {
    let [gap, _] = gaps(words, stretch);
    let text = format!("[inaudible {}]", gap.span.start().clock());
    words.insert(gap.words.start, Word::new(gap.span, text, 0.0));
    put_in_order(words);
}

/// Where words may be missing in a stretch: the longest gap, if what is stretched ends too late,
/// and if it begins too early.
fn gaps(words: &[Word], stretch: &Stretch) -> [Stretch; 2] {
    [false, true].map(|late| {
        let mut longest = Stretch { words: stretch.words.clone(), span: stretch.span };
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

/// A long gap in two parts, cut where it is quietest: what the recognizer leaps over as a whole
/// it may hear in parts.
fn halves(gap: &Stretch, envelope: &Envelope) -> Vec<Stretch> {
    if gap.span.duration() < MIN_CUT {
        return Vec::new();
    }
    let cut = quietest(gap.span, envelope);
    [Span::new(gap.span.start(), cut), Span::new(cut, gap.span.end())]
        .into_iter()
        .flatten()
        .map(|span| Stretch { span, words: gap.words.clone() })
        .collect()
}

fn usual(word: &Word) -> Ms {
    Ms::from_seconds(times::expected_ms(&word.text) / 1000.0)
}

/// Words that were heard in a stretch of `words`, without those of its neighbours.
fn fitted(heard: &[Word], words: &[Word], stretch: &Stretch) -> Vec<Word> {
    let before = stretch.words.start.saturating_sub(2)..stretch.words.start;
    let after = stretch.words.end..(stretch.words.end + 2).min(words.len());
    let neighbours: Vec<String> = [before, after]
        .into_iter()
        .flat_map(|near| bare(words.get(near).unwrap_or_default()))
        .collect();
    let within = |(word, text): &(&Word, String)| {
        stretch.span.contains(word.span.middle())
            || word.span.overlap(stretch.span) > Ms::ZERO && !neighbours.contains(text)
    };
    heard.iter().zip(bare(heard)).filter(within).map(|(word, _)| word.clone()).collect()
}

/// Takes away a full stop before a word in lower case, where two texts meet: of the two, the one
/// that goes on knows better.
pub(crate) fn join_sentence(words: &mut [Word], at: usize) {
    let Some([word, next]) = at.checked_sub(1).and_then(|from| words.get_mut(from..=at)) else {
        return;
    };
    if next.text.starts_with(char::is_lowercase)
        && let Some(bare) = word.text.strip_suffix('.').filter(|bare| !bare.ends_with('.'))
    {
        word.text = bare.to_owned();
    }
}

/// Cuts every word where the next one begins.
fn put_in_order(words: &mut [Word]) {
    for index in 1..words.len() {
        let [.., word, next] = &mut words[..=index] else { continue };
        let start = next.span.start().max(word.span.start());
        next.span = Span::at_least_1ms(start, next.span.end());
        word.span = Span::at_least_1ms(word.span.start(), word.span.end().min(start));
    }
}

/// Whether `again` has most of the words of `before`.
fn holds(again: &[Word], before: &[Word]) -> bool {
    let (again, before) = (bare(again), bare(before));
    let kept: usize = capture_diff_slices(Algorithm::Myers, &before, &again)
        .iter()
        .filter(|operation| operation.tag() == DiffTag::Equal)
        .map(|operation| operation.old_range().len())
        .sum();
    kept * 10 >= before.len() * 6
}

/// The stretches of a chunk with too few words for their sound, sorted, apart from each other.
#[expect(clippy::cast_precision_loss, reason = "six words")]
fn find(words: &[Word], chunk: &Chunk, envelope: &Envelope) -> Vec<Stretch> {
    let voiced = Voiced::of(chunk, envelope);
    let needed: Vec<f64> = words.iter().map(|word| times::expected_ms(&word.text)).collect();
    let pace = pace(words, &needed).clamp(0.6, 1.3) * SLOW;
    let mut found: Vec<Stretch> = Vec::new();
    let mut first = 0;
    while first <= words.len() {
        let worst = (0..=MOST_WORDS.min(words.len() - first))
            .map(|count| {
                let span = between(words, first..first + count, chunk.span);
                let expected: f64 = needed[first..first + count].iter().sum();
                (voiced.ms(span) - expected * pace - PER_WORD_MS * count as f64, count)
            })
            .reduce(|best, other| if other.0 > best.0 { other } else { best });
        match worst {
            Some((unexplained, count)) if unexplained > UNEXPLAINED_MS => {
                let words_of = first..first + count;
                found.push(Stretch {
                    span: between(words, words_of.clone(), chunk.span),
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
fn with_context(words: &[Word], range: Range<usize>, from: usize, chunk: Span) -> Stretch {
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
struct Voiced {
    origin: Ms,
    /// Frames of sound before each frame; one more than there are frames.
    sum: Vec<u32>,
}

impl Voiced {
    fn of(chunk: &Chunk, envelope: &Envelope) -> Voiced {
        let (origin, voiced) = times::voiced(chunk.span, envelope);
        let mut sum = vec![0];
        for (frame, sounds) in voiced.into_iter().enumerate() {
            let at = origin + time_of(frame);
            let speech = sounds && chunk.speech.iter().any(|span| span.contains(at));
            sum.push(sum.last().copied().unwrap_or(0) + u32::from(speech));
        }
        Voiced { origin, sum }
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
    use crate::decode::{Recording, SourceInfo};
    use crate::time::SampleIndex;
    use crate::transcribe::TranscribeSettings;
    use crate::transcribe::scripted::spread;

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
        Chunk::alone(span, vec![span])
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
                &chunk(12_000),
                &sounding(12_000, &[600, 3_000, 4_200, 6_000, 7_200, 9_000, 11_100])
            ),
            []
        );
    }

    #[test]
    fn only_a_text_with_most_of_the_old_words_replaces_them() {
        let before = words(&[("You", 0, 1), ("can", 1, 2), ("find", 2, 3)]);
        let text =
            |text: &str| words(&text.split(' ').map(|word| (word, 0, 1)).collect::<Vec<_>>());
        assert!(holds(&text("music is by them. You can find"), &before));
        assert!(!holds(&text("something else is said here now"), &before));
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

    /// Decodes eight seconds again in which three words were found in the first; what the
    /// recognizer hears, sound by sound. Returns the text.
    fn recovered(heard: &[(&str, f32)]) -> String {
        let recording = Recording { samples: vec![0.0; 128_000], source: SourceInfo::default() };
        let envelope = sounding(8_000, &[1_000, 7_900]);
        let settings = TranscribeSettings::default();
        let decoder = ChunkDecoder {
            recording: &recording,
            envelope: &envelope,
            language: "en",
            settings: &settings,
        };
        let span = Span::at_least_1ms(Ms::ZERO, Ms::new(8_000));
        let chunks = [Chunk::alone(span, vec![span])];
        let said = words(&[("You", 0, 250), ("can", 250, 500), ("go.", 500, 900)]);
        let mut results = [ChunkResult::default()];
        results[0].words = said;
        let mut texts = heard.iter().cycle();
        let mut decode = |jobs: &[Job<'_>]| {
            let answer = |job: &Job<'_>| {
                let (text, probability) = texts.next().copied().unwrap_or(("", 0.9));
                spread(text, SampleIndex(job.samples.len()).to_ms(), probability)
            };
            Ok(jobs.iter().map(answer).collect())
        };
        decoder.recover(&chunks, &mut results, &mut decode).unwrap();
        let texts: Vec<&str> = results[0].words.iter().map(|word| word.text.as_str()).collect();
        texts.join(" ")
    }

    #[test]
    fn a_sentence_that_was_leapt_over_is_found() {
        let sentence = "It is by many people who made a lot of music for it, and it is good.";
        let all = format!("You can go. {sentence}");
        assert_eq!(recovered(&[(&all, 0.9)]), all, "with its neighbours");
        assert_eq!(recovered(&[("", 0.9), (sentence, 0.9)]), all, "alone");
    }

    #[test]
    fn what_nobody_understands_is_marked_and_silence_is_not() {
        assert_eq!(recovered(&[("well who is it then", 0.1)]), "You can go. [inaudible 00:00:00]");
        assert_eq!(recovered(&[]), "You can go.");
    }
}
