//! Runs `pip` and `cargo`: without a terminal, stoppable, with what they say kept for the message.

use std::fs;
use std::io::{self, PipeReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::error::SourceError;
use super::progress::{FetchEvent, FetchProgress};

const POLL: Duration = Duration::from_millis(100);
/// Lines of a program's last words that go into the message.
const LAST_LINES: usize = 3;
/// What is kept of a program's words; in memory, as the disk may be what is full.
const KEPT_BYTES: usize = 64 * 1024;
/// Files that are counted for the bar; a limit against odd folders.
const MAX_COUNTED: usize = 10_000;

/// Runs a command to its end. While it runs, the bytes below `growing` are reported. The last lines
/// of what it says go into the error.
pub(super) fn run(
    program: &'static str,
    mut command: Command,
    growing: &Path,
    progress: &dyn FetchProgress,
) -> Result<(), SourceError> {
    let failed = |cause: io::Error| SourceError::Program { program, message: cause.to_string() };
    let (words, stdout) = io::pipe().map_err(failed)?;
    let stderr = stdout.try_clone().map_err(failed)?;
    command.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
    let mut child = command.spawn().map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => SourceError::NoProgram(program),
        _ => failed(cause),
    })?;
    // The command holds the pipe's other end; without it the listener hears the child's end.
    drop(command);
    let listener = thread::spawn(move || last_bytes(words));
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if progress.cancelled() {
            let _ = child.kill();
            let _ = child.wait();
            return Err(SourceError::Interrupted);
        }
        progress.event(FetchEvent::Advance { done: bytes_below(growing) });
        thread::sleep(POLL);
    };
    if status.success() {
        return Ok(());
    }
    let words = listener.join().unwrap_or_default();
    Err(SourceError::Program { program, message: last_words(&String::from_utf8_lossy(&words)) })
}

/// Reads to the end and keeps the last bytes.
fn last_bytes(mut words: PipeReader) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = words.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..count]);
        if kept.len() > 2 * KEPT_BYTES {
            kept.drain(..kept.len() - KEPT_BYTES);
        }
    }
    kept
}

/// The lines that begin with `error`, else the last ones; the very last line is always one of them,
/// as a crashed program says there what it died of.
fn last_words(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let errors: Vec<&str> =
        lines.iter().copied().filter(|line| line.to_lowercase().starts_with("error")).collect();
    let mut chosen = if errors.is_empty() { lines.clone() } else { errors };
    if chosen.last() != lines.last() {
        chosen.extend(lines.last());
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_is_the_errors_and_the_last_line() {
        for (said, message) in [
            ("", "it said nothing"),
            ("looking\n\nfound\n", "looking; found"),
            ("looking\nERROR: no such package\n", "ERROR: no such package"),
            ("ERROR: Exception:\n  File 7\nOSError: full\n", "ERROR: Exception:; OSError: full"),
            ("1\n2\n3\n4", "2; 3; 4"),
        ] {
            assert_eq!(last_words(said), message);
        }
    }
}
