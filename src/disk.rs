//! The file operations that change the disk, for all that is published and all that is kept.
//!
//! They are the system's own. They go through one door, so that a test can end a run at any of them,
//! or take away what not every system has; see [`rehearsal`].

pub mod rehearsal;

use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use rehearsal::step;

/// Who holds a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// We do, until the file is closed, however the run ends.
    Ours,
    /// Another run does.
    Anothers,
    /// Nobody can tell: the disk knows no locks, as some on a network.
    Unknown,
}

/// How often a held file is asked for again, and how long after each time. A program that is being
/// started holds what its parent holds for a moment.
const ASKED_AGAIN: u32 = 15;
const ASKED_AFTER: Duration = Duration::from_millis(20);

/// Holds a file, where nobody else does.
pub fn hold(file: &File) -> io::Result<Hold> {
    hold_within(file, ASKED_AGAIN)
}

fn hold_within(file: &File, more: u32) -> io::Result<Hold> {
    match file.try_lock() {
        Ok(()) => Ok(Hold::Ours),
        Err(TryLockError::WouldBlock) if more > 0 => {
            std::thread::sleep(ASKED_AFTER);
            hold_within(file, more - 1)
        }
        Err(TryLockError::WouldBlock) => Ok(Hold::Anothers),
        Err(TryLockError::Error(cause)) if knows_no_locks(&cause) => Ok(Hold::Unknown),
        Err(TryLockError::Error(cause)) => Err(cause),
    }
}

fn knows_no_locks(cause: &io::Error) -> bool {
    #[cfg(unix)]
    if rustix::io::Errno::from_io_error(cause) == Some(rustix::io::Errno::NOLCK) {
        return true;
    }
    cause.kind() == io::ErrorKind::Unsupported
}

/// Makes a folder that does not exist yet.
pub fn create_dir(path: &Path) -> io::Result<()> {
    step()?;
    fs::create_dir(path)
}

/// Makes a folder, and those above it, where they are missing.
pub fn create_dir_all(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    step()?;
    fs::create_dir_all(path)
}

/// Makes a file that does not exist yet.
pub fn create_new(path: &Path) -> io::Result<File> {
    step()?;
    File::options().read(true).write(true).create_new(true).open(path)
}

/// Opens a file to hold it and to add to it; makes it where it is missing.
pub fn open_to_add(path: &Path) -> io::Result<File> {
    step()?;
    File::options().read(true).append(true).create(true).open(path)
}

/// Adds to the end of an open file.
pub fn add(mut file: &File, path: &Path, bytes: &[u8]) -> io::Result<()> {
    step()?;
    let before = file.metadata()?.len();
    file.write_all(bytes)?;
    rehearsal::torn(path, before)
}

/// Waits until an open file is on the disk itself. A rehearsal knows no power cuts.
pub fn sync(file: &File) -> io::Result<()> {
    step()?;
    if rehearsal::is_under_way() { Ok(()) } else { file.sync_all() }
}

/// Makes a file of what `fill` writes.
pub fn fill(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    step()?;
    let mut file = BufWriter::new(File::create(path)?);
    fill(&mut file)?;
    file.flush()?;
    rehearsal::torn(path, 0)
}

/// Makes a file of these bytes.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fill(path, |file| file.write_all(bytes))
}

/// Copies a file and returns how many bytes it has.
pub fn copy(from: &Path, to: &Path) -> io::Result<u64> {
    step()?;
    let bytes = fs::copy(from, to)?;
    rehearsal::torn(to, 0)?;
    Ok(bytes)
}

/// Gives a file a second name.
pub fn hard_link(from: &Path, to: &Path) -> io::Result<()> {
    rehearsal::may_link(from, to)?;
    fs::hard_link(from, to)
}

/// Makes a link like the one at `from`; it leads where that one does.
pub fn copy_link(from: &Path, to: &Path) -> io::Result<()> {
    step()?;
    let goal = fs::read_link(from)?;
    #[cfg(unix)]
    return std::os::unix::fs::symlink(goal, to);
    #[cfg(windows)]
    return if from.is_dir() {
        std::os::windows::fs::symlink_dir(goal, to)
    } else {
        std::os::windows::fs::symlink_file(goal, to)
    };
    #[cfg(not(any(unix, windows)))]
    return Err(io::Error::new(io::ErrorKind::Unsupported, format!("a link to {goal:?}")));
}

/// Moves a file or a folder within a disk; a file that is there is replaced in one step.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    rehearsal::may_move(from, to)?;
    fs::rename(from, to)
}

/// Lets two folders change places in one step. `Unsupported` where the system cannot do that.
pub fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    rehearsal::may_exchange(a, b)?;
    system_exchange(a, b)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn system_exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE) {
        Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => Err(io::ErrorKind::Unsupported.into()),
        done => Ok(done?),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn system_exchange(_a: &Path, _b: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Deletes a file.
pub fn remove_file(path: &Path) -> io::Result<()> {
    step()?;
    fs::remove_file(path)
}

/// Deletes an empty folder.
pub fn remove_dir(path: &Path) -> io::Result<()> {
    step()?;
    fs::remove_dir(path)
}

/// Deletes a folder with all in it; none is no fault.
pub fn remove_dir_all(path: &Path) -> io::Result<()> {
    if !is_there(path) {
        return Ok(());
    }
    step()?;
    rehearsal::half_removed(path)?;
    fs::remove_dir_all(path)
}

/// Whether something has that name, be it a link that leads nowhere.
pub fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether the folder is another disk's than the one that it lies in, as far as the system tells.
pub fn is_mount_point(path: &Path) -> bool {
    rehearsal::is_mount_point(path).unwrap_or_else(|| system_mount_point(path))
}

#[cfg(unix)]
fn system_mount_point(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| fs::metadata(path).map(|data| data.dev()).ok();
    device(path).is_some_and(|own| device(&path.join("..")).is_some_and(|above| above != own))
}

#[cfg(not(unix))]
fn system_mount_point(_path: &Path) -> bool {
    false
}

/// Whether an open file is still the one of that name.
pub fn is_still_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(there)) => are_one(&open, &there).unwrap_or(true),
        _ => false,
    }
}

/// Whether it is one file; `None` where the system does not say.
#[cfg(unix)]
pub fn are_one(a: &fs::Metadata, b: &fs::Metadata) -> Option<bool> {
    use std::os::unix::fs::MetadataExt;
    Some((a.dev(), a.ino()) == (b.dev(), b.ino()))
}

/// Whether it is one file; `None` where the system does not say.
#[cfg(not(unix))]
pub fn are_one(_a: &fs::Metadata, _b: &fs::Metadata) -> Option<bool> {
    None
}
