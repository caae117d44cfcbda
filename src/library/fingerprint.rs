//! What a stage's result depends on, in one short hash.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::library::LibraryError;
use crate::library::mark::FileMark;
use crate::library::regular::open_regular;

/// A blake3 hash in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The hash of some bytes.
    pub fn of_bytes(bytes: &[u8]) -> Fingerprint {
        Fingerprint(blake3::hash(bytes).to_hex().to_string())
    }

    /// The hash of several files: of their names and hashes, in the order of the names.
    pub fn of_files(files: &BTreeMap<String, FileMark>) -> Fingerprint {
        let lines = files.iter().map(|(name, mark)| format!("{name} {}\n", mark.hash));
        Fingerprint::of_bytes(lines.collect::<String>().as_bytes())
    }

    /// The hash of all bytes that go through to `to`, and how many they are.
    pub fn of_writing<W: Write>(to: W) -> HashingWriter<W> {
        HashingWriter { to, hasher: blake3::Hasher::new(), bytes: 0 }
    }

    /// The hash of a file's bytes, read once from end to end.
    pub fn of_file(path: &Path) -> Result<Fingerprint, LibraryError> {
        let file = open_regular(path)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(file).map_err(LibraryError::io("read", path))?;
        Ok(Fingerprint(hasher.finalize().to_hex().to_string()))
    }
}

/// Hashes what is written through it.
#[derive(Debug)]
pub struct HashingWriter<W> {
    to: W,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<W: Write> HashingWriter<W> {
    /// What was written.
    pub fn finish(self) -> FileMark {
        FileMark::written(self.bytes, Fingerprint(self.hasher.finalize().to_hex().to_string()))
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing that a stage's result depends on, by name, so that a change can be explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// What it is, as `the audio file` or `the recognizer`.
    pub name: String,
    /// The hash of its content or its value in a few words.
    pub value: String,
}

impl Dependency {
    /// A dependency on something that is short enough to be shown.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Dependency {
        Dependency { name: name.into(), value: value.into() }
    }

    /// A dependency on anything that serialises; only its hash is kept.
    ///
    /// # Panics
    /// Never: the settings and records that are hashed here serialise to JSON without fault.
    pub fn hashed<T: Serialize>(name: impl Into<String>, value: &T) -> Dependency {
        let bytes = serde_json::to_vec(value).expect("settings serialise to JSON");
        Dependency { name: name.into(), value: Fingerprint::of_bytes(&bytes).0 }
    }
}
