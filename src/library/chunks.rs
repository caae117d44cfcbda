//! Finished pieces of a stage, one JSON line each, so that a killed run goes on from the last one, and
//! a changed setting costs only the pieces that it changes.
//!
//! A line is `["HASH","KEY",VALUE]`, with the hash of what follows it: one that a kill left half
//! written, or that was damaged since, is passed over, and its piece is made again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::disk;
use crate::library::LibraryError;
use crate::library::artifact::{read_bounded, write_atomic};
use crate::library::fingerprint::Fingerprint;

/// Pieces by key, on disk as they come.
#[derive(Debug)]
pub struct ChunkLog {
    path: PathBuf,
    file: File,
    known: BTreeMap<String, Value>,
    /// The keys that this run asked for or put.
    used: BTreeSet<String>,
}

impl ChunkLog {
    /// Opens the log, or begins a new one.
    pub fn open(path: &Path) -> Result<ChunkLog, LibraryError> {
        if let Some(folder) = path.parent() {
            disk::create_dir_all(folder).map_err(LibraryError::io("create", folder))?;
        }
        let found = read_bounded(path).unwrap_or_default();
        let lines = || found.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let known: BTreeMap<String, Value> = lines().filter_map(piece).collect();
        let is_cut = found.last().is_some_and(|last| *last != b'\n');
        if is_cut || lines().any(|line| piece(line).is_none()) {
            let whole: Vec<&[u8]> = lines().filter(|line| piece(line).is_some()).collect();
            let mut bytes = whole.join(&b'\n');
            bytes.extend((!whole.is_empty()).then_some(b'\n'));
            write_atomic(path, &bytes)?;
        }
        let file = disk::open_to_add(path).map_err(LibraryError::io("write", path))?;
        Ok(ChunkLog { path: path.to_path_buf(), file, known, used: BTreeSet::new() })
    }

    /// The piece that was kept under that key.
    pub fn get(&mut self, key: &str) -> Option<&Value> {
        let value = self.known.get(key)?;
        self.used.insert(key.to_string());
        Some(value)
    }

    /// Keeps a piece; it is on disk when this returns.
    pub fn put(&mut self, key: &str, value: Value) -> Result<(), LibraryError> {
        let line = self.line(key, &value)?;
        disk::add(&self.file, &self.path, &line)
            .and_then(|()| disk::sync(&self.file))
            .map_err(LibraryError::io("write", &self.path))?;
        self.known.insert(key.to_string(), value);
        self.used.insert(key.to_string());
        Ok(())
    }

    fn line(&self, key: &str, value: &Value) -> Result<Vec<u8>, LibraryError> {
        let pair = serde_json::to_string(&(key, value)).map_err(|fault| LibraryError::Record {
            path: self.path.clone(),
            message: fault.to_string(),
        })?;
        let rest = pair.strip_prefix('[').unwrap_or(&pair);
        Ok(format!("[\"{}\",{rest}\n", Fingerprint::of_bytes(rest.as_bytes())).into_bytes())
    }

    /// How many pieces are kept.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether nothing is kept yet.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The stage is through: keeps what it used, and nothing of earlier settings.
    pub fn keep_used(self) -> Result<(), LibraryError> {
        if self.known.len() == self.used.len() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for (key, value) in self.known.iter().filter(|(key, _)| self.used.contains(*key)) {
            lines.extend(self.line(key, value)?);
        }
        write_atomic(&self.path, &lines)
    }
}

/// The piece in a line; `None` where the line is not as it was written.
fn piece(line: &[u8]) -> Option<(String, Value)> {
    let (hash, key, value): (String, String, Value) = serde_json::from_slice(line).ok()?;
    let start = "[\"".len() + hash.len() + "\",".len();
    let found = Fingerprint::of_bytes(line.get(start..)?).to_string();
    (found == hash).then_some((key, value))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn pieces_outlive_a_kill_in_the_middle_of_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let mut log = ChunkLog::open(&path).unwrap();
        log.put("a", 1.into()).unwrap();
        drop(log);
        fs::write(&path, [fs::read(&path).unwrap().as_slice(), b"[\"0\",\"b\",{\"ha"].concat())
            .unwrap();
        let mut log = ChunkLog::open(&path).unwrap();
        assert_eq!((log.len(), log.get("a")), (1, Some(&1.into())));
        log.put("c", 3.into()).unwrap();
        drop(log);
        assert_eq!(ChunkLog::open(&path).unwrap().len(), 2);
    }

    #[test]
    fn a_damaged_line_costs_its_piece_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let mut log = ChunkLog::open(&path).unwrap();
        log.put("a", 1.into()).unwrap();
        log.put("b", serde_json::json!({"text": "two \n", "p": 0.3})).unwrap();
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 4;
            fs::write(&path, damaged).unwrap();
            let mut log = ChunkLog::open(&path).unwrap();
            let right = [("a", 1.into()), ("b", serde_json::json!({"text": "two \n", "p": 0.3}))];
            let kept = right.iter().filter(|(key, value)| log.get(key) == Some(value)).count();
            assert_eq!(log.len(), kept, "byte {at}: nothing else is believed");
            assert!(kept == 1 || whole[at] == b'\n', "byte {at}");
        }
        fs::write(&path, "").unwrap();
        assert!(ChunkLog::open(&path).unwrap().is_empty());
        fs::write(&path, [0; 999]).unwrap();
        assert!(ChunkLog::open(&path).unwrap().is_empty());
    }

    #[test]
    fn what_a_run_did_not_use_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let mut log = ChunkLog::open(&path).unwrap();
        for key in ["a", "b", "c"] {
            log.put(key, 1.into()).unwrap();
        }
        log.keep_used().unwrap();
        let mut log = ChunkLog::open(&path).unwrap();
        assert!(log.get("b").is_some());
        log.put("d", 2.into()).unwrap();
        log.keep_used().unwrap();
        let mut log = ChunkLog::open(&path).unwrap();
        assert_eq!((log.len(), log.get("b").is_some(), log.get("d").is_some()), (2, true, true));
    }
}
