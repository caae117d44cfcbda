//! A folder that is made anew beside the one in place, with what has not changed linked from it.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::carry::keep_time;
use super::listing::{Known, LISTING, Listing, READ_AGAIN_BYTES};
use super::workspace::Workspace;
use super::{Front, PublishError, in_place, swap, tag_audio, target};
use crate::disk;

/// How many bytes of two files are compared at a time.
const COMPARED_BYTES: usize = 64 << 10;

/// A folder under way. Nothing is seen of it before [`Tree::finish`]; dropping it leaves what was
/// there. Meanwhile no other run can put anything in the same place.
#[derive(Debug)]
pub struct Tree {
    work: Workspace,
    target: PathBuf,
    /// Whether the workspace lies in the target, which cannot be moved.
    stays: bool,
    /// The files in place that are ours, as `0001-pilot/index.html`.
    before: Listing,
    listing: Listing,
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
    /// The text of the listing.
    pub listing: String,
}

impl Tree {
    /// Begins a folder that will take the place of `out`, and puts right what a killed run left
    /// there. A link is followed.
    ///
    /// # Errors
    /// Where another run is at work on the same folder, or the system refuses to write.
    pub fn begin(out: &Path) -> Result<Tree, PublishError> {
        let target = target::resolve(out)?;
        let parent = target::parent_of(&target);
        disk::create_dir_all(parent).map_err(PublishError::of("create", parent))?;
        let (work, stays) = workspace(&target, parent)?;
        let before =
            Listing::of_folder(&target).map_err(PublishError::of("read", &target.join(LISTING)))?;
        disk::create_dir(&work.next()).map_err(PublishError::of("write into", parent))?;
        Ok(Tree { work, target, stays, before, listing: Listing::default(), written: 0 })
    }

    /// Takes the files for ours that are as another copy of the folder's listing says: its own may
    /// be damaged or gone.
    pub fn recognise(&mut self, listing: &str) {
        if let Ok(last) = Listing::parse(listing) {
            self.before.recognise(last, &self.target);
        }
    }

    /// Puts a file in; one with the same bytes is kept as it is.
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), PublishError> {
        let (old, new) = self.places(name)?;
        let same = is_file(&old) && holds(&old, bytes);
        self.replaces(name, &old, same)?;
        if !(same && disk::hard_link(&old, &new).is_ok()) {
            disk::write(&new, bytes).map_err(PublishError::of("write", &new))?;
            if same {
                keep_time(&old, &new);
            }
        }
        self.listing.add(name, Known::of_bytes(bytes));
        Ok(())
    }

    /// Puts a copy of a file in; an equal one is kept as it is.
    pub fn copy(&mut self, from: &Path, name: &str) -> Result<(), PublishError> {
        let (old, new) = self.places(name)?;
        let same = is_file(&old) && have_equal_bytes(from, &old).unwrap_or(false);
        self.replaces(name, &old, same)?;
        if !(same && disk::hard_link(&old, &new).is_ok()) {
            disk::copy(from, &new).map_err(PublishError::of("copy to", &new))?;
            keep_time(from, &new);
        }
        self.list(name, &new)
    }

    /// Puts another published file in, without a second copy of its bytes where the disk can do
    /// that; an equal one is kept as it is.
    pub fn share(&mut self, from: &Path, name: &str) -> Result<(), PublishError> {
        let (old, new) = self.places(name)?;
        let same = is_file(&old)
            && if self.before.has(name) {
                are_equal(from, &old)
            } else {
                have_equal_bytes(from, &old).unwrap_or(false)
            };
        self.replaces(name, &old, same)?;
        let linked =
            disk::hard_link(from, &new).is_ok() || same && disk::hard_link(&old, &new).is_ok();
        if !linked {
            disk::copy(from, &new).map_err(PublishError::of("copy to", &new))?;
            keep_time(from, &new);
        }
        let bytes = fs::metadata(&new).map_err(PublishError::of("read", &new))?.len();
        self.listing.add(name, Known { bytes, hash: None });
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
        let make = |new: &Path| disk::fill(new, |file| tag_audio::write(from, front, file));
        make(&new).map_err(PublishError::of("copy to", &new))?;
        let same = is_file(&old) && have_equal_bytes(&new, &old).unwrap_or(false);
        self.replaces(name, &old, same)?;
        if same && disk::remove_file(&new).and_then(|()| disk::hard_link(&old, &new)).is_err() {
            make(&new).map_err(PublishError::of("copy to", &new))?;
            keep_time(&old, &new);
        }
        self.list(name, &new)
    }

    /// The file in place under that name and the one to make.
    fn places(&self, name: &str) -> Result<(PathBuf, PathBuf), PublishError> {
        let (old, new) = (self.target.join(name), self.work.next().join(name));
        if let Some(folder) = new.parent() {
            disk::create_dir_all(folder).map_err(PublishError::of("create", folder))?;
        }
        Ok((old, new))
    }

    /// A file that is not the `same` is written; a person's is never replaced.
    fn replaces(&mut self, name: &str, old: &Path, same: bool) -> Result<(), PublishError> {
        if !same && !self.before.has(name) && disk::is_there(old) {
            let cause = io::Error::new(
                io::ErrorKind::AlreadyExists,
                "linernotes did not make it and will not overwrite it",
            );
            return Err(PublishError::of("replace", old)(cause));
        }
        self.written += usize::from(!same);
        Ok(())
    }

    fn list(&mut self, name: &str, new: &Path) -> Result<(), PublishError> {
        let known = Known::of_file(new).map_err(PublishError::of("read", new))?;
        self.listing.add(name, known);
        Ok(())
    }

    /// Puts the folder in place, with what a person put into the one before.
    ///
    /// # Errors
    /// Where a file is no longer as it was written, or the system refuses; what was there is then
    /// still there.
    pub fn finish(self) -> Result<Placed, PublishError> {
        let listing = self.listing.print();
        let path = self.work.next().join(LISTING);
        disk::write(&path, listing.as_bytes()).map_err(PublishError::of("write", &path))?;
        if let Some(path) = self.listing.missing_in(&self.work.next()) {
            return Err(target::not_as_written(path));
        }
        self.place()?;
        Ok(Placed {
            names: self.listing.names().map(str::to_owned).collect(),
            written: self.written,
            removed: self.before.without(&self.listing).count(),
            listing,
        })
    }

    fn place(&self) -> Result<(), PublishError> {
        let (next, listings) = (self.work.next(), (&self.before, &self.listing));
        if self.stays {
            return in_place::put_files(&next, &self.target, listings, &self.work);
        }
        match swap::swap(&self.work, &self.target) {
            Err(fault) if target::cannot_move(&fault) && self.target.is_dir() => {
                let inside = Workspace::claim(&self.target, &self.target)?;
                in_place::put_files(&next, &self.target, listings, &inside)
            }
            done => done.map_err(PublishError::of("replace", &self.target)),
        }
    }
}

