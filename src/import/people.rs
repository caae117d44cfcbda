//! Who speaks in an imported transcript, with the full names that its text tells.

use std::collections::{BTreeMap, BTreeSet};

use super::{Head, ImportedParagraph};
use crate::library::episode::Person;

/// The people behind the names in the transcript, in the order in which they first speak. Sound
/// sources such as `Child’s Voice` are nobody.
pub(super) fn find(paragraphs: &[ImportedParagraph], head: &Head) -> Vec<Person> {
    let mut names: Vec<&str> = Vec::new();
    let mut told: BTreeMap<&str, Told<'_>> = BTreeMap::new();
    for name in paragraphs.iter().filter_map(|p| p.speaker.as_deref()) {
        if is_person(name) && told.insert(name, Told::default()).is_none() {
            names.push(name);
        }
    }
    let said = paragraphs.iter().flat_map(|paragraph| &paragraph.pieces);
    let texts = [&head.tagline, &head.summary].into_iter().chain(said.map(|piece| &piece.text));
    listen(texts.flat_map(|text| text.split_whitespace()), &mut told);
    let summary: BTreeSet<&str> = head.summary.split_whitespace().map(bare).collect();
    names
        .into_iter()
        .map(|name| {
            let told = told.remove(name).unwrap_or_default();
            let family = told.families.into_iter().max_by_key(|(_, count)| *count);
            let full = family.map(|(family, _)| format!("{name} {family}"));
            let short = if full.is_some() { name.to_owned() } else { String::new() };
            // Summaries name the guests; hosts name themselves.
            let is_host = told.introduces_self && !summary.contains(name);
            let role = if is_host { "host" } else { "guest" };
            Person {
                short: if name.contains(' ') { name.to_owned() } else { short },
                name: full.unwrap_or_else(|| name.to_owned()),
                role: role.to_owned(),
                ..Person::default()
            }
        })
        .collect()
}

/// What the text tells of a name.
#[derive(Default)]
struct Told<'t> {
    /// The family names that follow it, and how often.
    families: BTreeMap<&'t str, usize>,
    /// Whether somebody says "I’m" and this name: hosts do.
    introduces_self: bool,
}

/// Goes through all words once.
fn listen<'t>(words: impl Iterator<Item = &'t str>, told: &mut BTreeMap<&str, Told<'t>>) {
    let mut before = "";
    for word in words {
        if let Some(name) = told.get_mut(before)
            && let Some(family) = family(word)
        {
            *name.families.entry(family).or_default() += 1;
        }
        if let Some(name) = told.get_mut(word.trim_end_matches(['.', ',', '!']))
            && before.to_lowercase().replace('’', "'") == "i'm"
        {
            name.introduces_self = true;
        }
        before = word;
    }
}

/// A word without the signs around it and without the mark of a genitive.
fn bare(word: &str) -> &str {
    let word = word.trim_matches(['.', ',', '!', '?', ';', ':', '”', '“', '"', '(', ')']);
    word.strip_suffix("’s").or_else(|| word.strip_suffix("'s")).unwrap_or(word)
}

/// A word that can be a family name.
fn family(word: &str) -> Option<&str> {
    let word = word.trim_end_matches(['.', ',', '!', '?', ';', ':', '”', ')']);
    let bare = word.strip_suffix("’s").or_else(|| word.strip_suffix("'s")).unwrap_or(word);
    let capital = bare.starts_with(char::is_uppercase) && bare.chars().count() > 1;
    (capital && bare.chars().all(|c| c.is_alphabetic() || c == '-')).then_some(bare)
}

/// The same with the people whom the front matter states: their full names, and their roles.
pub(super) fn with_stated(mut people: Vec<Person>, stated: &[Person]) -> Vec<Person> {
    for person in stated {
        let same = |known: &&mut Person| {
            let first = person.name.split_whitespace().next().unwrap_or_default();
            known.name == person.name || known.name == first || known.short == first
        };
        let Some(known) = people.iter_mut().find(same) else {
            let role =
                if person.role.is_empty() { "guest".to_owned() } else { person.role.clone() };
            people.push(Person { role, ..person.clone() });
            continue;
        };
        if known.name != person.name {
            let first = known.name.split_whitespace().next().unwrap_or_default();
            first.clone_into(&mut known.short);
            known.name.clone_from(&person.name);
        }
        if !person.role.is_empty() {
            known.role.clone_from(&person.role);
        }
    }
    people
}

fn is_person(name: &str) -> bool {
    const NOBODY: [&str; 14] = [
        "voice",
        "voices",
        "narrator",
        "announcer",
        "speaker",
        "all",
        "both",
        "jingle",
        "break",
        "outro",
        "intro",
        "sponsor",
        "everyone",
        "audience",
    ];
    !name.to_lowercase().split_whitespace().any(|word| NOBODY.contains(&word))
        && !name.starts_with("SPEAKER_")
}
