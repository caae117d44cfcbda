//! The frames of an MP3 file, with true times across broken places.
//!
//! An MP3 has no time stamps: a place that cannot be read moves everything after it. So the bytes
//! that are no frame are counted, and said as frames that are missing. A frame counts only where
//! another one follows it, so that noise is not taken for sound. Tags in the middle, as splicing of
//! advertisements leaves them, are stepped over.
//!
//! Reference: ISO/IEC 11172-3, 2.4.2.3, and 13818-3 for the lower rates.

use std::io::{self, Read};

/// kbit/s by index for MPEG 1 and for MPEG 2 and 2.5, Layer III.
const KBITS_1: [u32; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KBITS_2: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/// Hz by index for MPEG 1; half for 2, a quarter for 2.5.
const RATES_HZ: [u32; 3] = [44_100, 48_000, 32_000];

/// Bytes read at a time.
const BLOCK: usize = 64 * 1024;
/// Longest frame: 320 kbit/s at 32 kHz, 160 at 8 kHz; with room for the next header.
const LONGEST: usize = 3000;
/// An ID3 tag larger than this in the middle of a file is not believed.
const LONGEST_TAG: usize = 32 * 1024 * 1024;

/// What comes next in the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A frame with its header.
    Frame {
        /// The frame's bytes.
        bytes: Vec<u8>,
        /// Sample frames in it.
        samples: u32,
    },
    /// Bytes that are no frame, worth that many sample frames.
    Gap {
        /// Sample frames.
        samples: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    /// Version, layer and rate: what stays the same from frame to frame.
    kind: (u8, u8, u32),
    mono: bool,
    bytes: usize,
    samples: u32,
}

/// Layer III frame headers only; `None` for anything else.
fn header(bytes: &[u8]) -> Option<Header> {
    let &[a, b, c, d] = bytes.get(..4)? else { return None };
    if a != 0xff || b & 0xe0 != 0xe0 {
        return None;
    }
    let (version, layer) = ((b >> 3) & 3, (b >> 1) & 3);
    if version == 1 || layer != 1 {
        return None;
    }
    let kbits = if version == 3 { KBITS_1 } else { KBITS_2 };
    let kbits = *kbits.get(usize::from(c >> 4)).filter(|kbits| **kbits > 0)?;
    let rate = *RATES_HZ.get(usize::from((c >> 2) & 3))?;
    let rate = match version {
        3 => rate,
        2 => rate / 2,
        _ => rate / 4,
    };
    let samples = if version == 3 { 1152 } else { 576 };
    let bytes = samples / 8 * kbits * 1000 / rate + u32::from((c >> 1) & 1);
    if d & 3 == 2 {
        return None; // a reserved emphasis: noise
    }
    Some(Header { kind: (version, layer, rate), mono: d >> 6 == 3, bytes: bytes as usize, samples })
}

/// Whether this first frame holds no sound but the encoder's note on the file.
fn is_note(header: &Header, bytes: &[u8]) -> bool {
    let mpeg_1 = header.kind.0 == 3;
    let side = match (mpeg_1, header.mono) {
        (true, false) => 32,
        (false, true) => 9,
        _ => 17,
    };
    let at = |from: usize| bytes.get(from..from + 4);
    at(4 + side) == Some(b"Xing") || at(4 + side) == Some(b"Info") || at(36) == Some(b"VBRI")
}

/// Reads frame after frame.
pub(super) struct Frames<R> {
    file: R,
    waiting: Vec<u8>,
    at: usize,
    ended: bool,
    /// The kind of the last frame: in a broken place only its like is believed at once.
    last: Option<Header>,
    /// Bytes and sample frames of the sound so far, to tell what lost bytes were worth.
    bytes: u64,
    samples: u64,
}

impl<R: Read> Frames<R> {
    pub(super) fn new(file: R) -> Frames<R> {
        Frames { file, waiting: Vec::new(), at: 0, ended: false, last: None, bytes: 0, samples: 0 }
    }

    /// The next frame or gap; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Next>> {
        let mut lost = 0_u64;
        loop {
            self.fill(LONGEST)?;
            let ahead = self.waiting.get(self.at..).unwrap_or_default();
            if ahead.len() < 4 {
                return Ok(None);
            }
            if let Some(tag) = tag_bytes(ahead) {
                self.skip(tag)?;
                continue;
            }
            let unbroken = lost == 0 && self.last.is_some();
            let known = |found: &Header| unbroken && self.follows(found);
            let Some(found) =
                header(ahead).filter(|found| known(found) || self.believed(found, ahead))
            else {
                self.at += 1;
                lost += 1;
                continue;
            };
            if let Some(gap) = self.gap(lost) {
                return Ok(Some(gap));
            }
            lost = 0;
            let bytes = ahead.get(..found.bytes).unwrap_or(ahead).to_vec();
            self.at += bytes.len();
            let first = self.last.replace(found).is_none();
            if first && is_note(&found, &bytes) {
                continue;
            }
            if bytes.len() < found.bytes {
                return Ok(None);
            }
            self.bytes += bytes.len() as u64;
            self.samples += u64::from(found.samples);
            return Ok(Some(Next::Frame { bytes, samples: found.samples }));
        }
    }

    /// A frame that does not follow another one is believed where its like follows, or where the
    /// file ends with it.
    fn believed(&self, found: &Header, ahead: &[u8]) -> bool {
        if found.bytes < 24 {
            return false;
        }
        match ahead.get(found.bytes..) {
            Some(after) if after.len() >= 4 => {
                header(after).is_some_and(|next| next.kind == found.kind)
                    || (tag_bytes(after).is_some() && self.follows(found))
                    || (self.follows(found) && header(after).is_some())
            }
            _ => self.follows(found),
        }
    }

    fn follows(&self, found: &Header) -> bool {
        self.last.is_none_or(|last| last.kind == found.kind)
    }

    /// What `lost` bytes after sound are worth; `None` below half a frame.
    fn gap(&self, lost: u64) -> Option<Next> {
        let samples = lost.checked_mul(self.samples)?.checked_div(self.bytes)?;
        let frame = u64::from(self.last?.samples);
        let frames = (samples + frame / 2) / frame;
        (frames > 0).then_some(Next::Gap { samples: frames * frame })
    }

    /// Makes sure that `wanted` bytes are ahead unless the file ends.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        while !self.ended && self.waiting.len() - self.at < wanted {
            self.waiting.drain(..self.at);
            self.at = 0;
            let old = self.waiting.len();
            self.waiting.resize(old + BLOCK, 0);
            let free = self.waiting.get_mut(old..).unwrap_or_default();
            let read = match self.file.read(free) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
                Err(error) => return Err(error),
                Ok(read) => {
                    self.ended = read == 0;
                    read
                }
            };
            self.waiting.truncate(old + read);
        }
        Ok(())
    }

    fn skip(&mut self, mut bytes: usize) -> io::Result<()> {
        while bytes > 0 {
            self.fill(1)?;
            let step = bytes.min(self.waiting.len() - self.at);
            if step == 0 {
                break;
            }
            self.at += step;
            bytes -= step;
        }
        Ok(())
    }
}

