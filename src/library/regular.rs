//! Files that people name are opened here: a folder, a device or a pipe in the place of a file is
//! refused before it is opened, as a pipe waits for a writer and a device never ends.

use std::fs::{self, File, FileType};
use std::io::Read;
use std::path::Path;

use crate::library::LibraryError;

/// Refuses what is there and is no regular file. What cannot be looked at is told on opening it.
pub fn check(path: &Path) -> Result<(), LibraryError> {
    match fs::metadata(path) {
        Ok(data) if !data.is_file() => Err(refusal(path, data.file_type())),
        _ => Ok(()),
    }
}

/// Opens a regular file for reading. A symbolic link to one is one.
pub fn open_regular(path: &Path) -> Result<File, LibraryError> {
    check(path)?;
    File::open(path).map_err(LibraryError::io("read", path))
}

/// Reads a regular file of at most `most` bytes. It may grow meanwhile; no more than that is read.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, LibraryError> {
    let too_large = || LibraryError::TooLarge { path: path.to_path_buf(), most };
    let file = open_regular(path)?;
    let size = file.metadata().map_err(LibraryError::io("read", path))?.len();
    if size > most {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    file.take(most + 1).read_to_end(&mut bytes).map_err(LibraryError::io("read", path))?;
    if bytes.len() as u64 > most { Err(too_large()) } else { Ok(bytes) }
}

/// Says what is there in the place of a file.
pub(super) fn refusal(path: &Path, kind: FileType) -> LibraryError {
    LibraryError::NotRegular { path: path.to_path_buf(), kind: kind_of(kind) }
}

#[cfg(unix)]
fn kind_of(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn kind_of(kind: FileType) -> &'static str {
    if kind.is_dir() { "a folder" } else { "a device" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_a_link_to_one_are_read_and_no_more_than_is_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert!(matches!(read(&path, 4), Err(LibraryError::TooLarge { most: 4, .. })));
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(&path, &link).unwrap();
            assert_eq!(read(&link, 5).unwrap(), b"12345");
        }
    }

    #[test]
    fn what_is_no_file_is_refused_by_its_kind() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |path: &Path| open_regular(path).unwrap_err().to_string();
        let said = refused(folder.path());
        assert!(said.ends_with("is a folder, not a file"), "{said}");
        #[cfg(unix)]
        {
            assert_eq!(refused(Path::new("/dev/zero")), "`/dev/zero` is a device, not a file");
            let socket = folder.path().join("socket");
            let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
            assert!(refused(&socket).ends_with("is a socket, not a file"));
        }
        let missing = refused(&folder.path().join("none"));
        assert!(missing.starts_with("cannot read"), "{missing}");
    }
}
