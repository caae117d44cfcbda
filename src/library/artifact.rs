//! Files that are written whole or not at all.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::library::LibraryError;

/// The largest record that is read back, in bytes: some forty hours of words.
const MAX_RECORD_BYTES: u64 = 512 << 20;

/// Writes a file so that a reader sees the old bytes or the new ones, never a part: into a
/// temporary file in the same folder, synced, then renamed. Makes the folder where it is missing.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), LibraryError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(LibraryError::io("create", folder))?;
    let mut file = tempfile::Builder::new()
        .prefix(".writing-")
        .tempfile_in(folder)
        .map_err(LibraryError::io("write into", folder))?;
    file.write_all(bytes).map_err(LibraryError::io("write", path))?;
    file.as_file().sync_all().map_err(LibraryError::io("write", path))?;
    make_readable(file.as_file()).map_err(LibraryError::io("write", path))?;
    file.persist(path).map_err(|failure| LibraryError::Io {
        action: "write",
        path: path.to_path_buf(),
        cause: failure.error,
    })?;
    Ok(())
}

/// Temporary files are private by default; what is published is for everybody.
#[cfg(unix)]
fn make_readable(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_file: &fs::File) -> std::io::Result<()> {
    Ok(())
}

#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    schema: u32,
    record: T,
}

#[derive(Deserialize)]
struct SchemaOnly {
    schema: u32,
}

/// Writes a record as JSON with its schema number, whole or not at all, and returns the bytes.
pub fn write_record<T: Serialize>(
    path: &Path,
    schema: u32,
    record: &T,
) -> Result<Vec<u8>, LibraryError> {
    let mut bytes = serde_json::to_vec(&Versioned { schema, record }).map_err(|fault| {
        LibraryError::Record { path: path.to_path_buf(), message: fault.to_string() }
    })?;
    bytes.push(b'\n');
    write_atomic(path, &bytes)?;
    Ok(bytes)
}

/// Reads a record back. A newer schema is refused with a sentence.
pub fn read_record<T: DeserializeOwned>(path: &Path, schema: u32) -> Result<T, LibraryError> {
    let fault = |message: String| LibraryError::Record { path: path.to_path_buf(), message };
    let bytes = read_bounded(path)?;
    let found: SchemaOnly = serde_json::from_slice(&bytes).map_err(|e| fault(e.to_string()))?;
    if found.schema > schema {
        return Err(fault(format!(
            "it was written by a newer linernotes (schema {}, this one reads up to {schema})",
            found.schema
        )));
    }
    let versioned: Versioned<T> =
        serde_json::from_slice(&bytes).map_err(|e| fault(e.to_string()))?;
    Ok(versioned.record)
}

/// Reads a whole file, refusing one too large to be ours.
pub fn read_bounded(path: &Path) -> Result<Vec<u8>, LibraryError> {
    let size = fs::metadata(path).map_err(LibraryError::io("read", path))?.len();
    if size > MAX_RECORD_BYTES {
        return Err(LibraryError::Record {
            path: path.to_path_buf(),
            message: format!("it is larger than {} MiB", MAX_RECORD_BYTES >> 20),
        });
    }
    fs::read(path).map_err(LibraryError::io("read", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_record_is_refused_with_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.json");
        write_record(&path, 2, &vec![1, 2]).unwrap();
        assert_eq!(read_record::<Vec<i32>>(&path, 2).unwrap(), [1, 2]);
        let message = read_record::<Vec<i32>>(&path, 1).unwrap_err().to_string();
        assert!(message.contains("newer linernotes"), "{message}");
    }

    #[test]
    fn nothing_is_left_behind_by_a_write() {
        let folder = tempfile::tempdir().unwrap();
        write_atomic(&folder.path().join("a/b.txt"), b"x").unwrap();
        let names: Vec<_> = fs::read_dir(folder.path().join("a")).unwrap().collect();
        assert_eq!(names.len(), 1);
    }
}
