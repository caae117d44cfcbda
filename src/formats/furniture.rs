//! What stands around a transcript and is said by nobody: who transcribed it, with what, when the
//! meeting began and ended, that a machine may have erred.
//!
//! Where it stands says most: above the first time or name, or below the last. This file judges by the
//! words, for what stands at the foot, where a speaker's last paragraph may stand too.

use crate::formats::{Diagnostic, Passage};

/// Beginnings of the words for a transcript, in the languages of its tools.
const TRANSCRIPT: [&str; 11] = [
    "transcri",
    "transkri",
    "trascri",
    "caption",
    "subtitl",
    "subtítul",
    "untertitel",
    "sous-titr",
    "sottotitol",
    "ondertitel",
    "legenda",
];
/// What begins and ends, where a program tells of it.
const EVENT: [&str; 5] = ["meeting", "recording", "call", "session", "webinar"];
const HAPPENS: [&str; 6] = ["start", "end", "stop", "began", "pause", "resum"];
/// What programs do with a text.
const MADE: [&str; 6] = ["generated", "powered", "exported", "created", "made", "produced"];
/// Who speaks says these words; a program does not.
const PERSONS: [&str; 12] =
    ["i", "i’m", "i'm", "i’ll", "i'll", "we", "we’ll", "we'll", "you", "our", "my", "us"];
/// A notice at the foot is no longer than this, in words.
const MOST_WORDS: usize = 40;
/// The most of a line that a finding shows, in characters.
const SHOWN_CHARS: usize = 60;

/// Whether a text that stands at the foot, with neither name nor time of its own, tells of the
/// transcript rather than being part of it.
pub(crate) fn is_about_transcript(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() {
        return true;
    }
    if words.len() > MOST_WORDS || words.iter().any(|word| PERSONS.contains(word)) {
        return false;
    }
    let begins = |word: &&str, starts: &[&str]| starts.iter().any(|start| word.starts_with(start));
    let has = |starts: &[&str]| words.iter().any(|word| begins(word, starts));
    let early = |starts: &[&str]| words.iter().take(3).any(|word| begins(word, starts));
    let is_short = words.len() <= 8;
    let is_notice = early(&TRANSCRIPT) || (has(&TRANSCRIPT) && has_address(text));
    let is_event = is_short && has(&HAPPENS) && (has(&EVENT) || has(&TRANSCRIPT));
    let is_maker =
        is_short && early(&MADE) && words.iter().any(|word| matches!(*word, "by" | "with"));
    let is_end = words == ["end"] || (is_short && words.starts_with(&["end", "of"]));
    let is_page = matches!(*words.as_slice(), ["page", _] | ["page", _, "of", _]);
    let is_rights = text.trim_start().starts_with('©');
    is_notice
        || is_event
        || is_maker
        || is_end
        || is_page
        || is_rights
        || (words.len() == 1 && has_address(text))
}

/// Whether a line of a head is a field of the file, as `Date: 1 March` is; `Nets: part one` is a title.
pub(crate) fn is_field(text: &str) -> bool {
    const FIELDS: [&str; 14] = [
        "date",
        "location",
        "place",
        "duration",
        "length",
        "recorded",
        "time",
        "language",
        "file",
        "attendees",
        "participants",
        "speakers",
        "url",
        "transcribed by",
    ];
    text.split_once(':').is_some_and(|(key, value)| {
        let key = key.trim().to_lowercase();
        FIELDS.contains(&key.as_str()) && !value.trim().is_empty()
    })
}

fn has_address(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        let inner = word.trim_matches(|c: char| !c.is_alphanumeric());
        inner.contains("://")
            || inner.rsplit_once('.').is_some_and(|(host, top)| {
                !host.is_empty()
                    && (2..=6).contains(&top.len())
                    && top.chars().all(|c| c.is_ascii_lowercase())
            })
    })
}

/// What to say of a line that is left out.
pub(crate) fn left_out(line: usize, text: &str) -> Diagnostic {
    let text = crate::formats::one_line(text);
    let mut shown: String = text.chars().take(SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    let message = format!("`{shown}` stands around the transcript; it is left out");
    Diagnostic::note("L-LEFT-OUT", line, 1, message)
        .fix("write the speaker’s name before it, if somebody says it")
}

/// Takes out the last caption where it tells who made the captions, with an address.
pub(crate) fn take_last_cue(passages: &mut Vec<Passage>) -> Option<Diagnostic> {
    let last = passages.pop_if(|last| {
        last.speaker.is_none() && is_about_transcript(&last.text) && has_address(&last.text)
    })?;
    Some(left_out(0, &last.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_told_from_titles() {
        assert!(is_field("Date: March 1, 2026") && is_field("Location: The harbour"));
        assert!(!is_field("Nets: part one") && !is_field("Date:") && !is_field("A date"));
    }

    #[test]
    fn what_tools_write_at_the_foot_is_told_from_what_people_say() {
        for text in [
            "Transcribed by https://otter.ai",
            "Transcription ended after 00:06:12",
            "This editable transcript was computer generated and might contain errors. People can \
             also change the text after it was created.",
            "This transcript was exported on Mar 01, 2026 - view latest version here.",
            "Automatically transcribed with Sonix.",
            "Powered by Notta.ai",
            "Tilda Marsh stopped transcription",
            "Meeting ended: 10:45",
            "[END OF RECORDING]",
            "* * *",
            "Page 3 of 9",
            "Transkribiert mit noScribe",
            "Sous-titres réalisés par la communauté d’Amara.org",
        ] {
            assert!(is_about_transcript(text), "{text}");
        }
        for text in [
            "That is all for today.",
            "We put the transcript on our page, at harbour.example.",
            "The end of the net is the hardest part of it, and it takes two hours.",
            "You can read the transcript.",
            "It was made by hand in the harbour and nobody knows by whom it was made.",
            "Good.",
        ] {
            assert!(!is_about_transcript(text), "{text}");
        }
    }
}
