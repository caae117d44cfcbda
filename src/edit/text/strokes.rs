//! What a person does to the text where it stands, one stroke at a time: a stroke changes the text as if a
//! file had been edited, and becomes corrections by the same way.

use serde::Deserialize;

use crate::edit::anchor::CONTEXT;
use crate::edit::edits::{Checked, Cut, Edits, TimeText};
use crate::edit::text::read::{Lines, Sheet};
use crate::edit::text::{changes, settled};
use crate::edit::{Edition, Paragraph, Printed, running};
use crate::formats::Diagnostic;
use crate::formats::names::UNKNOWN_SPEAKER;
use crate::speech::SpeakerName;
use crate::time::Ms;

/// A word by its printed paragraph and its place among the printed words there, both counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Spot(pub usize, pub usize);

/// How far a new name reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The turn, until somebody else speaks.
    Turn,
    /// The turn, and what the same voice says after it.
    Onwards,
    /// Everything that the voice says.
    Everywhere,
}

/// A change of the text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stroke {
    /// A paragraph has other words.
    Retype(usize, String),
    /// A paragraph begins with this word.
    Split(Spot),
    /// A paragraph is one with the paragraph before.
    Join(usize),
    /// The words from one to another, both included, are somebody else's.
    Give(Spot, Spot, String),
    /// Whoever says a paragraph is called so.
    Name(usize, String, Reach),
    /// A turn, named by its first paragraph, begins so many words later, or earlier.
    Edge(usize, i32),
    /// The words from one to another, both included, are left out.
    Cut(Spot, Spot),
}

/// The corrections that make a stroke's text of an edition. `apply` gives the edition with further ones.
///
/// # Errors
/// If the stroke cannot be meant, or not be made: a sentence that says why and what to do.
pub fn struck(
    edition: &Edition,
    stroke: &Stroke,
    apply: impl Fn(&Edits) -> Edition,
) -> Result<Edits, String> {
    let mut sheet = Sheet::of(edition);
    sheet.strike(edition, stroke).ok_or("the text is another one now: do it again")??;
    settled(edition, &sheet, apply).map_err(|found| found.first().map_or_else(String::new, said))
}

fn said(finding: &Diagnostic) -> String {
    match &finding.fix {
        Some(fix) => format!("{}: {fix}", finding.message),
        None => finding.message.clone(),
    }
}

/// The printed paragraphs, as the page counts them.
fn printed(edition: &Edition) -> impl Iterator<Item = &Paragraph> {
    edition.paragraphs().filter(|paragraph| paragraph.is_printed())
}

/// The stretch between two words, both included, by its times and by its first and last words.
pub fn stretch_of(edition: &Edition, from: Spot, to: Spot) -> Option<Cut> {
    // a word is whole, of however many it is made
    let (first, last) = (word_of(edition, from)?, word_of(edition, to)?);
    let is_inside = |at: &Spot| {
        let word = word_of(edition, *at);
        (from.0, Some(first)) <= (at.0, word) && (at.0, word) <= (to.0, Some(last))
    };
    let all = printed(edition).enumerate();
    let words: Vec<Printed<'_>> = all
        .skip(from.0)
        .take(to.0.checked_sub(from.0)? + 1)
        .flat_map(|(nth, paragraph)| {
            paragraph.printed().enumerate().map(move |(at, word)| (Spot(nth, at), word))
        })
        .filter(|(at, _)| is_inside(at))
        .map(|(_, printed)| printed)
        .collect();
    let (from, to) = (words.first()?.word.span.start(), words.last()?.word.span.end());
    let (from_words, to_words) = ends(&running(words));
    Some(Cut {
        from: Some(TimeText(from)),
        to: Some(TimeText(to.max(from + Ms::new(1)))),
        from_words,
        to_words,
        ..Cut::default()
    })
}

/// The statement that a person listened to a printed paragraph, with the words that were agreed with.
pub fn checked_of(edition: &Edition, paragraph: usize) -> Option<Checked> {
    let paragraph = printed(edition).nth(paragraph)?;
    let (words, mut printed) = (paragraph.text(), paragraph.printed());
    let first = printed.next()?.word.span;
    let last = printed.last().map_or(first, |printed| printed.word.span);
    let (from_words, to_words) = ends(&words);
    Some(Checked {
        from: Some(TimeText(first.start())),
        to: Some(TimeText(last.end().max(first.start() + Ms::new(1)))),
        from_words,
        to_words,
        words,
        ..Checked::default()
    })
}

/// The first and the last words of a text, by which its stretch is found again.
fn ends(text: &str) -> (String, String) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let last = words.len().saturating_sub(CONTEXT);
    (words[..words.len().min(CONTEXT)].join(" "), words[last..].join(" "))
}

impl Sheet {
    /// The edition's own text.
    fn of(edition: &Edition) -> Sheet {
        let paragraphs: Vec<&Paragraph> = printed(edition).collect();
        let mut lines: Vec<Lines> = paragraphs
            .iter()
            .zip(1..)
            .map(|(paragraph, line)| Lines {
                line,
                speaker: paragraph.speaker.clone(),
                is_named: true,
                time: Some(paragraph.span.start()),
                is_cut: false,
                words: Vec::new(),
            })
            .collect();
        for (paragraph, text) in changes::words_of(&paragraphs) {
            lines[paragraph].words.push(text);
        }
        Sheet { paragraphs: lines }
    }

