//! Who is in which episode, how long, and what they say there.

use std::collections::BTreeMap;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

use crate::edit::{Paragraph, running};
use crate::render::talk::Cast;
use crate::render::words::Words;
use crate::render::{Context, markup, page};
use crate::site::card::Head;
use crate::time::Ms;

/// How many passages of a person are shown for each episode.
const SAYINGS: usize = 2;

/// For how many of a person's newest episodes they are shown, which keeps the page of somebody who is
/// in all of five hundred below 300 kB.
const EPISODES_WITH_SAYINGS: usize = 50;

/// How many words are shown of a passage.
const SAYING_WORDS: usize = 36;

/// Everybody with a name, by that name.
#[derive(Debug, Default)]
pub(super) struct People {
    by_name: BTreeMap<String, Person>,
}

#[derive(Debug, Default)]
struct Person {
    url: Option<String>,
    talk: Ms,
    appearances: Vec<Appearance>,
}

/// One person in one episode.
#[derive(Debug, Clone, Serialize)]
struct Appearance {
    episode: Head,
    /// `guest, programming lead`.
    about: Option<String>,
    /// How long the person speaks, as `12 min`; absent where the transcript does not have them.
    talk: Option<String>,
    /// The person's part of everybody's talk, as `12 %`.
    share: String,
    sayings: Vec<Saying>,
}

/// A passage, with a link to it in the episode's page.
#[derive(Debug, Clone, Serialize)]
struct Saying {
    anchor: String,
    clock: String,
    text: String,
}

/// A person as the list of people shows one.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PersonLine {
    pub(super) name: String,
    /// The folder of the person's page.
    pub(super) folder: String,
    /// The same, as an address.
    href: String,
    /// `12 episodes, 4 h 5 min of talk`.
    pub(super) told: String,
    /// What the person is, in the newest episode that says so.
    pub(super) about: Option<String>,
}

/// A person as the page of one shows it.
#[derive(Debug, Serialize)]
pub(super) struct PersonPage {
    pub(super) line: PersonLine,
    url: Option<String>,
    /// The name as the search page's address takes it.
    query: String,
    /// The newest episode first.
    appearances: Vec<Appearance>,
}

/// Somebody on an episode's card.
#[derive(Debug, Clone, Serialize)]
pub(super) struct OnCard {
    pub(super) name: String,
    pub(super) folder: String,
}

impl People {
    /// Adds an episode's people and returns them: those who speak, and those whom `episode.toml`
    /// lists.
    pub(super) fn add(
        &mut self,
        context: &Context<'_>,
        head: &Head,
        cast: &Cast,
        words: &Words,
    ) -> Vec<String> {
        let known = page::people(context.stated, words);
        let mut names = Vec::new();
        for (index, speaker) in cast.speakers.iter().enumerate() {
            if speaker.nameless {
                continue;
            }
            let listed = known.iter().find(|person| person.name == speaker.full_name);
            let paragraphs = context.edition.paragraphs().filter(|paragraph| {
                paragraph.is_printed() && cast.index_of(paragraph.speaker.as_ref()) == index
            });
            let appearance = Appearance {
                episode: head.clone(),
                about: listed.and_then(|person| person.about.clone()).or(speaker.about.clone()),
                talk: Some(words.fill("site.talk", &[("time", &speaker.talk)])),
                share: speaker.share.clone(),
                sayings: sayings(paragraphs.collect()),
            };
            self.put(&speaker.full_name, speaker.url.clone(), speaker.talk_ms, appearance);
            names.push(speaker.full_name.clone());
        }
        for person in &context.stated.episode.people {
            let name = person.name.trim();
            let Some(listed) = known.iter().find(|known| known.name == person.name) else {
                continue;
            };
            if name.is_empty() || names.iter().any(|known| known == name) {
                continue;
            }
            let appearance = Appearance {
                episode: head.clone(),
                about: listed.about.clone(),
                talk: None,
                share: String::new(),
                sayings: Vec::new(),
            };
            self.put(name, listed.url.clone(), 0, appearance);
            names.push(name.to_owned());
        }
        names
    }

