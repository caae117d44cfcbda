//! Reading the files that people write: a fault is told with file, line, key and what is allowed.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::library::LibraryError;
use crate::library::regular;

/// The largest file that a person writes by hand, in bytes.
pub(super) const MAX_WRITTEN_BYTES: u64 = 16 << 20;

/// Reads a TOML file that people write.
pub fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T, LibraryError> {
    let bytes = regular::read(path, MAX_WRITTEN_BYTES)?;
    let fault = |message: String| LibraryError::Written { path: path.to_path_buf(), message };
    let text = std::str::from_utf8(&bytes).map_err(|e| {
        let line = bytes.iter().take(e.valid_up_to()).filter(|b| **b == b'\n').count() + 1;
        fault(format!("line {line} is not UTF-8 text; save the file as UTF-8"))
    })?;
    parse_toml(text.strip_prefix('\u{feff}').unwrap_or(text)).map_err(fault)
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
    fn a_wrong_type_is_named_with_its_path() {
        let message = parse_toml::<Show>("[[people]]\nname = 3\n").unwrap_err();
        assert!(message.contains("people[0].name"), "{message}");
    }
}
