//! The folder of a new episode in a show: numbered on from those that are there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::disk::is_there;
use crate::library::LibraryError;
use crate::library::folder::{EpisodeFolder, episodes_of, folder_name};

/// Whether a folder is a show's that keeps its episodes in folders of their own.
pub fn is_show(root: &Path) -> bool {
    is_there(&root.join("show.toml")) && !is_there(&root.join("episode.toml"))
}

/// The show's episode that is made of the audio file, where there is one.
pub fn made_of(show: &Path, audio: &Path) -> Result<Option<EpisodeFolder>, LibraryError> {
    let wanted = fs::canonicalize(audio).map_err(LibraryError::io("read", audio))?;
    let is_its = |folder: &EpisodeFolder| {
        let named = folder.read_episode().and_then(|episode| folder.audio(&episode));
        named.is_ok_and(|named| fs::canonicalize(named).is_ok_and(|named| named == wanted))
    };
    Ok(episodes_of(show)?.into_iter().find(is_its))
}

/// The folder of a new episode: `0007-` and the name of its audio file. A name that begins with a
/// number keeps it; else the number is the stated one, if it is free, else the next.
pub fn new_folder(show: &Path, audio: &Path, stated: Option<u32>) -> Result<PathBuf, LibraryError> {
    Ok(show.join(new_name(show, &folder_name(audio), stated)?))
}

/// The same name for whatever it is that is called `name` so far.
pub fn new_name(show: &Path, name: &str, stated: Option<u32>) -> Result<String, LibraryError> {
    if leading_number(name).is_some() {
        return Ok(name.to_owned());
    }
    let taken: BTreeSet<u32> =
        episodes_of(show)?.iter().filter_map(|episode| leading_number(&episode.name())).collect();
    let next = taken.last().map_or(1, |last| last.saturating_add(1));
    let number = stated.filter(|number| !taken.contains(number)).unwrap_or(next);
    Ok(format!("{number:04}-{name}"))
}

/// The number at the start of a name, where it stands alone or before a `-`, a `_`, a full stop or a
/// space; a year or a day is none.
fn leading_number(name: &str) -> Option<u32> {
    let end = name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len());
    let (digits, rest) = name.split_at(end);
    let is_day = digits.len() == 4
        && rest.strip_prefix('-').is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
    let stands_apart = rest.is_empty() || rest.starts_with(['-', '_', '.', ' ']);
    (stands_apart && !is_day && digits.len() <= 5).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_names_and_days_do_not() {
        for (name, number) in [
            ("0007-the-bucket", Some(7)),
            ("12 talk", Some(12)),
            ("3", Some(3)),
            ("2026-01-31-talk", None),
            ("20260131_talk", None),
            ("7up", None),
            ("talk-7", None),
        ] {
            assert_eq!(leading_number(name), number, "{name}");
        }
    }
}
