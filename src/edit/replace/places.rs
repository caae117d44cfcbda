//! Where in a paragraph the words of a replacement stand.
//!
//! They stand as whole words: quotes, commas and brackets may touch them, dashes may join them to
//! others, and an `'s` may follow. Inside of another word, in a compound (`e-mail`), an address or a
//! handle, they do not stand. Quotes and apostrophes of any style are alike, what stands at the edges of
//! the words does not matter, and neither does case. Only where one word stands somewhere as it was
//! written, others that differ in case are left: “May” and “may” are not one word.

use std::cmp::Ordering;

use crate::characters::acts;
use crate::edit::edits::Replace;
use crate::edit::{EditedWord, Paragraph};

/// What may follow a word behind an apostrophe without being a part of it.
const ENCLITICS: [&str; 6] = ["s", "d", "m", "ll", "re", "ve"];

/// The words that are looked for.
#[derive(Debug)]
pub(super) struct Pattern {
    /// What stands before the words, folded.
    opens: Vec<char>,
    /// The words themselves: folded, one space between them.
    letters: Vec<char>,
    /// What stands behind them, folded.
    closes: Vec<char>,
    /// The words to write, folded the same way.
    with: Vec<char>,
    /// Whether as many words are written as are looked for, so that what stands between them stays.
    keeps_gaps: bool,
}

/// A place in a paragraph's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) word: usize,
    pub(super) byte: usize,
}

impl PartialOrd for Point {
    fn partial_cmp(&self, other: &Point) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Point {
    fn cmp(&self, other: &Point) -> Ordering {
        (self.word, self.byte).cmp(&(other.word, other.byte))
    }
}

/// Where the words stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Their first letter.
    pub(super) first: Point,
    /// Behind their last letter, in the same word.
    pub(super) last: Point,
    /// What stands between them beside the space: behind one word, before the next.
    pub(super) gaps: Vec<(String, String)>,
    /// Whether the first letter is a capital and that of the words is none.
    pub(super) is_capital: bool,
    /// Whether what stands before the words, and behind them, is what was looked for, and a part of the
    /// place.
    pub(super) has_edges: (bool, bool),
}

/// How exactly a place has to be what is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// The words as they are written.
    Words,
    /// In any case.
    AnyCase,
    /// In any case, and also within compounds and addresses.
    Similar,
}

impl Pattern {
    /// What an edit looks for; `None` where that is nothing.
    pub(super) fn of(edit: &Replace) -> Option<Pattern> {
        let folded = |text: &str| -> Vec<char> {
            let words: Vec<&str> = text.split_whitespace().collect();
            words.join(" ").chars().filter(|c| !acts(*c)).map(fold).collect()
        };
        let (whole, with) = (folded(&edit.find), folded(&edit.with));
        let words = |letters: &[char]| letters.iter().filter(|c| **c == ' ').count();
        let keeps_gaps = words(&whole) == words(&with);
        let (opens, letters, closes) = parted(whole);
        (!letters.is_empty()).then_some(Pattern { opens, letters, closes, with, keeps_gaps })
    }

    /// Whether something else is written than is looked for.
    pub(super) fn changes(&self) -> bool {
        let all = self.opens.iter().chain(&self.letters).chain(&self.closes);
        !all.eq(&self.with)
    }

    /// What the edit looks for at its edges, before and behind.
    pub(super) fn edges(&self) -> (&[char], &[char]) {
        (&self.opens, &self.closes)
    }

    /// How many words are looked for.
    pub(super) fn words(&self) -> usize {
        self.letters.iter().filter(|c| **c == ' ').count() + 1
    }

    /// The words that are looked for, in lower case.
    pub(super) fn lower(&self) -> String {
        self.letters.iter().flat_map(|c| c.to_lowercase()).collect()
    }

    /// Where the words stand in each of the paragraphs, in order and without overlap.
    pub(super) fn places(&self, paragraphs: &[Paragraph]) -> Vec<(usize, Place)> {
        let find = |wanted| -> Vec<(usize, Place)> {
            let places = paragraphs.iter().enumerate().flat_map(|(index, paragraph)| {
                self.find(paragraph, wanted).into_iter().map(move |place| (index, place))
            });
            places.collect()
        };
        let as_written = find(Wanted::Words);
        if as_written.is_empty() || self.words() > 1 { find(Wanted::AnyCase) } else { as_written }
    }

