//! One folder takes another's place, and each moment between is one that the next run can put right.

use std::io;
use std::path::{Path, PathBuf};

use super::carry;
use super::workspace::Workspace;
use crate::disk;

/// The version under way takes the place of `target`, with what a person put there.
///
/// # Errors
/// What the system says; `target` is then as it was, and the version still under way.
pub(super) fn swap(work: &Workspace, target: &Path) -> io::Result<()> {
    if !disk::is_there(target) {
        return disk::rename(&work.next(), target);
    }
    carry::carry_over(target, &work.next())?;
    disk::rename(&work.next(), &work.ready())?;
    let aside = change_places(work, target).or_else(|fault| {
        disk::rename(&work.ready(), &work.next())?;
        Err(fault)
    })?;
    // the new version is in place: what is left of the one before harms nobody
    if let Err(fault) = work.dispose(&aside, target) {
        tracing::warn!("cannot delete `{}`: {fault}", aside.display());
    }
    Ok(())
}

/// Returns where the version before is now.
fn change_places(work: &Workspace, target: &Path) -> io::Result<PathBuf> {
    match disk::exchange(&work.ready(), target) {
        Ok(()) => return Ok(work.ready()),
        Err(fault) if fault.kind() == io::ErrorKind::Unsupported => {}
        Err(fault) => return Err(fault),
    }
    disk::rename(target, &work.before())?;
    if let Err(fault) = disk::rename(&work.ready(), target) {
        disk::rename(&work.before(), target)?;
        return Err(fault);
    }
    Ok(work.before())
}
