//! Keeps finished chunks, so that a killed run goes on from the last one, and a changed spelling decodes
//! again only the chunks that it concerns.

use std::collections::BTreeMap;
use std::io;

use crate::transcribe::recognizer::Hypothesis;

/// Where decoded chunks are kept. A key names the sound, the model and every setting that the
/// result depends on, so a kept chunk never goes stale.
pub trait ChunkStore {
    /// The result kept under `key`, if there is one and it can be read.
    fn get(&mut self, key: &str) -> Option<Hypothesis>;

    /// Keeps `hypothesis` under `key`.
    fn put(&mut self, key: &str, hypothesis: &Hypothesis) -> io::Result<()>;
}

/// Keeps chunks in memory, for a single run.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(pub(crate) BTreeMap<String, Hypothesis>);

impl ChunkStore for MemoryStore {
    fn get(&mut self, key: &str) -> Option<Hypothesis> {
        self.0.get(key).cloned()
    }

    fn put(&mut self, key: &str, hypothesis: &Hypothesis) -> io::Result<()> {
        self.0.insert(key.to_owned(), hypothesis.clone());
        Ok(())
    }
}