/// The workspace beside the target, or in it, where that cannot be moved; and which it is.
fn workspace(target: &Path, parent: &Path) -> Result<(Workspace, bool), PublishError> {
    let inside = || Workspace::claim(target, target).map(|work| (work, true));
    if disk::is_mount_point(target) {
        return inside();
    }
    let beside = Workspace::claim(parent, target);
    if beside.is_ok() && Workspace::is_in(target, target) {
        // a run was killed in it, of which this one knows nothing yet
        drop(inside()?);
    }
    match beside {
        Err(fault) if target::cannot_move(&fault.cause) && target.is_dir() => inside(),
        done => done.map(|work| (work, false)),
    }
}

fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|data| data.is_file())
}

fn holds(path: &Path, bytes: &[u8]) -> bool {
    let size = fs::metadata(path).map_or(u64::MAX, |data| data.len());
    size == bytes.len() as u64 && fs::read(path).is_ok_and(|found| found == bytes)
}

/// Whether two files are the same: by their bytes, or, where there are many, by size and time, as a
/// copy keeps both.
pub(super) fn are_equal(a: &Path, b: &Path) -> bool {
    let (Ok(first), Ok(second)) = (fs::symlink_metadata(a), fs::symlink_metadata(b)) else {
        return false;
    };
    if !first.is_file() || !second.is_file() || first.len() != second.len() {
        return false;
    }
    let same_time = first.modified().ok().is_some_and(|time| second.modified().ok() == Some(time));
    disk::are_one(&first, &second) == Some(true)
        || same_time && first.len() > READ_AGAIN_BYTES
        || have_equal_bytes(a, b).unwrap_or(false)
}

fn have_equal_bytes(a: &Path, b: &Path) -> io::Result<bool> {
    if fs::metadata(a)?.len() != fs::metadata(b)?.len() {
        return Ok(false);
    }
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
    fn nothing_is_put_in_place_from_which_a_file_is_gone_or_cut() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("site");
        for damage in [None, Some("cu")] {
            let mut tree = Tree::begin(&out).unwrap();
            tree.write("index.html", b"index").unwrap();
            tree.write("one/index.html", b"one").unwrap();
            let path = tree.work.next().join("one/index.html");
            fs::remove_file(&path).unwrap();
            if let Some(cut) = damage {
                fs::write(&path, cut).unwrap();
            }
            let refused = tree.finish().unwrap_err().to_string();
            assert!(refused.contains("one/index.html"), "{refused}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is there");
        }
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
