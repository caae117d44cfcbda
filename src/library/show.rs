//! `show.toml`: what all episodes of a show have in common. People write it.

use std::fmt;
use std::num::NonZeroUsize;

use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

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
    /// So many of the newest episodes stand in `feed.xml`, and as many on each of the pages that follow
    /// it; all in one where absent.
    pub feed_items: Option<NonZeroUsize>,
    /// Whether the show has strong language.
    pub explicit: bool,
    /// What becomes of a summary, chapters and credits that nobody wrote.
    pub drafts: Drafting,
    /// The heading over the transcript; `The Full Transcript:` where it is empty.
    pub transcript_heading: String,
    /// How quotes and apostrophes are printed; curly in English where nothing is said.
    pub typography: Option<Typography>,
    /// A line that sends readers to something.
    pub promo: Option<Promo>,
    /// Where people listen and subscribe.
    pub subscribe: Vec<Subscribe>,
    /// The music under a stated title, as the show's theme.
    pub theme: Option<Music>,
    /// The hosts and others who are in most episodes.
    pub people: Vec<Person>,
    /// Spellings to keep to.
    pub glossary: Vec<Term>,
}

/// What becomes of drafts of what nobody wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Drafting {
    /// They are the editor's, who takes or leaves them.
    #[default]
    Editor,
    /// They are published, marked as drafts.
    Publish,
    /// None are made.
    None,
}

impl<'de> Deserialize<'de> for Drafting {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Drafting, D::Error> {
        from.deserialize_any(DraftingVisitor)
    }
}

/// Reads one of the words; `false` is `"none"` and `true` is `"editor"`.
struct DraftingVisitor;

impl Visitor<'_> for DraftingVisitor {
    type Value = Drafting;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`\"editor\"`, `\"publish\"` or `\"none\"`")
    }

    fn visit_bool<E: de::Error>(self, wanted: bool) -> Result<Drafting, E> {
        Ok(if wanted { Drafting::Editor } else { Drafting::None })
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Drafting, E> {
        match word {
            "editor" => Ok(Drafting::Editor),
            "publish" => Ok(Drafting::Publish),
            "none" => Ok(Drafting::None),
            _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
        }
    }
}

/// How quotes and apostrophes are printed on the page, in the notes and on the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Typography {
    /// Straight ones become those of the language's printers.
    Curly,
    /// They stay as they are.
    AsWritten,
}

/// A place where people listen and subscribe.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Subscribe {
    /// What it is called, as `Apple Podcasts`.
    pub name: String,
    /// Its address.
    pub url: String,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::written::parse_toml;

    #[test]
    fn drafts_are_the_editors_unless_said_otherwise() {
        let read = |text: &str| parse_toml::<Show>(text).map(|show| show.drafts);
        for (text, wanted) in [
            ("", Drafting::Editor),
            ("drafts = \"editor\"", Drafting::Editor),
            ("drafts = \"publish\"", Drafting::Publish),
            ("drafts = \"none\"", Drafting::None),
            ("drafts = false", Drafting::None),
        ] {
            assert_eq!(read(text).unwrap(), wanted, "{text}");
        }
        let wrong = read("drafts = \"public\"").unwrap_err();
        assert!(wrong.contains("line 1") && wrong.contains("`\"publish\"`"), "{wrong}");
    }
}
