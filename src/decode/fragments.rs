//! The fragments of a streamed MP4: descriptions and sound in turns, and what is left of them.
//!
//! The demuxer gives up where one of them makes no sense, and no header says how many there are.
//!
//! Reference: ISO/IEC 14496-12, 8.8 (Movie Fragments).

use std::collections::BTreeMap;
use std::io;

use super::mp4::{boxes, child, u32_at, u64_at};
use super::view::{Piece, Window};

/// What stands at the top of a file.
const KINDS: [&[u8; 4]; 16] = [
    b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"mfra", b"free", b"skip", b"wide", b"sidx",
    b"ssix", b"uuid", b"meta", b"emsg", b"prft", b"pdin",
];
/// Boxes looked through: a day in fragments of half a second.
const MAX_BOXES: usize = 400_000;
/// The longest description of a fragment that is believed.
const MAX_MOOF: u64 = 16 * 1024 * 1024;
/// Bytes searched at a time.
const SEARCH: usize = 32 * 1024;

/// What is left of a streamed file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fragments {
    /// The file without the places that make no sense.
    pub(super) pieces: Vec<Piece>,
    /// It ends in the middle of something.
    pub(super) cut: bool,
    /// What each track keeps and lacks.
    pub(super) tracks: BTreeMap<u32, Kept>,
}

/// What is left of one track, in its ticks.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// How long it plays, with what is lost, as far as a fragment tells it.
    pub(super) length: u64,
    /// Where something is lost, counted without what was lost before, and how long that is: the
    /// demuxer puts fragments one behind the other, whatever their times.
    pub(super) gaps: Vec<(u64, u64)>,
    first: Option<u64>,
    running: u64,
    lost: u64,
}

/// The part of a track that is in one fragment: its number, start and length.
type Part = (u32, u64, u64);

/// Looks through the boxes; `None` for a file that has no fragments.
pub(super) fn read(file: &mut Window) -> io::Result<Option<Fragments>> {
    if file.at(4, 4)? != b"ftyp" {
        return Ok(None);
    }
    let length = file.length();
    let (mut at, mut kept_from, mut before, mut fragment) = (0, 0, 0, None);
    let mut found = Fragments { pieces: Vec::new(), cut: false, tracks: BTreeMap::new() };
    let (mut lengths, mut parts) = (BTreeMap::new(), Vec::<(u64, Vec<Part>)>::new());
    for _ in 0..MAX_BOXES {
        if at >= length {
            break;
        }
        if let Some((kind, size)) = box_at(file, at)?.filter(|(_, size)| at + size <= length) {
            if kind == *b"moov" && size <= MAX_MOOF {
                lengths = default_lengths(body(file, at, size)?);
            }
            if kind == *b"moof" && size <= MAX_MOOF {
                fragment = Some(at);
                parts.push((at, parts_of(body(file, at, size)?, &lengths)));
            }
            before = at;
            at += size;
            continue;
        }
        let Some(start) = fragment else { break };
        // The box before may have lied about its size.
        let next = find(file, before + 8)?;
        let end = if next >= length {
            length
        } else if next < at {
            parts.retain(|(at, _)| *at < start);
            start
        } else {
            at
        };
        found.pieces.push(Piece::File(kept_from..end));
        (kept_from, at, before) = (next, next, next);
        found.cut = next >= length;
    }
    found.pieces.push(Piece::File(kept_from..length));
    let parts: Vec<Part> = parts.into_iter().flat_map(|(_, parts)| parts).collect();
    let mut next_starts = BTreeMap::new();
    let mut believed: Vec<Option<u64>> = Vec::with_capacity(parts.len());
    for &(track, start, _) in parts.iter().rev() {
        // A start behind the next one's is a damaged field.
        let next = next_starts.insert(track, start);
        believed.push(Some(start).filter(|start| next.is_none_or(|next| *start <= next)));
    }
    for (&(track, _, length), start) in parts.iter().zip(believed.into_iter().rev()) {
        found.tracks.entry(track).or_default().add(start, length);
    }
    Ok(fragment.map(|_| found))
}

