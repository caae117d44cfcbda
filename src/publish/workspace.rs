//! The hidden folder in which a target's next version is made.
//!
//! It lies beside the target, or in it where the target is a mount point, as
//! `.linernotes-next-site`. The file `owner` in it says for which target it is and is held by the run
//! that is at work: nobody else touches what it holds, and a second run is told to wait. A run that
//! comes after a killed one finds nobody holding it, and puts right what was left. A folder of that
//! name without that file is a person's; another name is taken then.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{PublishError, carry};
use crate::disk::{self, Hold};

const NAME: &str = ".linernotes-next-";
const OWNER: &str = "owner";
/// The version under way: made again by the next run, and never all there is of anything.
const NEXT: &str = "next";
/// The whole next version, on the point of changing places; after that, the one before.
const READY: &str = "ready";
/// The version before, where two folders cannot change places in one step.
const BEFORE: &str = "before";
/// How many bytes of a target's name stand in the folder's; names have 255 at most.
const LONGEST_NAME: usize = 150;
/// How often a folder is looked for that others take or delete meanwhile.
const TRIES: usize = 100;

/// A workspace that this run holds. Dropping it deletes it.
#[derive(Debug)]
pub(super) struct Workspace {
    root: PathBuf,
    owner: File,
}

/// What became of the wish to have a folder.
enum Claim {
    Held(File),
    /// It is not a workspace for this target.
    Foreign,
    /// Another run deleted it just now.
    Gone,
    Busy,
}

impl Workspace {
    /// Takes the workspace for `target` in `folder`, and puts right what a killed run left in it.
    pub(super) fn claim(folder: &Path, target: &Path) -> Result<Workspace, PublishError> {
        let own = target.file_name().unwrap_or(OsStr::new("out"));
        let mark = mark(own);
        let mut number = 1;
        for _ in 0..TRIES {
            let root = folder.join(name(own, number));
            match claim(&root, &mark).map_err(PublishError::of("write into", folder))? {
                Claim::Held(owner) => {
                    let workspace = Workspace { root, owner };
                    workspace.put_right(target).map_err(PublishError::of("put right", target))?;
                    return Ok(workspace);
                }
                Claim::Foreign => number += 1,
                Claim::Gone => {}
                Claim::Busy => break,
            }
        }
        let cause = io::Error::new(io::ErrorKind::WouldBlock, "another run is at work on it");
        Err(PublishError { action: "publish into", path: target.to_path_buf(), cause })
    }

    /// Whether there is a workspace for `target` in `folder`, of a run that is dead or at work.
    pub(super) fn is_in(folder: &Path, target: &Path) -> bool {
        let own = target.file_name().unwrap_or(OsStr::new("out"));
        (1..=TRIES)
            .map(|number| folder.join(name(own, number)))
            .take_while(|root| disk::is_there(root))
            .any(|root| is_ours(&root, &mark(own)).unwrap_or(false))
    }

    pub(super) fn next(&self) -> PathBuf {
        self.root.join(NEXT)
    }

    pub(super) fn ready(&self) -> PathBuf {
        self.root.join(READY)
    }

    pub(super) fn before(&self) -> PathBuf {
        self.root.join(BEFORE)
    }

    /// A killed run left what it was at: what it took out of place comes back, and what a person put
    /// into it is kept.
    fn put_right(&self, target: &Path) -> io::Result<()> {
        if disk::is_there(&self.before()) && !disk::is_there(target) {
            disk::rename(&self.before(), target)?;
        }
        for aside in [self.before(), self.ready()] {
            self.dispose(&aside, target)?;
        }
        disk::remove_dir_all(&self.next())
    }

    /// Deletes a version that is not in place, but for what is a person's and not in `target` too.
    pub(super) fn dispose(&self, aside: &Path, target: &Path) -> io::Result<()> {
        if !disk::is_there(aside) {
            return Ok(());
        }
        if target.is_dir() {
            carry::carry_over(aside, target)?;
        }
        // half deleted, it must not look like a version
        disk::remove_dir_all(&self.next())?;
        disk::rename(aside, &self.next())?;
        disk::remove_dir_all(&self.next())
    }

    fn delete(&self) -> io::Result<()> {
        disk::remove_dir_all(&self.next())?;
        if disk::is_there(&self.ready()) || disk::is_there(&self.before()) {
            // the next run puts it right
            return Ok(());
        }
        if disk::is_still_at(&self.owner, &self.root.join(OWNER)) {
            disk::remove_file(&self.root.join(OWNER))?;
            disk::remove_dir(&self.root)?;
        }
        Ok(())
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if let Err(fault) = self.delete() {
            tracing::debug!("cannot delete `{}`: {fault}", self.root.display());
        }
    }
}

