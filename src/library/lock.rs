//! One run at a time on an episode.

use std::fs::File;

use crate::disk::{self, Hold};
use crate::library::LibraryError;
use crate::library::artifact::clear_leftovers;
use crate::library::folder::EpisodeFolder;

/// Held while a run works on an episode; the system lets go of it however the run ends.
#[derive(Debug)]
pub struct EpisodeLock {
    _file: File,
}

impl EpisodeLock {
    /// Takes the episode, or says that another run has it. What a killed run was writing in `work/`
    /// is deleted.
    pub fn take(folder: &EpisodeFolder) -> Result<EpisodeLock, LibraryError> {
        EpisodeLock::take_as(folder, "lock")
    }

    /// The same for work that others may go on beside, under a name of its own.
    pub fn take_as(folder: &EpisodeFolder, name: &str) -> Result<EpisodeLock, LibraryError> {
        let work = folder.work();
        disk::create_dir_all(&work).map_err(LibraryError::io("create", &work))?;
        let path = work.join(name);
        let file = disk::open_to_add(&path).map_err(LibraryError::io("write", &path))?;
        match disk::hold(&file).map_err(LibraryError::io("lock", &path))? {
            Hold::Ours => clear_leftovers(&work),
            Hold::Anothers => {
                return Err(LibraryError::Busy { path: folder.root().to_path_buf() });
            }
            Hold::Unknown => tracing::warn!("`{}` cannot be locked", path.display()),
        }
        Ok(EpisodeLock { _file: file })
    }
}
