//! A folder that is made anew beside the one in place, with what has not changed linked from it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read};
use std::path::{Path, PathBuf};

use super::{Front, PublishError, swap, tag_audio};

/// The list of the files that are ours, so that those of a person are told apart.
pub(super) const LISTING: &str = ".linernotes";

/// How many bytes of two files are compared at a time.
const COMPARED_BYTES: usize = 64 << 10;

/// A folder under way. Nothing is seen of it before [`Tree::finish`]; dropping it leaves what was
/// there.
#[derive(Debug)]
pub struct Tree {
    next: tempfile::TempDir,
    out: PathBuf,
    /// The files in place that are ours, as `0001-pilot/index.html`.
    before: BTreeSet<String>,
    listing: BTreeSet<String>,
    written: usize,
}

/// What a finished folder holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The names of all files that are ours, sorted.
    pub names: Vec<String>,
    /// How many of them were written because they are new or have changed.
    pub written: usize,
    /// How many of ours were there before and are gone.
    pub removed: usize,
}

impl Tree {
    /// Begins a folder that will take the place of `out`.
    pub fn begin(out: &Path) -> Result<Tree, PublishError> {
        let parent = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(PublishError::of("create", parent))?;
        swap::clear_leftovers(parent);
        let next = tempfile::Builder::new()
            .prefix(swap::PREFIX)
            .tempdir_in(parent)
            .map_err(PublishError::of("write into", parent))?;
        let before = match fs::read_to_string(out.join(LISTING)) {
            Ok(names) => names.lines().map(str::to_owned).collect(),
            Err(_) => BTreeSet::new(),
        };
        Ok(Tree { next, out: out.to_path_buf(), before, listing: BTreeSet::new(), written: 0 })
    }

    /// Puts a file in; one with the same bytes is kept as it is.
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), PublishError> {
        let (old, new) = self.places(name)?;
        let same = self.before.contains(name) && holds(&old, bytes);
        if !(same && fs::hard_link(&old, &new).is_ok()) {
            fs::write(&new, bytes).map_err(PublishError::of("write", &new))?;
            self.written += usize::from(!same);
        }
        Ok(())
    }

    /// Puts a copy of a file in; an equal one is kept as it is.
    pub fn copy(&mut self, from: &Path, name: &str) -> Result<(), PublishError> {
        let (old, new) = self.places(name)?;
        let same = self.before.contains(name) && are_equal(from, &old);
        if !(same && fs::hard_link(&old, &new).is_ok()) {
            fs::copy(from, &new).map_err(PublishError::of("copy to", &new))?;
            keep_time(from, &new);
            self.written += usize::from(!same);
        }
        Ok(())
    }

    /// Puts another published file in, without a second copy of its bytes where the disk can do
    /// that; an equal one is kept as it is.
    pub fn share(&mut self, from: &Path, name: &str) -> Result<(), PublishError> {
        let (old, new) = self.places(name)?;
        let same = self.before.contains(name) && are_equal(from, &old);
        if fs::hard_link(if same { &old } else { from }, &new).is_err() {
            fs::copy(from, &new).map_err(PublishError::of("copy to", &new))?;
            keep_time(from, &new);
        }
        self.written += usize::from(!same);
        Ok(())
    }

    /// Puts a copy of a file in that begins otherwise; an equal one is kept as it is.
    pub fn copy_with_front(
        &mut self,
        from: &Path,
        name: &str,
        front: &Front,
    ) -> Result<(), PublishError> {
        let (old, new) = self.places(name)?;
        let make = |new: &Path| tag_audio::write(from, front, BufWriter::new(File::create(new)?));
        make(&new).map_err(PublishError::of("copy to", &new))?;
        let same = self.before.contains(name) && have_equal_bytes(&new, &old).unwrap_or(false);
        if same && fs::remove_file(&new).and_then(|()| fs::hard_link(&old, &new)).is_err() {
            make(&new).map_err(PublishError::of("copy to", &new))?;
        }
        self.written += usize::from(!same);
        Ok(())
    }

    /// The file in place under that name and the one to make.
    fn places(&mut self, name: &str) -> Result<(PathBuf, PathBuf), PublishError> {
        let (old, new) = (self.out.join(name), self.next.path().join(name));
        if old.exists() && !self.before.contains(name) {
            let cause = io::Error::new(
                io::ErrorKind::AlreadyExists,
                "linernotes did not make it and will not overwrite it",
            );
            return Err(PublishError { action: "replace", path: old, cause });
        }
        if let Some(folder) = new.parent() {
            fs::create_dir_all(folder).map_err(PublishError::of("create", folder))?;
        }
        self.listing.insert(name.to_owned());
        Ok((old, new))
    }

    /// Puts the folder in place, with what a person put into the one before.
    pub fn finish(self) -> Result<Placed, PublishError> {
        let names: Vec<String> = self.listing.iter().cloned().collect();
        let path = self.next.path().join(LISTING);
        fs::write(&path, names.join("\n") + "\n").map_err(PublishError::of("write", &path))?;
        let mut ours = self.before.clone();
        ours.insert(LISTING.to_owned());
        swap::carry_over(&self.out, self.next.path(), &ours)
            .map_err(PublishError::of("read", &self.out))?;
        let removed = self.before.difference(&self.listing).count();
        swap::replace(self.next, &self.out).map_err(PublishError::of("replace", &self.out))?;
        Ok(Placed { names, written: self.written, removed })
    }
}

