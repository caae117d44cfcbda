//! Which words a stretch is, by times, by its first and last words, or by its paragraph's time.

use std::ops::Range;

use crate::edit::anchor::{Token, Window, bare_words};
use crate::edit::edits::{OnStretch, Place, Stretch};
use crate::edit::naming::is_shown_as;
use crate::edit::replace::nearest_words;
use crate::edit::warning::{EditWarning, Outcome};
use crate::edit::{EditedWord, Paragraph};
use crate::time::{Ms, Span};

/// How far from the time that was stated the words of an edge may stand.
const REACH: Ms = Ms::new(2_500);

/// How far one word may where the time has fractions of a second: less than a word lasts; and how much
/// farther for each word more.
const ONE_WORD: Ms = Ms::new(150);
const EACH_MORE: Ms = Ms::new(50);

/// The words of a stretch: the places, paragraph and word, of its first and its last, and its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    first: Edge,
    last: Edge,
    pub(super) span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    /// This word.
    Word((usize, usize)),
    /// The first word behind, or the last before, a time.
    Time(Ms),
}

impl Found {
    /// Whether a word lies in the stretch; by time it does where its middle does.
    pub(super) fn holds(&self, at: (usize, usize), word: &EditedWord) -> bool {
        let middle = word.word.span.middle();
        let begun = match self.first {
            Edge::Word(first) => at >= first,
            Edge::Time(from) => middle >= from,
        };
        let ended = match self.last {
            Edge::Word(last) => at > last,
            Edge::Time(to) => middle >= to,
        };
        begun && !ended
    }

    /// The same from the beginning of the sentence that is meant, where a person gave a whole second:
    /// the page shows times rounded down, so that the end of the sentence before may be in that second.
    pub(super) fn at_its_sentence(self, body: &[Paragraph]) -> Found {
        let first = match self.first {
            Edge::Time(from) if from.get() % 1_000 == 0 => {
                sentence_from(body, from).map_or(self.first, Edge::Word)
            }
            first => first,
        };
        Found { first, ..self }
    }

    /// Whether any word of the text does.
    pub(super) fn holds_any(&self, body: &[Paragraph]) -> bool {
        places(body).any(|(at, word)| self.holds(at, word))
    }
}

/// Every word of the text with its place.
fn places(body: &[Paragraph]) -> impl Iterator<Item = ((usize, usize), &EditedWord)> {
    body.iter().enumerate().flat_map(|(index, paragraph)| {
        paragraph.words.iter().enumerate().map(move |(nth, word)| ((index, nth), word))
    })
}

/// The first word of the sentence that begins in the second after a time, or hardly before it.
fn sentence_from(body: &[Paragraph], at: Ms) -> Option<(usize, usize)> {
    const BEFORE: Ms = Ms::new(250);
    const AFTER: Ms = Ms::new(1_000);
    let begins = |(paragraph, nth): (usize, usize), word: &EditedWord| {
        let before =
            nth.checked_sub(1).map(|before| body[paragraph].words[before].word.text.as_str());
        word.word.text.starts_with(['"', '“', '«', '„']) || before.is_none_or(ends_sentence)
    };
    let is_near = |start: Ms| at - BEFORE <= start && start < at + AFTER;
    let near = places(body)
        .filter(|(place, word)| is_near(word.word.span.start()) && begins(*place, word));
    let away = |word: &EditedWord| (word.word.span.start() - at).get().abs();
    near.min_by_key(|(_, word)| away(word)).map(|(place, _)| place)
}

/// Whether a sentence ends with a word, or what announces a quotation does.
fn ends_sentence(word: &str) -> bool {
    let bare = word.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']']);
    bare.ends_with(['.', '!', '?', '…', ':', '。', '！', '？'])
}

