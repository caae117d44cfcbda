//! An episode as the site sees it before its edition is read.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::edit::Edition;
use crate::library::episode::{Episode, Person};
use crate::library::show::Show;
use crate::library::stated::Stated;
use crate::render::page::{self, DateView};
use crate::render::words::Words;
use crate::render::{Templates, markup};

/// An episode with what is published of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The name of its folder, which is its folder on the site too.
    pub name: String,
    /// What `episode.toml` says.
    pub episode: Episode,
    /// Those who speak in it and whom the show knows by their voices.
    pub known: Vec<Person>,
    /// The names of the files in its `out/`.
    pub files: BTreeSet<String>,
    /// The audio among them.
    pub audio: Option<AudioFile>,
    /// The picture among them that no other episode has; else an address of one; else empty.
    pub picture: String,
}

/// A file of sound that is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioFile {
    /// Its name in `out/`, as `audio.mp3`.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
}

impl Entry {
    /// What people wrote about it.
    pub(super) fn stated<'a>(&'a self, show: &'a Show) -> Stated<'a> {
        Stated { show, episode: &self.episode, known: &self.known, folder: &self.name }
    }

    /// The title, or the name of what it is made of where there is none.
    pub(super) fn title(&self) -> Cow<'_, str> {
        self.episode.title_or_name(&self.name)
    }

    pub(super) fn kind(&self, words: &Words) -> Option<String> {
        page::kind(&self.episode, words)
    }

    pub(super) fn date(&self, words: &Words) -> Option<DateView> {
        page::date(&self.episode.date, words)
    }

    /// The day as machines write it, where it is stated and is one.
    pub(super) fn day(&self) -> Option<String> {
        page::day(&self.episode.date).map(|day| day.to_string())
    }

    /// The words of the episode's page.
    pub(super) fn words<'t>(
        &self,
        show: &Show,
        edition: &Edition,
        templates: &'t Templates,
    ) -> &'t Words {
        let language =
            page::first_language([&edition.language, &self.episode.language, &show.language]);
        templates.words([language, &show.language])
    }

    /// The episode's own picture, seen from the episode's `folder`.
    pub(super) fn picture(&self, folder: &str) -> Option<String> {
        let picture = markup::resource(&self.picture)?;
        let is_address = picture.contains("://");
        Some(if is_address { picture.to_owned() } else { format!("{folder}{picture}") })
    }
}

/// Sorts episodes by day, the oldest first, then by number and name. Those without a day are before all
/// others, so that none stands among the newest.
pub(super) fn order(entry: &Entry) -> (bool, Option<String>, Option<u32>, String) {
    let day = entry.day();
    (day.is_some(), day, entry.episode.number, entry.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_first_and_those_without_a_day_are_never_the_newest() {
        let entry = |name: &str, date: &str, number: Option<u32>| Entry {
            name: name.to_owned(),
            episode: Episode { date: date.to_owned(), number, ..Episode::default() },
            ..Entry::default()
        };
        let mut entries = [
            entry("draft", "", Some(1)),
            entry("b", "2024-05-01", Some(10)),
            entry("a", "2024-05-01", Some(9)),
            entry("z", "2019-12-31", None),
            entry("soon", "in spring", None),
        ];
        entries.sort_by_key(order);
        assert_eq!(entries.map(|entry| entry.name), ["soon", "draft", "z", "a", "b"]);
    }
}
