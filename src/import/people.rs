//! Who speaks in an imported transcript, with the full names that its text tells.

use std::collections::BTreeMap;

use super::{Head, ImportedParagraph};
use crate::library::episode::Person;

/// The people behind the names in the transcript, in the order in which they first speak. Sound
/// sources such as `Child’s Voice` are nobody.
pub(super) fn find(paragraphs: &[ImportedParagraph], head: &Head) -> Vec<Person> {
    let mut names: Vec<&str> = Vec::new();
    for name in paragraphs.iter().filter_map(|p| p.speaker.as_deref()) {
        if !names.contains(&name) && is_person(name) {
            names.push(name);
        }
    }
    let mut text = format!("{}\n{}", head.tagline, head.summary);
    for paragraph in paragraphs {
        text.push('\n');
        text.push_str(&paragraph.text());
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    names
        .into_iter()
        .map(|name| {
            let full = full_name(name, &words);
            let short = if full.is_some() { name.to_owned() } else { String::new() };
            // Summaries name the guests; hosts name themselves.
            let is_host = introduces_self(name, &words) && !head.summary.contains(name);
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

/// The name with the family name that most often follows it.
fn full_name(name: &str, words: &[&str]) -> Option<String> {
    if name.contains(' ') {
        return None;
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for pair in words.windows(2) {
        let [first, second] = pair else { continue };
        let bare = second.trim_end_matches(['.', ',', '!', '?', ';', ':', '”', ')']);
        let bare = bare.strip_suffix("’s").or_else(|| bare.strip_suffix("'s")).unwrap_or(bare);
        let capital = bare.starts_with(char::is_uppercase) && bare.chars().count() > 1;
        if *first == name && capital && bare.chars().all(|c| c.is_alphabetic() || c == '-') {
            *counts.entry(bare).or_default() += 1;
        }
    }
    let (family, _) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    Some(format!("{name} {family}"))
}

/// Whether somebody says "I’m" and this name: hosts do.
fn introduces_self(name: &str, words: &[&str]) -> bool {
    words.windows(2).any(|pair| {
        let [first, second] = pair else { return false };
        let first = first.to_lowercase().replace('’', "'");
        first == "i'm" && second.trim_end_matches(['.', ',', '!']) == name
    })
}