    /// Where something stands that looks like the words and was not written by an edit, as the first
    /// word and the last.
    pub(super) fn similar(&self, paragraph: &Paragraph) -> Vec<(usize, usize)> {
        let found = self.find(paragraph, Wanted::Similar).into_iter();
        let words = &paragraph.words;
        let is_heard = |place: &Place| {
            words[place.first.word..=place.last.word].iter().all(|word| word.word.heard.is_none())
        };
        found
            .filter(|place| is_heard(place) && !self.is_written(words, place))
            .map(|place| (place.first.word, place.last.word))
            .collect()
    }

    /// Whether what the edit would write stands there already.
    pub(super) fn is_written(&self, words: &[EditedWord], place: &Place) -> bool {
        let words = &words[place.first.word..=place.last.word];
        let mut text =
            words.iter().map(|word| word.word.text.as_str()).collect::<Vec<_>>().join(" ");
        let behind = words.last().map_or(0, |word| word.word.text.len() - place.last.byte);
        text.truncate(text.len() - behind);
        text.drain(..place.first.byte);
        let (_, with, _) = parted(self.with.clone());
        let (_, found, _) = parted(text.chars().map(fold).collect());
        found == with
    }

    /// The words to write, as a pattern that finds them.
    pub(super) fn written(edit: &Replace) -> Option<Pattern> {
        let written = Replace { find: edit.with.clone(), ..Replace::default() };
        Pattern::of(&written)
    }

    fn find(&self, paragraph: &Paragraph, wanted: Wanted) -> Vec<Place> {
        let line = Line::of(&paragraph.words);
        let mut found = Vec::new();
        let mut at = 0;
        while at + self.letters.len() <= line.letters.len() {
            match self.match_at(&line, at, wanted) {
                Some((place, end)) => {
                    found.push(place);
                    at = end;
                }
                None => at += 1,
            }
        }
        found
    }

    fn match_at(&self, line: &Line, start: usize, wanted: Wanted) -> Option<(Place, usize)> {
        let first = *self.letters.first()?;
        let found = *line.letters.get(start)?;
        let as_written = |found: char, letter: char| {
            found == letter || wanted != Wanted::Words && same_letter(found, letter)
        };
        let is_capital = found != first && first.is_lowercase() && same_letter(found, first);
        let begins = as_written(found, first) || is_capital && line.starts_sentence(start);
        if !begins {
            return None;
        }
        let mut at = start + 1;
        let mut gaps = Vec::new();
        for &letter in &self.letters[1..] {
            if letter == ' ' {
                let (gap, behind) = self.gap_at(line, at, wanted)?;
                gaps.push(gap);
                at = behind;
                continue;
            }
            if !as_written(*line.letters.get(at)?, letter) {
                return None;
            }
            at += 1;
        }
        let opens = line.letters[..start].ends_with(&self.opens);
        let closes = line.letters[at..].starts_with(&self.closes);
        let begin = if opens { start - self.opens.len() } else { start };
        let end = if closes { at + self.closes.len() } else { at };
        if !line.is_edge_before(begin, wanted) || !line.is_edge_behind(end, wanted) {
            return None;
        }
        let last = line.places[end - 1];
        let last = Point { byte: last.byte + line.lengths[end - 1], ..last };
        let has_edges = (opens, closes);
        Some((Place { first: line.places[begin], last, gaps, is_capital, has_edges }, at))
    }

    /// The space between two words, with the light punctuation that may stand there.
    fn gap_at(&self, line: &Line, at: usize, wanted: Wanted) -> Option<((String, String), usize)> {
        let is_light = |c: char| matches!(c, ',' | ';' | ':' | '"' | '\'' | '–' | '—' | '(' | ')');
        let may_hold = self.keeps_gaps || wanted == Wanted::Similar;
        let run = |from: usize| {
            let letters = line.letters.get(from..).unwrap_or_default();
            from + letters.iter().take_while(|c| may_hold && is_light(**c)).count()
        };
        let space = run(at);
        if line.letters.get(space) != Some(&' ') {
            return None;
        }
        let next = run(space + 1);
        Some(((line.text(at..space), line.text(space + 1..next)), next))
    }
}