impl Kept {
    fn add(&mut self, start: Option<u64>, length: u64) {
        let first = *self.first.get_or_insert(start.unwrap_or(0));
        let expected = first.saturating_add(self.running).saturating_add(self.lost);
        let start = start.unwrap_or(expected);
        if start > expected {
            self.gaps.push((self.running, start - expected));
            self.lost = self.lost.saturating_add(start - expected);
        }
        self.running = self.running.saturating_add(length);
        self.length = self.length.max(start.saturating_add(length).saturating_sub(first));
    }
}

/// The body of the box that begins at `at`.
fn body(file: &mut Window, at: u64, size: u64) -> io::Result<&[u8]> {
    Ok(file.at(at, usize::try_from(size).unwrap_or(0))?.get(8..).unwrap_or_default())
}

/// How long a sample of each track lasts where its fragment does not say it.
fn default_lengths(moov: &[u8]) -> BTreeMap<u32, u64> {
    let extends = child(moov, b"mvex").unwrap_or_default();
    let defaults = boxes(extends).filter(|(kind, _)| kind == b"trex");
    defaults.filter_map(|(_, trex)| Some((u32_at(trex, 4)?, u32_at(trex, 12)?.into()))).collect()
}

fn parts_of(moof: &[u8], lengths: &BTreeMap<u32, u64>) -> Vec<Part> {
    let tracks = boxes(moof).filter(|(kind, _)| kind == b"traf");
    tracks.filter_map(|(_, traf)| part_of(traf, lengths)).collect()
}

fn part_of(traf: &[u8], lengths: &BTreeMap<u32, u64>) -> Option<Part> {
    let head = child(traf, b"tfhd")?;
    let (flags, track) = (u32_at(head, 0)?, u32_at(head, 4)?);
    let at = 8 + if flags & 1 > 0 { 8 } else { 0 } + if flags & 2 > 0 { 4 } else { 0 };
    let own = if flags & 8 > 0 { u32_at(head, at).map(u64::from) } else { None };
    let each = own.or_else(|| lengths.get(&track).copied()).unwrap_or(0);
    let time = child(traf, b"tfdt")?;
    let start = if *time.first()? == 1 { u64_at(time, 4)? } else { u32_at(time, 4)?.into() };
    let runs = boxes(traf).filter(|(kind, _)| kind == b"trun");
    let length = runs.filter_map(|(_, run)| run_length(run, each)).fold(0, u64::saturating_add);
    Some((track, start, length))
}

/// How long the samples of a run last, `each` of them so long unless it says more.
fn run_length(run: &[u8], each: u64) -> Option<u64> {
    let (flags, count) = (u32_at(run, 0)?, u32_at(run, 4)? as usize);
    if flags & 0x100 == 0 {
        return Some(each * count as u64);
    }
    let at = 8 + if flags & 1 > 0 { 4 } else { 0 } + if flags & 4 > 0 { 4 } else { 0 };
    let step = 4 * (flags & 0xf00).count_ones() as usize;
    let samples = run.get(at..)?.chunks_exact(step).take(count);
    Some(samples.filter_map(|sample| u32_at(sample, 0)).map(u64::from).sum())
}

/// Kind and size of the box that begins at `at`, if it is one of those at the top.
fn box_at(file: &mut Window, at: u64) -> io::Result<Option<([u8; 4], u64)>> {
    let length = file.length();
    let head = file.at(at, 16)?;
    let field = |from: usize| head.get(from..).and_then(|bytes| bytes.first_chunk().copied());
    let (Some(size), Some(kind)) = (field(0).map(u32::from_be_bytes), field(4)) else {
        return Ok(None);
    };
    let size = match size {
        0 => length - at,
        1 => match head.get(8..).and_then(|bytes| bytes.first_chunk()) {
            Some(size) => u64::from_be_bytes(*size),
            None => return Ok(None),
        },
        size => u64::from(size),
    };
    Ok((size >= 8 && size <= length && KINDS.contains(&&kind)).then_some((kind, size)))
}