/// The words that a correction is about; what could not be found, or not wholly, is told.
pub(super) fn find<T: OnStretch>(
    body: &[Paragraph],
    edit: &T,
    warnings: &mut Vec<EditWarning>,
) -> Option<Found> {
    let stretch = edit.stretch();
    if let Some(at) = stretch.at {
        let found = paragraph_at(body, at);
        if found.is_none() {
            warnings.push(EditWarning::NoParagraph { table: T::TABLE, at });
        }
        return found;
    }
    let edges = Edges { body, table: T::TABLE, stretch };
    let first = edges.first(warnings)?;
    let last = edges.last(first, warnings)?;
    let start = match first {
        Edge::Word((paragraph, word)) => body[paragraph].words[word].word.span.start(),
        Edge::Time(from) => from,
    };
    let end = match last {
        Edge::Word((paragraph, word)) => body[paragraph].words[word].word.span.end(),
        Edge::Time(to) => to,
    };
    Some(Found { first, last, span: Span::new(start, end.max(start + Ms::new(1)))? })
}

/// The paragraph that the page shows with that time, or that is said then.
fn paragraph_at(body: &[Paragraph], at: Ms) -> Option<Found> {
    let shown = body.iter().position(|paragraph| is_shown_as(paragraph.span, at));
    let index = shown.or_else(|| body.iter().position(|p| p.span.contains(at)))?;
    let paragraph = &body[index];
    Some(Found {
        first: Edge::Word((index, 0)),
        last: Edge::Word((index, paragraph.words.len().checked_sub(1)?)),
        span: paragraph.span,
    })
}

struct Edges<'b> {
    body: &'b [Paragraph],
    table: &'static str,
    stretch: Stretch<'b>,
}

impl Edges<'_> {
    fn first(&self, warnings: &mut Vec<EditWarning>) -> Option<Edge> {
        let words = bare_words(self.stretch.from_words);
        match (words.is_empty(), self.stretch.from) {
            (true, from) => from.map(Edge::Time),
            (false, Some(from)) => {
                let window = near(self.body, from);
                let found = nearest(&window, window.all(&words), from, End::First);
                Some(self.or_time(found.map(|run| window.tokens[run.start].at), from, warnings))
            }
            (false, None) => {
                let window = Window::of(self.body, None);
                let all = window.all(&words);
                let found = self.only(&window, &all, self.stretch.from_words, warnings)?;
                Some(Edge::Word(window.tokens[found.start].at))
            }
        }
    }

    fn last(&self, first: Edge, warnings: &mut Vec<EditWarning>) -> Option<Edge> {
        let words = bare_words(self.stretch.to_words);
        match (words.is_empty(), self.stretch.to) {
            (true, to) => to.map(Edge::Time),
            (false, Some(to)) => {
                let window = near(self.body, to);
                let found = nearest(&window, window.all(&words), to, End::Last);
                Some(self.or_time(found.map(|run| window.tokens[run.end - 1].last), to, warnings))
            }
            (false, None) => {
                let window = Window::of(self.body, None);
                let begins = |run: &Range<usize>| match first {
                    Edge::Word(first) => window.tokens[run.end - 1].last >= first,
                    Edge::Time(from) => window.tokens[run.end - 1].span.middle() >= from,
                };
                let all = window.all(&words);
                let Some(run) = all.iter().find(|run| begins(run)) else {
                    self.only(&window, &[], self.stretch.to_words, warnings);
                    return None;
                };
                Some(Edge::Word(window.tokens[run.end - 1].last))
            }
        }
    }

    /// The only place where words stand that are not near a time.
    fn only(
        &self,
        window: &Window,
        all: &[Range<usize>],
        words: &str,
        warnings: &mut Vec<EditWarning>,
    ) -> Option<Range<usize>> {
        match all {
            [one] => return Some(one.clone()),
            [] => warnings.push(EditWarning::NoSuchWords {
                table: self.table,
                words: words.to_owned(),
                nearest: nearest_words(self.body, words),
            }),
            [first, ..] => warnings.push(EditWarning::ManySuchWords {
                table: self.table,
                words: words.to_owned(),
                count: all.len(),
                first: window.tokens[first.start].span.start(),
            }),
        }
        None
    }

    /// The word of an edge, or the time where its words are not there any more.
    fn or_time(
        &self,
        word: Option<(usize, usize)>,
        time: Ms,
        warnings: &mut Vec<EditWarning>,
    ) -> Edge {
        if let Some(word) = word {
            return Edge::Word(word);
        }
        let is_first = Some(time) == self.stretch.from;
        let yours = if is_first { self.stretch.from_words } else { self.stretch.to_words };
        warnings.push(EditWarning::OtherWords {
            table: self.table,
            at: time,
            yours: yours.to_owned(),
            now: words_at(self.body, time),
            outcome: Outcome::ByTime,
        });
        Edge::Time(time)
    }
}

