//! `edits.toml` on disk: reading it with its faults told by line, and writing into it on a person's
//! behalf, so that what stands in it stays as it is.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use toml_edit::{ArrayOfTables, Document, DocumentMut, Item, Table};

use crate::disk::is_there;
use crate::edit::edits::{Edits, VERSION};
use crate::edit::faults::{Fault, faults};
use crate::library::LibraryError;
use crate::library::artifact::write_atomic;
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

/// In which order the keys of a correction are written.
const ORDER: [&str; 15] = [
    "name",
    "at",
    "from",
    "to",
    "from_words",
    "to_words",
    "find",
    "with",
    "before",
    "after",
    "words",
    "start",
    "title",
    "author",
    "source",
];

/// Writes further corrections into the file, behind what stands in it, every byte of which stays. A file
/// that is not there yet is made, with an example of each kind.
///
/// # Errors
/// If the file cannot be read or written, or could not be read again.
pub fn add(path: &Path, more: &Edits) -> Result<(), LibraryError> {
    let text = text_of(path)?.unwrap_or_else(|| NEW_EDITS.to_owned());
    let fault = |message| LibraryError::Written { path: path.to_path_buf(), message };
    write(path, &with(&text, more).map_err(fault)?)
}

/// The text of the file; none where there is no file.
///
/// # Errors
/// If it cannot be read.
pub fn text_of(path: &Path) -> Result<Option<String>, LibraryError> {
    is_there(path).then(|| read_text(path)).transpose()
}

/// Writes the text of the file, whole or not at all. A link stays one.
///
/// # Errors
/// If it cannot be written.
pub fn write(path: &Path, text: &str) -> Result<(), LibraryError> {
    let place = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    write_atomic(&place, text.as_bytes())
}

