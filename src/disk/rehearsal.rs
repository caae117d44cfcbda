//! A bad day for a test: the run ends at a chosen file operation, or the disk lacks what others have.
//!
//! What a test plans holds for its own thread and for as long as [`rehearse`] works. Nothing else can
//! plan anything: neither a flag nor a variable of the environment leads here.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What goes wrong.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The operation, counted from 0, at which the run is killed. No later one has any effect, so
    /// that nothing is tidied up either.
    pub dies_at: Option<usize>,
    /// Folders cannot change places in one step.
    pub no_exchange: bool,
    /// Files cannot have two names.
    pub no_links: bool,
    /// The folder that is a mount point.
    pub mount: Option<PathBuf>,
    /// The mount looks like a folder of the same disk until something is moved.
    pub hidden_mount: bool,
}

#[derive(Debug)]
struct Day {
    plan: Plan,
    done: usize,
    dead: bool,
}

/// How a step goes.
enum Step {
    Done,
    DiesHere,
    Dead,
}

thread_local! {
    static DAY: RefCell<Option<Day>> = const { RefCell::new(None) };
}

/// Does the work under the plan, and returns what came of it and how many operations were done.
pub fn rehearse<T>(plan: Plan, work: impl FnOnce() -> T) -> (T, usize) {
    DAY.set(Some(Day { plan, done: 0, dead: false }));
    let result = work();
    let done = DAY.take().map_or(0, |day| day.done);
    (result, done)
}

fn take_step() -> Step {
    DAY.with_borrow_mut(|day| match day {
        None => Step::Done,
        Some(day) if day.dead => Step::Dead,
        Some(day) if day.plan.dies_at == Some(day.done) => {
            day.dead = true;
            Step::DiesHere
        }
        Some(day) => {
            day.done += 1;
            Step::Done
        }
    })
}

fn killed() -> io::Error {
    io::Error::other("the run was killed")
}

/// One operation more.
pub(super) fn step() -> io::Result<()> {
    if matches!(take_step(), Step::Done) { Ok(()) } else { Err(killed()) }
}

/// The end of a write. A run that is killed here leaves half of what is beyond `kept` bytes.
pub(super) fn torn(path: &Path, kept: u64) -> io::Result<()> {
    match take_step() {
        Step::Done => return Ok(()),
        Step::DiesHere => {
            let file = fs::File::options().write(true).open(path)?;
            let bytes = file.metadata()?.len();
            file.set_len(kept + bytes.saturating_sub(kept) / 2)?;
        }
        Step::Dead => {}
    }
    Err(killed())
}

/// The middle of a removal. A run that is killed here leaves every other file.
pub(super) fn half_removed(folder: &Path) -> io::Result<()> {
    match take_step() {
        Step::Done => return Ok(()),
        Step::DiesHere => {
            for (index, file) in files_below(folder)?.iter().enumerate() {
                if index % 2 == 0 {
                    fs::remove_file(file)?;
                }
            }
        }
        Step::Dead => {}
    }
    Err(killed())
}

fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files.extend(files_below(&entry.path())?);
        } else {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

fn planned<T>(ask: impl FnOnce(&Plan) -> T) -> Option<T> {
    DAY.with_borrow(|day| day.as_ref().map(|day| ask(&day.plan)))
}

pub(super) fn is_under_way() -> bool {
    planned(|_| ()).is_some()
}

/// Fails where the two paths lie on two disks.
fn on_one_disk(a: &Path, b: &Path) -> io::Result<()> {
    let within = |plan: &Plan| {
        let mount = plan.mount.as_ref()?;
        let inside = |path: &Path| path != mount && path.starts_with(mount);
        Some((a == mount || b == mount, inside(a) != inside(b)))
    };
    match planned(within).flatten() {
        Some((true, _)) => Err(io::ErrorKind::ResourceBusy.into()),
        Some((_, true)) => Err(io::ErrorKind::CrossesDevices.into()),
        _ => Ok(()),
    }
}

pub(super) fn may_move(from: &Path, to: &Path) -> io::Result<()> {
    step()?;
    on_one_disk(from, to)
}

pub(super) fn may_link(from: &Path, to: &Path) -> io::Result<()> {
    step()?;
    if planned(|plan| plan.no_links) == Some(true) {
        return Err(io::ErrorKind::Unsupported.into());
    }
    on_one_disk(from, to)
}

pub(super) fn may_exchange(a: &Path, b: &Path) -> io::Result<()> {
    step()?;
    if planned(|plan| plan.no_exchange) == Some(true) {
        return Err(io::ErrorKind::Unsupported.into());
    }
    on_one_disk(a, b)
}

pub(super) fn is_mount_point(path: &Path) -> Option<bool> {
    let told = |plan: &Plan| plan.mount.as_ref().map(|mount| mount == path && !plan.hidden_mount);
    planned(told).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk;

    #[test]
    fn a_killed_run_changes_nothing_more_and_leaves_what_it_was_at_half_done() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let work = || {
            let written = disk::write(&at("a"), b"1234");
            (written.is_ok(), disk::write(&at("b"), b"1234").is_ok())
        };
        assert_eq!(rehearse(Plan::default(), work), ((true, true), 4));
        fs::remove_file(at("a")).unwrap();
        fs::remove_file(at("b")).unwrap();
        let killed = Plan { dies_at: Some(1), ..Plan::default() };
        assert_eq!(rehearse(killed, work), ((false, false), 1));
        assert_eq!(fs::read(at("a")).unwrap(), b"12");
        assert!(!at("b").exists());
        assert_eq!(work(), (true, true), "the plan ends with the rehearsal");
    }
}
