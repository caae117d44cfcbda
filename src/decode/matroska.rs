//! What a Matroska or `WebM` file says of itself: how long it plays, its tracks, tags and chapters.
//!
//! The demuxer refuses a whole file for a fault in its chapters, tags or index, so these are read
//! here, and such a file is given to the demuxer with what it needs alone.
//!
//! Reference: RFC 9559.

use std::io;
use std::ops::Range;
use std::path::Path;

use super::DecodeLimits;
use super::ebml::{child, element, elements, float, text, unsigned};
use super::view::{Piece, Window};
use crate::speech::Chapter;
use crate::time::Ms;

const EBML: u64 = 0x1a45_dfa3;
const SEGMENT: u64 = 0x1853_8067;
const INFO: u64 = 0x1549_a966;
const TRACKS: u64 = 0x1654_ae6b;
const TAGS: u64 = 0x1254_c367;
const CHAPTERS: u64 = 0x1043_a770;
const CLUSTER: u64 = 0x1f43_b675;
/// A segment whose length is not known.
const OPEN_SEGMENT: [u8; 12] = [0x18, 0x53, 0x80, 0x67, 1, 255, 255, 255, 255, 255, 255, 255];
const EMPTY_CLUSTER: [u8; 5] = [0x1f, 0x43, 0xb6, 0x75, 0x80];
/// Elements looked through at the top; a long film has some thousand clusters.
const MAX_ELEMENTS: usize = 100_000;
/// The longest part that is read; codebooks and tags stay far below this.
const MAX_BYTES: u64 = 1024 * 1024;

/// What stands beside the sound.
#[derive(Debug, Default)]
pub(super) struct Matroska {
    head: Option<Range<u64>>,
    info: Part,
    tracks: Part,
    tags: Vec<Part>,
    chapters: Part,
    /// Where the clusters begin, or where the parts before them cease to make sense.
    pub(super) clusters: u64,
    /// The file is as long as it says.
    pub(super) whole: bool,
}

/// A part of the file with its bytes, without its header.
#[derive(Debug, Default)]
struct Part {
    range: Range<u64>,
    body: Vec<u8>,
}

/// What the file says of one track.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TrackEntry {
    /// What its codec is called.
    pub(super) codec: String,
    /// How much sound the encoder put in front, in nanoseconds.
    pub(super) delay_ns: u64,
    /// Whether its times need no scaling of their own.
    pub(super) plain: bool,
}

/// Reads the file at `path`, as far as its parts follow each other.
pub(super) fn read(path: &Path) -> io::Result<Matroska> {
    let mut file = Window::open(path)?;
    let length = file.length();
    let mut matroska = Matroska::default();
    let mut clusters = None;
    let mut at = 0_u64;
    for _ in 0..MAX_ELEMENTS {
        let Some((id, header, size)) = element(file.at(at, 12)?) else { break };
        let body = at + header as u64;
        let end = size.map_or(length, |size| body.saturating_add(size));
        match id {
            SEGMENT => {
                matroska.whole = size.is_some() && end <= length;
                at = body;
                continue;
            }
            EBML => matroska.head = Some(at..end),
            INFO => matroska.info = part(&mut file, at, body, end)?,
            TRACKS => matroska.tracks = part(&mut file, at, body, end)?,
            TAGS => matroska.tags.push(part(&mut file, at, body, end)?),
            CHAPTERS => matroska.chapters = part(&mut file, at, body, end)?,
            CLUSTER => {
                clusters.get_or_insert(at);
            }
            _ => {}
        }
        at = end;
        if at >= length {
            break;
        }
    }
    matroska.clusters = clusters.unwrap_or(at);
    Ok(matroska)
}

fn part(file: &mut Window, start: u64, body: u64, end: u64) -> io::Result<Part> {
    let size = end.saturating_sub(body);
    let size = if size <= MAX_BYTES { size } else { 0 };
    let bytes = file.at(body, usize::try_from(size).unwrap_or(0))?.to_vec();
    Ok(Part { range: start..end.min(file.length()), body: bytes })
}

impl Matroska {
    /// What the demuxer needs to know the tracks, and nothing else: the blocks are read here.
    pub(super) fn essential(&self) -> Option<Vec<Piece>> {
        Some(vec![
            Piece::File(self.head.clone()?),
            Piece::Bytes(OPEN_SEGMENT.to_vec()),
            Piece::File(self.info.range.clone()),
            Piece::File(self.tracks.range.clone()),
            Piece::Bytes(EMPTY_CLUSTER.to_vec()),
        ])
    }

