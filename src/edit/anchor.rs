//! Finding the place of a correction again, by its time and by the words around it, whatever another
//! run has made of the words.
//!
//! A place is taken only where it is clearly the one: what stands around it agrees, the time does, and
//! no other place comes near. Otherwise there is none, and the correction is told with both versions.

use std::ops::Range;

use crate::edit::Paragraph;
use crate::time::{Ms, Span};

/// How far from its time a place is looked for: recognizers differ by less.
const REACH: Ms = Ms::new(3_000);
/// How far other words may lie from the time at which the person's stood.
const NEAR: Ms = Ms::new(1_500);
/// How far from its paragraph's span a word may stand.
const STRAY: Ms = Ms::new(60_000);
/// How much better than any other a place has to be, in words that differ.
const CLEARLY: f64 = 1.0;
/// What a second of distance weighs, in words that differ: a word lasts a quarter of one.
const SECOND: f64 = 4.0;
/// Up to so many words every stretch nearby is weighed; of longer ones those whose neighbour is right.
const SHORT: usize = 8;
/// How many words are kept of what stands around a place.
pub(super) const CONTEXT: usize = 4;

/// A word of the text with its place, as it is printed: words between which no space stands are one, and one
/// that may be invented is none.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// The paragraph and the first word in it.
    pub(super) at: (usize, usize),
    /// The last.
    pub(super) last: (usize, usize),
    pub(super) span: Span,
    bare: String,
    /// What the recognizer wrote, where it was changed since.
    heard: Option<String>,
}

impl Token {
    /// Whether both are the same word.
    pub(super) fn is_as(&self, other: &Token) -> bool {
        self.bare == other.bare
    }

    fn is(&self, word: &str) -> bool {
        self.bare == word || self.heard.as_deref() == Some(word)
    }
}

/// The words of a stretch of the text.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) tokens: Vec<Token>,
    /// Whether the text begins, and ends, with it.
    begins: bool,
    ends: bool,
}

/// The words as people compare them: without case and signs; a sign alone is itself.
pub(super) fn bare(word: &str) -> String {
    let bare: String =
        word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if bare.is_empty() { word.to_owned() } else { bare }
}

/// The words of a text, bare.
pub(super) fn bare_words(text: &str) -> Vec<String> {
    text.split_whitespace().map(bare).collect()
}

/// The words of a paragraph as they are printed.
fn tokens_of(index: usize, paragraph: &Paragraph) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut gap = true;
    for (nth, edited) in paragraph.words.iter().enumerate() {
        let word = &edited.word;
        if word.suspect.is_some() {
            gap = true;
            continue;
        }
        let heard = word.heard.as_deref().unwrap_or(&word.text);
        match tokens.last_mut().filter(|_| word.glued && !gap) {
            Some(before) => {
                let first = before.heard.as_deref().unwrap_or(&before.bare);
                let is_changed = before.heard.is_some() || word.heard.is_some();
                before.heard = is_changed.then(|| bare(&format!("{first}{heard}")));
                before.bare = bare(&format!("{}{}", before.bare, word.text));
                before.last = (index, nth);
                before.span = Span::at_least_1ms(before.span.start(), word.span.end());
            }
            None => tokens.push(Token {
                at: (index, nth),
                last: (index, nth),
                span: word.span,
                bare: bare(&word.text),
                heard: word.heard.as_deref().map(bare),
            }),
        }
        gap = false;
    }
    tokens
}

impl Window {
    /// The words within a stretch of time, and a few around it; all words where there is no stretch.
    pub(super) fn of(body: &[Paragraph], within: Option<Span>) -> Window {
        let lies = |span: Span| within.is_none_or(|within| within.overlap(span) > Ms::ZERO);
        let mut tokens = Vec::new();
        let (mut begins, mut ends) = (true, true);
        for (index, paragraph) in body.iter().enumerate() {
            // words of one paragraph may stand before or behind what its span says, and not far
            let is_far = within.is_some_and(|within| within.gap(paragraph.span) > STRAY);
            let holds_any = |paragraph: &Paragraph| {
                lies(paragraph.span) || paragraph.words.iter().any(|word| lies(word.word.span))
            };
            if is_far || !holds_any(paragraph) {
                if tokens.is_empty() {
                    begins = false
                } else {
                    ends = false
                }
                continue;
            }
            for token in tokens_of(index, paragraph) {
                if lies(token.span) {
                    tokens.push(token);
                } else if tokens.is_empty() {
                    begins = false
                } else {
                    ends = false
                }
            }
        }
        Window { tokens, begins, ends }
    }