/// The length of a tag that begins here.
fn tag_bytes(bytes: &[u8]) -> Option<usize> {
    if bytes.starts_with(b"TAG") {
        // At the end of the file, or of a part that was spliced in.
        let after = bytes.get(128..)?;
        return (after.is_empty() || header(after).is_some()).then_some(128);
    }
    if let Some(rest) = bytes.strip_prefix(b"ID3") {
        let size = rest.get(3..7)?;
        if rest.first()? >= &0x10 || size.iter().any(|byte| byte & 0x80 != 0) {
            return None;
        }
        let size = size.iter().fold(0_usize, |sum, byte| sum << 7 | usize::from(*byte));
        return Some(10 + size).filter(|bytes| *bytes <= LONGEST_TAG);
    }
    let rest = bytes.strip_prefix(b"APETAGEX")?;
    let &[a, b, c, d] = rest.get(4..8)? else { return None };
    Some(32 + u32::from_le_bytes([a, b, c, d]) as usize).filter(|bytes| *bytes <= LONGEST_TAG)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A 64 kbit/s mono frame at 44.1 kHz, 208 bytes.
    fn frame() -> Vec<u8> {
        let mut bytes = vec![0xff, 0xfb, 0x50, 0xc0];
        bytes.resize(208, 0x11);
        bytes
    }

    fn read(bytes: &[u8]) -> (usize, Vec<u64>) {
        let mut frames = Frames::new(bytes);
        let (mut count, mut gaps) = (0, Vec::new());
        while let Some(next) = frames.next().unwrap() {
            match next {
                Next::Frame { bytes, samples } => {
                    assert_eq!((bytes.len(), samples), (208, 1152));
                    count += 1;
                }
                Next::Gap { samples } => gaps.push(samples / 1152),
            }
        }
        (count, gaps)
    }

    #[test]
    fn whole_frames_come_out_one_by_one() {
        assert_eq!(read(&frame().repeat(20)), (20, vec![]));
        assert_eq!(read(&[]), (0, vec![]));
    }

    #[test]
    fn a_broken_place_counts_as_the_frames_it_was() {
        let mut bytes = frame().repeat(30);
        bytes[208 * 10..208 * 15].fill(0);
        assert_eq!(read(&bytes), (25, vec![5]));
        // Noise that looks like headers now and then.
        for (n, byte) in bytes[208 * 10..208 * 15].iter_mut().enumerate() {
            *byte = if n % 7 == 0 { 0xff } else { (n * 31 % 251) as u8 | 0xe0 };
        }
        assert_eq!(read(&bytes), (25, vec![5]));
    }

    #[test]
    fn tags_in_the_middle_are_not_missing_sound() {
        let mut tag = b"ID3\x03\x00\x00\x00\x00\x02\x00".to_vec();
        tag.resize(10 + 256, b'x');
        let bytes = [tag.clone(), frame().repeat(9), tag, frame().repeat(9)].concat();
        assert_eq!(read(&bytes), (18, vec![]));
        let mut end = b"TAG".to_vec();
        end.resize(128, 0);
        assert_eq!(read(&[frame().repeat(9), end].concat()), (9, vec![]));
    }

    #[test]
    fn junk_around_the_sound_is_not_missing_sound() {
        let bytes = [vec![0; 5000], frame().repeat(9), vec![0; 5000]].concat();
        assert_eq!(read(&bytes), (9, vec![]));
    }

    #[test]
    fn the_encoders_note_holds_no_sound() {
        let mut note = frame();
        note[21..25].copy_from_slice(b"Info");
        assert_eq!(read(&[note, frame().repeat(9)].concat()), (9, vec![]));
    }

    #[test]
    fn a_cut_last_frame_is_left_out() {
        let bytes = frame().repeat(9);
        assert_eq!(read(&bytes[..bytes.len() - 50]), (8, vec![]));
    }
}