    fn put(&mut self, name: &str, url: Option<String>, talk_ms: i64, appearance: Appearance) {
        let person = self.by_name.entry(name.to_owned()).or_default();
        person.url = url.filter(|url| markup::link(url).is_some()).or(person.url.take());
        person.talk = person.talk + Ms::new(talk_ms);
        person.appearances.push(appearance);
    }

    /// The folder of each person's page, by name.
    pub(super) fn folders(&self) -> BTreeMap<String, String> {
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        let mut folders = BTreeMap::new();
        for name in self.by_name.keys() {
            let folder = folder(name);
            let times = taken.entry(folder.clone()).or_default();
            *times += 1;
            let folder = if *times == 1 { folder } else { format!("{folder}-{times}") };
            folders.insert(name.clone(), folder);
        }
        folders
    }

    /// Everybody's page, sorted by name.
    pub(super) fn pages(&self, words: &Words) -> Vec<PersonPage> {
        let folders = self.folders();
        let page = |(name, person): (&String, &Person)| PersonPage {
            query: markup::file_href(name),
            line: PersonLine {
                name: name.clone(),
                folder: folders.get(name).cloned().unwrap_or_default(),
                href: folders.get(name).map(|f| markup::file_href(f)).unwrap_or_default(),
                told: told(person, words),
                about: person.appearances.iter().rev().find_map(|one| one.about.clone()),
            },
            url: person.url.clone(),
            appearances: newest_first(&person.appearances),
        };
        self.by_name.iter().map(page).collect()
    }
}

fn newest_first(appearances: &[Appearance]) -> Vec<Appearance> {
    let mut appearances: Vec<Appearance> = appearances.iter().rev().cloned().collect();
    for old in appearances.iter_mut().skip(EPISODES_WITH_SAYINGS) {
        old.sayings.clear();
    }
    appearances
}

fn told(person: &Person, words: &Words) -> String {
    let episodes = words.count("site.episode_count", person.appearances.len());
    match person.talk {
        Ms::ZERO => episodes,
        talk => {
            let talk = words.fill("site.talk", &[("time", &words.length(talk))]);
            format!("{episodes}, {talk}")
        }
    }
}

/// The longest passages, in the order in which they are said.
fn sayings(mut paragraphs: Vec<&Paragraph>) -> Vec<Saying> {
    let words = |paragraph: &Paragraph| paragraph.printed().count();
    paragraphs.sort_by_cached_key(|paragraph| std::cmp::Reverse(words(paragraph)));
    paragraphs.truncate(SAYINGS);
    paragraphs.sort_by_key(|paragraph| paragraph.span.start());
    paragraphs.into_iter().map(saying).collect()
}

fn saying(paragraph: &Paragraph) -> Saying {
    let mut text = running(paragraph.printed().take(SAYING_WORDS));
    if paragraph.printed().count() > SAYING_WORDS {
        text.push_str(" …");
    }
    let clock = paragraph.span.start().clock();
    Saying { anchor: format!("t-{}", clock.replace(':', "-")), clock, text }
}

/// A name as a folder's: letters and digits, with hyphens between.
fn folder(name: &str) -> String {
    let mut folder = String::new();
    for c in name.nfkd().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            folder.push(c);
        } else if !folder.is_empty() && !folder.ends_with('-') && (c.is_whitespace() || c == '-') {
            folder.push('-');
        }
    }
    let folder = folder.trim_end_matches('-');
    // some systems take no longer names than 255 bytes
    let folder: String = folder.chars().take(60).collect();
    if folder.is_empty() { "person".to_owned() } else { folder.nfc().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_folders() {
        for (name, expected) in [
            ("Mirren Ostby", "mirren-ostby"),
            ("Dr. Åsa O’Neill-Çelik", "dr-asa-oneill-celik"),
            ("音楽 太郎", "音楽-太郎"),
            ("../../etc", "etc"),
            ("…", "person"),
        ] {
            assert_eq!(folder(name), expected);
        }
    }
}