    /// Where the words stand one after the other, as ranges of tokens.
    pub(super) fn all(&self, words: &[String]) -> Vec<Range<usize>> {
        if words.is_empty() {
            return Vec::new();
        }
        let found = self
            .tokens
            .windows(words.len())
            .enumerate()
            .filter(|(_, run)| run.iter().zip(words).all(|(token, word)| token.is(word)));
        found.map(|(first, _)| first..first + words.len()).collect()
    }

    /// The text of a range of tokens.
    pub(super) fn text(&self, body: &[Paragraph], range: Range<usize>) -> String {
        let tokens = self.tokens.get(range).unwrap_or_default();
        let words: Vec<String> = tokens
            .iter()
            .map(|token| {
                let words = &body[token.at.0].words[token.at.1..=token.last.1];
                words.iter().map(|edited| edited.word.text.as_str()).collect()
            })
            .collect();
        words.join(" ")
    }

    /// When what stands at a token begins.
    fn time(&self, index: usize) -> Ms {
        let before = index.checked_sub(1).and_then(|at| self.tokens.get(at));
        match (self.tokens.get(index), before) {
            (Some(token), _) => token.span.start(),
            (None, Some(before)) => before.span.end(),
            (None, None) => Ms::ZERO,
        }
    }

    /// When words that are to be put in before a token would be said: between the words around, or
    /// wherever the text has none yet.
    fn gap(&self, index: usize) -> Span {
        let before = index.checked_sub(1).and_then(|at| self.tokens.get(at));
        let here = self.time(index);
        let from = match before {
            Some(token) => token.span.end().min(here),
            None if self.begins => Ms::ZERO.min(here),
            None => here,
        };
        let is_end = self.ends && index >= self.tokens.len();
        Span::at_least_1ms(from, if is_end { here.max(FOREVER) } else { here })
    }
}

/// Behind the end of any recording.
const FOREVER: Ms = Ms::new(i64::MAX / 8);

/// A place as it was when the person corrected it.
#[derive(Debug, Clone, Default)]
pub(super) struct Anchor {
    pub(super) before: Vec<String>,
    pub(super) find: Vec<String>,
    pub(super) with: Vec<String>,
    pub(super) after: Vec<String>,
    pub(super) at: Ms,
    /// When the last of the words ends, where that is known.
    pub(super) to: Option<Ms>,
}

/// A place that may be the one, and what speaks against it.
struct Candidate {
    range: Range<usize>,
    against: f64,
    fits: bool,
    /// Whether the words around it are those that stood around the place.
    is_framed: bool,
}

impl Anchor {
    /// The words among which the place is.
    pub(super) fn window(&self, body: &[Paragraph]) -> Window {
        let count = self.find.len().max(self.with.len()) + self.before.len() + self.after.len();
        let long = Ms::new(1_000).get().saturating_mul(i64::try_from(count).unwrap_or(1) + 1);
        let (from, to) = (self.at - REACH - Ms::new(long), self.at + REACH + Ms::new(long));
        Window::of(body, Some(Span::at_least_1ms(from, to)))
    }

    /// The tokens of the place; an empty range is a place between words.
    pub(super) fn place(&self, window: &Window) -> Option<Range<usize>> {
        let mut candidates = self.candidates(window);
        candidates.sort_by(|a, b| a.against.total_cmp(&b.against));
        let best = candidates.first()?;
        let second = candidates.get(1).map_or(f64::INFINITY, |other| other.against);
        if second - best.against >= CLEARLY {
            return best.fits.then(|| best.range.clone());
        }
        // What was heard otherwise may be longer or shorter: of places that overlap, the one with
        // the very words around it.
        let near = candidates.iter().take_while(|other| other.against - best.against < CLEARLY);
        let near: Vec<&Candidate> = near.collect();
        let is_framed =
            |place: &&&Candidate| place.fits && place.is_framed && !place.range.is_empty();
        let mut framed = near.iter().filter(is_framed);
        let (Some(only), None) = (framed.next(), framed.next()) else { return None };
        let overlaps =
            |other: &Range<usize>| other.start < only.range.end && only.range.start < other.end;
        near.iter().all(|other| overlaps(&other.range)).then(|| only.range.clone())
    }

