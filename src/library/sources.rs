//! The files of people that stages read: each one's hash, and whether it stayed as it was while a
//! stage read it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::library::LibraryError;
use crate::library::fingerprint::Fingerprint;
use crate::library::mark::{FileMark, Stamp};

/// The files that one stage reads are watched from before they are hashed until the stage is
/// through, so that the hash is that of the bytes that the stage really read.
#[derive(Debug, Default)]
pub struct Sources {
    /// The hashes, by path, so that a large file is not read again while nothing happened to it.
    known: BTreeMap<String, FileMark>,
    used: BTreeSet<String>,
    watched: Vec<Watched>,
}

#[derive(Debug)]
struct Watched {
    path: PathBuf,
    before: Option<Stamp>,
    hash: Fingerprint,
}

impl Sources {
    /// The files with the hashes that earlier runs found.
    pub fn new(known: BTreeMap<String, FileMark>) -> Sources {
        Sources { known, ..Sources::default() }
    }

    /// A stage begins: nothing is watched yet.
    pub fn begin(&mut self) {
        self.watched.clear();
    }

    /// The hash of a file, which is watched from here on.
    pub fn hash(&mut self, path: &Path) -> Result<Fingerprint, LibraryError> {
        if let Some(watched) = self.watched.iter().find(|watched| watched.path == path) {
            return Ok(watched.hash.clone());
        }
        let before = Stamp::of(path);
        let key = std::path::absolute(path).unwrap_or_else(|_| path.into()).display().to_string();
        let known = self.known.get(&key).filter(|mark| mark.is_known(path));
        let mark = known.map_or_else(|| FileMark::of(path), |mark| Ok(mark.clone()))?;
        let hash = mark.hash.clone();
        if mark.has_stamp() {
            self.known.insert(key.clone(), mark);
            self.used.insert(key);
        } else {
            self.known.remove(&key);
        }
        self.watched.push(Watched { path: path.to_path_buf(), before, hash: hash.clone() });
        Ok(hash)
    }

    /// The first of the watched files that somebody wrote, or put another in the place of, since it
    /// was hashed.
    pub fn changed(&self) -> Option<&Path> {
        let mut watched = self.watched.iter();
        watched.find(|file| Stamp::of(&file.path) != file.before).map(|file| file.path.as_path())
    }

    /// What is worth knowing in the next run.
    pub fn known(&self) -> &BTreeMap<String, FileMark> {
        &self.known
    }

    /// A run is through to its end: what it did not use is forgotten.
    pub fn keep_used(&mut self) {
        self.known.retain(|path, _| self.used.contains(path));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_changes_after_it_was_hashed_is_told_and_keeps_its_first_hash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "one").unwrap();
        let mut sources = Sources::default();
        let first = sources.hash(&path).unwrap();
        assert_eq!(sources.changed(), None);
        fs::write(&path, "another").unwrap();
        assert_eq!(sources.changed(), Some(path.as_path()));
        assert_eq!(sources.hash(&path).unwrap(), first, "one hash a stage");
        sources.begin();
        assert_ne!(sources.hash(&path).unwrap(), first);
        fs::remove_file(&path).unwrap();
        assert_eq!(sources.changed(), Some(path.as_path()));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_put_in_its_place_and_back_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, copy) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&path, "one").unwrap();
        let mut sources = Sources::default();
        sources.hash(&path).unwrap();
        fs::copy(&path, &copy).unwrap();
        fs::rename(&copy, &path).unwrap();
        assert_eq!(sources.changed(), Some(path.as_path()), "the same bytes in another file");
    }

    #[test]
    fn a_large_file_is_known_in_the_next_run_and_forgotten_when_it_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let file = fs::File::create(&path).unwrap();
        file.set_len(9 << 20).unwrap();
        let mut sources = Sources::default();
        sources.hash(&path).unwrap();
        assert!(sources.known().is_empty(), "a change right now would not show");
        std::thread::sleep(std::time::Duration::from_millis(2_100));
        sources.begin();
        sources.hash(&path).unwrap();
        assert_eq!(sources.known().len(), 1);
        let mut next = Sources::new(sources.known().clone());
        next.keep_used();
        assert!(next.known().is_empty());
    }
}
