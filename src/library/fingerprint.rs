//! What a stage's result depends on, in one short hash.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::library::LibraryError;

/// A blake3 hash in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The hash of some bytes.
    pub fn of_bytes(bytes: &[u8]) -> Fingerprint {
        Fingerprint(blake3::hash(bytes).to_hex().to_string())
    }

    /// The hash of a file's bytes, read once from end to end.
    pub fn of_file(path: &Path) -> Result<Fingerprint, LibraryError> {
        let file = fs::File::open(path).map_err(LibraryError::io("read", path))?;
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(file).map_err(LibraryError::io("read", path))?;
        Ok(Fingerprint(hasher.finalize().to_hex().to_string()))
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
