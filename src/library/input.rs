//! Files that a person names on the command line, read whole.

use std::fs::{self, File, FileType};
use std::io::Read;
use std::path::Path;

use crate::library::{LibraryError, regular};

/// Reads a file, or what is piped in, as `/dev/stdin` or `<(command)`. Of one that is larger than
/// `most` bytes the first `most + 1` are read, by which its reader knows.
///
/// # Errors
/// If it cannot be read, or is a folder, a device, a socket, or a pipe that nobody has opened:
/// reading those might never end.
pub fn read(path: &Path, most: usize) -> Result<Vec<u8>, LibraryError> {
    let kind = fs::metadata(path).map_err(LibraryError::io("read", path))?.file_type();
    let is_piped_in = is_pipe(kind) && is_open_already(path);
    if !kind.is_file() && !is_piped_in {
        return Err(regular::refusal(path, kind));
    }
    let file = File::open(path).map_err(LibraryError::io("read", path))?;
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let mut bounded = file.take(most.saturating_add(1));
    bounded.read_to_end(&mut bytes).map_err(LibraryError::io("read", path))?;
    Ok(bytes)
}

/// What the program was started with, rather than a pipe in a folder whose other end may never
/// come.
fn is_open_already(path: &Path) -> bool {
    let opened = ["/dev/fd", "/proc/self/fd"].map(Path::new);
    path == Path::new("/dev/stdin") || path.parent().is_some_and(|folder| opened.contains(&folder))
}

#[cfg(unix)]
fn is_pipe(kind: FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind)
}

#[cfg(not(unix))]
fn is_pipe(_kind: FileType) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_to_its_bound_and_a_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "hello").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"hello");
        assert_eq!(read(&path, 2).unwrap(), b"hel");
        let refused = read(folder.path(), 5).unwrap_err();
        assert!(refused.to_string().ends_with("is a folder, not a file"), "{refused}");
        assert!(refused.hint().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_device_and_a_pipe_without_another_end_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        for (path, kind) in [(pipe.as_path(), "a pipe"), (Path::new("/dev/zero"), "a device")] {
            let refused = read(path, 5).unwrap_err().to_string();
            assert!(refused.ends_with(&format!("is {kind}, not a file")), "{refused}");
        }
    }
}