    /// Makes a stroke; `None` where it is about what is not there.
    fn strike(&mut self, edition: &Edition, stroke: &Stroke) -> Option<Result<(), String>> {
        match stroke {
            Stroke::Retype(nth, text) => {
                let lines = self.paragraphs.get_mut(*nth)?;
                lines.words = text.split_whitespace().map(str::to_owned).collect();
                if lines.words.is_empty() {
                    return Some(Err(
                        "no word of the paragraph is left: to leave it out, cut it".into()
                    ));
                }
            }
            Stroke::Split(at) => {
                let word = word_of(edition, *at)?;
                self.part(at.0, word)?;
            }
            Stroke::Join(nth) => return self.join(*nth),
            Stroke::Give(from, to, name) => {
                let name = named(name);
                for lines in self.isolated(edition, *from, *to)? {
                    lines.speaker.clone_from(&name);
                }
            }
            Stroke::Name(nth, name, reach) => self.name(*nth, named(name).as_ref(), *reach)?,
            Stroke::Edge(nth, by) => return self.move_edge(*nth, *by),
            Stroke::Cut(from, to) => {
                for lines in self.isolated(edition, *from, *to)? {
                    lines.is_cut = true;
                }
            }
        }
        Some(Ok(()))
    }

    /// Parts a paragraph before a word; the number of the second part.
    fn part(&mut self, nth: usize, word: usize) -> Option<usize> {
        let lines = self.paragraphs.get_mut(nth)?;
        if word == 0 {
            return Some(nth);
        }
        let rest =
            Lines { words: lines.words.split_off(word.min(lines.words.len())), ..lines.clone() };
        if rest.words.is_empty() {
            return Some(nth + 1);
        }
        self.paragraphs.insert(nth + 1, rest);
        Some(nth + 1)
    }

    /// Parts the paragraphs at the edges of a stretch, and gives those that it is then.
    fn isolated(&mut self, edition: &Edition, from: Spot, to: Spot) -> Option<&mut [Lines]> {
        let (first, last) = (word_of(edition, from)?, word_of(edition, to)?);
        if from > to {
            return None;
        }
        let end = self.part(to.0, last + 1)?;
        let behind = self.paragraphs.len();
        let start = self.part(from.0, first)?;
        let more = self.paragraphs.len() - behind;
        let end = end + more;
        self.paragraphs.get_mut(start..end)
    }

    fn join(&mut self, nth: usize) -> Option<Result<(), String>> {
        let before = nth.checked_sub(1)?;
        if self.paragraphs.get(nth)?.speaker != self.paragraphs[before].speaker {
            let said = "somebody else speaks before: give the words to them, and they join";
            return Some(Err(said.into()));
        }
        let joined = self.paragraphs.remove(nth);
        self.paragraphs[before].words.extend(joined.words);
        Some(Ok(()))
    }

    fn name(&mut self, nth: usize, name: Option<&SpeakerName>, reach: Reach) -> Option<()> {
        let was = self.paragraphs.get(nth)?.speaker.clone();
        let is_theirs = |lines: &Lines| lines.speaker == was;
        let first = self.paragraphs[..nth].iter().rposition(|lines| !is_theirs(lines));
        let first = first.map_or(0, |other| other + 1);
        let (from, within): (usize, fn(bool) -> bool) = match reach {
            Reach::Turn => (first, |is_theirs| is_theirs),
            Reach::Onwards => (first, |_| true),
            Reach::Everywhere => (0, |_| true),
        };
        let reached = self.paragraphs[from..].iter_mut().map(|lines| (lines.speaker == was, lines));
        for (_, lines) in
            reached.take_while(|(theirs, _)| within(*theirs)).filter(|(theirs, _)| *theirs)
        {
            lines.speaker = name.cloned();
        }
        Some(())
    }

    fn move_edge(&mut self, nth: usize, by: i32) -> Option<Result<(), String>> {
        let before = nth.checked_sub(1)?;
        self.paragraphs.get(nth)?;
        let count = usize::try_from(by.unsigned_abs()).ok()?;
        let (gives, takes) = if by > 0 { (nth, before) } else { (before, nth) };
        let words = &mut self.paragraphs[gives].words;
        if count >= words.len() {
            let said =
                "no word would be left of that paragraph: give it to the other voice as a whole";
            return Some(Err(said.into()));
        }
        if by > 0 {
            let moved: Vec<String> = words.drain(..count).collect();
            self.paragraphs[takes].words.extend(moved);
        } else {
            let moved = words.split_off(words.len() - count);
            self.paragraphs[takes].words.splice(..0, moved);
        }
        Some(Ok(()))
    }
}

/// Which word of the text a printed word is: those between which no space stands are one.
fn word_of(edition: &Edition, at: Spot) -> Option<usize> {
    let paragraph = printed(edition).nth(at.0)?;
    let mut count = 0;
    for (nth, word) in paragraph.printed().enumerate() {
        let parts = word.word.text.split_whitespace().count();
        let begins = count - usize::from(word.glued && count > 0 && parts > 0);
        if nth == at.1 {
            return Some(begins);
        }
        count = begins + parts;
    }
    None
}

/// A name as it is typed; nobody where it is empty, or says that nobody is known.
fn named(name: &str) -> Option<SpeakerName> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty() && name != UNKNOWN_SPEAKER).then_some(SpeakerName(name))
}

#[cfg(test)]
mod tests;
