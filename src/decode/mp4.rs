//! What an MP4 file says that the demuxer leaves out: where its sound begins and ends (edit lists)
//! and its chapters (Nero's list and the `QuickTime` chapter track).
//!
//! Reference: ISO/IEC 14496-12, 8.6.6 (edit list); Apple's `QuickTime` File Format, "Chapter Lists".

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::DecodeLimits;
use crate::speech::Chapter;
use crate::time::Ms;

/// The description of a four-hour video stays far below this.
const MAX_MOOV_BYTES: u64 = 64 * 1024 * 1024;
/// Top-level boxes looked through; a fragmented file has one pair every few seconds.
const MAX_BOXES: usize = 100_000;

/// What the file's description holds beside its tracks' samples.
#[derive(Debug, Default)]
pub(super) struct Movie {
    moov: Vec<u8>,
}

/// Which part of a track's sound is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edit {
    /// Silence before the sound, in milliseconds.
    pub(super) silence_ms: u64,
    /// Where the played part begins, in ticks of the track.
    pub(super) start: u64,
    /// Ticks a second.
    pub(super) ticks_per_s: u32,
    /// How long the played part is, in ticks of the movie; 0 for up to the end.
    pub(super) length: u64,
    /// Ticks of the movie a second.
    pub(super) movie_ticks_per_s: u32,
}

/// Reads the description; an empty one where there is none or it is too large.
pub(super) fn read(path: &Path) -> io::Result<Movie> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut at = 0_u64;
    for _ in 0..MAX_BOXES {
        let mut head = [0; 16];
        file.seek(SeekFrom::Start(at))?;
        let got = file.by_ref().take(16).read(&mut head)?;
        let Some((kind, header, size)) =
            head.get(..got).and_then(|head| size_of(head, length - at))
        else {
            break;
        };
        if kind == *b"moov" && size - header <= MAX_MOOV_BYTES {
            let mut moov = Vec::new();
            file.seek(SeekFrom::Start(at + header))?;
            file.take(size - header).read_to_end(&mut moov)?;
            return Ok(Movie { moov });
        }
        at = at.saturating_add(size);
        if at >= length {
            break;
        }
    }
    Ok(Movie::default())
}

/// Kind, header bytes and whole size of the box that begins with `head`, of which `left` bytes are
/// there at most.
fn size_of(head: &[u8], left: u64) -> Option<([u8; 4], u64, u64)> {
    let size = u64::from(u32_at(head, 0)?);
    let kind = *head.get(4..8)?.first_chunk()?;
    let (header, size) = match size {
        0 => (8, left),
        1 => (16, u64_at(head, 8)?),
        size => (8, size),
    };
    (size >= header).then_some((kind, header, size.min(left)))
}

impl Movie {
    /// The edit of a track; `None` where the file has none or several parts are cut together.
    pub(super) fn edit(&self, track_id: u32) -> Option<Edit> {
        let movie_ticks_per_s = ticks_per_s(child(&self.moov, b"mvhd")?)?;
        let track = self.track(track_id)?;
        let ticks = ticks_per_s(find(track, &[b"mdia", b"mdhd"])?)?;
        let list = find(track, &[b"edts", b"elst"])?;
        let wide = *list.first()? == 1;
        let mut edit = None;
        let mut silence = 0_u64;
        let entry_bytes = if wide { 20 } else { 12 };
        let count = usize::try_from(u32_at(list, 4)?).ok()?;
        for entry in list.get(8..)?.chunks_exact(entry_bytes).take(count) {
            let (length, start) = if wide {
                (u64_at(entry, 0)?, u64_at(entry, 8)?.cast_signed())
            } else {
                (u64::from(u32_at(entry, 0)?), i64::from(u32_at(entry, 4)?.cast_signed()))
            };
            match u64::try_from(start) {
                Err(_) if edit.is_none() => silence = silence.saturating_add(length),
                Err(_) => return None,
                Ok(_) if edit.is_some() => return None,
                Ok(start) => edit = Some((start, length)),
            }
        }
        let (start, length) = edit?;
        let silence_ms = silence.saturating_mul(1000) / u64::from(movie_ticks_per_s);
        Some(Edit { silence_ms, start, ticks_per_s: ticks, length, movie_ticks_per_s })
    }

    /// The chapters: of the `QuickTime` chapter track, whose times are finer, else of Nero's list.
    pub(super) fn chapters(&self, path: &Path, limits: &DecodeLimits) -> Vec<Chapter> {
        let from_track = self.chapter_track().and_then(|track| track_chapters(track, path, limits));
        from_track
            .filter(|chapters| !chapters.is_empty())
            .or_else(|| self.listed_chapters(limits))
            .unwrap_or_default()
    }

    /// The four letters of the codec of the first track of sound.
    pub(super) fn sound_codec(&self) -> Option<[u8; 4]> {
        let sound = |track: &&[u8]| {
            find(track, &[b"mdia", b"hdlr"]).and_then(|head| head.get(8..12)) == Some(b"soun")
        };
        let track = self.tracks().find(sound)?;
        find(track, &[b"mdia", b"minf", b"stbl", b"stsd"])?.get(12..)?.first_chunk().copied()
    }

    fn tracks(&self) -> impl Iterator<Item = &[u8]> {
        boxes(&self.moov).filter(|(kind, _)| kind == b"trak").map(|(_, body)| body)
    }

    fn track(&self, wanted: u32) -> Option<&[u8]> {
        self.tracks().find(|track| {
            child(track, b"tkhd")
                .and_then(|head| u32_at(head, if *head.first()? == 1 { 20 } else { 12 }))
                == Some(wanted)
        })
    }

    fn chapter_track(&self) -> Option<&[u8]> {
        let id = self.tracks().find_map(|track| u32_at(find(track, &[b"tref", b"chap"])?, 0))?;
        self.track(id)
    }

