//! Reading the files that people write: a fault is told with file, line, key and what is allowed.

use std::borrow::Cow;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::characters::{acts, cleaned};
use crate::library::LibraryError;
use crate::library::regular;

/// The largest file that a person writes by hand, in bytes.
pub(super) const MAX_WRITTEN_BYTES: u64 = 16 << 20;

/// Keys that name files, which are called as they are.
const FILES: [&str; 3] = ["audio", "transcript", "image"];

/// Reads a TOML file that people write, or that tags of strangers were copied into: every text in it
/// is cleaned.
pub fn read_toml<T: DeserializeOwned + Serialize>(path: &Path) -> Result<T, LibraryError> {
    let text = read_text(path)?;
    let fault = |message: String| LibraryError::Written { path: path.to_path_buf(), message };
    Ok(tidied(&text, parse_toml(&text).map_err(fault)?))
}

/// Reads the text of a file that people write, without a byte order mark.
pub(super) fn read_text(path: &Path) -> Result<String, LibraryError> {
    let bytes = regular::read(path, MAX_WRITTEN_BYTES)?;
    let mut text = String::from_utf8(bytes).map_err(|fault| {
        let valid = fault.as_bytes().iter().take(fault.utf8_error().valid_up_to());
        let line = valid.filter(|b| **b == b'\n').count() + 1;
        let message = format!("line {line} is not UTF-8 text; save the file as UTF-8");
        LibraryError::Written { path: path.to_path_buf(), message }
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// The value that was read from a text, with its texts cleaned.
pub(super) fn tidied<T: DeserializeOwned + Serialize>(text: &str, value: T) -> T {
    // a backslash may stand for any character
    let is_plain = !text.contains('\\') && !text.chars().any(acts);
    if is_plain { value } else { cleaned_value(value) }
}

/// The value with its texts cleaned; as it is where it has no form as TOML.
fn cleaned_value<T: DeserializeOwned + Serialize>(value: T) -> T {
    let Ok(mut table) = toml::Value::try_from(&value) else { return value };
    clean(&mut table);
    table.try_into().unwrap_or(value)
}

fn clean(value: &mut toml::Value) {
    match value {
        toml::Value::String(text) => {
            if let Cow::Owned(clean) = cleaned(text) {
                *text = clean;
            }
        }
        toml::Value::Array(values) => values.iter_mut().for_each(clean),
        toml::Value::Table(table) => {
            let texts = table.iter_mut().filter(|(key, _)| !FILES.contains(&key.as_str()));
            texts.for_each(|(_, value)| clean(value));
        }
        _ => {}
    }
}

/// Parses TOML; the message names the key's path and shows the line.
pub fn parse_toml<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let parsed =
        toml::Deserializer::parse(text).map_err(|e| e.to_string().trim_end().to_string())?;
    serde_path_to_error::deserialize(parsed).map_err(|fault| {
        let key = fault.path().to_string();
        let mut inner = fault.into_inner();
        inner.set_input(Some(text));
        let shown = inner.to_string();
        let shown = shown.trim_end();
        if key == "." { shown.to_string() } else { format!("at `{key}`: {shown}") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::show::Show;

    #[test]
    fn a_wrong_key_is_named_with_its_line_and_what_is_allowed() {
        let message = parse_toml::<Show>("name = \"A\"\n[promo]\ntexte = \"B\"\n").unwrap_err();
        assert!(message.contains("promo"), "{message}");
        assert!(message.contains("line 3"), "{message}");
        assert!(message.contains("expected one of `text`, `link_text`, `url`"), "{message}");
    }

    #[test]
    fn texts_are_cleaned_and_names_of_files_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("episode.toml");
        let text = "audio = \"\\u001b.mp3\"\ntitle = \"A\\u001b[31m\\u202Eb\"\ndate = \"2026-01-31\"\nkind = \"bonus\"\n\
                    number = 3\nspeakers = 2\n[[people]]\nname = \"C\u{9b}\u{2028}d\"\n[[tracks]]\nname = \"E\"\noffset_ms = -3\n";
        std::fs::write(&path, text).unwrap();
        let read: crate::library::episode::Episode = read_toml(&path).unwrap();
        let mut wanted: crate::library::episode::Episode = parse_toml(text).unwrap();
        wanted.title = "Ab".into();
        wanted.people[0].name = "C d".into();
        assert_eq!(read, wanted);
        assert_eq!(read.audio, "\u{1b}.mp3");
    }

    #[test]
    fn a_wrong_type_is_named_with_its_path() {
        let message = parse_toml::<Show>("[[people]]\nname = 3\n").unwrap_err();
        assert!(message.contains("people[0].name"), "{message}");
    }
}
