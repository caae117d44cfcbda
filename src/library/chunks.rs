//! Finished pieces of an unfinished stage, one JSON line each, so that a killed run goes on from the
//! last one.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::library::LibraryError;
use crate::library::artifact::read_bounded;

/// Pieces by key, on disk as they come. A line that a kill left half written is passed over.
#[derive(Debug)]
pub struct ChunkLog {
    path: PathBuf,
    file: File,
    known: BTreeMap<String, Value>,
}

impl ChunkLog {
    /// Opens the log, or begins a new one.
    pub fn open(path: &Path) -> Result<ChunkLog, LibraryError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(LibraryError::io("create", folder))?;
        }
        let mut known = BTreeMap::new();
        if path.exists() {
            for line in read_bounded(path)?.split(|byte| *byte == b'\n') {
                if let Ok((key, value)) = serde_json::from_slice::<(String, Value)>(line) {
                    known.insert(key, value);
                }
            }
        }
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .map_err(LibraryError::io("write", path))?;
        // a half-written last line must not swallow the next one
        file.write_all(b"\n").map_err(LibraryError::io("write", path))?;
        Ok(ChunkLog { path: path.to_path_buf(), file, known })
    }

    /// The piece that was kept under that key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.known.get(key)
    }

    /// Keeps a piece; it is on disk when this returns.
    pub fn put(&mut self, key: &str, value: Value) -> Result<(), LibraryError> {
        let mut line = serde_json::to_vec(&(key, &value)).map_err(|fault| {
            LibraryError::Record { path: self.path.clone(), message: fault.to_string() }
        })?;
        line.push(b'\n');
        self.file
            .write_all(&line)
            .and_then(|()| self.file.sync_data())
            .map_err(LibraryError::io("write", &self.path))?;
        self.known.insert(key.to_string(), value);
        Ok(())
    }

    /// How many pieces are kept.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether nothing is kept yet.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Deletes the log: the stage is through.
    pub fn remove(self) -> Result<(), LibraryError> {
        fs::remove_file(&self.path).map_err(LibraryError::io("delete", &self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_outlive_a_kill_in_the_middle_of_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let mut log = ChunkLog::open(&path).unwrap();
        log.put("a", 1.into()).unwrap();
        drop(log);
        fs::write(&path, [fs::read(&path).unwrap().as_slice(), b"[\"b\",{\"ha"].concat()).unwrap();
        let mut log = ChunkLog::open(&path).unwrap();
        assert_eq!((log.len(), log.get("a")), (1, Some(&1.into())));
        log.put("c", 3.into()).unwrap();
        drop(log);
        assert_eq!(ChunkLog::open(&path).unwrap().len(), 2);
    }
}
