//! Looks at a file: at any place of it, or at all of it with some of its bytes left out or changed.
//!
//! Libraries refuse whole files for a field that does not matter to the sound, or know the sound
//! but not the wrapping. Such a file is given to them as a view, and nothing is copied.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use symphonia::core::io::MediaSource;

/// Bytes read at once around a place.
const BLOCK: usize = 64 * 1024;

/// A part of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// This range of the file.
    File(Range<u64>),
}

impl Piece {
    fn length(&self) -> u64 {
        match self {
            Piece::Bytes(bytes) => bytes.len() as u64,
            Piece::File(range) => range.end.saturating_sub(range.start),
        }
    }
}

/// A file read as the pieces of it that matter.
pub(super) struct View {
    file: File,
    /// Each piece with the place at which it begins in the view.
    pieces: Vec<(u64, Piece)>,
    length: u64,
    position: u64,
    file_position: u64,
}

impl View {
    /// The file at `path` as these pieces.
    pub(super) fn open(path: &Path, pieces: &[Piece]) -> io::Result<View> {
        let file = File::open(path)?;
        let mut length = 0;
        let mut placed = Vec::new();
        for piece in pieces.iter().filter(|piece| piece.length() > 0) {
            placed.push((length, piece.clone()));
            length += piece.length();
        }
        Ok(View { file, pieces: placed, length, position: 0, file_position: 0 })
    }
}

impl Read for View {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let after = self.pieces.partition_point(|(start, _)| *start <= self.position);
        let Some((start, piece)) = after.checked_sub(1).and_then(|n| self.pieces.get(n)) else {
            return Ok(0);
        };
        let inside = self.position - start;
        let read = match piece {
            Piece::Bytes(bytes) => {
                let from = usize::try_from(inside).unwrap_or(usize::MAX);
                bytes.get(from..).unwrap_or_default().read(buffer)?
            }
            Piece::File(range) => {
                let from = range.start + inside;
                if from >= range.end {
                    return Ok(0);
                }
                if from != self.file_position {
                    self.file_position = self.file.seek(SeekFrom::Start(from))?;
                }
                let read = self.file.by_ref().take(range.end - from).read(buffer)?;
                self.file_position += read as u64;
                read
            }
        };
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for View {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

impl MediaSource for View {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}

/// Reads any place of a file, a block at a time.
pub(super) struct Window {
    file: File,
    length: u64,
    start: u64,
    bytes: Vec<u8>,
}

impl Window {
    /// Opens the file at `path`.
    pub(super) fn open(path: &Path) -> io::Result<Window> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Window { file, length, start: 0, bytes: Vec::new() })
    }

    /// How long the file is.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// `wanted` bytes at `place`, or fewer where the file ends.
    pub(super) fn at(&mut self, place: u64, wanted: usize) -> io::Result<&[u8]> {
        let wanted = self.length.saturating_sub(place).min(wanted as u64);
        let end = self.start + self.bytes.len() as u64;
        if place < self.start || place + wanted > end {
            self.file.seek(SeekFrom::Start(place))?;
            self.bytes.clear();
            self.file.by_ref().take(wanted.max(BLOCK as u64)).read_to_end(&mut self.bytes)?;
            self.start = place;
        }
        let from = usize::try_from(place - self.start).unwrap_or(usize::MAX);
        let end = usize::try_from(place - self.start + wanted).unwrap_or(usize::MAX);
        Ok(self.bytes.get(from..end.min(self.bytes.len())).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    #[test]
    fn a_view_reads_as_one_file() {
        let (_folder, path) = file(b"0123456789");
        let pieces = [
            Piece::File(1..3),
            Piece::Bytes(b"ab".to_vec()),
            Piece::File(0..0),
            Piece::File(8..20),
        ];
        let mut view = View::open(&path, &pieces).unwrap();
        let mut all = Vec::new();
        view.read_to_end(&mut all).unwrap();
        assert_eq!(all, b"12ab89");
        view.seek(SeekFrom::Start(3)).unwrap();
        let mut one = [0; 1];
        view.read_exact(&mut one).unwrap();
        assert_eq!(&one, b"b");
        view.seek(SeekFrom::Start(99)).unwrap();
        assert_eq!(view.read(&mut one).unwrap(), 0);
    }

    #[test]
    fn a_window_gives_any_place_and_fewer_bytes_at_the_end() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
        let (_folder, path) = file(&bytes);
        let mut window = Window::open(&path).unwrap();
        for (place, wanted) in [(0, 10), (150_000, 3), (65_530, 100), (70_000, 130_000), (5, 1)] {
            assert_eq!(window.at(place, wanted).unwrap(), &bytes[place as usize..][..wanted]);
        }
        assert_eq!(window.at(199_999, 10).unwrap().len(), 1);
        assert_eq!(window.at(300_000, 10).unwrap().len(), 0);
    }
}
