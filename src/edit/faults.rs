//! What makes no sense in a person's corrections whatever the episode: told before anything runs.

use crate::edit::edits::{Edits, OnStretch, Place, Stretch};

/// A correction that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The table in the file.
    pub table: &'static str,
    /// Which of the table's entries, counted from 0.
    pub index: usize,
    /// What is wrong with it, and what to write.
    pub message: String,
}

/// Every correction that cannot be meant, table by table.
pub fn faults(edits: &Edits) -> Vec<Fault> {
    let mut found = Vec::new();
    let mut add = |table, index, message: &str| {
        found.push(Fault { table, index, message: message.to_owned() });
    };
    for (index, voice) in edits.voice.iter().enumerate() {
        if voice.name.trim().is_empty() {
            add("voice", index, "it has no `name`: write who the voice is");
        }
        if voice.at.is_none() {
            add("voice", index, "it has no `at`: write a time at which the voice speaks");
        }
    }
    for (index, change) in edits.speaker.iter().enumerate() {
        if change.name.trim().is_empty() {
            add("speaker", index, "it has no `name`: write who says it");
        }
    }
    for (index, chapter) in edits.chapter.iter().enumerate() {
        if chapter.start.is_none() {
            add("chapter", index, "it has no `start`: write where it begins");
        }
    }
    places("paragraph", &edits.paragraph, &mut found);
    places("join", &edits.join, &mut found);
    stretches(&edits.speaker, &mut found);
    stretches(&edits.cut, &mut found);
    stretches(&edits.quotation, &mut found);
    stretches(&edits.music, &mut found);
    stretches(&edits.checked, &mut found);
    stretches(&edits.soundbite, &mut found);
    found
}

fn places(table: &'static str, places: &[Place], found: &mut Vec<Fault>) {
    for (index, place) in places.iter().enumerate() {
        if place.at.is_none() && place.words.trim().is_empty() {
            let message = "it names no place: write `words`, the first words behind it, or `at`";
            found.push(Fault { table, index, message: message.to_owned() });
        }
    }
}

fn stretches<T: OnStretch>(edits: &[T], found: &mut Vec<Fault>) {
    for (index, edit) in edits.iter().enumerate() {
        if let Some(message) = fault_of(edit.stretch()) {
            found.push(Fault { table: T::TABLE, index, message });
        }
    }
}

fn fault_of(stretch: Stretch<'_>) -> Option<String> {
    let begins = stretch.from.is_some() || !stretch.from_words.trim().is_empty();
    let ends = stretch.to.is_some() || !stretch.to_words.trim().is_empty();
    match (stretch.at, begins, ends) {
        (Some(_), false, false) => None,
        (Some(_), ..) => Some(
            "`at` names a whole paragraph: leave out `at`, or the other ends of the stretch".into(),
        ),
        (None, false, false) => Some(
            "it names no stretch: write `from` and `to`, or `from_words` and `to_words`, or `at`, \
             the time of a paragraph"
                .into(),
        ),
        (None, true, false) => {
            Some("the stretch has no end: write `to`, a time, or `to_words`, its last words".into())
        }
        (None, false, true) => Some(
            "the stretch has no begin: write `from`, a time, or `from_words`, its first words"
                .into(),
        ),
        (None, true, true) => match (stretch.from, stretch.to) {
            (Some(from), Some(to)) if to <= from => Some(format!(
                "the stretch ends at {}, which is not after {}, where it begins",
                to.clock_ms(),
                from.clock_ms()
            )),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::written::parse_toml;

    fn told(text: &str) -> Vec<String> {
        let edits: Edits = parse_toml(text).unwrap();
        faults(&edits)
            .iter()
            .map(|fault| format!("{}[{}]: {}", fault.table, fault.index, fault.message))
            .collect()
    }

    #[test]
    fn ends_that_are_missing_or_reversed_and_names_that_are_missing_are_told() {
        for (text, wanted) in [
            ("[[cut]]\nfrom = \"00:10\"", "cut[0]: the stretch has no end"),
            ("[[cut]]\nto = \"00:10\"", "cut[0]: the stretch has no begin"),
            ("[[cut]]\nfrom = \"00:10\"\nto = \"00:09\"", "ends at 00:00:09.000"),
            ("[[checked]]\nat = \"00:10\"\nto = \"00:19\"", "`at` names a whole paragraph"),
            ("[[quotation]]\nauthor = \"A\"", "quotation[0]: it names no stretch"),
            ("[[soundbite]]\nfrom_words = \"so then\"", "soundbite[0]: the stretch has no end"),
            ("[[speaker]]\nat = \"00:10\"", "speaker[0]: it has no `name`"),
            ("[[voice]]\nname = \"Troy\"", "voice[0]: it has no `at`"),
            ("[[voice]]\nat = \"00:10\"", "voice[0]: it has no `name`"),
            ("[[join]]", "join[0]: it names no place"),
            ("[[chapter]]\ntitle = \"A\"", "chapter[0]: it has no `start`"),
        ] {
            let told = told(text);
            assert!(told.len() == 1 && told[0].contains(wanted), "{text}: {told:?}");
        }
        let sound = "[[cut]]\nat = \"00:10\"\n[[cut]]\nfrom_words = \"a\"\nto = \"00:10\"\n\
                     [[paragraph]]\nwords = \"And then\"\n[[voice]]\nname = \"T\"\nat = \"00:01\"\n";
        assert_eq!(told(sound), [""; 0]);
    }
}