/// One correction of the file: its table, and its place there, counted from 0.
pub type Entry = (&'static str, usize);

/// The text without some corrections, and every other byte as it was. A correction that stands otherwise
/// than [`with`] writes it is a person's own, and stays.
///
/// # Errors
/// If the text cannot be read.
pub fn without(text: &str, entries: &[Entry]) -> Result<String, String> {
    let edits = parse(text)?;
    let document = Document::parse(text).map_err(|fault| fault.to_string())?;
    let all: BTreeMap<String, ArrayOfTables> = tables_of(&edits).into_iter().collect();
    let mut places: Vec<Range<usize>> = entries
        .iter()
        .filter_map(|(table, index)| {
            let written = all.get(*table)?.get(*index)?;
            let stands = document.get(table)?.as_array_of_tables()?.get(*index)?.span()?.start;
            let start = text[..stands].rfind('\n').map_or(0, |end| end + 1);
            let mut alone = DocumentMut::new();
            alone.insert(table, Item::ArrayOfTables(std::iter::once(written.clone()).collect()));
            let written = alone.to_string();
            let end = start + written.len();
            let ends = text
                .get(end..)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', '[']));
            if text.get(start..end) != Some(&written) || !ends {
                return None;
            }
            // the line that was left free before it goes with it
            let free = text[..start].ends_with("\n\n");
            Some(start - usize::from(free)..end)
        })
        .collect();
    places.sort_by_key(|place| place.start);
    let mut rest = text.to_owned();
    for place in places.into_iter().rev() {
        rest.replace_range(place, "");
    }
    Ok(rest)
}

/// The text of the file with further corrections in it.
///
/// # Errors
/// If the file cannot be read before or afterwards.
pub fn with(text: &str, more: &Edits) -> Result<String, String> {
    let mut wanted = parse(text)?;
    wanted.extend(more.clone());
    let mut added = DocumentMut::new();
    for (key, tables) in tables_of(more) {
        added.insert(&key, Item::ArrayOfTables(tables));
    }
    let mut text = as_tables(text, &added)?;
    if !text.is_empty() {
        text.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
    }
    text.push_str(&added.to_string());
    let again = parse(&text)?;
    if again != wanted {
        return Err("a correction cannot be written into it so that it is read again".into());
    }
    Ok(text)
}

/// The text with lists that stand on one line, as `cut = []`, as tables where more is to come.
fn as_tables(text: &str, added: &DocumentMut) -> Result<String, String> {
    let mut document: DocumentMut =
        text.parse().map_err(|e: toml_edit::TomlError| e.to_string())?;
    let mut changed = false;
    for (key, _) in added.iter() {
        let Some(item) = document.get_mut(key).filter(|item| item.is_value()) else { continue };
        let tables = std::mem::take(item).into_array_of_tables();
        *item = Item::ArrayOfTables(tables.unwrap_or_default());
        changed = true;
    }
    Ok(if changed { document.to_string() } else { text.to_owned() })
}

/// The corrections as tables, without keys that say nothing.
fn tables_of(edits: &Edits) -> Vec<(String, ArrayOfTables)> {
    let Ok(serde_json::Value::Object(all)) = serde_json::to_value(edits) else { return Vec::new() };
    let mut found = Vec::new();
    for (key, value) in all {
        let Some(entries) = value.as_array().filter(|entries| !entries.is_empty()) else {
            continue;
        };
        let mut tables = ArrayOfTables::new();
        for entry in entries.iter().filter_map(serde_json::Value::as_object) {
            let mut said: Vec<(&String, &str)> = entry
                .iter()
                .filter_map(|(name, value)| Some((name, value.as_str()?)))
                .filter(|(name, text)| !text.is_empty() || *name == "with")
                .collect();
            let place = |name: &str| ORDER.iter().position(|known| *known == name);
            said.sort_by_key(|(name, _)| place(name).unwrap_or(ORDER.len()));
            let mut table = Table::new();
            for (name, text) in said {
                table.insert(name, toml_edit::value(text));
            }
            tables.push(table);
        }
        found.push((key, tables));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(from: &str, to: &str) -> Edits {
        parse(&format!("[[cut]]\nfrom = \"{from}\"\nto = \"{to}\"\n")).unwrap()
    }

    #[test]
    fn what_is_written_for_a_person_leaves_every_byte_of_theirs() {
        let mut more = cut("00:00:01.500", "00:00:02");
        more.extend(
            parse("[[replace]]\nfind = \"a \\\"b\\\"\"\nwith = \"\"\nat = \"00:03\"\n").unwrap(),
        );
        for text in [
            "",
            "# mine\r\n[names]\r\nSPEAKER_00 = 'Ada' # her\r\n",
            "[[cut]]\nto='00:09' # odd\n  from = \"00:08\"\n\n\n# the end",
            NEW_EDITS,
        ] {
            let written = with(text, &more).unwrap();
            assert!(written.starts_with(text), "{written}");
            assert!(written.contains("[[cut]]\nfrom = \"00:00:01.500\"\nto = \"00:00:02.000\"\n"));
        }
        let inline =
            "cut = [{from = \"00:01\", to = \"00:02\"}] # mine\n[names]\nSPEAKER_00 = \"Ada\"\n";
        let read = parse(&with(inline, &more).unwrap()).unwrap();
        assert_eq!((read.cut.len(), read.replace.len(), read.names.len()), (2, 1, 1));
    }

    #[test]
    fn what_was_written_is_taken_out_again_and_every_other_byte_stays() {
        let theirs = "# mine\n[[cut]]\nto='00:09' # odd\n  from = \"00:08\"\n\n[[join]] # why\nat = \"00:01\"\n";
        let mut more = cut("00:00:01.500", "00:00:02");
        more.extend(cut("00:00:03", "00:00:04"));
        more.extend(parse("[[join]]\nat = \"00:03\"\nwords = \"so\"\n").unwrap());
        let written = with(theirs, &more).unwrap();
        assert_eq!(without(&written, &[("cut", 1), ("cut", 2), ("join", 1)]).unwrap(), theirs);
        let one = without(&written, &[("cut", 1)]).unwrap();
        assert_eq!(parse(&one).unwrap().cut.len(), 2);
        assert!(one.starts_with(theirs) && one.contains("00:00:03.000"), "{one}");
        // what a person wrote, or wrote into, stays
        assert_eq!(without(&written, &[("cut", 0), ("join", 0), ("cut", 9)]).unwrap(), written);
        let noted = written.replace("from = \"00:00:03.000\"", "from = \"00:00:03.000\" # here");
        assert_eq!(without(&noted, &[("cut", 2)]).unwrap(), noted);
    }

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
        let examples: Vec<&str> = NEW_EDITS
            .lines()
            .filter_map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')))
            .collect();
        let examples = examples.join("\n");
        let edits = parse(&examples).unwrap();
        let filled = serde_json::to_value(&edits).unwrap();
        for (key, value) in filled.as_object().unwrap() {
            let is_empty = value.as_array().is_some_and(Vec::is_empty);
            assert!(!is_empty || key == "names", "no example of `{key}`");
        }
    }
}
