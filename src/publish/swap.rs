//! One folder takes another's place.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// How folders begin that are not yet, or no longer, in place.
pub(super) const PREFIX: &str = ".out-";

/// Deletes what a killed run left behind.
pub(super) fn clear_leftovers(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX)
            && let Err(fault) = fs::remove_dir_all(entry.path())
        {
            tracing::warn!("cannot delete `{}`: {fault}", entry.path().display());
        }
    }
}

/// Links or copies what a person put into `out` into the folder that will take its place. `ours`
/// are the names of the files in `out` that are not a person's.
pub(super) fn carry_over(out: &Path, next: &Path, ours: &BTreeSet<String>) -> io::Result<()> {
    if out.is_dir() { carry_folder(out, next, "", ours) } else { Ok(()) }
}

fn carry_folder(from: &Path, to: &Path, inside: &str, ours: &BTreeSet<String>) -> io::Result<()> {
    let mut others = 0_usize;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = format!("{inside}{}", entry.file_name().to_string_lossy());
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            carry_folder(&from, &to, &format!("{name}/"), ours)?;
            others += 1;
        } else if ours.contains(&name) {
            others += 1;
        } else if !to.exists() {
            fs::create_dir_all(to.parent().unwrap_or(&to))?;
            fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop))?;
        }
    }
    // an empty folder is a person's too
    if others == 0 { fs::create_dir_all(to) } else { Ok(()) }
}

/// Puts `next` in the place of `out` and deletes what was there.
pub(super) fn replace(next: tempfile::TempDir, out: &Path) -> io::Result<()> {
    publish_mode(next.path())?;
    if !out.exists() {
        return fs::rename(next.keep(), out);
    }
    exchange(next.path(), out)
    // `next` now holds what was there before and is deleted here
}

/// Temporary folders are private; what is published is for everybody.
#[cfg(unix)]
fn publish_mode(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn publish_mode(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Both folders change places, in one step where the system can do that.
#[cfg(target_os = "linux")]
fn exchange(next: &Path, out: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, next, CWD, out, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::INVAL) => exchange_by_steps(next, out),
        Err(fault) => Err(fault.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(next: &Path, out: &Path) -> io::Result<()> {
    exchange_by_steps(next, out)
}

fn exchange_by_steps(next: &Path, out: &Path) -> io::Result<()> {
    let aside = out.with_file_name(format!("{PREFIX}before"));
    fs::rename(out, &aside)?;
    if let Err(fault) = fs::rename(next, out) {
        fs::rename(&aside, out)?;
        return Err(fault);
    }
    fs::rename(&aside, next)
}