/// The name of a target's workspace; a number tells it from what a person has under that name.
fn name(target: &OsStr, number: usize) -> OsString {
    let mut name = OsString::from(NAME);
    if target.len() > LONGEST_NAME {
        name.push(blake3::hash(target.as_encoded_bytes()).to_hex().as_str());
    } else {
        name.push(target);
    }
    if number > 1 {
        name.push(format!("-{number}"));
    }
    name
}

/// What the owner's file says.
fn mark(target: &OsStr) -> Vec<u8> {
    let begin: &[u8] =
        b"linernotes makes a new version of its neighbour here, and deletes this folder: ";
    [begin, target.as_encoded_bytes(), b"\n"].concat()
}

fn claim(root: &Path, mark: &[u8]) -> io::Result<Claim> {
    match disk::create_dir(root) {
        Err(fault) if fault.kind() != io::ErrorKind::AlreadyExists => return Err(fault),
        _ => {}
    }
    match is_ours(root, mark) {
        Ok(true) => {}
        Ok(false) => return Ok(Claim::Foreign),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Claim::Gone),
        Err(fault) => return Err(fault),
    }
    let path = root.join(OWNER);
    let file = match disk::open_to_add(&path) {
        Ok(file) => file,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Claim::Gone),
        Err(fault) => return Err(fault),
    };
    match disk::hold(&file)? {
        Hold::Ours => {}
        Hold::Anothers => return Ok(Claim::Busy),
        Hold::Unknown => tracing::warn!("`{}` cannot be locked", path.display()),
    }
    if !disk::is_still_at(&file, &path) {
        return Ok(Claim::Gone);
    }
    let said = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    if let Some(rest) = mark.get(said..).filter(|rest| !rest.is_empty()) {
        disk::add(&file, &path, rest)?;
    }
    Ok(Claim::Held(file))
}

/// Whether a folder is a workspace with that mark, or one that a killed run was about to mark.
fn is_ours(root: &Path, mark: &[u8]) -> io::Result<bool> {
    if !fs::symlink_metadata(root)?.is_dir() {
        return Ok(false);
    }
    let path = root.join(OWNER);
    let said = match fs::symlink_metadata(&path) {
        Ok(data) if data.is_file() && data.len() <= mark.len() as u64 => fs::read(&path)?,
        Ok(_) => return Ok(false),
        Err(_) => Vec::new(),
    };
    if said == mark {
        return Ok(true);
    }
    let mut others = 0;
    for entry in fs::read_dir(root)? {
        others += usize::from(entry?.file_name() != OWNER);
    }
    Ok(others == 0 && mark.starts_with(&said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_told_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("site");
        let first = Workspace::claim(folder.path(), &target).unwrap();
        let refused = Workspace::claim(folder.path(), &target).unwrap_err();
        assert!(refused.to_string().contains("another run is at work"), "{refused}");
        assert!(refused.hint().contains("wait"), "{}", refused.hint());
        let beside = Workspace::claim(folder.path(), &folder.path().join("other")).unwrap();
        drop((first, beside));
        drop(Workspace::claim(folder.path(), &target).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_persons_folder_of_any_name_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("site");
        let theirs = [
            (".linernotes-next-site", "mine.wav"),
            (".linernotes-next-site-2", OWNER),
            (".linernotes-next-site-3", "next"),
            (".linernotes-next-other", "mine.wav"),
            (".out-takes", "mine.wav"),
        ];
        for (name, file) in theirs {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join(file), "hours of work").unwrap();
        }
        fs::write(folder.path().join(".linernotes-next-site-4"), "a file").unwrap();
        let workspace = Workspace::claim(folder.path(), &target).unwrap();
        assert!(workspace.root.ends_with(".linernotes-next-site-5"));
        assert!(Workspace::is_in(folder.path(), &target));
        drop(workspace);
        assert!(!Workspace::is_in(folder.path(), &target));
        for (name, file) in theirs {
            let path = folder.path().join(name).join(file);
            assert_eq!(fs::read_to_string(path).unwrap(), "hours of work");
        }
    }

    #[test]
    fn a_name_of_any_length_has_a_workspace() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("ü".repeat(127));
        drop(Workspace::claim(folder.path(), &target).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
