//! Transcripts that others made become episodes: any known format -> [`Imported`] -> [`Edition`].
//!
//! Comes in: the bytes of a transcript. Goes out: paragraphs with the text as it was found, what is
//! known about the page around them, and findings with line, column and a suggestion. No word is
//! altered and nothing is lost: [`Imported::as_found`] gives the bytes back.

pub mod align;
mod doubts;
mod edition;
mod front_matter;
mod gather;
mod kind;
mod page;
mod people;
mod places;
mod rework;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::edit::Quotation;
use crate::formats::source::{Encoding, SourceText};
use crate::formats::webvtt::decode_entities;
use crate::formats::{
    self, Diagnostic, FormatError, Passage, ass, changelog, dote, labelled, lrc, microdvd,
    podcast_html, podcast_json, podlove, recognizers, srt, table, ttml, webvtt,
};
use crate::library::episode::{Episode, Person};
use crate::library::show::{Promo, Show};
use crate::time::Ms;

pub use front_matter::FrontMatter;
use front_matter::Parted;
pub use kind::{Kind, detect};

/// Why a transcript cannot be imported.
#[derive(Debug, thiserror::Error)]
#[error("cannot import `{}`: {cause}", path.display())]
pub struct ImportError {
    /// The transcript.
    pub path: PathBuf,
    /// What is wrong with it, and where.
    pub cause: FormatError,
}

impl ImportError {
    /// What to do next.
    pub fn hint(&self) -> String {
        self.cause.hint()
    }
}

/// A transcript as it was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Imported {
    /// The format it was written in.
    pub kind: Kind,
    /// How its characters were stored.
    pub encoding: Encoding,
    /// The whole text as found.
    pub source: String,
    /// What the front matter says, where there is one.
    pub about: FrontMatter,
    /// What stands above the transcript.
    pub head: Head,
    /// Who speaks, with full names where the text tells them.
    pub people: Vec<Person>,
    /// The transcript.
    pub paragraphs: Vec<ImportedParagraph>,
}

/// What stands above a transcript; empty where it was not there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The show's name.
    pub show: String,
    /// The show's tagline.
    pub tagline: String,
    /// The episode's title.
    pub title: String,
    /// The line that sends readers to something.
    pub promo: String,
    /// The summary; paragraphs are separated by an empty line, links are Markdown.
    pub summary: String,
    /// The heading over the transcript.
    pub heading: String,
}

/// A paragraph of an imported transcript.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportedParagraph {
    /// The line on which it was found, counted from 1; 0 where the format has no lines.
    pub line: usize,
    /// The paragraph as found, prefix included; empty where it was put together from cues.
    pub raw: String,
    /// Who speaks, also where the name was carried on; `None` where nobody is named.
    pub speaker: Option<String>,
    /// Whether it is music or another sound.
    pub is_sound: bool,
    /// Set where it is read aloud from somewhere.
    pub quotation: Option<Quotation>,
    /// The text in pieces that have times of their own; never empty.
    pub pieces: Vec<Piece>,
}

/// A stretch of text, as small as the format has times for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    /// When it begins, as stated.
    pub start: Option<Ms>,
    /// When it ends, as stated.
    pub end: Option<Ms>,
    /// The text on one line.
    pub text: String,
}

impl ImportedParagraph {
    /// The text of all pieces.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.pieces.iter().map(|piece| piece.text.as_str()).collect();
        texts.join(" ")
    }

    /// The stated time of the first piece.
    pub fn start(&self) -> Option<Ms> {
        self.pieces.first().and_then(|piece| piece.start)
    }
}

/// Reads a transcript of any known format. `file_name` helps to tell the format.
///
/// # Errors
/// If the bytes are no transcript of a known format; the error names line and column.
pub fn import(bytes: &[u8], file_name: &str) -> Result<(Imported, Vec<Diagnostic>), FormatError> {
    let source = SourceText::decode(bytes)?;
    if let Some(line) = kind::feed_line(&source.text) {
        let problem = "this is a feed, not a transcript; import the file to which one of its \
                       `podcast:transcript` tags leads"
            .to_owned();
        return Err(FormatError::Malformed { line, column: 1, problem });
    }
    let parted = front_matter::part(&source.text);
    if let Some(problem) = kind::refused(parted.text) {
        return Err(FormatError::Malformed { line: 1 + parted.lines, column: 1, problem });
    }
    let kind = detect(parted.text, file_name);
    import_as(&source, &parted, kind).map_err(|fault| match fault {
        FormatError::Malformed { line, column, problem } => {
            FormatError::Malformed { line: line + parted.lines, column, problem }
        }
        other => other,
    })
}

