//! What new files say by way of example, and what nobody may publish.

use std::path::Path;

use serde::Serialize;

use crate::library::LibraryError;

/// The texts that stand in new files for what a person has to write.
const PLACEHOLDERS: [&str; 22] = [
    "The show's name",
    "One or two sentences that stand under the name.",
    "https://example.com/podcast",
    "What the show is about.",
    "Who publishes it",
    "show@example.com",
    "Like what you hear?",
    "Have a look at our book",
    "https://example.com/book",
    "The theme's title",
    "Who plays it",
    "Full Name",
    "The right spelling",
    "the rite spelling",
    "The title",
    "A few sentences; [links](https://example.com) are welcome.",
    "what to say of the person",
    "What is read",
    "https://example.com/what-is-read",
    "The music's title",
    "The chapter's title",
    "stays the same when the title changes",
];

/// The keys of a file whose values are still those of its examples, as `people[0].name`, with them.
pub(crate) fn left_in(written: &impl Serialize) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Ok(value) = toml::Value::try_from(written) {
        look(&value, String::new(), &mut found);
    }
    found
}

/// Refuses a file in which such values are left.
pub(crate) fn refuse(path: &Path, written: &impl Serialize) -> Result<(), LibraryError> {
    let left: Vec<String> =
        left_in(written).into_iter().map(|(key, text)| format!("`{key} = {text:?}`")).collect();
    if left.is_empty() {
        return Ok(());
    }
    let message = format!(
        "it still says what a new file says by way of example, and that is not published: {}; write \
         your own, or put a `#` before the line",
        left.join(", ")
    );
    Err(LibraryError::Written { path: path.to_path_buf(), message })
}

fn look(value: &toml::Value, key: String, found: &mut Vec<(String, String)>) {
    match value {
        toml::Value::String(text) if PLACEHOLDERS.contains(&text.trim()) => {
            found.push((key, text.clone()));
        }
        toml::Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                look(value, format!("{key}[{index}]"), found);
            }
        }
        toml::Value::Table(table) => {
            for (name, value) in table {
                let dot = if key.is_empty() { "" } else { "." };
                look(value, format!("{key}{dot}{name}"), found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::episode::Episode;
    use crate::library::folder::SHOW_TEMPLATE;
    use crate::library::show::Show;
    use crate::library::written::parse_toml;

    /// A new file with its examples made real.
    fn filled_in(text: &str) -> String {
        let key = |line: &str| line.contains(" = ") || line.starts_with('[');
        let line = |line: &str| match line.strip_prefix("# ") {
            Some(example) if key(example) => format!("{example}\n"),
            _ => format!("{line}\n"),
        };
        text.lines().map(line).collect()
    }

    #[test]
    fn every_example_of_a_new_file_is_known_as_one() {
        let show: Show = parse_toml(&filled_in(SHOW_TEMPLATE)).unwrap();
        let episode: Episode = parse_toml(&filled_in(&Episode::default().to_toml())).unwrap();
        let left: Vec<(String, String)> =
            left_in(&show).into_iter().chain(left_in(&episode)).collect();
        for placeholder in PLACEHOLDERS {
            assert!(left.iter().any(|(_, text)| text == placeholder), "{placeholder}: {left:?}");
        }
        // texts that may be meant, as a role or the name of a file
        let all = toml::to_string(&show).unwrap() + &toml::to_string(&episode).unwrap();
        let texts = all.split('"').skip(1).step_by(2);
        let others: Vec<&str> =
            texts.filter(|text| !text.is_empty() && !PLACEHOLDERS.contains(text)).collect();
        for other in others {
            let is_short = other.split(' ').count() < 4 && !other.contains("example.com");
            assert!(is_short, "is `{other}` a placeholder?");
        }
        assert_eq!(left_in(&Show::default()), []);
        assert!(left.contains(&("people[0].name".into(), "Full Name".into())), "{left:?}");
    }
}
