//! sha256 of files and of what is written to them.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::progress::{FetchEvent, FetchProgress};

const BUFFER_BYTES: usize = 256 * 1024;

/// A running sha256.
#[derive(Clone, Default)]
pub(super) struct Hasher(Sha256);

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Lower-case hexadecimal.
    pub(super) fn finish(self) -> String {
        use std::fmt::Write as _;
        self.0.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// Copies all of `from` to `to` and gives the bytes copied and their sha256. Stops at `limit` bytes,
/// and with an error when the person asks to.
pub(super) fn copy(
    from: &mut dyn Read,
    to: &mut dyn Write,
    limit: u64,
    hasher: &mut Hasher,
    progress: &dyn FetchProgress,
    done_before: u64,
) -> Result<u64, CopyError> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut done = 0;
    let mut from = from.take(limit);
    loop {
        if progress.cancelled() {
            return Err(CopyError::Interrupted);
        }
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok(done),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(CopyError::Read(error)),
        };
        hasher.update(&buffer[..count]);
        to.write_all(&buffer[..count]).map_err(CopyError::Write)?;
        done += count as u64;
        progress.event(FetchEvent::Advance { done: done_before + done });
    }
}

/// Which side of a copy failed.
#[derive(Debug)]
pub(super) enum CopyError {
    Read(io::Error),
    Write(io::Error),
    Interrupted,
}

/// The sha256 of a file.
pub(super) fn of_file(path: &Path, progress: &dyn FetchProgress) -> Result<String, CopyError> {
    let mut file = File::open(path).map_err(CopyError::Read)?;
    let mut hasher = Hasher::default();
    copy(&mut file, &mut io::sink(), u64::MAX, &mut hasher, progress, 0)?;
    Ok(hasher.finish())
}

/// Hashes and counts what goes through to a writer; reports it, and fails when asked to stop.
pub(super) struct HashingWriter<'p, W> {
    inner: W,
    hasher: Hasher,
    written: u64,
    progress: &'p dyn FetchProgress,
}

impl<'p, W: Write> HashingWriter<'p, W> {
    pub(super) fn new(inner: W, progress: &'p dyn FetchProgress) -> HashingWriter<'p, W> {
        HashingWriter { inner, hasher: Hasher::default(), written: 0, progress }
    }

    /// The writer, the bytes written and their sha256.
    pub(super) fn finish(self) -> (W, u64, String) {
        (self.inner, self.written, self.hasher.finish())
    }
}

impl<W: Write> Write for HashingWriter<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.progress.cancelled() {
            return Err(io::Error::other("interrupted"));
        }
        let count = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        self.written += count as u64;
        self.progress.event(FetchEvent::Advance { done: self.written });
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
