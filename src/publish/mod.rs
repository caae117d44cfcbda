//! Artifacts -> `out/`: everything is put in place whole or not at all.
//!
//! The files are written into a new folder beside `out/`, which then takes its place in one step;
//! those that have not changed are linked into it, not written. What a person put into `out/` by
//! hand is carried over. A show's site is put in place by the same [`Tree`].
//!
//! `workspace.rs` holds the folder under way against other runs and puts right what a killed one left;
//! `swap.rs` puts it in place; `in_place.rs` does where nothing can be moved.

mod carry;
mod in_place;
mod listing;
mod swap;
pub mod tag_audio;
mod target;
mod tree;
mod workspace;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::render::Artifact;
use workspace::Workspace;

pub use listing::LISTING;
pub use tag_audio::Front;
pub use target::resolve;
pub use tree::{Placed, Tree};

/// A file that is published as it is, but for the tag at its front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCopy {
    /// The file.
    pub from: PathBuf,
    /// The copy's name.
    pub name: String,
    /// What the copy begins with instead.
    pub front: Option<Front>,
}

/// Why nothing was published; what was there before is still there.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`: {cause}", path.display())]
pub struct PublishError {
    /// What was tried, as `write`.
    pub action: &'static str,
    /// Which file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub cause: io::Error,
}

impl PublishError {
    fn of(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> PublishError {
        let path = path.to_path_buf();
        move |cause| PublishError { action, path, cause }
    }

    /// What to do next.
    pub fn hint(&self) -> &'static str {
        use io::ErrorKind;
        match self.cause.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                "the disk is full: free some space and run again; all stages before are kept"
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                "check the permissions of the folder"
            }
            ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
                "move it away, or publish elsewhere with `-o DIR`"
            }
            ErrorKind::WouldBlock => "wait until it ends, or stop it first",
            ErrorKind::InvalidData => "publish with the newest linernotes that you have",
            _ if self.action == target::FOLLOW => {
                "make the folder that the link leads to, or delete the link"
            }
            _ => "check the disk and run again; all stages before are kept",
        }
    }
}

/// Puts the artifacts, and copies of other files under the given names, in place of what `out` was.
/// Returns the text of the listing that says which files those are; `last` is that of the last time,
/// for the case that the one in `out` is damaged. `may_go` is asked when all is written, before it
/// takes its place.
pub fn publish<E: From<PublishError>>(
    files: &[Artifact],
    copies: &[FileCopy],
    out: &Path,
    last: Option<&str>,
    may_go: impl FnOnce() -> Result<(), E>,
) -> Result<String, E> {
    let mut tree = Tree::begin(out)?;
    if let Some(last) = last {
        tree.recognise(last);
    }
    for file in files {
        tree.write(&file.relative_path, &file.bytes)?;
    }
    for copy in copies {
        match &copy.front {
            Some(front) => tree.copy_with_front(&copy.from, &copy.name, front)?,
            None => tree.copy(&copy.from, &copy.name)?,
        }
    }
    may_go()?;
    Ok(tree.finish()?.listing)
}

/// Whether a folder is one that was published here before.
pub fn is_ours(folder: &Path) -> bool {
    folder.join(LISTING).is_file()
}

/// The first of a published folder's files that is missing, or not as it was published.
pub fn damaged(out: &Path) -> Option<PathBuf> {
    match listing::Listing::of_folder(out) {
        Ok(listing) => listing.damaged_in(out),
        Err(_) => Some(out.join(LISTING)),
    }
}

/// Which version of a folder is published; another one has another, be its files the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    listing: Vec<u8>,
    written: Option<SystemTime>,
}

/// The version that is in place; `None` where nothing was published here.
pub fn version(out: &Path) -> Option<Version> {
    let path = out.join(LISTING);
    let written = fs::metadata(&path).and_then(|data| data.modified()).ok();
    Some(Version { listing: fs::read(&path).ok()?, written })
}

/// Puts back what a killed run took out of place. Nothing is done where there is no such thing.
///
/// # Errors
/// Where a run is at work on the folder just now.
pub fn put_right(out: &Path) -> Result<(), PublishError> {
    let target = resolve(out)?;
    let parent = target::parent_of(&target);
    if Workspace::is_in(parent, &target) {
        Workspace::claim(parent, &target)?;
    }
    Ok(())
}

/// The name of the audio's copy in `out/`: `audio` with the file's own ending.
pub fn audio_name(audio: &Path) -> Option<String> {
    let ending = audio.extension()?.to_string_lossy().to_ascii_lowercase();
    let plain = !ending.is_empty() && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    plain.then(|| format!("audio.{ending}"))
}

/// The media type that tells a browser what the file is; empty where it is better left to guess.
pub fn media_type(container: &str, codec: &str) -> &'static str {
    match container {
        "mp3" | "mp1" | "mp2" | "mpa" => "audio/mpeg",
        "mp4" | "isomp4" | "m4a" | "mov" => "audio/mp4",
        "ogg" if codec == "opus" => "audio/ogg; codecs=opus",
        "ogg" => "audio/ogg",
        "flac" => "audio/flac",
        "wav" | "wave" => "audio/wav",
        "webm" => "audio/webm",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publish(
        files: &[Artifact],
        copies: &[FileCopy],
        out: &Path,
        last: Option<&str>,
    ) -> Result<String, PublishError> {
        super::publish(files, copies, out, last, || Ok(()))
    }

    fn artifact(name: &str, text: &str) -> Artifact {
        Artifact { relative_path: name.into(), bytes: text.into() }
    }

    #[test]
    fn old_files_go_and_a_persons_own_stay() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        publish(&[artifact("a.txt", "1"), artifact("b.txt", "1")], &[], &out, None).unwrap();
        fs::write(out.join("mine.txt"), "mine").unwrap();
        fs::create_dir(out.join("mine")).unwrap();
        fs::write(out.join("mine/too.txt"), "too").unwrap();
        publish(&[artifact("a.txt", "2")], &[], &out, None).unwrap();
        assert_eq!(fs::read_to_string(out.join("a.txt")).unwrap(), "2");
        assert_eq!(fs::read_to_string(out.join("mine.txt")).unwrap(), "mine");
        assert_eq!(fs::read_to_string(out.join("mine/too.txt")).unwrap(), "too");
        assert!(!out.join("b.txt").exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no leftovers");
    }

    #[test]
    fn what_may_not_go_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        publish(&[artifact("a.txt", "1")], &[], &out, None).unwrap();
        let no = || Err(PublishError::of("read", &out)(io::Error::other("it changed")));
        super::publish(&[artifact("a.txt", "2")], &[], &out, None, no).unwrap_err();
        assert_eq!(fs::read_to_string(out.join("a.txt")).unwrap(), "1");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no leftovers");
    }

    #[test]
    fn a_failure_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        publish(&[artifact("a.txt", "1")], &[], &out, None).unwrap();
        let from = folder.path().join("missing.mp3");
        let copies = [FileCopy { from, name: "audio.mp3".to_string(), front: None }];
        publish(&[artifact("a.txt", "2")], &copies, &out, None).unwrap_err();
        assert_eq!(fs::read_to_string(out.join("a.txt")).unwrap(), "1");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no leftovers");
    }
}
