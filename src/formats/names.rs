//! Speakers' names where a format has no place of its own for them: at the start of the text.

use std::collections::BTreeMap;

use crate::formats::{Passage, clock};

/// The name that stands where nobody could be named but others are, so that a reader does not
/// carry the last name on.
pub const UNKNOWN_SPEAKER: &str = "Unknown speaker";

/// Splits a name from the start of a text: `Name: text`, `[Name] text`, `[Name]: text`.
///
/// A name has at most four words, does not begin with a lower-case letter, and is neither an
/// address (`https:`) nor a time (`12:48`).
pub fn leading(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    if let Some((name, rest)) = text.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        return (is_name(name) && !rest.trim().is_empty())
            .then(|| (name.trim(), rest.trim_start()));
    }
    let (name, rest) = text.split_once(':')?;
    let spaced = rest.is_empty() || rest.starts_with(char::is_whitespace) || rest.starts_with('[');
    (spaced && is_name(name)).then(|| (name.trim(), rest.trim_start()))
}

/// Whether a text can be somebody's name, or a role or sound source such as `Child’s Voice`.
pub fn is_name(text: &str) -> bool {
    let text = text.trim();
    let words = text.split_whitespace().count();
    let first = text.chars().next();
    (1..=4).contains(&words)
        && text.chars().count() <= 60
        && first.is_some_and(|c| c.is_alphanumeric() && !c.is_lowercase())
        && !text.contains(['?', '!', ',', ';', '"', '“', '”', '/', '<', '>', '['])
        && text.split_whitespace().all(|word| !word.ends_with('.') || word.chars().count() <= 3)
        && clock::parse(text).is_none()
        && text.chars().any(char::is_alphabetic)
}

/// Takes names out of the texts, carries names on, and tells sounds (`[music]`) from speech.
///
/// Names in the text are believed only if no passage has a speaker of its own, and if fewer
/// passages begin with words and a colon that are no name: otherwise the colons belong to the text.
pub(crate) fn settle(passages: &mut [Passage]) {
    for passage in passages.iter_mut() {
        let inner = passage.text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        if passage.speaker.is_none()
            && let Some(inner) = inner.filter(|inner| !inner.contains(['[', ']']))
        {
            passage.is_sound = true;
            passage.text = inner.trim().to_owned();
        }
    }
    if passages.iter().all(|passage| passage.speaker.is_none()) {
        take_out_names(passages);
    }
    let mut latest: Option<String> = None;
    for passage in passages.iter_mut().filter(|passage| !passage.is_sound) {
        match &passage.speaker {
            Some(name) => latest = Some(name.clone()),
            None => passage.speaker.clone_from(&latest),
        }
    }
    for passage in passages {
        passage.speaker.take_if(|name| name == UNKNOWN_SPEAKER);
    }
}

fn take_out_names(passages: &mut [Passage]) {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut others = 0;
    for passage in passages.iter().filter(|passage| !passage.is_sound) {
        if let Some((name, _)) = leading(&passage.text) {
            *names.entry(name).or_default() += 1;
        } else if let Some((before, after)) = passage.text.split_once(": ")
            && before.split_whitespace().count() <= 4
            && !after.is_empty()
        {
            others += 1;
        }
    }
    if names.values().sum::<usize>() <= others {
        return;
    }
    for passage in passages.iter_mut().filter(|passage| !passage.is_sound) {
        if let Some((name, rest)) = leading(&passage.text) {
            let (name, rest) = (name.to_owned(), rest.to_owned());
            passage.speaker = Some(name);
            passage.text = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_other_words_before_a_colon() {
        assert_eq!(leading("Shaun: [00:00] On"), Some(("Shaun", "[00:00] On")));
        assert_eq!(leading("Child’s Voice: Hi"), Some(("Child’s Voice", "Hi")));
        assert_eq!(leading("[SPEAKER_00]: Hi"), Some(("SPEAKER_00", "Hi")));
        assert_eq!(leading("[Speaker 1] Hi"), Some(("Speaker 1", "Hi")));
        for text in [
            "https://example.org",
            "12:48 is late",
            "he wrote: no",
            "And this is what he then said: no",
            "[music]",
            "Well, look: no",
        ] {
            assert_eq!(leading(text), None, "{text}");
        }
    }
}