    /// How long the file says that it plays, in seconds.
    pub(super) fn duration_s(&self) -> Option<f64> {
        let ticks = float(child(&self.info.body, 0x4489)?)?;
        let scale = child(&self.info.body, 0x002a_d7b1).and_then(unsigned).unwrap_or(1_000_000);
        #[expect(clippy::cast_precision_loss, reason = "a million, as a rule")]
        let seconds = ticks * scale as f64 / 1e9;
        (seconds.is_finite() && seconds > 0.0).then_some(seconds)
    }

    /// The track with that number.
    pub(super) fn track(&self, number: u32) -> Option<TrackEntry> {
        let is_it =
            |entry: &&[u8]| child(entry, 0xd7).and_then(unsigned) == Some(u64::from(number));
        self.entries().find(is_it).map(entry)
    }

    /// The codec of the first track of sound.
    pub(super) fn sound_codec(&self) -> Option<String> {
        let sound = |entry: &&[u8]| child(entry, 0x83).and_then(unsigned) == Some(2);
        self.entries().find(sound).map(|body| entry(body).codec)
    }

    fn entries(&self) -> impl Iterator<Item = &[u8]> {
        elements(&self.tracks.body).filter(|(id, _)| *id == 0xae).map(|(_, entry)| entry)
    }

    /// Names, in capitals, and texts of the tags of the whole file, its title first.
    pub(super) fn tags(&self) -> Vec<(String, String)> {
        let title = child(&self.info.body, 0x7ba9).map(|title| ("TITLE".to_owned(), text(title)));
        let tags = self.tags.iter().flat_map(|part| elements(&part.body));
        let simple =
            tags.filter(|(id, tag)| *id == 0x7373 && is_of_all(tag)).flat_map(|(_, tag)| {
                let album = child(tag, 0x63c0).and_then(|target| child(target, 0x68ca));
                let album = album.and_then(unsigned) == Some(50);
                elements(tag).filter(|(id, _)| *id == 0x67c8).filter_map(move |(_, simple)| {
                    let name = text(child(simple, 0x45a3)?).to_uppercase();
                    // What is said of an album alone is the show's.
                    let name = if album && name == "TITLE" { "ALBUM".to_owned() } else { name };
                    Some((name, text(child(simple, 0x4487)?)))
                })
            });
        title.into_iter().chain(simple).collect()
    }

    /// The chapters; empty where there are none.
    pub(super) fn chapters(&self, limits: &DecodeLimits) -> Vec<Chapter> {
        let editions = elements(&self.chapters.body).filter(|(id, _)| *id == 0x45b9);
        // Further editions are other cuts of the same film.
        let atoms = editions.take(1).flat_map(|(_, edition)| elements(edition));
        let atoms = atoms.filter(|(id, _)| *id == 0xb6).take(limits.max_chapters);
        atoms.filter_map(|(_, atom)| chapter(atom)).collect()
    }
}

/// Whether a tag is of the file and not of a track, chapter or attachment of it.
fn is_of_all(tag: &[u8]) -> bool {
    let target = child(tag, 0x63c0).unwrap_or_default();
    let of_part = |id| child(target, id).and_then(unsigned).is_some_and(|uid| uid != 0);
    ![0x63c5, 0x63c9, 0x63c4, 0x63c6].into_iter().any(of_part)
}

fn entry(body: &[u8]) -> TrackEntry {
    TrackEntry {
        codec: child(body, 0x86).map(text).unwrap_or_default(),
        delay_ns: child(body, 0x56aa).and_then(unsigned).unwrap_or(0),
        plain: child(body, 0x0023_314f)
            .and_then(float)
            .is_none_or(|scale| (scale - 1.0).abs() < 1e-9),
    }
}

fn chapter(atom: &[u8]) -> Option<Chapter> {
    let nanoseconds = unsigned(child(atom, 0x91)?)?;
    let title = child(atom, 0x80).and_then(|display| child(display, 0x85)).map(text);
    let start = Ms::stated_offset(i64::try_from(nanoseconds / 1_000_000).ok()?).ok()?;
    Some(Chapter { start, title: title.unwrap_or_default(), url: None })
}
