//! Core Audio files that break off, or whose length was never written.
//!
//! Symphonia skips the sound to look at what stands behind it, and takes a file that ends before
//! that for no CAF at all. Such a file is handed on with the length that it has.
//!
//! Reference: Apple's Core Audio Format Specification 1.0.

use std::io;

use super::view::{Piece, Window};

/// Chunks looked through; there are some ten in a file.
const MAX_CHUNKS: usize = 10_000;
/// Bytes before the first chunk.
const FILE_HEADER: u64 = 8;
/// A chunk's name and length.
const CHUNK_HEADER: usize = 12;
/// What stands in the chunk of sound before the sound.
const EDIT_COUNT: u64 = 4;
/// The length of sound that a program writes who does not know it yet.
const UNKNOWN: i64 = -1;

/// A file that is not as long as its chunks say.
#[derive(Debug, PartialEq)]
pub(super) struct Caf {
    /// What of it is whole, with the length that the sound has.
    pub(super) pieces: Vec<Piece>,
    /// The file ends before it should; not so where its length was never written.
    pub(super) cut: bool,
    /// Packets of different lengths, and the table of them is missing.
    pub(super) lacks_table: bool,
    format: Format,
    /// How many bytes of sound there should be; `None` where that is not known, or all are there.
    promised: Option<u64>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Format {
    rate_hz: f64,
    /// Zero where packets differ.
    packet_bytes: u32,
    /// Zero where packets differ.
    packet_frames: u32,
}

impl Format {
    fn of(body: &[u8]) -> Format {
        let u32_at = |at| be_bytes(body, at).map_or(0, u32::from_be_bytes);
        let rate_hz = be_bytes(body, 0).map_or(0.0, f64::from_be_bytes);
        Format { rate_hz, packet_bytes: u32_at(16), packet_frames: u32_at(20) }
    }

    fn varies(self) -> bool {
        self.packet_bytes == 0 || self.packet_frames == 0
    }

    /// As many of these bytes of sound as are whole packets.
    fn whole(self, bytes: u64) -> u64 {
        bytes - bytes.checked_rem(u64::from(self.packet_bytes)).unwrap_or(0)
    }
}

/// Reads the chunks; `None` for a file of another kind, one that is whole, and one of which no sound
/// is left.
pub(super) fn read(file: &mut Window) -> io::Result<Option<Caf>> {
    if file.at(0, 4)? != b"caff" {
        return Ok(None);
    }
    let length = file.length();
    let mut format = Format::default();
    let (mut has_table, mut has_sound) = (false, false);
    let mut at = FILE_HEADER;
    for _ in 0..MAX_CHUNKS {
        if at >= length {
            break;
        }
        let caf = |pieces, promised, cut| {
            let lacks_table = format.varies() && !has_table;
            Some(Caf { pieces, cut, lacks_table, format, promised })
        };
        let body = at + CHUNK_HEADER as u64;
        let chunk = chunk(file.at(at, CHUNK_HEADER)?);
        let size = chunk.and_then(|(_, size)| u64::try_from(size).ok());
        let end = size.and_then(|size| body.checked_add(size)).filter(|end| *end <= length);
        match (chunk, end) {
            (Some((name, _)), Some(end)) => {
                match &name {
                    b"desc" => format = Format::of(file.at(body, 32)?),
                    b"pakt" => has_table = true,
                    b"data" => has_sound = true,
                    _ => {}
                }
                at = end;
            }
            (Some((name, said)), None) if name == *b"data" => {
                let there = length.saturating_sub(body + EDIT_COUNT);
                let there = format.whole(there);
                let promised = size.map(|size| size.saturating_sub(EDIT_COUNT));
                let is_known = size.is_some() || said == UNKNOWN;
                let pieces = with_length(at, body, there);
                return Ok(caf(pieces, promised, said != UNKNOWN).filter(|_| is_known && there > 0));
            }
            // What stands behind the sound breaks off.
            _ => return Ok(caf(vec![Piece::File(0..at)], None, true).filter(|_| has_sound)),
        }
    }
    Ok(None)
}

/// The file up to the sound, whose chunk begins at `at` and its body at `body`, and so many bytes of
/// sound.
fn with_length(at: u64, body: u64, sound: u64) -> Vec<Piece> {
    let size = EDIT_COUNT + sound;
    vec![
        Piece::File(0..at + 4),
        Piece::Bytes(size.to_be_bytes().to_vec()),
        Piece::File(body..body + size),
    ]
}

/// Name and length of the chunk that begins so.
fn chunk(head: &[u8]) -> Option<([u8; 4], i64)> {
    Some((be_bytes(head, 0)?, i64::from_be_bytes(be_bytes(head, 4)?)))
}

fn be_bytes<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

impl Caf {
    /// How long the header says that it plays, in seconds, where each packet has as many bytes.
    pub(super) fn promised_s(&self) -> Option<f64> {
        let packets = self.promised?.checked_div(u64::from(self.format.packet_bytes))?;
        let frames = packets.saturating_mul(u64::from(self.format.packet_frames));
        #[expect(clippy::cast_precision_loss, reason = "a length that is only told")]
        let seconds = frames as f64 / self.format.rate_hz;
        (seconds.is_finite() && seconds > 0.0).then_some(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "byte string literals are references")]
    fn chunk(name: &[u8; 4], size: i64, body: &[u8]) -> Vec<u8> {
        [&name[..], &size.to_be_bytes(), body].concat()
    }

