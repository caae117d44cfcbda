//! Conversation + a person's edits -> [`Edition`]: names for labels, corrected words, chapters.
//!
//! Empty edits change nothing; the machine's record is never altered.

mod anchor;
pub mod apply;
pub mod blocks;
mod clean;
pub mod edits;
pub mod faults;
pub mod naming;
mod replace;
pub mod revise;
mod stretch;
pub mod text;
mod times;
mod turns;
mod warning;

pub use apply::{EditContext, apply, cuts, given_away, unheard};
pub use revise::{revise, unheard_in_stated};
pub use times::{Passage, Times};
pub use warning::{EditWarning, Left, Outcome};

use serde::{Deserialize, Serialize};

use crate::speech::{Chapter, SpeakerLabel, SpeakerName, Word};
use crate::time::{Ms, Span};

/// What is published: everything that the page, the notes and the captions are made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edition {
    /// Language as ISO 639-1.
    pub language: String,
    /// How long the recording plays.
    pub duration: Ms,
    /// Paragraphs and sounds in the order in which they are printed.
    pub blocks: Vec<Block>,
    /// Chapters sorted by start.
    pub chapters: Vec<Chapter>,
    /// Stretches to share, sorted by start.
    pub soundbites: Vec<Soundbite>,
    /// Who speaks when, overlap included, for the files that want turns rather than words.
    pub turns: Vec<NamedTurn>,
}

/// A turn under a person's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NamedTurn {
    /// When.
    pub span: Span,
    /// Who.
    pub speaker: SpeakerName,
}

impl Edition {
    /// The paragraphs in order, sounds left out.
    pub fn paragraphs(&self) -> impl Iterator<Item = &Paragraph> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Paragraph(paragraph) => Some(paragraph),
            Block::Sound(_) => None,
        })
    }
}

/// A unit of the transcript that stands on its own line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// Something that somebody says.
    Paragraph(Paragraph),
    /// Music or another sound, on its own line.
    Sound(Sound),
}

/// A paragraph of a turn. Neighbouring paragraphs of one speaker make a turn; the name is printed
/// at the turn's first paragraph only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paragraph {
    /// From the first word to the last.
    pub span: Span,
    /// Who speaks; `None` where nobody could be named.
    pub speaker: Option<SpeakerName>,
    /// The machine's label, where the speaker came from one.
    pub label: Option<SpeakerLabel>,
    /// The words in order; never empty.
    pub words: Vec<EditedWord>,
    /// Set where the paragraph is read aloud from somewhere.
    pub quotation: Option<Quotation>,
    /// How far a person has gone over it.
    pub status: Status,
}

impl Paragraph {
    /// The words that are printed; those that may have been invented are not.
    pub fn printed(&self) -> impl Iterator<Item = Printed<'_>> {
        let mut follows_gap = true;
        self.words.iter().filter_map(move |edited| {
            if edited.word.suspect.is_some() {
                follows_gap = true;
                return None;
            }
            let glued = edited.word.glued && !follows_gap;
            follows_gap = false;
            Some(Printed {
                word: &edited.word,
                speaker_confidence: edited.speaker_confidence,
                glued,
            })
        })
    }

    /// Whether there is a word to print.
    pub fn is_printed(&self) -> bool {
        self.printed().next().is_some()
    }

    /// The printed words as running text.
    pub fn text(&self) -> String {
        running(self.printed())
    }
}

/// Printed words as running text, on one line.
pub fn running<'a>(words: impl IntoIterator<Item = Printed<'a>>) -> String {
    let mut text = String::new();
    for Printed { word, glued, .. } in words {
        for (index, part) in word.text.split_whitespace().enumerate() {
            if !(text.is_empty() || glued && index == 0) {
                text.push(' ');
            }
            text.push_str(part);
        }
    }
    text
}

/// A word as it stands in print.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Printed<'a> {
    /// The word.
    pub word: &'a Word,
    /// How sure the speaker is, 0 to 1.
    pub speaker_confidence: f32,
    /// Whether no space stands between it and the printed word before it.
    pub glued: bool,
}

/// A word of the edition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EditedWord {
    /// The word as it is printed.
    pub word: Word,
    /// How sure the speaker is, 0 to 1; 1 where a person said so.
    pub speaker_confidence: f32,
}

/// How far a person has gone over a paragraph.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As the machine wrote it.
    #[default]
    Machine,
    /// A person changed something.
    Edited,
    /// A person listened to it and agreed.
    Checked,
}

/// A passage read aloud.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quotation {
    /// Who wrote it.
    pub author: Option<String>,
    /// Where it stands.
    pub source: Option<String>,
    /// The address of the source.
    pub url: Option<String>,
}

/// Music or another sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sound {
    /// When it sounds.
    pub span: Span,
    /// What is printed, as `Broken By Design by Clip Art plays.`
    pub text: String,
}

/// A stretch of 15 to 120 seconds to share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Soundbite {
    /// When.
    pub span: Span,
    /// Its title, at most 128 characters.
    pub title: String,
}
