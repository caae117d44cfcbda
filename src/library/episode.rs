//! `episode.toml`: one episode's own facts. People write it; the machine creates it once from the
//! file's tags.

use serde::{Deserialize, Serialize};

use crate::library::show::{Music, Term};

/// An episode. Every field has a default, so an empty file is valid.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Episode {
    /// The audio file, relative to the episode's folder or absolute.
    pub audio: String,
    /// The title; straight and curly quotes are kept as they are.
    pub title: String,
    /// The number, where the show counts.
    pub number: Option<u32>,
    /// What kind of episode it is.
    pub kind: Kind,
    /// The day it is published, as `2018-05-15`.
    pub date: String,
    /// What it is about: a few sentences, Markdown.
    pub summary: String,
    /// Language as ISO 639-1; the show's, else the detected one, where it is empty.
    pub language: String,
    /// Whether this episode has strong language; the show's setting where absent.
    pub explicit: Option<bool>,
    /// Who speaks in it, beside the show's people.
    pub people: Vec<Person>,
    /// Links for the notes.
    pub links: Vec<Link>,
    /// Chapters; the file's own where there are none here.
    pub chapters: Vec<ChapterEntry>,
    /// The music in it, in the order in which it plays.
    pub music: Vec<Music>,
    /// Spellings to keep to, beside the show's.
    pub glossary: Vec<Term>,
    /// The episode's picture: a file in its folder, or an address.
    pub image: String,
    /// Where the audio is published, for the feed.
    pub audio_url: String,
    /// A stable identity for the feed; made from the folder's name where it is empty.
    pub guid: String,
}

/// What kind of episode it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An ordinary episode.
    #[default]
    Full,
    /// Something beside the ordinary run.
    Bonus,
    /// An announcement.
    Trailer,
}

/// Somebody in the show or the episode.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    /// The full name, as `Shaun Hildner`.
    pub name: String,
    /// The name in the transcript's line; the first word of the full name where it is empty.
    pub short: String,
    /// The part played, as `host` or `guest`; `host` in a show, `guest` in an episode where empty.
    pub role: String,
    /// What else to say of the person, as `programming lead at Basecamp`.
    pub title: String,
    /// The person's page.
    pub url: String,
    /// The person's picture.
    pub image: String,
}

impl Person {
    /// The name in the transcript's line.
    pub fn short_name(&self) -> &str {
        if self.short.is_empty() {
            self.name.split_whitespace().next().unwrap_or(&self.name)
        } else {
            &self.short
        }
    }
}

/// A link in the notes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Link {
    /// What is read.
    pub text: String,
    /// Where it leads.
    pub url: String,
}

/// A chapter as a person writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChapterEntry {
    /// Where it begins, as `00:02:01` or `00:02:01.500`.
    pub start: String,
    /// Its title.
    pub title: String,
    /// A page that belongs to it.
    pub url: String,
}
