//! When changed words are said. Words that take the place of as many others have their times. Of others
//! only the whole stretch is known: they share it by letters, until they are listened for in the sound.
//!
//! Nothing is listened to here. [`passages`] says what is to be listened to, and [`Times`] holds what was
//! found. What is to be listened to depends on the words alone, not on what was found before, so that the
//! same corrections have the same times in whatever order they were made.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use crate::edit::{EditedWord, Paragraph};
use crate::time::{Ms, Span};

/// The longest passage: what a recognizer hears at once.
const LONGEST: Ms = Ms::new(30_000);
/// Stretches that begin within the same so many milliseconds are listened for together.
const CELL: Ms = Ms::new(15_000);
/// How much is listened to before and behind: enough words to tell where the changed ones are.
const AROUND: Ms = Ms::new(3_000);
/// How much silence is listened to at the edges.
const EDGE: Ms = Ms::new(200);
/// How far beyond the words that stood there changed ones may be found, where nothing is said.
const SLACK: Ms = Ms::new(1_500);
/// No word is shorter.
const SHORTEST: Ms = Ms::new(20);

/// A passage of the sound, with all words that are said in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Passage {
    /// When.
    pub span: Span,
    /// The words as they are written now.
    pub words: Vec<String>,
}

/// When the words of passages are said, as it was found in the sound.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times(BTreeMap<Passage, Vec<Span>>);

impl Times {
    /// Nothing was listened to.
    pub const NONE: Times = Times(BTreeMap::new());

    /// Adds what was found: as many times as the passage has words.
    pub fn add(&mut self, passage: Passage, times: Vec<Span>) {
        if times.len() == passage.words.len() {
            self.0.insert(passage, times);
        }
    }

    /// Gives changed words their times, where these were found. `heard` are the times of the words that
    /// were not changed.
    pub(super) fn put(&self, body: &mut [Paragraph], heard: &Heard) {
        if self.0.is_empty() {
            return;
        }
        for Place { passage, runs } in places(body, heard) {
            let Some(times) = self.0.get(&passage) else { continue };
            for run in runs {
                let words = &mut body[run.paragraph].words;
                let changed = run.words.filter_map(|word| words.get(word).map(|w| (word, w)));
                let changed: Vec<usize> = changed
                    .filter(|(_, edited)| is_printed(edited))
                    .map(|(word, _)| word)
                    .collect();
                let spans = settled(&times[run.within], run.room);
                for (word, span) in changed.into_iter().zip(spans) {
                    words[word].word.span = span;
                }
            }
        }
    }
}

/// The times that words have which were heard.
#[derive(Debug, Default)]
pub(super) struct Heard(HashSet<Span>);

impl Heard {
    /// Those of a text that nobody changed yet.
    pub(super) fn of(body: &[Paragraph]) -> Heard {
        Heard(body.iter().flat_map(|p| &p.words).map(|edited| edited.word.span).collect())
    }
}

/// The passages to listen to for the words of a changed text.
pub(super) fn passages(body: &[Paragraph], heard: &Heard) -> Vec<Passage> {
    places(body, heard).into_iter().map(|place| place.passage).collect()
}

/// A passage with the changed stretches in it.
struct Place {
    passage: Passage,
    runs: Vec<Run>,
}

/// A changed stretch.
struct Run {
    paragraph: usize,
    words: Range<usize>,
    /// Which of the passage's words it is.
    within: Range<usize>,
    /// Where its words can be said.
    room: Span,
}

/// A printed word and where it stands.
struct Token<'b> {
    paragraph: usize,
    word: usize,
    span: Span,
    text: &'b str,
}

fn is_printed(edited: &EditedWord) -> bool {
    edited.word.suspect.is_none() && !edited.word.text.trim().is_empty()
}

