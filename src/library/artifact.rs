//! Files that are written whole or not at all.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::disk::{self, Hold};
use crate::library::LibraryError;
use crate::library::regular;

/// The largest record that is read back, in bytes: some forty hours of words.
const MAX_RECORD_BYTES: u64 = 512 << 20;

/// How a file under way begins; then follow a hash of the name that it will have, and chance.
const WRITING: &str = ".linernotes-writing-";
/// Hexadecimal digits of that hash, and characters of chance.
const HASH_DIGITS: usize = 16;
const CHANCE: usize = 8;
/// How often a file is begun that another run takes for a dead one's just before it is held.
const TRIES: usize = 10;

/// Writes a file so that a reader sees the old bytes or the new ones, never a part: into a
/// temporary file in the same folder, synced, then renamed. Makes the folder where it is missing, and
/// deletes what a killed run left of the same file.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), LibraryError> {
    let under_way = UnderWay::beside(path)?;
    let written = disk::add(&under_way.file, &under_way.path, bytes)
        .and_then(|()| disk::sync(&under_way.file))
        .and_then(|()| disk::rename(&under_way.path, path));
    written.map_err(LibraryError::io("write", path))
}

/// The same for a large file that can be made again. It is not waited for until it is on the disk, so
/// whoever reads it has to see whether it is whole: the power may have gone meanwhile.
pub fn write_large(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), LibraryError> {
    let under_way = UnderWay::beside(path)?;
    let written =
        disk::fill(&under_way.path, fill).and_then(|()| disk::rename(&under_way.path, path));
    written.map_err(LibraryError::io("write", path))
}

/// Deletes the files in a folder that killed runs were writing.
pub fn clear_leftovers(folder: &Path) {
    delete_unheld(folder, WRITING);
}

/// How a file begins that will have that name.
fn hash_of(name: &OsStr) -> String {
    let hash = blake3::hash(name.as_encoded_bytes()).to_hex();
    format!("{WRITING}{hash:.HASH_DIGITS$}-")
}

/// Whether the name is one of a file under way, to the last character.
fn is_under_way(name: &str) -> bool {
    let Some((hash, chance)) = name.strip_prefix(WRITING).and_then(|rest| rest.split_once('-'))
    else {
        return false;
    };
    hash.len() == HASH_DIGITS
        && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        && chance.len() == CHANCE
        && chance.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Deletes the files under way whose names begin so and that no run holds.
fn delete_unheld(folder: &Path, begin: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| name.starts_with(begin)) else { continue };
        if !is_under_way(name) || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let path = entry.path();
        let held = File::open(&path).and_then(|file| disk::hold(&file));
        if matches!(held, Ok(Hold::Ours))
            && let Err(fault) = disk::remove_file(&path)
        {
            tracing::debug!("cannot delete `{}`: {fault}", path.display());
        }
    }
}

/// A file under way, held by this run. Dropping it deletes it.
struct UnderWay {
    path: PathBuf,
    file: File,
}