/// Where the next fragment begins, from `from` on; the file's end where there is none.
fn find(file: &mut Window, from: u64) -> io::Result<u64> {
    let length = file.length();
    let mut at = from;
    while at < length {
        let bytes = file.at(at, SEARCH)?;
        let step = bytes.len();
        let starts = bytes.windows(16).position(|head| {
            let size = head.first_chunk().map_or(0, |size| u64::from(u32::from_be_bytes(*size)));
            &head[4..8] == b"moof" && &head[12..16] == b"mfhd" && size <= MAX_MOOF
        });
        if let Some(place) = starts {
            return Ok(at + place as u64);
        }
        if step < SEARCH {
            break;
        }
        // A header may lie across two blocks.
        at += (step - 15) as u64;
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "byte string literals are references")]
    fn a_box(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(8 + body.len() as u32).to_be_bytes()[..], kind, body].concat()
    }

    /// Twenty bytes of description, then pairs of 24 and 108 bytes.
    fn streamed(count: usize) -> Vec<u8> {
        let pair = [a_box(b"moof", &a_box(b"mfhd", &[0; 8])), a_box(b"mdat", &[7; 100])].concat();
        [a_box(b"ftyp", &[0; 4]), a_box(b"moov", &[]), pair.repeat(count)].concat()
    }

    fn left(bytes: &[u8]) -> Option<(Vec<(u64, u64)>, bool)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp4");
        std::fs::write(&path, bytes).unwrap();
        let found = read(&mut Window::open(&path).unwrap()).unwrap()?;
        let range = |piece: &Piece| match piece {
            Piece::File(range) if range.start < range.end => Some((range.start, range.end)),
            _ => None,
        };
        Some((found.pieces.iter().filter_map(range).collect(), found.cut))
    }

    #[test]
    fn a_whole_one_stays_as_it_is() {
        let length = 20 + 3 * 132;
        assert_eq!(left(&streamed(3)), Some((vec![(0, length)], false)));
        assert_eq!(left(&streamed(0)), None);
    }

    #[test]
    fn what_makes_no_sense_is_left_out() {
        let mut bytes = streamed(3);
        // The description of the second one.
        bytes[152..160].fill(0x55);
        assert_eq!(left(&bytes), Some((vec![(0, 152), (284, 416)], false)));
        // A size that lies: the pair is no pair any more.
        let mut bytes = streamed(3);
        bytes[152 + 24 + 3] += 8;
        assert_eq!(left(&bytes), Some((vec![(0, 152), (284, 416)], false)));
    }

    #[test]
    fn what_a_track_lacks_is_known() {
        let mut kept = Kept::default();
        for (start, length) in [(500, 100), (600, 100), (900, 100), (1000, 100)] {
            kept.add(Some(start), length);
        }
        assert_eq!((kept.length, kept.gaps), (600, vec![(200, 200)]));
    }

    #[test]
    fn how_long_a_fragment_lasts_is_known() {
        let head = a_box(b"tfhd", &[[0_u8, 0, 0, 8], [0, 0, 0, 1], [0, 0, 0, 10]].concat());
        let time = a_box(b"tfdt", &[[0_u8, 0, 0, 0], [0, 0, 1, 0]].concat());
        let run = a_box(b"trun", &[[0_u8, 0, 0, 0], [0, 0, 0, 3]].concat());
        // Lengths and sizes of two samples.
        let words = [[0_u8, 0, 3, 0], [0, 0, 0, 2], [0, 0, 0, 7], [9; 4], [0, 0, 0, 8], [9; 4]];
        let own = a_box(b"trun", &words.concat());
        let traf = a_box(b"traf", &[head, time, run, own].concat());
        assert_eq!(parts_of(&traf, &BTreeMap::new()), [(1, 256, 45)]);
    }

    #[test]
    fn a_cut_one_is_told() {
        let bytes = streamed(3);
        assert_eq!(left(&bytes[..400]), Some((vec![(0, 400)], true)));
    }
}
