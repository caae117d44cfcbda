//! One run at a time on an episode.

use std::fs::{self, File, TryLockError};

use crate::library::LibraryError;
use crate::library::folder::EpisodeFolder;

/// Held while a run works on an episode; the system lets go of it however the run ends.
#[derive(Debug)]
pub struct EpisodeLock {
    _file: File,
}

impl EpisodeLock {
    /// Takes the episode, or says that another run has it.
    pub fn take(folder: &EpisodeFolder) -> Result<EpisodeLock, LibraryError> {
        let work = folder.work();
        fs::create_dir_all(&work).map_err(LibraryError::io("create", &work))?;
        let path = work.join("lock");
        let file = File::create(&path).map_err(LibraryError::io("write", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(EpisodeLock { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(LibraryError::Busy { path: folder.root().to_path_buf() })
            }
            Err(TryLockError::Error(cause)) => {
                Err(LibraryError::Io { action: "lock", path, cause })
            }
        }
    }
}