    fn candidates(&self, window: &Window) -> Vec<Candidate> {
        let mut ranges: Vec<Range<usize>> = window.all(&self.find);
        let count = self.find.len().max(self.with.len());
        for first in 0..=window.tokens.len() {
            let last = (first + 2 * count + 3).min(window.tokens.len());
            let begins = count <= SHORT || self.begins_at(window, first);
            let ends = (first..=last).filter(|end| begins || self.ends_at(window, *end));
            ranges.extend(ends.map(|end| first..end));
        }
        ranges.sort_by_key(|range| (range.start, range.end));
        ranges.dedup();
        ranges.retain(|range| self.off(window, range) <= REACH);
        ranges.into_iter().map(|range| self.weighed(window, range)).collect()
    }

    /// Whether the word before the place stands just before that token.
    fn begins_at(&self, window: &Window, first: usize) -> bool {
        let before = first.checked_sub(1).and_then(|at| window.tokens.get(at));
        match (self.before.last(), before) {
            (Some(word), Some(token)) => token.is(word),
            (None, None) => window.begins,
            _ => false,
        }
    }

    fn ends_at(&self, window: &Window, end: usize) -> bool {
        match (self.after.first(), window.tokens.get(end)) {
            (Some(word), Some(token)) => token.is(word),
            (None, None) => window.ends,
            _ => false,
        }
    }

    /// How far from its time the place would be.
    fn off(&self, window: &Window, range: &Range<usize>) -> Ms {
        if range.is_empty() {
            let moment = Span::at_least_1ms(self.at, self.at);
            return window.gap(range.start).gap(moment);
        }
        away(window.time(range.start), self.at)
    }

    /// How far the place is from its time: how far its words lie beyond it, and how deep other words do
    /// within it.
    fn astray(&self, window: &Window, range: &Range<usize>) -> Ms {
        let Some(to) = self.to.filter(|to| *to > self.at) else { return self.off(window, range) };
        let said = Span::at_least_1ms(self.at, to);
        let mut sum = if range.is_empty() { self.off(window, range) } else { Ms::ZERO };
        for (index, token) in window.tokens.iter().enumerate() {
            let middle = token.span.middle();
            sum = sum
                + match (range.contains(&index), said.contains(middle)) {
                    (true, false) => Span::at_least_1ms(middle, middle).gap(said),
                    (false, true) => (middle - self.at).min(to - middle),
                    _ => Ms::ZERO,
                };
        }
        sum
    }

    fn weighed(&self, window: &Window, range: Range<usize>) -> Candidate {
        let there = window.tokens.get(range.clone()).unwrap_or_default();
        let other = distance(&self.find, there).min(distance(&self.with, there));
        let before: Vec<&Token> = window.tokens[..range.start].iter().rev().collect();
        let after: Vec<&Token> = window.tokens[range.end..].iter().collect();
        let wanted: Vec<&String> = self.before.iter().rev().collect();
        let around =
            beside(&wanted, &before) + beside(&self.after.iter().collect::<Vec<_>>(), &after);
        let off = self.off(window, &range);
        let astray = self.astray(window, &range).as_seconds();
        let context = self.before.len() + self.after.len();
        let is_near = off <= if other == 0 { REACH } else { NEAR };
        Candidate {
            is_framed: around == 0 && context > CONTEXT,
            fits: is_near && around * 2 <= context && (context > 0 || off <= NEAR && other == 0),
            against: as_weight(other) + as_weight(around) + SECOND * astray,
            range,
        }
    }
}

fn away(a: Ms, b: Ms) -> Ms {
    if a > b { a - b } else { b - a }
}

fn as_weight(words: usize) -> f64 {
    f64::from(u32::try_from(words).unwrap_or(u32::MAX))
}