fn holds(path: &Path, bytes: &[u8]) -> bool {
    let size = fs::metadata(path).map_or(u64::MAX, |data| data.len());
    size == bytes.len() as u64 && fs::read(path).is_ok_and(|found| found == bytes)
}

/// Whether two files are the same: by size and time, as a copy keeps both, else by their bytes.
fn are_equal(a: &Path, b: &Path) -> bool {
    let (Ok(first), Ok(second)) = (fs::metadata(a), fs::metadata(b)) else { return false };
    if first.len() != second.len() {
        return false;
    }
    let same_time = first.modified().ok().is_some_and(|time| second.modified().ok() == Some(time));
    same_time || have_equal_bytes(a, b).unwrap_or(false)
}

fn have_equal_bytes(a: &Path, b: &Path) -> io::Result<bool> {
    let mut first = BufReader::with_capacity(COMPARED_BYTES, File::open(a)?);
    let mut second = BufReader::with_capacity(COMPARED_BYTES, File::open(b)?);
    let (mut left, mut right) = (vec![0; COMPARED_BYTES], vec![0; COMPARED_BYTES]);
    loop {
        let read = first.read(&mut left)?;
        if read == 0 {
            return Ok(second.read(&mut right)? == 0);
        }
        let Some(part) = right.get_mut(..read) else { return Ok(false) };
        if second.read_exact(part).is_err() || left.get(..read) != Some(&*part) {
            return Ok(false);
        }
    }
}

/// Gives a copy the time of its source; without it the bytes are compared the next time.
fn keep_time(from: &Path, to: &Path) {
    let time = fs::metadata(from).and_then(|data| data.modified());
    let set = |time| File::options().append(true).open(to)?.set_modified(time);
    if let Err(fault) = time.and_then(set) {
        tracing::debug!("cannot set the time of `{}`: {fault}", to.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modified(path: &Path) -> std::time::SystemTime {
        fs::metadata(path).unwrap().modified().unwrap()
    }

    #[test]
    fn only_what_changed_is_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let (out, audio) = (folder.path().join("site"), folder.path().join("a.mp3"));
        fs::write(&audio, "sound").unwrap();
        let place = |text: &str| {
            let mut tree = Tree::begin(&out).unwrap();
            tree.write("index.html", b"index").unwrap();
            tree.write("one/index.html", text.as_bytes()).unwrap();
            tree.copy(&audio, "one/audio.mp3").unwrap();
            tree.finish().unwrap()
        };
        assert_eq!(place("1").written, 3);
        let before = (modified(&out.join("index.html")), modified(&out.join("one/audio.mp3")));
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert_eq!(place("1").written, 0);
        assert_eq!(place("2").written, 1);
        let after = (modified(&out.join("index.html")), modified(&out.join("one/audio.mp3")));
        assert_eq!(before, after);
        assert_eq!(fs::read_to_string(out.join("one/index.html")).unwrap(), "2");
    }

    #[test]
    fn a_persons_files_stay_at_every_depth_and_ours_go_when_they_are_no_longer_made() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("site");
        let place = |names: &[&str]| {
            let mut tree = Tree::begin(&out).unwrap();
            for name in names {
                tree.write(name, b"ours").unwrap();
            }
            tree.finish().unwrap()
        };
        place(&["index.html", "one/index.html", "two/index.html"]);
        fs::write(out.join("CNAME"), "example.org").unwrap();
        fs::write(out.join("one/mine.txt"), "mine").unwrap();
        let placed = place(&["index.html"]);
        assert_eq!(placed.removed, 2);
        assert_eq!(fs::read_to_string(out.join("CNAME")).unwrap(), "example.org");
        assert_eq!(fs::read_to_string(out.join("one/mine.txt")).unwrap(), "mine");
        assert!(!out.join("one/index.html").exists() && !out.join("two").exists());
    }

    #[test]
    fn what_linernotes_did_not_make_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("site");
        fs::create_dir(&out).unwrap();
        fs::write(out.join("index.html"), "by hand").unwrap();
        let mut tree = Tree::begin(&out).unwrap();
        let refused = tree.write("index.html", b"ours").unwrap_err();
        assert!(refused.to_string().contains("did not make it"), "{refused}");
        drop(tree);
        assert_eq!(fs::read_to_string(out.join("index.html")).unwrap(), "by hand");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no leftovers");
    }
}
