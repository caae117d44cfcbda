//! What was found right before, so that it need not be hashed on every run.
//!
//! Beside each weights file `NAME.ok` notes its sha256 and the state of the file when it was hashed.
//! Whoever writes into the file changes its state, even if the time of change is put back after that:
//! the system keeps a second time that nobody can set. What changes no state, as a disk that rots, is
//! found by `linernotes models verify` alone.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::register::is_plain_name;

/// Notes of schema 1 lack the second time and the file's number, which costs a hash.
const SCHEMA: u32 = 2;
const EXTENSION: &str = "ok";

/// By what a file is taken for the one that was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileState {
    pub(super) size: u64,
    /// When the bytes were changed, as far as the file says; anybody can set it.
    modified_ns: u64,
    /// When anything about the file was changed, as the system says; 0 where it does not.
    #[serde(default)]
    changed_ns: u64,
    /// The file's number on its disk; 0 where there is none.
    #[serde(default)]
    number: u64,
}

impl FileState {
    /// The state of now; `None` where there is no such file.
    pub(super) fn of(path: &Path) -> io::Result<Option<FileState>> {
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(fault) => return Err(fault),
        };
        if !metadata.is_file() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let since = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (changed_ns, number) = kept_by_the_system(&metadata);
        Ok(Some(FileState {
            size: metadata.len(),
            modified_ns: u64::try_from(since.as_nanos()).unwrap_or(u64::MAX),
            changed_ns,
            number,
        }))
    }
}

#[cfg(unix)]
fn kept_by_the_system(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    let nanoseconds =
        i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec());
    (u64::try_from(nanoseconds).unwrap_or_default(), metadata.ino())
}

#[cfg(not(unix))]
fn kept_by_the_system(_metadata: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// What `NAME.ok` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    schema: u32,
    pub(super) file: String,
    #[serde(flatten)]
    pub(super) state: FileState,
    pub(super) sha256: String,
    /// Where the file came from.
    pub(super) origin: String,
}

impl Note {
    pub(super) fn new(file: &str, state: FileState, sha256: &str, origin: &str) -> Note {
        Note {
            schema: SCHEMA,
            file: file.to_owned(),
            state,
            sha256: sha256.to_owned(),
            origin: origin.to_owned(),
        }
    }

    /// The note in `dir` on the model of that name; none where it cannot be read, which only costs a
    /// hash.
    pub(super) fn read(dir: &Path, name: &str) -> Option<Note> {
        let text = fs::read_to_string(path(dir, name)).ok()?;
        let note: Note = serde_json::from_str(&text).ok()?;
        (note.schema <= SCHEMA && is_plain_name(&note.file)).then_some(note)
    }

    /// Keeps the note, whole or not at all, and says whether that went well.
    pub(super) fn write(&self, dir: &Path, name: &str) -> bool {
        let Ok(text) = serde_json::to_string_pretty(self) else { return false };
        let arriving = dir.join(format!(".{name}.{}.tmp", std::process::id()));
        let written =
            fs::write(&arriving, text).and_then(|()| fs::rename(&arriving, path(dir, name)));
        if written.is_err() {
            let _ = fs::remove_file(&arriving);
        }
        written.is_ok()
    }

    /// Removes the note, so that the file is hashed.
    pub(super) fn forget(dir: &Path, name: &str) {
        let _ = fs::remove_file(path(dir, name));
    }

    /// The names of all models in `dir` that have a note.
    pub(super) fn names(dir: &Path) -> Vec<String> {
        let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
        let files = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> =
            files.filter_map(|file| Some(file.strip_suffix(".ok")?.to_owned())).collect();
        names.sort();
        names
    }
}

fn path(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.{EXTENSION}"))
}