impl UnderWay {
    /// Begins a file that will have that path.
    fn beside(path: &Path) -> Result<UnderWay, LibraryError> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        disk::create_dir_all(folder).map_err(LibraryError::io("create", folder))?;
        let begin = hash_of(path.file_name().unwrap_or_default());
        delete_unheld(folder, &begin);
        UnderWay::begin(folder, &begin).map_err(LibraryError::io("write into", folder))
    }

    fn begin(folder: &Path, begin: &str) -> io::Result<UnderWay> {
        for _ in 0..TRIES {
            let made = tempfile::Builder::new()
                .prefix(begin)
                .rand_bytes(CHANCE)
                .disable_cleanup(true)
                .make_in(folder, disk::create_new)?;
            let (file, path) = made.into_parts();
            let under_way = UnderWay { path: path.to_path_buf(), file };
            disk::hold(&under_way.file)?;
            if disk::is_still_at(&under_way.file, &under_way.path) {
                return Ok(under_way);
            }
        }
        Err(io::Error::other("files are deleted as soon as they are made"))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        // in place, it has another name
        if disk::is_there(&self.path)
            && let Err(fault) = disk::remove_file(&self.path)
        {
            tracing::debug!("cannot delete `{}`: {fault}", self.path.display());
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    schema: u32,
    record: T,
}

#[derive(Deserialize)]
struct SchemaOnly {
    schema: u32,
}

/// Writes a record as JSON with its schema number, whole or not at all, and returns the bytes.
pub fn write_record<T: Serialize>(
    path: &Path,
    schema: u32,
    record: &T,
) -> Result<Vec<u8>, LibraryError> {
    let mut bytes = serde_json::to_vec(&Versioned { schema, record }).map_err(|fault| {
        LibraryError::Record { path: path.to_path_buf(), message: fault.to_string() }
    })?;
    bytes.push(b'\n');
    write_atomic(path, &bytes)?;
    Ok(bytes)
}

/// Reads a record back. A newer schema is refused with a sentence.
pub fn read_record<T: DeserializeOwned>(path: &Path, schema: u32) -> Result<T, LibraryError> {
    let fault = |message: String| LibraryError::Record { path: path.to_path_buf(), message };
    let bytes = read_bounded(path)?;
    let found: SchemaOnly = serde_json::from_slice(&bytes).map_err(|e| fault(e.to_string()))?;
    if found.schema > schema {
        let (path, found) = (path.to_path_buf(), found.schema);
        return Err(LibraryError::Newer { path, found, known: schema });
    }
    let versioned: Versioned<T> =
        serde_json::from_slice(&bytes).map_err(|e| fault(e.to_string()))?;
    Ok(versioned.record)
}

/// Reads a whole file, refusing one too large to be ours.
pub fn read_bounded(path: &Path) -> Result<Vec<u8>, LibraryError> {
    regular::read(path, MAX_RECORD_BYTES)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_newer_record_is_refused_with_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.json");
        write_record(&path, 2, &vec![1, 2]).unwrap();
        assert_eq!(read_record::<Vec<i32>>(&path, 2).unwrap(), [1, 2]);
        let message = read_record::<Vec<i32>>(&path, 1).unwrap_err().to_string();
        assert!(message.contains("newer linernotes"), "{message}");
    }

    #[test]
    fn nothing_is_left_behind_by_a_write() {
        let folder = tempfile::tempdir().unwrap();
        write_atomic(&folder.path().join("a/b.txt"), b"x").unwrap();
        let names: Vec<_> = fs::read_dir(folder.path().join("a")).unwrap().collect();
        assert_eq!(names.len(), 1);
    }

    #[test]
    fn what_a_killed_run_was_writing_goes_and_what_another_writes_or_a_person_has_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (at, named) = (|name: &str| folder.path().join(name), hash_of(OsStr::new("a.toml")));
        let dead = at(&format!("{named}12345678"));
        fs::write(&dead, "half").unwrap();
        let alive = UnderWay::begin(folder.path(), &named).unwrap();
        let theirs = [
            ".writing-12345678",
            ".linernotes-writing-mine",
            ".linernotes-writing-a.toml-12345678",
            &format!("{named}1234567"),
            &format!("{}12345678", hash_of(OsStr::new("b.toml"))),
        ]
        .map(at);
        for path in &theirs {
            fs::write(path, "mine").unwrap();
        }
        write_atomic(&at("a.toml"), b"whole").unwrap();
        assert!(!dead.exists() && alive.path.exists());
        assert!(theirs.iter().all(|path| path.exists()));
        write_large(&at("a.toml"), |file| file.write_all(b"later")).unwrap();
        drop(alive);
        assert_eq!(fs::read(at("a.toml")).unwrap(), b"later");
        clear_leftovers(folder.path());
        assert_eq!(theirs.iter().filter(|path| path.exists()).count(), 4, "the dead one of b.toml");
    }
}
