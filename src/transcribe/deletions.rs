//! Speech that the recognizer passed over: it is decoded again until it has words.
//!
//! A decoder may leap over a sentence. Then sound has no words, or a few words are spread over
//! sound that holds more: they take longer than their letters can. Such a stretch is decoded
//! again: what lies before its stretched word, what lies behind it, and all of it with its
//! neighbours. Of the texts that hold what stood there before, the one that leaves the least
//! speech unexplained is taken, and the search goes on in what is left. Where something is said
//! and no text can be trusted, a mark stands for a person to resolve.

use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::speech::Word;
use crate::time::{Ms, Span};
use crate::transcribe::TranscribeError;
use crate::transcribe::chunk::Chunk;
use crate::transcribe::chunk_result::{ChunkDecoder, ChunkResult, Decode};
use crate::transcribe::deletions::stretch::{Stretch, Voiced, find, gaps, halves, with_context};
use crate::transcribe::faults::bare;
use crate::transcribe::recognizer::Job;

mod stretch;

/// A stretch with its neighbours that is longer is decoded as the chunk was: nothing is won.
const LONGEST: Ms = Ms::new(20_000);
/// Sound given around a stretch.
const PADDING: Ms = Ms::new(250);
/// What a reading must explain beyond the one before it, ms; the one with its neighbours comes
/// first, as it is heard best.
const BETTER_MS: f64 = 500.0;

/// Rounds of decoding again; each finds what the one before has uncovered.
const ROUNDS: usize = 4;

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
        let voiced: Vec<Voiced> =
            chunks.iter().map(|chunk| Voiced::of(chunk, self.envelope)).collect();
        for round in 1..=ROUNDS {
            let mut retries: Vec<Retry> = Vec::new();
            for (index, (chunk, result)) in chunks.iter().zip(results.iter()).enumerate() {
                // From the last to the first: replacing one leaves the places of the others as
                // they are.
                let stretches = find(&result.words, &voiced[index]);
                let found = self.retries(index, chunk, &result.words, stretches, round > 1);
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
                let result = &mut results[retry.chunk];
                match best(&voiced[retry.chunk], &result.words, retry, &readings) {
                    Some(words) => result.words = words,
                    None if round == ROUNDS && something_said(retry, &readings) => {
                        mark(result, &retry.stretch);
                    }
                    None => {}
                }
            }
        }
        Ok(())
    }

    /// The stretches of a chunk to decode again, apart from each other; `again` in smaller parts,
    /// too.
    fn retries(
        &self,
        index: usize,
        chunk: &Chunk,
        words: &[Word],
        stretches: Vec<Stretch>,
        again: bool,
    ) -> Vec<Retry> {
        let mut retries: Vec<Retry> = Vec::new();
        let mut from = 0;
        for stretch in stretches {
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
                Attempt { place, part: chunk.part(span) }
            };
            let attempts = places.into_iter().map(attempt).collect();
            retries.push(Retry { chunk: index, stretch, attempts });
        }
        retries
    }
}

/// The words of a chunk with the reading that explains most of the sound; `None` where none explains
/// more than the words that are there.
fn best(
    voiced: &Voiced,
    words: &[Word],
    retry: &Retry,
    readings: &[ChunkResult],
) -> Option<Vec<Word>> {
    let mut least = voiced.unexplained(words);
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
        let left = voiced.unexplained(&other);
        if left + BETTER_MS < least {
            (least, best) = (left, Some(other));
        }
    }
    best
}

/// Whether a reading of the stretch alone has words of its own, which were not trusted.
fn something_said(retry: &Retry, readings: &[ChunkResult]) -> bool {
    retry.attempts.iter().zip(readings).any(|(attempt, reading)| {
        attempt.place.words.is_empty() && !reading.words.is_empty() && !reading.is_silent()
    })
}

/// Puts a mark of two words, as `[inaudible 00:01:50]`, where something is said that nobody understood.
fn mark(result: &mut ChunkResult, stretch: &Stretch) {
    let [gap, _] = gaps(&result.words, stretch);
    let (start, middle, end) = (gap.span.start(), gap.span.middle(), gap.span.end());
    let mark = [
        Word::new(Span::at_least_1ms(start, middle), "[inaudible", 0.0),
        Word::new(Span::at_least_1ms(middle, end), format!("{}]", start.clock()), 0.0),
    ];
    result.words.splice(gap.words.start..gap.words.start, mark);
    put_in_order(&mut result.words);
    result.inaudible.push(gap.span);
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
fn join_sentence(words: &mut [Word], at: usize) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Recording, SourceInfo};
    use crate::time::SampleIndex;
    use crate::transcribe::TranscribeSettings;
    use crate::transcribe::deletions::stretch::tests::{sounding, words};
    use crate::transcribe::scripted::spread;

    #[test]
    fn only_a_text_with_most_of_the_old_words_replaces_them() {
        let before = words(&[("You", 0, 1), ("can", 1, 2), ("find", 2, 3)]);
        let text =
            |text: &str| words(&text.split(' ').map(|word| (word, 0, 1)).collect::<Vec<_>>());
        assert!(holds(&text("music is by them. You can find"), &before));
        assert!(!holds(&text("something else is said here now"), &before));
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