    /// A file of 8,000 Hz with packets of so many bytes and frames, and these chunks.
    fn file(packet: (u32, u32), chunks: &[u8]) -> Vec<u8> {
        let mut format = 8_000_f64.to_be_bytes().to_vec();
        format.extend(b"lpcm\0\0\0\0");
        for number in [packet.0, packet.1, 1, 16] {
            format.extend(number.to_be_bytes());
        }
        [b"caff\0\x01\0\0".to_vec(), chunk(b"desc", 32, &format), chunks.to_vec()].concat()
    }

    fn caf(bytes: &[u8]) -> Option<Caf> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.caf");
        std::fs::write(&path, bytes).unwrap();
        read(&mut Window::open(&path).unwrap()).unwrap()
    }

    #[test]
    fn a_cut_one_has_the_whole_packets_that_are_there() {
        let caf = caf(&file((2, 1), &chunk(b"data", 32_004, &[0; 8_005]))).unwrap();
        assert_eq!((caf.cut, caf.lacks_table, caf.promised_s()), (true, false, Some(2.0)));
        let size = 8_004_u64.to_be_bytes().to_vec();
        assert_eq!(
            caf.pieces,
            [Piece::File(0..56), Piece::Bytes(size), Piece::File(64..64 + 8_004)]
        );
    }

    #[test]
    fn a_length_that_was_never_written_goes_to_the_end() {
        let caf = caf(&file((2, 1), &chunk(b"data", -1, &[0; 804]))).unwrap();
        assert_eq!((caf.cut, caf.promised_s()), (false, None));
        assert_eq!(caf.pieces.last(), Some(&Piece::File(64..64 + 804)));
    }

    #[test]
    fn what_breaks_off_behind_the_sound_is_left_out() {
        let sound = chunk(b"data", 804, &[0; 804]);
        for rest in [chunk(b"info", 100, &[0; 7]), b"inf".to_vec()] {
            let caf = caf(&file((2, 1), &[sound.clone(), rest].concat())).unwrap();
            assert_eq!((caf.cut, caf.promised_s()), (true, None));
            assert_eq!(caf.pieces, [Piece::File(0..64 + 804)]);
        }
    }

    #[test]
    fn packets_of_any_length_need_their_table() {
        let table = chunk(b"pakt", 24, &[0; 24]);
        let sound = chunk(b"data", 9_000, &[0; 804]);
        assert!(caf(&file((0, 4_096), &sound)).unwrap().lacks_table);
        assert!(!caf(&file((0, 4_096), &[table, sound].concat())).unwrap().lacks_table);
    }

    #[test]
    fn whole_ones_and_those_without_sound_are_left_alone() {
        assert_eq!(caf(&file((2, 1), &chunk(b"data", 804, &[0; 804]))), None);
        assert_eq!(caf(&file((2, 1), &chunk(b"data", 804, &[0; 4]))), None);
        assert_eq!(caf(&file((2, 1), &chunk(b"data", -7, &[0; 804]))), None);
        assert_eq!(caf(&file((2, 1), &chunk(b"info", 804, &[0; 4]))), None);
        assert_eq!(caf(b"RIFF"), None);
    }
}