/// The words that are said around a time, as they stand now.
pub(super) fn words_at(body: &[Paragraph], at: Ms) -> String {
    let around = Span::at_least_1ms(at - Ms::new(1_000), at + Ms::new(1_000));
    let window = Window::of(body, Some(around));
    window.text(body, 0..window.tokens.len())
}

fn near(body: &[Paragraph], at: Ms) -> Window {
    Window::of(body, Some(Span::at_least_1ms(at - REACH, at + REACH)))
}

/// Which end of a run of words is to be near a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    First,
    Last,
}

impl End {
    fn token(self, run: &Range<usize>) -> usize {
        match self {
            End::First => run.start,
            End::Last => run.end - 1,
        }
    }

    fn time(self, token: &Token) -> Ms {
        match self {
            End::First => token.span.start(),
            End::Last => token.span.end(),
        }
    }
}

/// The run whose end is nearest to a time; none where two are as near, or the word at the end is said
/// nearer without the words beside it: then nobody can tell.
fn nearest(window: &Window, mut runs: Vec<Range<usize>>, at: Ms, end: End) -> Option<Range<usize>> {
    const CLEARLY: Ms = Ms::new(300);
    let away = |token: &Token| {
        let time = end.time(token);
        if time > at { time - at } else { at - time }
    };
    let off = |run: &Range<usize>| away(&window.tokens[end.token(run)]);
    runs.sort_by_key(&off);
    let best = runs.first()?;
    // whole seconds are a person's; of fractions each word more makes a place surer
    let reach = match at.get() % 1_000 {
        0 => REACH,
        _ => ONE_WORD + Ms::new(EACH_MORE.get() * i64::try_from(best.len().min(9)).unwrap_or(1)),
    };
    let is_clear = runs.get(1).is_none_or(|other| off(other) - off(best) >= CLEARLY);
    let word = &window.tokens[end.token(best)];
    let mut others = window.tokens.iter().filter(|other| other.is_as(word));
    let is_only = !others.any(|other| away(other) < off(best));
    (off(best) <= reach && is_clear && is_only).then(|| best.clone())
}

/// The word with which a place begins.
pub(super) fn place(
    body: &[Paragraph],
    table: &'static str,
    place: &Place,
    warnings: &mut Vec<EditWarning>,
) -> Option<(usize, usize)> {
    let words = bare_words(&place.words);
    match place.at.map(|time| time.0) {
        Some(at) if words.is_empty() => {
            let found = word_at(body, at);
            if found.is_none() {
                warnings.push(EditWarning::NoParagraph { table, at });
            }
            found
        }
        Some(at) => {
            let window = near(body, at);
            let found = nearest(&window, window.all(&words), at, End::First);
            if found.is_none() {
                warnings.push(EditWarning::OtherWords {
                    table,
                    at,
                    yours: place.words.clone(),
                    now: words_at(body, at),
                    outcome: Outcome::LeftOut,
                });
            }
            found.map(|run| window.tokens[run.start].at)
        }
        None => {
            let stretch =
                Stretch { at: None, from: None, to: None, from_words: &place.words, to_words: "" };
            match (Edges { body, table, stretch }).first(warnings)? {
                Edge::Word(at) => Some(at),
                Edge::Time(_) => None,
            }
        }
    }
}

/// The word that begins a paragraph with that time, or else the first word that begins then.
fn word_at(body: &[Paragraph], at: Ms) -> Option<(usize, usize)> {
    let shown = body.iter().position(|paragraph| is_shown_as(paragraph.span, at));
    shown.map(|index| (index, 0)).or_else(|| {
        let found = places(body).find(|(_, word)| word.word.span.start() >= at)?;
        (found.1.word.span.start() - at < REACH).then_some(found.0)
    })
}
