//! Runs `pip` and `cargo`: without a terminal, stoppable, with what they say kept for the message.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::error::SourceError;
use super::progress::{FetchEvent, FetchProgress};

const POLL: Duration = Duration::from_millis(100);
/// Lines of a program's last words that go into the message.
const LAST_LINES: usize = 3;
/// Files that are counted for the bar; a limit against odd folders.
const MAX_COUNTED: usize = 10_000;

/// Runs a command to its end. While it runs, the bytes below `growing` are reported. What it says
/// goes to `log`, and its last lines into the error.
pub(super) fn run(
    program: &'static str,
    command: &mut Command,
    log: &Path,
    growing: &Path,
    progress: &dyn FetchProgress,
) -> Result<(), SourceError> {
    let log_file = File::create(log).map_err(|cause| SourceError::io(log, cause))?;
    let second = log_file.try_clone().map_err(|cause| SourceError::io(log, cause))?;
    command.stdin(Stdio::null()).stdout(log_file).stderr(second);
    let mut child = command.spawn().map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => SourceError::NoProgram(program),
        _ => SourceError::Program { program, message: cause.to_string() },
    })?;
    loop {
        if let Some(status) = child
            .try_wait()
            .map_err(|cause| SourceError::Program { program, message: cause.to_string() })?
        {
            if status.success() {
                return Ok(());
            }
            return Err(SourceError::Program { program, message: last_words(log) });
        }
        if progress.cancelled() {
            let _ = child.kill();
            let _ = child.wait();
            return Err(SourceError::Interrupted);
        }
        progress.event(FetchEvent::Advance { done: bytes_below(growing) });
        thread::sleep(POLL);
    }
}

/// The last lines of a log that say something, errors first.
fn last_words(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let errors: Vec<&str> =
        lines.iter().copied().filter(|line| line.to_lowercase().starts_with("error")).collect();
    let chosen = if errors.is_empty() { &lines } else { &errors };
    if chosen.is_empty() {
        return "it said nothing".to_owned();
    }
    chosen[chosen.len().saturating_sub(LAST_LINES)..].join("; ")
}

/// Bytes of all files below a folder.
fn bytes_below(dir: &Path) -> u64 {
    let mut folders = vec![dir.to_owned()];
    let (mut bytes, mut counted) = (0, 0);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            counted += 1;
            if counted > MAX_COUNTED {
                return bytes;
            }
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push(entry.path()),
                Ok(metadata) => bytes += metadata.len(),
                Err(_) => {}
            }
        }
    }
    bytes
}
