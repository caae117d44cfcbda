//! What a person put into a published folder goes with it from version to version.

use std::fs::{self, FileType};
use std::io;
use std::path::Path;

use super::listing::{LISTING, Listing};
use crate::disk;

/// Links or copies what a person put into one version into another; what is there stays.
///
/// # Errors
/// What the system says; `CrossesDevices` where another disk is mounted in the folder, whose files
/// cannot go anywhere.
pub(super) fn carry_over(from: &Path, to: &Path) -> io::Result<()> {
    carry_folder(from, to, "", &Listing::of_folder(from)?)
}

fn carry_folder(from: &Path, to: &Path, inside: &str, ours: &Listing) -> io::Result<()> {
    let mut others = 0_usize;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = format!("{inside}{}", entry.file_name().to_string_lossy());
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            carry_folder(&from, &to, &format!("{name}/"), ours)?;
            others += 1;
        } else if ours.has(&name) || name == LISTING {
            others += 1;
        } else {
            carry_file(&from, &to, kind)?;
        }
    }
    // an empty folder is a person's too
    if others == 0 { disk::create_dir_all(to) } else { Ok(()) }
}

fn carry_file(from: &Path, to: &Path, kind: FileType) -> io::Result<()> {
    if to.is_dir() && !kind.is_dir() && !kind.is_symlink() {
        let said = format!("`{}` is in the way of a folder of that name", from.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, said));
    }
    if disk::is_there(to) {
        return Ok(());
    }
    disk::create_dir_all(to.parent().unwrap_or(to))?;
    if kind.is_symlink() {
        return disk::copy_link(from, to);
    }
    match disk::hard_link(from, to) {
        Err(fault) if kind.is_file() && fault.kind() != io::ErrorKind::CrossesDevices => {
            disk::copy(from, to)?;
            keep_time(from, to);
            Ok(())
        }
        done => done,
    }
}

/// Gives a copy the time of its source; without it the bytes are compared the next time.
pub(super) fn keep_time(from: &Path, to: &Path) {
    let time = fs::metadata(from).and_then(|data| data.modified());
    let set = |time| fs::File::options().append(true).open(to)?.set_modified(time);
    if let Err(fault) = time.and_then(set) {
        tracing::debug!("cannot set the time of `{}`: {fault}", to.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::rehearsal::{Plan, rehearse};

    #[test]
    fn what_a_person_has_goes_along_and_what_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("empty/too")).unwrap();
        fs::create_dir_all(to.join("x")).unwrap();
        fs::write(from.join(LISTING), "ours.txt\n").unwrap();
        for name in ["ours.txt", "CNAME", "x", "both.txt"] {
            fs::write(from.join(name), "from").unwrap();
        }
        fs::write(to.join("both.txt"), "to").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("nowhere", from.join("link")).unwrap();
        let refused = carry_over(&from, &to).unwrap_err().to_string();
        assert!(refused.contains("in the way"), "{refused}");
        fs::remove_file(from.join("x")).unwrap();
        for no_links in [false, true] {
            let plan = Plan { no_links, ..Plan::default() };
            rehearse(plan, || carry_over(&from, &to)).0.unwrap();
            assert_eq!(fs::read_to_string(to.join("CNAME")).unwrap(), "from");
            assert_eq!(fs::read_to_string(to.join("both.txt")).unwrap(), "to");
            assert!(to.join("empty/too").is_dir() && !to.join("ours.txt").exists());
            #[cfg(unix)]
            assert_eq!(fs::read_link(to.join("link")).unwrap(), Path::new("nowhere"));
            fs::remove_file(to.join("CNAME")).unwrap();
        }
    }
}
