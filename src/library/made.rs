//! What was made for a new episode, so that it can be taken back where its audio is refused.

use std::path::{Path, PathBuf};

use crate::disk;
use crate::library::LibraryError;
use crate::library::artifact::write_atomic;
use crate::library::fingerprint::Fingerprint;

/// Files and folders that were not there before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Made {
    files: Vec<(PathBuf, Fingerprint)>,
    /// The outer ones first.
    folders: Vec<PathBuf>,
}

impl Made {
    /// Writes a new file, with the folders that it needs.
    pub(super) fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), LibraryError> {
        let above = path.ancestors().skip(1);
        let mut missing: Vec<PathBuf> = above
            .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
            .map(Path::to_path_buf)
            .collect();
        missing.reverse();
        write_atomic(path, bytes)?;
        self.folders.extend(missing);
        self.files.push((path.to_path_buf(), Fingerprint::of_bytes(bytes)));
        Ok(())
    }

    /// Whether that file was made.
    pub(super) fn holds(&self, path: &Path) -> bool {
        self.files.iter().any(|(made, _)| made == path)
    }

    /// Deletes what was made, and `work`, which the machine filled since. Nothing is deleted once a
    /// person has changed one of the files, and no folder in which something else lies.
    pub(super) fn take_back(&self, work: &Path) {
        let is_ours = |(path, hash): &(PathBuf, Fingerprint)| {
            Fingerprint::of_file(path).is_ok_and(|found| found == *hash)
        };
        if self.files.is_empty() || !self.files.iter().all(is_ours) {
            return;
        }
        let told = |result: std::io::Result<()>, path: &Path| {
            if let Err(fault) = result {
                tracing::debug!("`{}` stays: {fault}", path.display());
            }
        };
        told(disk::remove_dir_all(work), work);
        for (path, _) in &self.files {
            told(disk::remove_file(path), path);
        }
        for folder in self.folders.iter().rev() {
            told(disk::remove_dir(folder), folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_was_made_goes_and_what_was_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let show = folder.path().join("show");
        fs::create_dir(&show).unwrap();
        let root = show.join("season/one");
        let mut made = Made::default();
        made.write(&root.join("episode.toml"), b"new").unwrap();
        fs::create_dir(root.join("work")).unwrap();
        fs::write(root.join("work/1-recording.json"), "").unwrap();
        made.take_back(&root.join("work"));
        assert_eq!(fs::read_dir(&show).unwrap().count(), 0);
        assert!(show.is_dir());
    }

    #[test]
    fn nothing_of_a_person_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("one");
        let mut made = Made::default();
        made.write(&root.join("episode.toml"), b"new").unwrap();
        fs::write(root.join("notes.txt"), "mine").unwrap();
        made.take_back(&root.join("work"));
        assert!(root.join("notes.txt").is_file() && !root.join("episode.toml").exists());
        made.write(&root.join("episode.toml"), b"new").unwrap();
        fs::write(root.join("episode.toml"), "mine").unwrap();
        fs::create_dir(root.join("work")).unwrap();
        made.take_back(&root.join("work"));
        assert!(root.join("episode.toml").is_file() && root.join("work").is_dir());
    }
}