    fn listed_chapters(&self, limits: &DecodeLimits) -> Option<Vec<Chapter>> {
        let list = find(&self.moov, &[b"udta", b"chpl"])?;
        let at = if *list.first()? == 0 { 4 } else { 8 };
        let count = usize::from(*list.get(at)?);
        let mut rest = list.get(at + 1..)?;
        let mut chapters = Vec::new();
        for _ in 0..count.min(limits.max_chapters) {
            let (start, length) = (u64_at(rest, 0)?, usize::from(*rest.get(8)?));
            // The unit is 100 ns.
            let start = Ms::stated_offset(i64::try_from(start / 10_000).ok()?).ok()?;
            let title = String::from_utf8_lossy(rest.get(9..9 + length)?).trim().to_owned();
            chapters.push(Chapter { start, title, url: None });
            rest = rest.get(9 + length..)?;
        }
        Some(chapters)
    }
}

/// The samples of a chapter track: each is a title, and lasts until the next.
fn track_chapters(track: &[u8], path: &Path, limits: &DecodeLimits) -> Option<Vec<Chapter>> {
    let ticks = u64::from(ticks_per_s(find(track, &[b"mdia", b"mdhd"])?)?);
    let table = find(track, &[b"mdia", b"minf", b"stbl"])?;
    let offsets = sample_offsets(table, limits.max_chapters)?;
    let mut file = File::open(path).ok()?;
    let mut start = 0_u64;
    let mut durations = durations(child(table, b"stts")?);
    let mut chapters = Vec::new();
    for (offset, size) in offsets {
        let mut text = Vec::new();
        file.seek(SeekFrom::Start(offset)).ok()?;
        file.by_ref().take(size.min(64 * 1024)).read_to_end(&mut text).ok()?;
        let at = i64::try_from(start.saturating_mul(1000) / ticks).ok()?;
        let at = Ms::stated_offset(at).ok()?;
        chapters.push(Chapter { start: at, title: title(&text), url: None });
        start = start.saturating_add(durations.next()?);
    }
    Some(chapters)
}

/// A length in two bytes, then UTF-8, or UTF-16 with its mark.
fn title(sample: &[u8]) -> String {
    let length = sample.first_chunk().map_or(0, |bytes| usize::from(u16::from_be_bytes(*bytes)));
    let text = sample.get(2..).unwrap_or_default();
    let text = text.get(..length.min(text.len())).unwrap_or_default();
    let wide = |swap: fn([u8; 2]) -> u16| {
        let units = text.get(2..).unwrap_or_default().as_chunks::<2>().0;
        String::from_utf16_lossy(&units.iter().map(|unit| swap(*unit)).collect::<Vec<_>>())
    };
    let text = match text {
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        _ => String::from_utf8_lossy(text).into_owned(),
    };
    text.trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned()
}

/// The length of each sample in ticks, by the runs of `stts`.
fn durations(table: &[u8]) -> impl Iterator<Item = u64> + '_ {
    table.get(8..).unwrap_or_default().as_chunks::<8>().0.iter().flat_map(|run| {
        let count = u32_at(run, 0).unwrap_or(0) as usize;
        std::iter::repeat_n(u64::from(u32_at(run, 4).unwrap_or(0)), count)
    })
}

/// Where each sample lies in the file and how long it is, at most `most` of them.
fn sample_offsets(table: &[u8], most: usize) -> Option<Vec<(u64, u64)>> {
    let sizes = child(table, b"stsz")?;
    let same = u64::from(u32_at(sizes, 4)?);
    let count = (u32_at(sizes, 8)? as usize).min(most);
    let size = |n: usize| {
        if same > 0 { Some(same) } else { u32_at(sizes, 12 + 4 * n).map(u64::from) }
    };
    let runs = child(table, b"stsc")?.get(8..)?.as_chunks::<12>().0;
    let chunk_offset = |chunk: usize| match child(table, b"stco") {
        Some(offsets) => u32_at(offsets, 8 + 4 * chunk).map(u64::from),
        None => u64_at(child(table, b"co64")?, 8 + 8 * chunk),
    };
    let mut found = Vec::new();
    let mut chunk = 0_usize;
    while found.len() < count {
        // The last run that begins at this chunk or before it (chunks count from 1).
        let run = runs
            .iter()
            .rev()
            .find(|run| u32_at(*run, 0).is_some_and(|first| first as usize <= chunk + 1))?;
        let mut offset = chunk_offset(chunk)?;
        let in_chunk = (u32_at(run, 4)? as usize).min(count - found.len());
        for _ in 0..in_chunk {
            let bytes = size(found.len())?;
            found.push((offset, bytes));
            offset = offset.saturating_add(bytes);
        }
        chunk += 1;
    }
    Some(found)
}

/// The boxes that `bytes` hold, each as its kind and body.
pub(super) fn boxes(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (kind, header, size) = size_of(rest, rest.len() as u64)?;
        let (header, size) = (usize::try_from(header).ok()?, usize::try_from(size).ok()?);
        let body = rest.get(header..size)?;
        rest = rest.get(size..)?;
        Some((kind, body))
    })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "byte string literals are references")]
pub(super) fn child<'a>(bytes: &'a [u8], wanted: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(bytes).find(|(kind, _)| kind == wanted).map(|(_, body)| body)
}

fn find<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |bytes, wanted| child(bytes, wanted))
}

/// The time scale of a movie's or a medium's header.
fn ticks_per_s(head: &[u8]) -> Option<u32> {
    u32_at(head, if *head.first()? == 1 { 20 } else { 12 }).filter(|ticks| *ticks > 0)
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|bytes| u64::from_be_bytes(*bytes))
}