fn places(body: &[Paragraph], heard: &Heard) -> Vec<Place> {
    let mut tokens = Vec::new();
    for (paragraph, block) in body.iter().enumerate() {
        let printed = block.words.iter().enumerate().filter(|(_, edited)| is_printed(edited));
        tokens.extend(printed.map(|(word, edited)| Token {
            paragraph,
            word,
            span: edited.word.span,
            text: &edited.word.text,
        }));
    }
    let runs = changed(&tokens, heard);
    let cell = |run: &Range<usize>| tokens[run.start].span.start().get() / CELL.get();
    let mut places = Vec::new();
    for together in runs.chunk_by(|a, b| cell(a) == cell(b)) {
        match place(&tokens, together) {
            Some(place) => places.push(place),
            None => places.extend(together.chunks(1).filter_map(|run| place(&tokens, run))),
        }
    }
    places
}

/// The stretches of words that have no time of their own. What an editor inserts in brackets is not said.
fn changed(tokens: &[Token<'_>], heard: &Heard) -> Vec<Range<usize>> {
    let is_new = |token: &Token<'_>| !heard.0.contains(&token.span);
    let mut runs = Vec::new();
    let mut first = 0;
    for run in tokens.chunk_by(|a, b| a.paragraph == b.paragraph && is_new(a) == is_new(b)) {
        let is_said = !(run[0].text.starts_with('[') && run[run.len() - 1].text.ends_with(']'));
        if is_new(&run[0]) && is_said {
            runs.push(first..first + run.len());
        }
        first += run.len();
    }
    runs
}

/// The passage around stretches; `None` where it is too long to be heard at once.
fn place(tokens: &[Token<'_>], runs: &[Range<usize>]) -> Option<Place> {
    let (first, last) = (runs.first()?.start, runs.last()?.end);
    let (from, to) = (tokens[first].span.start() - AROUND, tokens[last - 1].span.end() + AROUND);
    let before = tokens[..first].iter().rev().take_while(|token| token.span.start() >= from);
    let after = tokens[last..].iter().take_while(|token| token.span.end() <= to);
    let within = first - before.count()..last + after.count();
    let said = &tokens[within.clone()];
    let start = said.iter().map(|token| token.span.start()).min()?;
    let end = said.iter().map(|token| token.span.end()).max()?;
    let span = Span::at_least_1ms((start - EDGE).max(Ms::ZERO), end + EDGE);
    let words = said.iter().map(|token| token.text.to_owned()).collect();
    let run = |run: &Range<usize>| Run {
        paragraph: tokens[run.start].paragraph,
        words: tokens[run.start].word..tokens[run.end - 1].word + 1,
        within: run.start - within.start..run.end - within.start,
        room: room(tokens, run),
    };
    let runs = runs.iter().map(run).collect();
    (span.duration() <= LONGEST).then_some(Place { passage: Passage { span, words }, runs })
}

/// From the word before a stretch to the one behind it, as far as nothing else is said there.
fn room(tokens: &[Token<'_>], run: &Range<usize>) -> Span {
    let (start, end) = (tokens[run.start].span.start(), tokens[run.end - 1].span.end());
    let before = run.start.checked_sub(1).map_or(Ms::ZERO, |at| tokens[at].span.end());
    let after = tokens.get(run.end).map_or(end + SLACK, |token| token.span.start());
    let from = before.min(start).max(start - SLACK);
    Span::at_least_1ms(from, after.max(end).min(end + SLACK))
}

/// The times within the room, one after the other; none where the words were found elsewhere, or have no
/// room.
fn settled(times: &[Span], room: Span) -> Vec<Span> {
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return Vec::new() };
    let found = Span::at_least_1ms(first.start(), last.end());
    let least =
        |words: usize| Ms::new(SHORTEST.get() * i64::try_from(words).unwrap_or(i64::MAX / 100));
    let lies = found.overlap(room);
    if room.duration() < least(times.len()) || lies + lies < found.duration() {
        return Vec::new();
    }
    let mut at = room.start();
    let mut spans = Vec::with_capacity(times.len());
    for (index, time) in times.iter().enumerate() {
        let until = room.end() - least(times.len() - index - 1);
        let start = time.start().max(at).min(until - SHORTEST);
        let end = time.end().max(start + SHORTEST).min(until);
        spans.push(Span::at_least_1ms(start, end));
        at = end;
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Status;
    use crate::speech::Word;

    fn span(start: i64, end: i64) -> Span {
        Span::new(Ms::new(start), Ms::new(end)).unwrap()
    }

    fn body(words: &[(&str, i64, i64)]) -> Vec<Paragraph> {
        let edited = |(text, start, end): &(&str, i64, i64)| EditedWord {
            word: Word::new(span(*start, *end), *text, 0.5),
            speaker_confidence: 1.0,
        };
        vec![Paragraph {
            span: span(words[0].1, words[words.len() - 1].2),
            speaker: None,
            label: None,
            words: words.iter().map(edited).collect(),
            quotation: None,
            status: Status::Machine,
        }]
    }

    fn spans(body: &[Paragraph]) -> Vec<(i64, i64)> {
        let words = body.iter().flat_map(|paragraph| &paragraph.words);
        words.map(|w| (w.word.span.start().get(), w.word.span.end().get())).collect()
    }

    const HEARD: [(&str, i64, i64); 3] =
        [("hello", 1_000, 1_400), ("gonna", 1_400, 2_000), ("go", 2_500, 2_700)];

    #[test]
    fn only_words_without_a_time_of_their_own_are_moved() {
        let heard = Heard::of(&body(&HEARD));
        assert!(passages(&body(&HEARD), &heard).is_empty());
        let mut changed =
            body(&[HEARD[0], ("going", 1_400, 1_800), ("to", 1_800, 2_000), HEARD[2]]);
        let passage = passages(&changed, &heard).remove(0);
        assert_eq!(
            (passage.span, passage.words.join(" ")),
            (span(800, 2_900), "hello going to go".into())
        );
        let mut times = Times::default();
        // the words around are found elsewhere than they stand, which moves none of them
        let found = [span(900, 1_300), span(1_300, 1_700), span(1_900, 2_300), span(2_300, 2_700)];
        times.add(passage, found.to_vec());
        times.put(&mut changed, &heard);
        assert_eq!(
            spans(&changed),
            [(1_000, 1_400), (1_400, 1_700), (1_900, 2_300), (2_500, 2_700)]
        );
        assert_eq!(changed[0].words[0].word.probability, 0.5);
    }

    #[test]
    fn what_is_found_elsewhere_or_has_no_room_is_not_believed() {
        assert!(settled(&[span(9_000, 9_400)], span(1_000, 2_000)).is_empty());
        assert!(settled(&[span(1_000, 1_010), span(1_010, 1_020)], span(1_000, 1_030)).is_empty());
        let squeezed = settled(&[span(1_000, 1_001), span(1_000, 3_000)], span(900, 2_000));
        assert_eq!(squeezed, [span(1_000, 1_020), span(1_020, 2_000)]);
    }

    #[test]
    fn an_insert_in_brackets_is_not_listened_for() {
        let heard = Heard::of(&body(&HEARD));
        let changed =
            body(&[HEARD[0], HEARD[1], ("[by", 2_000, 2_200), ("boat]", 2_200, 2_500), HEARD[2]]);
        assert!(passages(&changed, &heard).is_empty());
    }

    #[test]
    fn a_later_correction_leaves_passages_far_from_it_alone() {
        let word = |n: i64| ("word", n * 300, n * 300 + 250);
        let words: Vec<_> = (0..400).map(word).collect();
        let heard = Heard::of(&body(&words));
        let with = |places: &[usize]| {
            let mut words = words.clone();
            for at in places {
                words[*at].2 += 7;
            }
            passages(&body(&words), &heard)
        };
        let (one, both) = (with(&[300]), with(&[20, 300]));
        assert_eq!((one.len(), both.len()), (1, 2));
        assert_eq!(one[0], both[1]);
        assert!(both.iter().all(|passage| passage.span.duration() < Ms::new(10_000)));
    }
}
