//! Edition + show -> [`Artifact`]s in memory: the page, the notes, the captions. No disk.

/// One finished file, not yet on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The file's name inside `out/`, as `index.html`.
    pub relative_path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}