/// Reads what stands below the front matter.
fn import_as(
    source: &SourceText,
    parted: &Parted<'_>,
    kind: Kind,
) -> Result<(Imported, Vec<Diagnostic>), FormatError> {
    let text = parted.text;
    let (head, mut paragraphs, mut found) = read(text, kind)?;
    if paragraphs.is_empty() {
        let problem = "no transcript was found in it".to_owned();
        return Err(FormatError::Malformed { line: 1, column: 1, problem });
    }
    found.extend(doubtful(&paragraphs, kind, text));
    for finding in &mut found {
        finding.line += if finding.line > 0 { parted.lines } else { 0 };
    }
    for paragraph in &mut paragraphs {
        paragraph.line += if paragraph.line > 0 { parted.lines } else { 0 };
    }
    found.extend(parted.found.iter().cloned());
    found.extend(source.diagnostics());
    let found = formats::settled(found);
    let people = people::with_stated(people::find(&paragraphs, &head), &parted.about.people);
    let imported = Imported {
        kind,
        encoding: source.encoding,
        source: source.text.clone(),
        about: parted.about.clone(),
        head,
        people,
        paragraphs,
    };
    Ok((imported, found))
}

/// The words of what may be HTML, paragraph by paragraph, with their links as Markdown.
pub(crate) fn plain_of_html(text: &str) -> String {
    let opens_tag = |(at, _): (usize, &str)| {
        text.get(at + 1..)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/'))
    };
    if text.match_indices('<').any(opens_tag) { page::to_text(text) } else { decode_entities(text) }
}

type Read = (Head, Vec<ImportedParagraph>, Vec<Diagnostic>);

fn read(text: &str, kind: Kind) -> Result<Read, FormatError> {
    Ok(match kind {
        Kind::Rework => rework::read(text)?,
        Kind::Page => {
            let plain = page::to_text(text);
            let (head, paragraphs, found) = rework::read(&plain)?;
            let lines =
                paragraphs.into_iter().map(|p| ImportedParagraph { raw: String::new(), ..p });
            (head, lines.collect(), places::in_source(found, &plain, text))
        }
        Kind::WebVtt => {
            let (file, found) = webvtt::parse(text)?;
            captions(file.passages(), found)
        }
        Kind::Srt => {
            let (file, found) = srt::parse(text)?;
            captions(file.passages(), found)
        }
        Kind::PodcastJson => {
            let (file, found) = podcast_json::parse(text)?;
            gathered((file.passages(), found))
        }
        Kind::PodcastHtml => {
            let (file, found) = podcast_html::parse(text)?;
            as_they_are((file.passages(), found))
        }
        Kind::RecognizerJson => gathered(recognizers::parse(text)?),
        Kind::PodloveJson => gathered(podlove::parse_json(text)?),
        Kind::PodloveXml => gathered(podlove::parse_xml(text)?),
        Kind::Dote => gathered(dote::parse(text)?),
        Kind::Ttml => gathered(ttml::parse(text)?),
        Kind::Ass => gathered(ass::parse(text)?),
        Kind::Lrc => gathered(lrc::parse(text)?),
        Kind::MicroDvd => gathered(microdvd::parse(text)?),
        Kind::Table => gathered(table::parse(text)?),
        Kind::Changelog => titled(text, as_they_are(changelog::parse(text)?)),
        Kind::Labelled => {
            let (passages, found) = labelled::parse(text)?;
            let timed = passages.iter().filter(|passage| passage.end.is_some()).count();
            // What has ends is captions, whatever it looks like.
            let is_captions = timed * 2 > passages.len();
            let read = (passages, found);
            titled(text, if is_captions { gathered(read) } else { as_they_are(read) })
        }
    })
}

