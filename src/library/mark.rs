//! How a file is known again: by its size and the hash of its bytes, and, where it is large, by what
//! the system says of it.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::library::LibraryError;
use crate::library::fingerprint::Fingerprint;

/// From this size on, in bytes, a file is not read again while the system says that nothing
/// happened to it. Smaller ones take no time.
const LARGE: u64 = 8 << 20;
/// How long a file has to be left alone before its times are believed: a clock may tick as slowly
/// as this (FAT), and what happens between two ticks does not show.
const SETTLED: Duration = Duration::from_secs(2);

/// What the system says of a file. It differs wherever the file was written, or another one put in
/// its place; also where its time of change was set back, as the system keeps a second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    bytes: u64,
    modified_ns: u64,
    /// When anything of it was changed, its times included; 0 where the system does not say.
    changed_ns: u64,
    /// Which file it is on its disk; 0 where the system does not say.
    inode: u64,
}

impl Stamp {
    /// What the system says now; `None` where there is no such file.
    pub fn of(path: &Path) -> Option<Stamp> {
        let data = fs::metadata(path).ok().filter(Metadata::is_file)?;
        let modified = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let (changed_ns, inode) = identity(&data);
        Some(Stamp {
            bytes: data.len(),
            modified_ns: modified.map_or(0, nanoseconds),
            changed_ns,
            inode,
        })
    }

    /// Whether the file was left alone long enough, so that a change from now on would show.
    fn is_settled(self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, nanoseconds);
        let last = self.modified_ns.max(self.changed_ns);
        last.saturating_add(nanoseconds(SETTLED)) <= now
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(unix)]
fn identity(data: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    let nanoseconds = i128::from(data.ctime()) * 1_000_000_000 + i128::from(data.ctime_nsec());
    (u64::try_from(nanoseconds).unwrap_or(0), data.ino())
}

#[cfg(not(unix))]
fn identity(_data: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// A file as it was when it was written or hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileMark {
    /// Its size.
    pub bytes: u64,
    /// The hash of its bytes.
    pub hash: Fingerprint,
    /// What the system said of it, where it is large and a change would show.
    stamp: Option<Stamp>,
}

impl FileMark {
    /// A file that was just written: that many bytes, with that hash.
    pub fn written(bytes: u64, hash: Fingerprint) -> FileMark {
        FileMark { bytes, hash, stamp: None }
    }

    /// Hashes a file. A change that begins meanwhile makes another mark, as the stamp is older than
    /// the first byte that was read.
    pub fn of(path: &Path) -> Result<FileMark, LibraryError> {
        let stamp = Stamp::of(path);
        let hash = Fingerprint::of_file(path)?;
        let bytes = stamp.map_or(0, |stamp| stamp.bytes);
        let stamp = stamp.filter(|stamp| stamp.bytes >= LARGE && stamp.is_settled());
        Ok(FileMark { bytes, hash, stamp })
    }

    /// Whether the file may be known again without reading it.
    pub fn has_stamp(&self) -> bool {
        self.stamp.is_some()
    }

    /// Whether the file is known to be the same without reading it.
    pub fn is_known(&self, path: &Path) -> bool {
        self.has_stamp() && self.stamp == Stamp::of(path)
    }

    /// Whether the file still is what it was; every byte of it is looked at.
    pub fn holds(&mut self, path: &Path) -> bool {
        if Stamp::of(path).is_none_or(|now| now.bytes != self.bytes) {
            return false;
        }
        let Ok(now) = FileMark::of(path) else { return false };
        let same = (now.bytes, &now.hash) == (self.bytes, &self.hash);
        if same {
            *self = now;
        }
        same
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: usize) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, vec![7; bytes]).unwrap();
        (folder, path)
    }

    fn set_time(path: &Path, time: SystemTime) {
        fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn size_and_bytes_count() {
        let (_folder, path) = file(3);
        let mut mark = FileMark::of(&path).unwrap();
        assert!(mark.holds(&path));
        for other in [&b""[..], b"\x07\x07", b"\x07\x07\x08", b"\x07\x07\x07\x07"] {
            fs::write(&path, other).unwrap();
            assert!(!mark.holds(&path), "{other:?}");
        }
        fs::remove_file(&path).unwrap();
        assert!(!mark.holds(&path));
        fs::create_dir(&path).unwrap();
        assert!(!mark.holds(&path));
    }

    #[test]
    fn a_new_file_is_read_again_and_a_small_one_always() {
        let large = usize::try_from(LARGE).unwrap();
        let (_folder, path) = file(large);
        assert!(!FileMark::of(&path).unwrap().is_known(&path), "a change might not show yet");
        let (_other, small) = file(9);
        set_time(&small, UNIX_EPOCH + Duration::from_secs(9));
        assert!(!FileMark::of(&small).unwrap().is_known(&small));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_in_its_place_with_the_same_size_and_time_is_another() {
        let (folder, path) = file(9);
        let time = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        set_time(&path, time);
        let before = Stamp::of(&path).unwrap();
        let other = folder.path().join("b");
        fs::write(&other, vec![8; 9]).unwrap();
        set_time(&other, time);
        fs::rename(&other, &path).unwrap();
        let after = Stamp::of(&path).unwrap();
        assert_eq!((before.bytes, before.modified_ns), (after.bytes, after.modified_ns));
        assert_ne!(before, after);
    }
}
