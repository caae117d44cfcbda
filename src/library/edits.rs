//! `edits.toml` on disk: reading it with its faults told by line.

use std::path::Path;

use toml_edit::{Document, Item};

use crate::disk::is_there;
use crate::edit::edits::{Edits, VERSION};
use crate::edit::faults::{Fault, faults};
use crate::library::LibraryError;
use crate::library::written::{parse_toml, read_text, tidied};

/// What a new episode's `edits.toml` says: every kind of correction, as a comment to fill in.
pub const NEW_EDITS: &str = include_str!("edits/new.toml");

/// A person's corrections of an episode; none where there is no file.
///
/// # Errors
/// If the file cannot be read, or a correction in it cannot be meant: the ends of a stretch are missing
/// or reversed, or a name is.
pub fn read(path: &Path) -> Result<Edits, LibraryError> {
    if !is_there(path) {
        return Ok(Edits::default());
    }
    let text = read_text(path)?;
    parse(&text).map_err(|message| LibraryError::Written { path: path.to_path_buf(), message })
}

/// Reads the text of the file.
///
/// # Errors
/// As [`read`] has them.
pub fn parse(text: &str) -> Result<Edits, String> {
    if let Some(line) = text.lines().position(|line| line.starts_with("<<<<<<< ")) {
        return Err(format!(
            "line {}: two versions of the file were merged, and they differ here; keep one of them",
            line + 1
        ));
    }
    if let Some(version) = version(text).filter(|version| *version > i64::from(VERSION)) {
        return Err(format!(
            "it is of version {version}, and this linernotes knows up to {VERSION}; use a newer one"
        ));
    }
    let edits: Edits = tidied(text, parse_toml(text)?);
    match faults(&edits).as_slice() {
        [] => Ok(edits),
        found => Err(found.iter().map(|fault| told(text, fault)).collect::<Vec<_>>().join("\n")),
    }
}

/// The version that the file states, read before its keys are, which a newer one may have more of.
fn version(text: &str) -> Option<i64> {
    let document = Document::parse(text).ok()?;
    document.get("version").and_then(Item::as_integer)
}

fn told(text: &str, fault: &Fault) -> String {
    let line = line_of(text, fault).map_or_else(String::new, |line| format!("line {line}: "));
    format!("{line}`[[{}]]`: {}", fault.table, fault.message)
}

/// The line of a table's entry, counted from 1.
fn line_of(text: &str, fault: &Fault) -> Option<usize> {
    let document = Document::parse(text).ok()?;
    let entry = document.get(fault.table)?.as_array_of_tables()?.get(fault.index)?;
    let start = entry.span()?.start;
    Some(text.get(..start)?.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_with_its_line() {
        let text =
            "# mine\n[[cut]]\nfrom = \"00:01\"\nto = \"00:02\"\n\n[[cut]]\nfrom = \"00:09\"\n";
        let message = parse(text).unwrap_err();
        assert!(message.starts_with("line 6: `[[cut]]`: the stretch has no end"), "{message}");
    }

    #[test]
    fn a_newer_version_and_a_merge_that_was_not_settled_are_told_as_such() {
        let message = parse("version = 2\n[[later]]\nx = 1\n").unwrap_err();
        assert!(message.contains("version 2, and this linernotes knows up to 1"), "{message}");
        assert_eq!(parse("version = 1\n").unwrap().version, Some(1));
        let message = parse("[[cut]]\n<<<<<<< HEAD\n").unwrap_err();
        assert!(message.starts_with("line 2: two versions"), "{message}");
    }

    #[test]
    fn the_new_file_changes_nothing_and_each_of_its_examples_is_one() {
        assert_eq!(parse(NEW_EDITS).unwrap(), Edits::default());
        let examples: String = NEW_EDITS
            .lines()
            .filter_map(|line| line.strip_prefix("#").filter(|rest| !rest.starts_with(' ')))
            .map(|line| format!("{line}\n"))
            .collect();
        let edits = parse(&examples).unwrap();
        let filled = serde_json::to_value(&edits).unwrap();
        for (key, value) in filled.as_object().unwrap() {
            let is_empty = value.as_array().is_some_and(Vec::is_empty);
            assert!(!is_empty || key == "names", "no example of `{key}`");
        }
    }
}
