//! The frames of an MP3 or of bare AAC (ADTS), with true times across broken places.
//!
//! Neither has time stamps: a place that cannot be read moves everything after it. So the bytes
//! that are no frame are counted, and said as frames that are missing. A frame counts only where
//! another one follows it, so that noise is not taken for sound. Tags in the middle, as splicing of
//! advertisements leaves them, are stepped over.
//!
//! References: ISO/IEC 11172-3, 2.4.2.3, and 13818-3 for the lower rates; 14496-3, 1.A.2 (ADTS).

use std::io::{self, Read};

/// kbit/s by index for MPEG 1 and for MPEG 2 and 2.5, Layer III.
const KBITS_1: [u32; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KBITS_2: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/// Hz by index for MPEG 1; half for 2, a quarter for 2.5.
const RATES_HZ: [u32; 3] = [44_100, 48_000, 32_000];

/// Bytes read at a time.
const BLOCK: usize = 64 * 1024;
/// Longest frame: the field of ADTS has 13 bits; with room for the next header.
const LONGEST: usize = 8192 + 16;
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

/// What the frames are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    /// MPEG 1, 2 and 2.5, Layer III.
    Mp3,
    /// AAC with a header before each frame.
    Adts,
}

impl Syntax {
    /// The header of the frame that begins with `bytes`.
    fn header(self, bytes: &[u8]) -> Option<Header> {
        match self {
            Syntax::Mp3 => mp3_header(bytes),
            Syntax::Adts => adts_header(bytes),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    /// Version, layer or profile, and rate: what stays the same from frame to frame.
    kind: (u8, u8, u32),
    mono: bool,
    /// Bytes of the frame, the header's among them.
    bytes: usize,
    /// Bytes before the frame's sound that its decoder does not want.
    leave_out: usize,
    samples: u32,
}

/// ADTS frame headers.
fn adts_header(bytes: &[u8]) -> Option<Header> {
    let head: [u8; 7] = *bytes.first_chunk()?;
    if head[0] != 0xff || head[1] & 0xf6 != 0xf0 {
        return None;
    }
    let rate = u32::from((head[2] >> 2) & 15);
    let bytes =
        usize::from(head[3] & 3) << 11 | usize::from(head[4]) << 3 | usize::from(head[5] >> 5);
    let leave_out = if head[1] & 1 == 1 { 7 } else { 9 };
    if rate > 12 || bytes <= leave_out {
        return None;
    }
    let samples = 1024 * (u32::from(head[6] & 3) + 1);
    // Profile and channels do not change within a stream.
    let profile = head[2] >> 6 << 4 | (head[2] & 1) << 2 | head[3] >> 6;
    Some(Header { kind: (head[1] & 8, profile, rate), mono: false, bytes, leave_out, samples })
}

/// Layer III frame headers only; `None` for anything else.
fn mp3_header(bytes: &[u8]) -> Option<Header> {
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
    let (kind, mono) = ((version, layer, rate), d >> 6 == 3);
    Some(Header { kind, mono, bytes: bytes as usize, leave_out: 0, samples })
}

/// How many bytes the encoder's note takes, where an MP3's sound begins with one.
pub(super) fn note_bytes(bytes: &[u8]) -> Option<usize> {
    let header = mp3_header(bytes)?;
    is_note(&header, bytes).then_some(header.bytes)
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
    syntax: Syntax,
    waiting: Vec<u8>,
    at: usize,
    ended: bool,
    /// The kind of the last frame: in a broken place only its like is believed at once.
    last: Option<Header>,
    /// Bytes and sample frames of the sound so far, to tell what lost bytes were worth.
    bytes: u64,
    samples: u64,
    /// Bytes before the first frame and behind the last one that are neither sound nor tags.
    outside: u64,
    /// The file ends within a frame.
    cut: bool,
}

impl<R: Read> Frames<R> {
    pub(super) fn new(file: R, syntax: Syntax) -> Frames<R> {
        Frames {
            file,
            syntax,
            waiting: Vec::new(),
            at: 0,
            ended: false,
            last: None,
            bytes: 0,
            samples: 0,
            outside: 0,
            cut: false,
        }
    }

    /// How much sound the bytes outside all frames may have held, in sample frames.
    pub(super) fn outside(&self) -> u64 {
        self.worth(self.outside)
    }

    /// Whether the file ends within a frame.
    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    /// The next frame or gap; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Next>> {
        let mut lost = 0_u64;
        loop {
            self.fill(LONGEST)?;
            let ahead = self.waiting.get(self.at..).unwrap_or_default();
            if ahead.len() < 4 {
                self.cut |= lost == 0 && ahead.first() == Some(&0xff) && self.last.is_some();
                self.outside += lost;
                return Ok(None);
            }
            if let Some(tag) = self.tag_bytes(ahead) {
                self.skip(tag)?;
                continue;
            }
            let unbroken = lost == 0 && self.last.is_some();
            let known = |found: &Header| unbroken && self.follows(found);
            let found = self.syntax.header(ahead);
            let Some(found) = found.filter(|found| known(found) || self.believed(found, ahead))
            else {
                self.at += 1;
                lost += 1;
                continue;
            };
            if let Some(gap) = self.gap(lost) {
                return Ok(Some(gap));
            }
            if self.last.is_none() {
                self.outside += lost;
            }
            lost = 0;
            let mut bytes = ahead.get(..found.bytes).unwrap_or(ahead).to_vec();
            self.at += bytes.len();
            let first = self.last.replace(found).is_none();
            if first && self.syntax == Syntax::Mp3 && is_note(&found, &bytes) {
                continue;
            }
            if bytes.len() < found.bytes {
                self.cut = true;
                return Ok(None);
            }
            self.bytes += bytes.len() as u64;
            self.samples += u64::from(found.samples);
            bytes.drain(..found.leave_out);
            return Ok(Some(Next::Frame { bytes, samples: found.samples }));
        }
    }

    /// A frame that does not follow another one is believed where its like follows, or where the
    /// file ends with it.
    fn believed(&self, found: &Header, ahead: &[u8]) -> bool {
        if self.syntax == Syntax::Mp3 && found.bytes < 24 {
            return false;
        }
        match ahead.get(found.bytes..) {
            Some(after) if after.len() >= 4 => {
                let next = self.syntax.header(after);
                next.is_some_and(|next| next.kind == found.kind)
                    || (self.tag_bytes(after).is_some() && self.follows(found))
                    || (self.follows(found) && next.is_some())
            }
            _ => self.follows(found),
        }
    }

    fn follows(&self, found: &Header) -> bool {
        self.last.is_none_or(|last| last.kind == found.kind)
    }

    /// What `lost` bytes after sound are worth; `None` below half a frame.
    fn gap(&self, lost: u64) -> Option<Next> {
        let samples = self.worth(lost);
        let frame = u64::from(self.last?.samples);
        let frames = (samples + frame / 2) / frame;
        (frames > 0).then_some(Next::Gap { samples: frames * frame })
    }

    /// How many sample frames so many bytes hold, on average.
    fn worth(&self, bytes: u64) -> u64 {
        bytes.saturating_mul(self.samples).checked_div(self.bytes).unwrap_or(0)
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

    /// The length of a tag that begins here.
    fn tag_bytes(&self, bytes: &[u8]) -> Option<usize> {
        if bytes.starts_with(b"TAG") {
            // At the end of the file, or of a part that was spliced in.
            let after = bytes.get(128..)?;
            return (after.is_empty() || self.syntax.header(after).is_some()).then_some(128);
        }
        if let Some(tag) = id3_bytes(bytes) {
            return Some(tag).filter(|bytes| *bytes <= LONGEST_TAG);
        }
        let rest = bytes.strip_prefix(b"APETAGEX")?;
        let &[a, b, c, d] = rest.get(4..8)? else { return None };
        Some(32 + u32::from_le_bytes([a, b, c, d]) as usize).filter(|bytes| *bytes <= LONGEST_TAG)
    }
}

/// The length of the `ID3v2` tag that begins here.
pub(super) fn id3_bytes(bytes: &[u8]) -> Option<usize> {
    let rest = bytes.strip_prefix(b"ID3")?;
    let size = rest.get(3..7)?;
    if rest.first()? >= &0x10 || size.iter().any(|byte| byte & 0x80 != 0) {
        return None;
    }
    Some(10 + size.iter().fold(0_usize, |sum, byte| sum << 7 | usize::from(*byte)))
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
        let mut frames = Frames::new(bytes, Syntax::Mp3);
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
    fn a_cut_last_frame_is_left_out_and_told() {
        let bytes = frame().repeat(9);
        assert_eq!(read(&bytes[..bytes.len() - 50]), (8, vec![]));
        for (end, cut) in [(0, false), (50, true)] {
            let mut frames = Frames::new(&bytes[..bytes.len() - end], Syntax::Mp3);
            while frames.next().unwrap().is_some() {}
            assert_eq!(frames.is_cut(), cut);
        }
    }

    #[test]
    fn what_lies_outside_of_all_frames_is_counted() {
        let bytes = [vec![0; 416], frame().repeat(9), vec![0; 624]].concat();
        let mut frames = Frames::new(&bytes[..], Syntax::Mp3);
        while frames.next().unwrap().is_some() {}
        assert!(frames.outside().abs_diff(5 * 1152) < 20, "{}", frames.outside());
    }

    #[test]
    fn frames_of_bare_aac_come_out_without_their_headers() {
        // AAC-LC, 16 kHz, mono, 100 bytes.
        let mut frame = vec![0xff, 0xf1, 0x60, 0x40, 0x0c, 0x9f, 0xfc];
        frame.resize(100, 0x21);
        let mut bytes = frame.repeat(20);
        bytes[500..800].fill(0);
        let mut frames = Frames::new(&bytes[..], Syntax::Adts);
        let (mut count, mut gaps) = (0, Vec::new());
        while let Some(next) = frames.next().unwrap() {
            match next {
                Next::Frame { bytes, samples } => {
                    assert_eq!((bytes.len(), samples), (93, 1024));
                    count += 1;
                }
                Next::Gap { samples } => gaps.push(samples / 1024),
            }
        }
        assert_eq!((count, gaps), (17, vec![3]));
    }
}