/// In how many words two runs differ: the fewest that are put in, left out or exchanged.
fn distance(words: &[String], tokens: &[Token]) -> usize {
    let wanted: Vec<&String> = words.iter().collect();
    let tokens: Vec<&Token> = tokens.iter().collect();
    let rows = table(&wanted, &tokens);
    rows.last().and_then(|row| row.last()).copied().unwrap_or(0)
}

/// In how many words what stands on one side of a place differs from what stood there.
fn beside(wanted: &[&String], tokens: &[&Token]) -> usize {
    let tokens = &tokens[..tokens.len().min(wanted.len() * 2)];
    table(wanted, tokens).last().and_then(|row| row.iter().min()).copied().unwrap_or(0)
}

/// The edit distances of every beginning of `wanted` to every beginning of `tokens`.
fn table(wanted: &[&String], tokens: &[&Token]) -> Vec<Vec<usize>> {
    let mut rows = vec![(0..=tokens.len()).collect::<Vec<usize>>()];
    for (index, word) in wanted.iter().enumerate() {
        let above = &rows[index];
        let mut row = vec![index + 1];
        for (column, token) in tokens.iter().enumerate() {
            let exchanged = above[column] + usize::from(!token.is(word));
            row.push(exchanged.min(above[column + 1] + 1).min(row[column] + 1));
        }
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{EditedWord, Status};
    use crate::speech::Word;

    /// A paragraph with a word each 300 ms, shifted by some milliseconds.
    fn body(text: &str, shift: i64) -> Vec<Paragraph> {
        let words: Vec<EditedWord> = text
            .split_whitespace()
            .zip(0..)
            .map(|(text, n)| {
                let start = Ms::new(10_000 + n * 300 + shift);
                let span = Span::at_least_1ms(start, start + Ms::new(250));
                EditedWord { word: Word::new(span, text, 1.0), speaker_confidence: 1.0 }
            })
            .collect();
        let span =
            Span::at_least_1ms(words[0].word.span.start(), words[words.len() - 1].word.span.end());
        vec![Paragraph {
            span,
            speaker: None,
            label: None,
            words,
            quotation: None,
            status: Status::Machine,
        }]
    }

    /// What `with` would be written over, where `find` stood at the word `nth` of `before`.
    fn found(before: &str, nth: i64, find: &str, with: &str, now: &str) -> Option<String> {
        let words: Vec<String> = bare_words(before);
        let (first, last) = (usize::try_from(nth).unwrap(), find.split_whitespace().count());
        let anchor = Anchor {
            before: words[first.saturating_sub(CONTEXT)..first].to_vec(),
            find: bare_words(find),
            with: bare_words(with),
            after: words[first + last..].iter().take(CONTEXT).cloned().collect(),
            at: Ms::new(10_000 + nth * 300),
            to: None,
        };
        let now = body(now, 120);
        let window = anchor.window(&now);
        anchor.place(&window).map(|range| window.text(&now, range))
    }

    const TEXT: &str = "hello I'm Sean Hildner and this is Rework the podcast";

    #[test]
    fn a_place_is_found_again_whatever_was_heard_in_it() {
        let found = |now| found(TEXT, 2, "Sean Hildner", "Shaun Hildner", now);
        assert_eq!(found(TEXT).as_deref(), Some("Sean Hildner"));
        let other = "hello I'm Shawn Hill nerd and this is Rework the podcast";
        assert_eq!(found(other).as_deref(), Some("Shawn Hill nerd"));
        let right = "hello, I'm Shaun Hildner, and this is Rework the podcast";
        assert_eq!(found(right).as_deref(), Some("Shaun Hildner,"));
        let lost = "hello I'm and this is Rework the podcast";
        assert_eq!(found(lost).as_deref(), Some(""));
    }

    #[test]
    fn what_is_not_clearly_the_place_is_none() {
        let none = "we talk of something else and nobody knows of what";
        assert_eq!(found(TEXT, 2, "Sean Hildner", "Shaun Hildner", none), None);
        assert_eq!(found("no no no no no", 2, "no", "know", "no no no no"), None);
    }
}
