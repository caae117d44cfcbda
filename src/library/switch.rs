//! Several files of an episode change together: all of them, or none.
//!
//! The new files are made ready in `work/`, beside the old ones; then their folder gets a name by which
//! every later run knows that they are to be put in place, and does so before it reads anything. A run that
//! is killed before that moment changed nothing; one that is killed after it is finished by the next.
//! The old files stay in a folder of their own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::disk::{self, is_there};
use crate::library::LibraryError;
use crate::library::artifact::{read_bounded, write_atomic};
use crate::library::folder::EpisodeFolder;
use crate::library::lock::EpisodeLock;

/// Where the files are made ready.
const READY: &str = "switch";
/// How their folder is called while they are put in place.
const UNDER_WAY: &str = "switch-under-way";
/// The new files in it; the old ones stand beside.
const NEW: &str = "new";
/// The files of a person, which are at most links.
const WRITTEN: [&str; 2] = ["episode.toml", "edits.toml"];

/// Files that are to change together.
#[derive(Debug)]
pub struct Switch<'f> {
    folder: &'f EpisodeFolder,
    ready: PathBuf,
}

impl Switch<'_> {
    /// Begins with none; what a killed run made ready goes. The caller holds the episode's lock.
    ///
    /// # Errors
    /// What the system says.
    pub fn begin(folder: &EpisodeFolder) -> Result<Switch<'_>, LibraryError> {
        let ready = folder.work_file(READY);
        disk::remove_dir_all(&ready).map_err(LibraryError::io("delete", &ready))?;
        let work = ready.join(NEW).join("work");
        disk::create_dir_all(&work).map_err(LibraryError::io("create", &work))?;
        Ok(Switch { folder, ready })
    }

    /// The folder in which the new files of `work/` are made ready.
    pub fn work(&self) -> PathBuf {
        self.ready.join(NEW).join("work")
    }

    /// Makes another file ready.
    ///
    /// # Errors
    /// What the system says.
    pub fn add(&self, name: &str, bytes: &[u8]) -> Result<(), LibraryError> {
        write_atomic(&self.ready.join(NEW).join(name), bytes)
    }

    /// Puts a file to the old ones, that says what they are.
    ///
    /// # Errors
    /// What the system says.
    pub fn note(&self, name: &str, text: &str) -> Result<(), LibraryError> {
        write_atomic(&self.ready.join(name), text.as_bytes())
    }

    /// Puts all new files in place, and returns the folder with the old ones.
    ///
    /// # Errors
    /// What the system says. The next run goes on.
    pub fn done(self) -> Result<PathBuf, LibraryError> {
        self.keep_old()?;
        let under_way = self.folder.root().join(UNDER_WAY);
        disk::rename(&self.ready, &under_way).map_err(LibraryError::io("move", &self.ready))?;
        put_in_place(self.folder, &under_way)
    }

    /// The old files get a second name, or are copied where there are no such names.
    fn keep_old(&self) -> Result<(), LibraryError> {
        for name in WRITTEN {
            let own = self.folder.root().join(name);
            if is_there(&own) {
                write_atomic(&self.ready.join(name), &read_bounded(&own)?)?;
            }
        }
        let kept = self.ready.join("work");
        disk::create_dir_all(&kept).map_err(LibraryError::io("create", &kept))?;
        for name in files(&self.folder.work())?.iter().filter(|name| *name != "lock") {
            let (from, to) = (self.folder.work_file(name), kept.join(name));
            if disk::hard_link(&from, &to).is_err() {
                disk::copy(&from, &to).map_err(LibraryError::io("copy", &from))?;
            }
        }
        Ok(())
    }
}

impl Drop for Switch<'_> {
    /// What is not put in place goes.
    fn drop(&mut self) {
        if let Err(fault) = disk::remove_dir_all(&self.ready) {
            tracing::debug!("`{}` stays: {fault}", self.ready.display());
        }
    }
}

/// Puts in place what a killed run made ready, if there is anything.
///
/// # Errors
/// What the system says, or that another run is at it.
pub fn finish(folder: &EpisodeFolder) -> Result<(), LibraryError> {
    if !is_there(&folder.root().join(UNDER_WAY)) {
        return Ok(());
    }
    let _lock = EpisodeLock::take(folder)?;
    // another run may have done it meanwhile
    let under_way = folder.root().join(UNDER_WAY);
    if is_there(&under_way) {
        put_in_place(folder, &under_way)?;
    }
    Ok(())
}

/// Each step may be the second time.
fn put_in_place(folder: &EpisodeFolder, under_way: &Path) -> Result<PathBuf, LibraryError> {
    let new = under_way.join(NEW);
    if is_there(&new) {
        let work = new.join("work");
        for name in files(&work)? {
            let (from, to) = (work.join(&name), folder.work_file(&name));
            disk::rename(&from, &to).map_err(LibraryError::io("move", &from))?;
        }
        for name in files(&new)? {
            let (from, to) = (new.join(&name), folder.root().join(&name));
            // a link stays one
            let place = to.canonicalize().unwrap_or(to);
            write_atomic(&place, &read_bounded(&from)?)?;
            disk::remove_file(&from).map_err(LibraryError::io("delete", &from))?;
        }
        disk::remove_dir_all(&new).map_err(LibraryError::io("delete", &new))?;
    }
    let kept = free(folder);
    disk::rename(under_way, &kept).map_err(LibraryError::io("move", under_way))?;
    Ok(kept)
}

/// The first `before-1`, `before-2` that is not there.
fn free(folder: &EpisodeFolder) -> PathBuf {
    let mut number = 1_u32;
    loop {
        let path = folder.root().join(format!("before-{number}"));
        if !is_there(&path) {
            return path;
        }
        number += 1;
    }
}

/// The names of the files in a folder; none where there is none.
fn files(folder: &Path) -> Result<Vec<String>, LibraryError> {
    if !is_there(folder) {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(LibraryError::io("read", folder))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(LibraryError::io("read", folder))?;
        if entry.path().is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
