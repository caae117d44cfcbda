//! What was said in a show: every printed word of every episode, with its time, its speaker, how
//! sure both are, and whether a person has checked it.
//!
//! [`SpokenIndex`] keeps it in one file beside the show. The file is derived: episodes that changed
//! are read again, and it may be deleted at any time.

mod gather;
mod index;
mod store;
mod tokens;

use serde::{Deserialize, Serialize};

use crate::edit::Status;
use crate::time::{Ms, Span};

pub use gather::gather;
pub use index::{Known, Place, SpokenError, SpokenIndex, SpokenWarning};
pub use tokens::{Token, tokens};
pub(crate) use tokens::{hash, is_filler, is_unspaced};

/// What an episode is called and where it is found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The name of its folder.
    pub name: String,
    /// The title, or the folder's name where there is none.
    pub title: String,
    /// The show's name; may be empty.
    pub show: String,
    /// The number, where the show counts.
    pub number: Option<u32>,
    /// The day as `episode.toml` has it.
    pub date: String,
    /// Language as ISO 639-1.
    pub language: String,
    /// The address of its page, where the show says where it is published.
    pub page: Option<String>,
}

/// Somebody who speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speaker {
    /// The name in the transcript's line.
    pub name: String,
    /// The full name; the name in the line where there is no other.
    pub full_name: String,
    /// Role and title, as `guest, sailmaker`.
    pub about: Option<String>,
}

/// What was said in one episode.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SpokenEpisode {
    /// What it is called.
    pub facts: Facts,
    /// Who speaks.
    pub speakers: Vec<Speaker>,
    /// The paragraphs in order.
    pub paragraphs: Vec<SpokenParagraph>,
    /// The printed words in order.
    pub words: Vec<SpokenWord>,
    /// What a person cut out of the transcript.
    pub cuts: Vec<Span>,
    /// The titles of its chapters.
    pub chapters: Vec<String>,
}

/// A paragraph: one speaker's words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpokenParagraph {
    /// The speaker's place in [`SpokenEpisode::speakers`]; `None` where nobody could be named.
    pub speaker: Option<usize>,
    /// Who wrote it, where it is read aloud from somewhere.
    pub author: Option<String>,
    /// How far a person has gone over it.
    pub status: Status,
}

/// A printed word.
#[derive(Debug, Clone, PartialEq)]
pub struct SpokenWord {
    /// The word with its punctuation.
    pub text: String,
    /// Whether no space stands before it.
    pub glued: bool,
    /// When.
    pub span: Span,
    /// How sure the word is, 0 to 1.
    pub probability: f32,
    /// How sure the speaker is, 0 to 1.
    pub speaker_confidence: f32,
    /// Its paragraph's place in [`SpokenEpisode::paragraphs`].
    pub paragraph: usize,
    /// Whether a sentence ends with it.
    pub ends_sentence: bool,
    /// Whether it is a filler, a false start or a repetition.
    pub is_disfluency: bool,
}

impl SpokenEpisode {
    /// The words from `first` to `last`, as they are printed.
    pub fn text(&self, first: usize, last: usize) -> String {
        let mut text = String::new();
        for word in self.words.get(first..=last).unwrap_or_default() {
            if !text.is_empty() && !word.glued {
                text.push(' ');
            }
            text.push_str(&word.text);
        }
        text
    }

    /// From the first word's start to the last one's end.
    pub fn span(&self, first: usize, last: usize) -> Option<Span> {
        let (first, last) = (self.words.get(first)?, self.words.get(last)?);
        Some(Span::at_least_1ms(first.span.start(), last.span.end()))
    }

    /// The paragraph of a word.
    pub fn paragraph(&self, word: usize) -> Option<&SpokenParagraph> {
        self.paragraphs.get(self.words.get(word)?.paragraph)
    }

    /// Who says a word.
    pub fn speaker(&self, word: usize) -> Option<&Speaker> {
        self.speakers.get(self.paragraph(word)?.speaker?)
    }

    /// The first and the last word of the sentence in which a word stands.
    pub fn sentence(&self, word: usize) -> (usize, usize) {
        let ends = |at: usize| self.words.get(at).is_none_or(|word| word.ends_sentence);
        let first = (0..word).rev().find(|at| ends(*at)).map_or(0, |before| before + 1);
        let last = (word..self.words.len()).find(|at| ends(*at)).unwrap_or(word);
        (first, last)
    }

    /// The stretches that a person cut out between two words.
    pub fn cuts_between(&self, first: usize, last: usize) -> impl Iterator<Item = Span> {
        let span = self.span(first, last);
        self.cuts.iter().copied().filter(move |cut| {
            span.is_some_and(|span| span.start() < cut.end() && cut.start() < span.end())
        })
    }

    /// The address of a stretch of the episode, as the page understands it.
    pub fn link(&self, span: Span) -> Option<String> {
        let page = self.facts.page.as_ref()?;
        Some(format!("{page}#t={},{}", moment(span.start()), moment(span.end())))
    }
}

/// A time as the page's addresses have it: `00:18:39`, `00:18:39.25`.
fn moment(time: Ms) -> String {
    match time.get().max(0) % 1000 / 10 {
        0 => time.clock(),
        hundredths => format!("{}.{hundredths:02}", time.clock()),
    }
}
