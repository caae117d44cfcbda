//! A folder into which files are put: each is taken once it has stopped growing.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// Endings of files that a browser or a copier has not finished.
const UNFINISHED: [&str; 6] = ["part", "partial", "crdownload", "download", "tmp", "filepart"];

/// A folder that is watched. Files are known by size and time, never by the clock of another machine.
#[derive(Debug)]
pub struct Watch {
    folder: PathBuf,
    /// How long a file has to stay as it is.
    quiet: Duration,
    seen: BTreeMap<PathBuf, Seen>,
}

#[derive(Debug)]
struct Seen {
    size: u64,
    changed: Option<SystemTime>,
    since: Instant,
    is_taken: bool,
}

impl Watch {
    /// A watch over the files that lie in `folder` itself.
    pub fn new(folder: &Path, quiet: Duration) -> Watch {
        Watch { folder: folder.to_path_buf(), quiet, seen: BTreeMap::new() }
    }

    /// The files that have stopped growing and were not given yet, sorted. One that changes later is
    /// given again.
    pub fn settled(&mut self, now: Instant) -> io::Result<Vec<PathBuf>> {
        let mut there = BTreeMap::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if let Some(data) = fs::metadata(&path).ok().filter(|data| is_whole(&path, data)) {
                there.insert(path, data);
            }
        }
        self.seen.retain(|path, _| there.contains_key(path));
        let mut settled = Vec::new();
        for (path, data) in there {
            let (size, changed) = (data.len(), data.modified().ok());
            let new = || Seen { size, changed, since: now, is_taken: false };
            let seen = self.seen.entry(path.clone()).or_insert_with(new);
            if (seen.size, seen.changed) != (size, changed) {
                *seen = new();
            }
            if !seen.is_taken && now.duration_since(seen.since) >= self.quiet {
                seen.is_taken = true;
                settled.push(path);
            }
        }
        Ok(settled)
    }
}

/// Whether it may be somebody's file: one that has something in it and no name of an unfinished one.
fn is_whole(path: &Path, data: &Metadata) -> bool {
    let is_hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
    let is_unfinished = path
        .extension()
        .is_some_and(|ending| UNFINISHED.iter().any(|one| ending.eq_ignore_ascii_case(one)));
    data.is_file() && data.len() > 0 && !is_hidden && !is_unfinished
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_given_once_when_it_has_stopped_growing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Ein Gespräch 1.mp3");
        let mut watch = Watch::new(folder.path(), Duration::from_secs(5));
        let begun = Instant::now();
        let mut given = |after: u64| watch.settled(begun + Duration::from_secs(after)).unwrap();
        for name in ["empty.mp3", ".hidden.mp3", "a.mp3.part", "b.CRDOWNLOAD"] {
            fs::write(folder.path().join(name), &b"sound"[usize::from(name == "empty.mp3") * 5..])
                .unwrap();
        }
        fs::create_dir(folder.path().join("inside")).unwrap();
        fs::write(&path, "a").unwrap();
        assert!(given(0).is_empty() && given(4).is_empty());
        fs::write(&path, "ab").unwrap();
        assert!(given(6).is_empty(), "it grew");
        assert!(given(10).is_empty());
        assert_eq!(given(11), [path.as_path()]);
        assert!(given(20).is_empty(), "it was given");
        fs::write(&path, "abc").unwrap();
        assert!(given(21).is_empty());
        assert_eq!(given(26), [path.as_path()], "it is another file now");
        fs::remove_file(&path).unwrap();
        assert!(given(40).is_empty());
        fs::remove_dir_all(folder.path()).unwrap();
        assert!(watch.settled(begun).is_err());
    }
}