/// A paragraph's letters, folded, with one space between words.
struct Line {
    letters: Vec<char>,
    /// The letters as they stand.
    found: Vec<char>,
    places: Vec<Point>,
    /// The letters' bytes.
    lengths: Vec<usize>,
}

impl Line {
    fn of(words: &[EditedWord]) -> Line {
        let mut line = Line { letters: vec![], found: vec![], places: vec![], lengths: vec![] };
        for (index, word) in words.iter().enumerate() {
            if index > 0 {
                line.push(' ', Point { word: index, byte: 0 });
            }
            for (byte, letter) in word.word.text.char_indices().filter(|(_, c)| !acts(*c)) {
                line.push(letter, Point { word: index, byte });
            }
        }
        line
    }

    fn push(&mut self, letter: char, place: Point) {
        self.letters.push(fold(letter));
        self.found.push(letter);
        self.places.push(place);
        self.lengths.push(letter.len_utf8());
    }

    fn text(&self, range: std::ops::Range<usize>) -> String {
        self.found.get(range).unwrap_or_default().iter().collect()
    }

    /// Whether a word can begin here.
    fn is_edge_before(&self, at: usize, wanted: Wanted) -> bool {
        let before = self.letters.get(..at).unwrap_or_default();
        let Some(last) = before.last() else { return true };
        if is_letter(*last) {
            return false;
        }
        if *last == ' ' || !self.letters.get(at).copied().is_some_and(is_letter) {
            return true;
        }
        let joins = matches!(last, '@' | '#')
            || joiner(*last) && before.iter().rev().nth(1).copied().is_some_and(is_letter);
        !joins || wanted == Wanted::Similar
    }

    /// Whether a word can end before this.
    fn is_edge_behind(&self, at: usize, wanted: Wanted) -> bool {
        let rest = self.letters.get(at..).unwrap_or_default();
        let Some(next) = rest.first() else { return true };
        if is_letter(*next) {
            return false;
        }
        let follows = rest.get(1).copied().is_some_and(is_letter);
        if !joiner(*next) || !follows || wanted == Wanted::Similar {
            return true;
        }
        let tail: String = rest[1..].iter().take_while(|c| is_letter(**c)).collect();
        *next == '\'' && ENCLITICS.contains(&tail.to_lowercase().as_str())
    }

    /// Whether a sentence begins here: at the start, or behind the end of another.
    fn starts_sentence(&self, at: usize) -> bool {
        let before = self.letters.get(..at).unwrap_or_default().iter().rev();
        before
            .copied()
            .find(|c| !matches!(c, ' ' | '"' | '\'' | '(' | '['))
            .is_none_or(|c| matches!(c, '.' | '!' | '?' | '…'))
    }
}

/// A text's words, and what stands before and behind them; signs alone are the words themselves.
fn parted(letters: Vec<char>) -> (Vec<char>, Vec<char>, Vec<char>) {
    let is_edge = |c: &char| {
        matches!(
            c,
            '.' | ','
                | ';'
                | ':'
                | '!'
                | '?'
                | '…'
                | '"'
                | '\''
                | '('
                | ')'
                | '['
                | ']'
                | '–'
                | '—'
                | ' '
        )
    };
    let opens = letters.iter().take_while(|c| is_edge(c)).count();
    if opens == letters.len() {
        return (Vec::new(), letters, Vec::new());
    }
    let closes = letters.iter().rev().take_while(|c| is_edge(c)).count();
    let mut opens_with = letters;
    let mut words = opens_with.split_off(opens);
    let closes_with = words.split_off(words.len() - closes);
    (opens_with, words, closes_with)
}

/// Letters, digits, and what is put on letters.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}')
}

/// What makes one word of two, where it stands between them alone.
fn joiner(c: char) -> bool {
    matches!(
        c,
        '\'' | '-' | '\u{2010}' | '\u{2011}' | '.' | ',' | ':' | '/' | '@' | '_' | '&' | '+'
    )
}

/// Quotes and apostrophes of any style as the plain ones.
fn fold(c: char) -> char {
    match c {
        '’' | '‘' | 'ʼ' | '‛' | '′' => '\'',
        '“' | '”' | '„' | '‟' | '«' | '»' => '"',
        c => c,
    }
}

fn same_letter(a: char, b: char) -> bool {
    a.to_lowercase().eq(b.to_lowercase())
}