fn captions((passages, more): (Vec<Passage>, Vec<Diagnostic>), found: Vec<Diagnostic>) -> Read {
    gathered((passages, found.into_iter().chain(more).collect()))
}

/// The same with the heading of the first order above the text, which Markdown has for a title.
fn titled(text: &str, (head, paragraphs, found): Read) -> Read {
    let first = text.lines().find(|line| !line.trim().is_empty());
    let title = first.and_then(|line| line.strip_prefix("# ")).map(changelog::plain);
    (Head { title: title.unwrap_or_default(), ..head }, paragraphs, found)
}

fn gathered((passages, found): (Vec<Passage>, Vec<Diagnostic>)) -> Read {
    (Head::default(), gather::paragraphs(passages), found)
}

fn as_they_are((passages, found): (Vec<Passage>, Vec<Diagnostic>)) -> Read {
    (Head::default(), gather::as_they_are(passages), found)
}

/// The doubtful places of the paragraphs, with their lines and columns in the file.
fn doubtful(paragraphs: &[ImportedParagraph], kind: Kind, source: &str) -> Vec<Diagnostic> {
    if kind == Kind::Rework {
        return doubts::find(paragraphs);
    }
    // In other formats a paragraph is no line of the file.
    let numbered: Vec<ImportedParagraph> = paragraphs
        .iter()
        .zip(1..)
        .map(|(paragraph, line)| ImportedParagraph { line, ..paragraph.clone() })
        .collect();
    let found = doubts::find(&numbered);
    let lines: Vec<String> = numbered.iter().map(ImportedParagraph::text).collect();
    places::in_source(found, &lines.join("\n"), source)
}

impl Imported {
    /// The file as it was found, byte for byte; of a Word document its text alone.
    pub fn as_found(&self) -> Vec<u8> {
        SourceText { text: self.source.clone(), encoding: self.encoding }.encode()
    }

    /// The show, as far as the head tells it.
    pub fn show(&self) -> Show {
        let promo = Some(self.head.promo.clone()).filter(|text| !text.is_empty());
        Show {
            name: self.head.show.clone(),
            tagline: self.head.tagline.clone(),
            transcript_heading: self.head.heading.clone(),
            promo: promo.map(|text| Promo { text, ..Promo::default() }),
            ..Show::default()
        }
    }

    /// The episode, as far as the file tells it.
    pub fn episode(&self) -> Episode {
        let stated = |stated: &str, head: &str| {
            if stated.is_empty() { head.to_owned() } else { stated.to_owned() }
        };
        Episode {
            title: stated(&self.about.title, &self.head.title),
            summary: stated(&self.about.summary, &self.head.summary),
            date: self.about.date.clone(),
            number: self.about.number,
            language: self.about.language.clone(),
            people: self.people.clone(),
            ..Episode::default()
        }
    }

    /// Where the house form differs from what was found: for each line that differs, the line's
    /// number, what was found and what is written. White space at the end of the file is no
    /// difference.
    pub fn changes(&self, house: &str) -> Vec<Change> {
        let before: Vec<&str> = self.source.trim_end().lines().collect();
        let after: Vec<&str> = house.trim_end().lines().collect();
        let mut changes = Vec::new();
        for operation in similar::capture_diff_slices(similar::Algorithm::Myers, &before, &after) {
            let (tag, old, new) = operation.as_tag_tuple();
            if tag == similar::DiffTag::Equal {
                continue;
            }
            for index in 0..old.len().max(new.len()) {
                let found = before.get(old.start + index).filter(|_| index < old.len());
                let written = after.get(new.start + index).filter(|_| index < new.len());
                changes.push(Change {
                    line: old.start + index.min(old.len().saturating_sub(1)) + 1,
                    found: found.map_or_else(String::new, ToString::to_string),
                    written: written.map_or_else(String::new, ToString::to_string),
                });
            }
        }
        changes
    }
}

/// A line that the house form writes otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The line in the file as found, counted from 1.
    pub line: usize,
    /// The line as found; empty where one was put in.
    pub found: String,
    /// The line as it is written; empty where one was left out.
    pub written: String,
}
