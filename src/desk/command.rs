//! What a person can ask of the desk, as the page sends it, and which corrections that is.

use serde::Deserialize;

use crate::edit::edits::{ChapterEdit, Cut, Edits, QuotationEdit, SoundbiteEdit, TimeText};
use crate::edit::text::{Spot, Stroke, checked_of, stretch_of};
use crate::edit::{Edition, Paragraph};
use crate::time::Ms;

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// The text is changed.
    Stroke(Stroke),
    /// A paragraph was listened to and is right, or that is taken back.
    Check(usize, bool),
    /// The words from one to another are read aloud from somewhere.
    Quotation(Spot, Spot, Source),
    /// The words from one to another are to be shared under a title.
    Soundbite(Spot, Spot, String),
    /// The chapters, all of them: when each begins, in milliseconds, and its title.
    Chapters(Vec<(i64, String)>),
    /// Drafts of a kind are not wanted, or are again.
    Dismiss(String, bool),
    /// The last change is taken back.
    Undo,
    /// It is made again.
    Redo,
}

/// Where a quotation comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Source {
    author: String,
    source: String,
    url: String,
}

/// What a command is made of, where it is no stroke.
const GONE: &str = "the text is another one now: do it again";
/// The shortest and the longest stretch that apps share, in milliseconds.
const SHARED: std::ops::RangeInclusive<i64> = 15_000..=120_000;

/// The corrections that a command adds, beside those of strokes.
pub(super) fn corrections(edition: &Edition, command: &Command) -> Result<Edits, String> {
    let mut made = Edits::default();
    match command {
        Command::Check(nth, true) => {
            made.checked.push(checked_of(edition, *nth).ok_or(GONE)?);
        }
        Command::Quotation(from, to, source) => {
            let Cut { at, from, to, from_words, to_words } =
                stretch_of(edition, *from, *to).ok_or(GONE)?;
            let Source { author, source, url } = source.clone();
            made.quotation.push(QuotationEdit {
                at,
                from,
                to,
                from_words,
                to_words,
                author,
                source,
                url,
            });
        }
        Command::Soundbite(from, to, title) => {
            let Cut { at, from, to, from_words, to_words } =
                stretch_of(edition, *from, *to).ok_or(GONE)?;
            let long = match (from, to) {
                (Some(from), Some(to)) => (to.0 - from.0).get(),
                _ => 0,
            };
            if !SHARED.contains(&long) {
                let seconds = (long + 500) / 1_000;
                return Err(format!(
                    "a stretch to share has 15 to 120 seconds, and this one has {seconds}: select more, \
                     or less"
                ));
            }
            let title = title.trim().to_owned();
            made.soundbite.push(SoundbiteEdit { at, from, to, from_words, to_words, title });
        }
        Command::Chapters(chapters) => {
            for (start, title) in chapters {
                let start = Ms::stated_offset(*start).map_err(|fault| fault.to_string())?;
                let title = title.trim().to_owned();
                made.chapter.push(ChapterEdit {
                    start: Some(TimeText(start)),
                    title,
                    url: String::new(),
                });
            }
        }
        _ => {}
    }
    Ok(made)
}

/// What a command does, for a person to read when it is to be taken back.
pub(super) fn told(command: &Command, edition: &Edition) -> String {
    let at = |nth: usize| {
        let paragraph = edition.paragraphs().filter(|one| one.is_printed()).nth(nth);
        paragraph
            .map_or_else(String::new, |one: &Paragraph| format!(" at {}", one.span.start().clock()))
    };
    match command {
        Command::Stroke(Stroke::Retype(nth, _)) => format!("words{}", at(*nth)),
        Command::Stroke(Stroke::Split(spot)) => format!("a paragraph begun{}", at(spot.0)),
        Command::Stroke(Stroke::Join(nth)) => format!("a paragraph joined{}", at(*nth)),
        Command::Stroke(Stroke::Give(from, _, name)) => {
            format!("words given to {name}{}", at(from.0))
        }
        Command::Stroke(Stroke::Name(nth, name, _)) => format!("the name {name}{}", at(*nth)),
        Command::Stroke(Stroke::Edge(nth, _)) => format!("the edge of a turn{}", at(*nth)),
        Command::Stroke(Stroke::Cut(from, _)) => format!("a cut{}", at(from.0)),
        Command::Check(nth, true) => format!("checked by ear{}", at(*nth)),
        Command::Check(nth, false) => format!("no longer checked{}", at(*nth)),
        Command::Quotation(from, ..) => format!("a quotation{}", at(from.0)),
        Command::Soundbite(from, ..) => format!("a stretch to share{}", at(from.0)),
        Command::Chapters(_) => "the chapters".to_owned(),
        Command::Dismiss(..) | Command::Undo | Command::Redo => String::new(),
    }
}

/// The printed paragraphs that a command is about, from one to another.
pub(super) fn about(command: &Command) -> Option<(usize, usize)> {
    match command {
        Command::Stroke(stroke) => Some(match stroke {
            Stroke::Retype(nth, _) | Stroke::Name(nth, ..) => (*nth, *nth),
            Stroke::Split(spot) => (spot.0, spot.0),
            Stroke::Join(nth) | Stroke::Edge(nth, _) => (nth.saturating_sub(1), *nth),
            Stroke::Give(from, to, _) | Stroke::Cut(from, to) => (from.0, to.0),
        }),
        Command::Check(nth, _) => Some((*nth, *nth)),
        Command::Quotation(from, to, _) | Command::Soundbite(from, to, _) => Some((from.0, to.0)),
        Command::Chapters(_) | Command::Dismiss(..) | Command::Undo | Command::Redo => None,
    }
}
