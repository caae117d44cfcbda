//! Chapters of Matroska files, which the demuxer reads only where each edition has a number.
//!
//! ffmpeg leaves the number out, and the demuxer then refuses the whole file. So the chapters are
//! read here, and such a file is given to the demuxer with its chapters marked as void.
//!
//! Reference: RFC 9559, sections 5.1.7 (Chapters) and 4.4 (Void).

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use symphonia::core::io::MediaSource;

use super::DecodeLimits;
use crate::speech::Chapter;
use crate::time::Ms;

const EBML: u64 = 0x1a45_dfa3;
const SEGMENT: u64 = 0x1853_8067;
const CHAPTERS: u64 = 0x1043_a770;
const EDITION: u64 = 0x45b9;
const ATOM: u64 = 0xb6;
const ATOM_START: u64 = 0x91;
const DISPLAY: u64 = 0x80;
const TITLE: u64 = 0x85;
/// Elements looked through at the top; a long film has some thousand clusters.
const MAX_ELEMENTS: usize = 100_000;
const MAX_CHAPTER_BYTES: u64 = 1024 * 1024;

/// Where the chapters stand in the file.
struct Place {
    at: u64,
    header: u64,
    size: u64,
}

/// The chapters; empty where there are none.
pub(super) fn chapters(path: &Path, limits: &DecodeLimits) -> io::Result<Vec<Chapter>> {
    let mut file = File::open(path)?;
    let Some(place) = find(&mut file)?.filter(|place| place.size <= MAX_CHAPTER_BYTES) else {
        return Ok(Vec::new());
    };
    let mut body = Vec::new();
    file.seek(SeekFrom::Start(place.at + place.header))?;
    file.take(place.size).read_to_end(&mut body)?;
    let editions = elements(&body).filter(|(id, _)| *id == EDITION);
    // Further editions are other cuts of the same film.
    let atoms = editions.take(1).flat_map(|(_, edition)| elements(edition));
    let atoms = atoms.filter(|(id, _)| *id == ATOM).take(limits.max_chapters);
    Ok(atoms.filter_map(|(_, atom)| chapter(atom)).collect())
}

fn chapter(atom: &[u8]) -> Option<Chapter> {
    let start = elements(atom).find(|(id, _)| *id == ATOM_START)?.1;
    let nanoseconds = start.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let title = elements(atom)
        .find(|(id, _)| *id == DISPLAY)
        .and_then(|(_, display)| elements(display).find(|(id, _)| *id == TITLE))
        .map(|(_, title)| String::from_utf8_lossy(title).trim_matches('\0').trim().to_owned());
    let start = Ms::stated_offset(i64::try_from(nanoseconds / 1_000_000).ok()?).ok()?;
    Some(Chapter { start, title: title.unwrap_or_default(), url: None })
}

fn find(file: &mut File) -> io::Result<Option<Place>> {
    let length = file.metadata()?.len();
    let mut at = 0;
    for _ in 0..MAX_ELEMENTS {
        let mut head = [0; 12];
        file.seek(SeekFrom::Start(at))?;
        let got = file.by_ref().take(12).read(&mut head)?;
        let Some((id, header, size)) = head.get(..got).and_then(element) else { break };
        match (id, size) {
            (SEGMENT, _) => at += header as u64,
            (CHAPTERS, Some(size)) => {
                return Ok(Some(Place { at, header: header as u64, size }));
            }
            (EBML, Some(size)) => at += header as u64 + size.min(length),
            (_, Some(size)) => at = at.saturating_add(header as u64).saturating_add(size),
            (_, None) => break,
        }
        if at >= length {
            break;
        }
    }
    Ok(None)
}

/// The elements that `bytes` hold, each as its id and body.
fn elements(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (id, header, size) = element(rest)?;
        let end = header.checked_add(usize::try_from(size?).ok()?)?;
        let body = rest.get(header..end)?;
        rest = rest.get(end..)?;
        Some((id, body))
    })
}

/// Id, header bytes and size of the element that begins with `head`; no size where it is unknown.
fn element(head: &[u8]) -> Option<(u64, usize, Option<u64>)> {
    let id_bytes = head.first()?.leading_zeros() as usize + 1;
    if id_bytes > 4 {
        return None;
    }
    let id = head.get(..id_bytes)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let size_bytes = head.get(id_bytes)?.leading_zeros() as usize + 1;
    if size_bytes > 8 {
        return None;
    }
    let marked = head.get(id_bytes..id_bytes + size_bytes)?;
    let marked = marked.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let all = (1_u64 << (7 * size_bytes)) - 1;
    let size = marked & all;
    Some((id, id_bytes + size_bytes, (size != all).then_some(size)))
}

/// The file with its chapters marked as void; `None` where it has none.
pub(super) fn without_chapters(path: &Path) -> io::Result<Option<Patched>> {
    let mut file = File::open(path)?;
    let Some(place) = find(&mut file)? else { return Ok(None) };
    // `Void` has an id of one byte: its size field takes what the longer id leaves free.
    let size_bytes = (place.header - 1).min(8);
    let size = place.size + place.header - 1 - size_bytes;
    let marked = size | 1 << (7 * size_bytes);
    let mut bytes = vec![0xec];
    let from = usize::try_from(8 - size_bytes).unwrap_or(0);
    bytes.extend(marked.to_be_bytes().get(from..).unwrap_or_default());
    file.seek(SeekFrom::Start(0))?;
    Ok(Some(Patched { file, position: 0, at: place.at, bytes }))
}

/// A file some of whose bytes are read as others.
pub(super) struct Patched {
    file: File,
    position: u64,
    at: u64,
    bytes: Vec<u8>,
}

impl Read for Patched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        for (n, byte) in buffer.iter_mut().take(read).enumerate() {
            let offset = (self.position + n as u64).checked_sub(self.at);
            let offset = offset.and_then(|offset| usize::try_from(offset).ok());
            if let Some(other) = offset.and_then(|offset| self.bytes.get(offset)) {
                *byte = *other;
            }
        }
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Patched {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.file.seek(to)?;
        Ok(self.position)
    }
}

impl MediaSource for Patched {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        self.file.metadata().ok().map(|metadata| metadata.len())
    }
}
