//! `show.toml`: what all episodes of a show have in common. People write it.

use serde::{Deserialize, Serialize};

use crate::library::episode::Person;

/// The show. Every field has a default, so an empty file is a valid show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Show {
    /// The show's name, as `The REWORK podcast`.
    pub name: String,
    /// One or two sentences under the name.
    pub tagline: String,
    /// What the show is about, for the feed; the tagline where it is empty.
    pub description: String,
    /// Where the site is published, as `https://example.com/podcast`; empty while it is not.
    pub base_url: String,
    /// Language as ISO 639-1; `en` where it is empty.
    pub language: String,
    /// The publisher's name, for the feed.
    pub author: String,
    /// The publisher's address, for the feed.
    pub email: String,
    /// The show's picture: a file beside `show.toml`, or an address.
    pub image: String,
    /// Category in Apple's list, for the feed.
    pub category: String,
    /// The feed's `podcast:guid`; made of the feed's address where it is empty.
    pub guid: String,
    /// Whether the show has strong language.
    pub explicit: bool,
    /// Whether a summary and chapters are drafted where nobody wrote any; they are where absent.
    pub drafts: Option<bool>,
    /// The heading over the transcript; `The Full Transcript:` where it is empty.
    pub transcript_heading: String,
    /// A line that sends readers to something.
    pub promo: Option<Promo>,
    /// The music under a stated title, as the show's theme.
    pub theme: Option<Music>,
    /// The hosts and others who are in most episodes.
    pub people: Vec<Person>,
    /// Spellings to keep to.
    pub glossary: Vec<Term>,
}

/// A line that sends readers to something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Promo {
    /// The text before the link.
    pub text: String,
    /// The link's text.
    pub link_text: String,
    /// The link's address.
    pub url: String,
}

/// A piece of music.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Music {
    /// Its title.
    pub title: String,
    /// Who plays it.
    pub artist: String,
}

/// A spelling to keep to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Term {
    /// The right spelling, as `Signal v. Noise`.
    pub term: String,
    /// How the recognizer may write it, as `signal versus noise`.
    pub heard_as: Vec<String>,
    /// An address that the term stands for, as for a spoken address.
    pub url: String,
}
