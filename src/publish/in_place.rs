//! A folder that cannot be moved, as a mount point, gets its files one by one.
//!
//! Each file is whole at every moment. Sound, pictures and texts come before the pages that lead to
//! them, and the first page comes last; what is no longer made goes after that. The listing in the
//! folder names the old and the new files meanwhile, so that a run that comes after a killed one knows
//! which are ours.

use std::fs;
use std::io;
use std::path::Path;

use super::carry::keep_time;
use super::listing::{LISTING, Listing};
use super::workspace::Workspace;
use super::{PublishError, tree};
use crate::disk;

/// Puts the files of `next` into `target`, in which there are those of `before`. `work` is the
/// workspace in `target`.
pub(super) fn put_files(
    next: &Path,
    target: &Path,
    (before, listing): (&Listing, &Listing),
    work: &Workspace,
) -> Result<(), PublishError> {
    disk::create_dir_all(&work.next()).map_err(PublishError::of("write into", target))?;
    let arriving = work.next().join(".arriving");
    let list = |listing: &Listing| {
        let path = target.join(LISTING);
        disk::write(&arriving, listing.print().as_bytes())
            .and_then(|()| disk::rename(&arriving, &path))
            .map_err(PublishError::of("write", &path))
    };
    list(&before.with(listing))?;
    let mut names: Vec<&str> = listing.names().collect();
    names.sort_by_key(|name| {
        let is_page = Path::new(name).extension().is_some_and(|ending| ending == "html");
        (is_page, *name == "feed.xml", *name == "index.html")
    });
    for name in names {
        let to = target.join(name);
        put_file(&next.join(name), &to, &arriving).map_err(PublishError::of("write", &to))?;
    }
    for name in before.without(listing) {
        let path = target.join(name);
        remove(&path, target).map_err(PublishError::of("delete", &path))?;
    }
    list(listing)
}

fn put_file(from: &Path, to: &Path, arriving: &Path) -> io::Result<()> {
    if tree::are_equal(from, to) {
        return Ok(());
    }
    disk::create_dir_all(to.parent().unwrap_or(to))?;
    match disk::rename(from, to) {
        Err(fault) if fault.kind() == io::ErrorKind::CrossesDevices => {
            disk::copy(from, arriving)?;
            keep_time(from, arriving);
            disk::rename(arriving, to)
        }
        done => done,
    }
}

/// Deletes a file, and the folders in `target` that are empty without it.
fn remove(path: &Path, target: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok_and(|data| !data.is_dir()) {
        disk::remove_file(path)?;
    }
    for folder in path.ancestors().skip(1).take_while(|folder| *folder != target) {
        let is_empty = |mut entries: fs::ReadDir| entries.next().is_none();
        if fs::read_dir(folder).is_ok_and(is_empty) {
            disk::remove_dir(folder)?;
        }
    }
    Ok(())
}
