//! Reading the text: its paragraphs with their speakers and words, each with its place in the file.

use crate::edit::text::{CUT, DOUBT};
use crate::edit::{Block, Edition};
use crate::formats::names::UNKNOWN_SPEAKER;
use crate::formats::rework::{Part, parse};
use crate::formats::{Diagnostic, FormatError};
use crate::speech::SpeakerName;
use crate::time::Ms;

/// A text that a person edited.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sheet {
    pub(super) paragraphs: Vec<Lines>,
}

/// A paragraph of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lines {
    /// The line on which it begins, counted from 1.
    pub(super) line: usize,
    /// Who speaks, carried on from above; `None` where nobody could be named.
    pub(super) speaker: Option<SpeakerName>,
    /// Whether the name stands here.
    pub(super) is_named: bool,
    pub(super) time: Option<Ms>,
    /// Whether it is marked to be left out.
    pub(super) is_cut: bool,
    pub(super) words: Vec<String>,
}

impl Sheet {
    /// Reads a file; whatever cannot be read is told.
    pub(super) fn read(text: &str) -> Result<Sheet, Vec<Diagnostic>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (file, found) = parse(text).map_err(|fault| vec![unreadable(&fault)])?;
        let misread = |finding: &Diagnostic| finding.rule == "L-SPEAKER";
        let mut faults: Vec<Diagnostic> = found.into_iter().filter(misread).collect();
        let mut speaker = None;
        let mut paragraphs = Vec::new();
        for paragraph in file.paragraphs.iter().filter(|p| p.part == Part::Body) {
            if let Some(name) = &paragraph.speaker {
                speaker = Some(SpeakerName(name.clone())).filter(|name| name.0 != UNKNOWN_SPEAKER);
            }
            faults.extend(broken_time(paragraph.line, &paragraph.raw, &paragraph.text));
            let mut words: Vec<String> = paragraph.text.split_whitespace().map(undoubted).collect();
            words.retain(|word| !word.is_empty());
            let is_cut = words.first().is_some_and(|word| word == CUT);
            if is_cut {
                words.remove(0);
            }
            paragraphs.push(Lines {
                line: paragraph.line,
                speaker: speaker.clone(),
                is_named: paragraph.speaker.is_some(),
                time: paragraph.time,
                is_cut,
                words,
            });
        }
        if faults.is_empty() { Ok(Sheet { paragraphs }) } else { Err(faults) }
    }

    /// The text without the lines that say what sounds, which have to be as they are.
    pub(super) fn without_sounds(mut self, edition: &Edition) -> Result<Sheet, Vec<Diagnostic>> {
        let mut faults = Vec::new();
        let mut from = 0;
        for block in &edition.blocks {
            let Block::Sound(sound) = block else { continue };
            let words: Vec<String> = sound.text.split_whitespace().map(undoubted).collect();
            let is_it = |lines: &Lines| !lines.is_named && lines.words == words;
            let at = self.paragraphs.iter().skip(from).position(is_it).map(|at| from + at);
            match at {
                Some(at) => {
                    self.paragraphs.remove(at);
                    from = at;
                }
                None => faults.push(self.no_sound(&sound.text, sound.span.start())),
            }
        }
        self.paragraphs.retain(|lines| !lines.words.is_empty());
        if faults.is_empty() { Ok(self) } else { Err(faults) }
    }

    fn no_sound(&self, text: &str, at: Ms) -> Diagnostic {
        let clock = at.clock();
        let line = self
            .paragraphs
            .iter()
            .find(|lines| !lines.is_named && lines.time.is_some_and(|time| time.clock() == clock));
        let message = format!("the line `[{clock}] {text}` is missing or was changed");
        Diagnostic::error("S-SOUND", line.map_or(0, |lines| lines.line), 1, message)
            .fix("put it back; `[[music]]` in `edits.toml` changes what it says")
    }

    /// A finding about the whole file.
    pub(super) fn whole(&self) -> Diagnostic {
        let line = self.paragraphs.first().map_or(0, |lines| lines.line);
        Diagnostic::error("S-LEFT", line, 1, "the changes of this file cannot be made")
            .fix("make them in smaller steps")
    }
}

fn unreadable(fault: &FormatError) -> Diagnostic {
    match fault {
        FormatError::Malformed { line, column, problem } => {
            Diagnostic::error("S-FORM", *line, *column, problem.clone())
                .fix("`linernotes text EPISODE` writes the text anew")
        }
        other => Diagnostic::error("S-FORM", 0, 0, other.to_string())
            .fix("`linernotes text EPISODE` writes the text anew"),
    }
}

/// A word without the mark of doubt.
fn undoubted(word: &str) -> String {
    word.replace(DOUBT, "")
}

/// What looks like a time before the words and is none.
fn broken_time(line: usize, raw: &str, text: &str) -> Option<Diagnostic> {
    let head: Vec<&str> = text.split_whitespace().take(4).collect();
    let looks_like_one = |word: &&&str| {
        let inner = word.trim_start_matches(['[', '(']);
        inner.len() < word.len()
            && inner.starts_with(|c: char| c.is_ascii_digit())
            && inner.contains(':')
    };
    let word = head.iter().find(looks_like_one)?;
    let column = raw.find(*word).map_or(1, |at| raw[..at].chars().count() + 1);
    let message = format!("`{word}` cannot be read as a time");
    Some(Diagnostic::error("S-TIME", line, column, message).fix("write it as `[00:01:02]`"))
}
