//! WAV and its large kin, RF64, BW64 and W64: where the sound lies and how long it should be.
//!
//! Symphonia wants a header without a fault. Recorders write zero for a length that they do not
//! know yet, RF64 above 4 GB, tags behind the sound, and radio stations put MP3 inside. So the
//! chunks are read here, and the sound is handed on behind a header that is made anew.
//!
//! References: Microsoft's RIFF and "Multiple Channel Audio Data and WAVE Files"; EBU Tech 3306
//! (RF64); ITU-R BS.2088 (BW64); Sony Pictures Digital's Wave64.

use std::io;
use std::ops::Range;

use super::view::{Piece, Window};

/// Chunks looked through; there are some ten in a file.
const MAX_CHUNKS: usize = 10_000;
/// A list of tags or a format larger than this is not believed.
const MAX_CHUNK_BYTES: u64 = 1024 * 1024;
/// Bytes that may stand behind the sound without being part of it, a tag of MP3 for one.
const JUNK_BYTES: u64 = 4096;
/// Lengths that programs write who do not know it, or who keep it in another field.
const UNKNOWN: [std::ops::RangeInclusive<u64>; 2] =
    [0x7fff_0000..=0x8000_0100, 0xffff_0000..=0xffff_ffff];
/// What follows the first four bytes of a Wave64 chunk's name.
const W64_REST: [u8; 12] = *b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a";
const W64_RIFF: &[u8; 16] = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00";

/// What the chunks say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wave {
    /// The format chunk.
    format: Vec<u8>,
    /// Where the sound lies in the file, as far as the file goes.
    pub(super) data: Range<u64>,
    /// How many bytes of sound the header says there are; `None` where it does not know.
    promised: Option<u64>,
    /// Names and texts of the list of tags.
    pub(super) tags: Vec<([u8; 4], String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Riff,
    Large,
    Sony,
}

impl Form {
    fn of(start: &[u8]) -> Option<Form> {
        let wave = start.get(8..12) == Some(b"WAVE");
        match start.get(..4)? {
            b"RIFF" if wave => Some(Form::Riff),
            b"RF64" | b"BW64" if wave => Some(Form::Large),
            _ => start.starts_with(W64_RIFF).then_some(Form::Sony),
        }
    }

    /// Name, header bytes and body bytes of the chunk that begins with `head`.
    fn chunk(self, head: &[u8]) -> Option<([u8; 4], u64, u64)> {
        let name = *head.first_chunk()?;
        if self == Form::Sony {
            let whole = u64::from_le_bytes(*head.get(16..)?.first_chunk()?);
            return (head.get(4..16) == Some(&W64_REST[..])).then_some((
                name,
                24,
                whole.checked_sub(24)?,
            ));
        }
        Some((name, 8, u64::from(u32_at(head, 4)?)))
    }

    /// Chunks begin at multiples of this.
    fn grid(self) -> u64 {
        if self == Form::Sony { 8 } else { 2 }
    }
}

/// Reads the chunks; `None` for a file of another kind, or one without a format or sound.
pub(super) fn read(file: &mut Window) -> io::Result<Option<Wave>> {
    let Some(form) = Form::of(file.at(0, 40)?) else { return Ok(None) };
    let length = file.length();
    let mut wave = Wave::default();
    let mut large = None;
    let mut at = if form == Form::Sony { 40 } else { 12 };
    for _ in 0..MAX_CHUNKS {
        let Some((name, header, size)) = form.chunk(file.at(at, 24)?) else { break };
        let body = at + header;
        match &name {
            b"ds64" => large = u64_at(file.at(body, 16)?, 8),
            b"fmt " => wave.format = bounded(file, body, size)?.to_vec(),
            b"LIST" | b"list" => wave.tags.extend(info(bounded(file, body, size)?)),
            b"data" => {
                let unknown = form != Form::Sony && UNKNOWN.iter().any(|r| r.contains(&size));
                let fits = body.saturating_add(size) <= length;
                let size = if unknown && !fits { large } else { Some(size) };
                wave.promised = size.filter(|size| *size > 0);
                wave.data = body..end_of_data(file, form, body, size)?;
                at = wave.data.end.next_multiple_of(form.grid());
                continue;
            }
            _ => {}
        }
        at = body.saturating_add(size);
        if at >= length {
            break;
        }
        at = at.next_multiple_of(form.grid());
    }
    Ok((!wave.format.is_empty() && wave.data.end > 0).then_some(wave))
}

/// Where the sound ends that begins at `start`: where its length says, unless what stands there is
/// no chunk, as in a file whose length was never written or did not fit its field.
fn end_of_data(file: &mut Window, form: Form, start: u64, size: Option<u64>) -> io::Result<u64> {
    let length = file.length();
    let Some(size) = size else { return Ok(length) };
    let end = start.saturating_add(size).min(length);
    let next = end.next_multiple_of(form.grid());
    let is_chunk = form.chunk(file.at(next, 24)?).is_some_and(|(name, header, body)| {
        let text = name.iter().all(|byte| matches!(byte, b' '..=b'~'));
        text && next.saturating_add(header).saturating_add(body) <= length.saturating_add(1)
    });
    let goes_on = !is_chunk && length.saturating_sub(end) > JUNK_BYTES;
    Ok(if goes_on { length } else { end })
}

/// The body of a chunk, empty where it is too long to be true.
fn bounded(file: &mut Window, at: u64, size: u64) -> io::Result<&[u8]> {
    let size = if size <= MAX_CHUNK_BYTES { size } else { 0 };
    file.at(at, usize::try_from(size).unwrap_or(0))
}

/// The texts of a list of tags.
fn info(list: &[u8]) -> Vec<([u8; 4], String)> {
    let mut tags = Vec::new();
    let mut rest = list.strip_prefix(b"INFO").unwrap_or_default();
    while let (Some(name), Some(size)) = (rest.first_chunk(), u32_at(rest, 4)) {
        let size = size as usize;
        let Some(body) = rest.get(8..).and_then(|body| body.get(..size.min(body.len()))) else {
            break;
        };
        tags.push((*name, text(body)));
        rest = rest.get(8 + size + size % 2..).unwrap_or_default();
    }
    tags
}

/// Text in UTF-8, or in the code page of western Windows, where most such tags were written.
fn text(bytes: &[u8]) -> String {
    let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| windows_1252(*byte)).collect(),
    }
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    let high = byte.checked_sub(0x80).and_then(|n| HIGH.get(usize::from(n)));
    high.copied().unwrap_or(char::from(byte))
}

impl Wave {
    /// The format's tag; of the extensible kind the one that it stands for.
    pub(super) fn codec(&self) -> u16 {
        match u16_at(&self.format, 0) {
            Some(0xfffe) => u16_at(&self.format, 24).unwrap_or(0xfffe),
            tag => tag.unwrap_or(0),
        }
    }

    /// Whether the sound is an MP3.
    pub(super) fn is_mp3(&self) -> bool {
        self.codec() == 0x55
    }

    /// How long the header says that it plays, in seconds, where each frame has as many bytes.
    pub(super) fn promised_s(&self) -> Option<f64> {
        // PCM, floats, A-law and µ-law.
        if !matches!(self.codec(), 1 | 3 | 6 | 7) {
            return None;
        }
        let rate = u32_at(&self.format, 4).filter(|rate| *rate > 0)?;
        let frame = u16_at(&self.format, 12).filter(|bytes| *bytes > 0)?;
        #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
        let frames = (self.promised? / u64::from(frame)) as f64;
        Some(frames / f64::from(rate))
    }

    /// The same sound with an ordinary header, or bare where it is an MP3.
    pub(super) fn pieces(&self) -> Vec<Piece> {
        let sound = Piece::File(self.data.clone());
        if self.is_mp3() {
            return vec![sound];
        }
        let size = self.data.end - self.data.start;
        // The longest length means "to the end".
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        let format_size = u32::try_from(self.format.len()).unwrap_or(u32::MAX);
        let mut head = b"RIFF\xff\xff\xff\xffWAVEfmt ".to_vec();
        head.extend(format_size.to_le_bytes());
        head.extend(&self.format);
        if self.format.len() % 2 == 1 {
            head.push(0);
        }
        head.extend(b"data");
        head.extend(size.to_le_bytes());
        vec![Piece::Bytes(head), sound]
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: [u8; 16] = [1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0];

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "byte string literals are references")]
    fn chunk(name: &[u8; 4], size: u32, body: &[u8]) -> Vec<u8> {
        [&name[..], &size.to_le_bytes(), body].concat()
    }

    fn wave(bytes: &[u8]) -> Wave {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        std::fs::write(&path, bytes).unwrap();
        read(&mut Window::open(&path).unwrap()).unwrap().unwrap()
    }

    fn riff(data: &[u8]) -> Vec<u8> {
        [b"RIFF\0\0\0\0WAVE".to_vec(), chunk(b"fmt ", 16, &FORMAT), data.to_vec()].concat()
    }

    #[test]
    fn an_ordinary_one_and_its_tags_behind_the_sound() {
        let list = b"INFOINAM\x05\0\0\0Caf\xe9\0\0IART\x03\0\0\0\xc3\xa9\0\0".to_vec();
        let tags = chunk(b"LIST", list.len() as u32, &list);
        let wave = wave(&riff(&[chunk(b"data", 1600, &[7; 1600]), tags].concat()));
        assert_eq!(wave.data, 44..1644);
        assert_eq!(wave.promised_s(), Some(0.1));
        let expected = [(*b"INAM", "Café".to_owned()), (*b"IART", "é".to_owned())];
        assert_eq!(wave.tags, expected);
    }

    #[test]
    fn a_length_that_was_never_written_goes_to_the_end() {
        for size in [0, u32::MAX] {
            let wave = wave(&riff(&chunk(b"data", size, &[7; 9000])));
            assert_eq!((wave.data, wave.promised), (44..9044, None), "{size}");
        }
        // One that did not fit its field.
        assert_eq!(wave(&riff(&chunk(b"data", 200, &[7; 9000]))).data, 44..9044);
        // Nothing, and a chunk behind it.
        let empty = [chunk(b"data", 0, &[]), chunk(b"fact", 9000, &[0; 9000])].concat();
        assert_eq!(wave(&riff(&empty)).data, 44..44);
    }

    #[test]
    fn a_cut_one_says_what_it_promised() {
        let wave = wave(&riff(&chunk(b"data", 32_000, &[7; 8000])));
        assert_eq!((wave.data.clone(), wave.promised_s()), (44..8044, Some(2.0)));
    }

    #[test]
    fn the_large_kinds() {
        let sizes: Vec<u8> = [0, 6000_u64, 3000].iter().flat_map(|n| n.to_le_bytes()).collect();
        let bytes = [
            b"RF64\xff\xff\xff\xffWAVE".to_vec(),
            chunk(b"ds64", 28, &[sizes, vec![0; 4]].concat()),
            chunk(b"fmt ", 16, &FORMAT),
            chunk(b"data", u32::MAX, &[7; 6000]),
        ];
        let large = wave(&bytes.concat());
        assert_eq!((large.data.clone(), large.promised), (80..6080, Some(6000)));
        let sony = |name: &[u8; 4], body: &[u8]| {
            let size = (24 + body.len() as u64).to_le_bytes();
            [&name[..], &W64_REST, &size, body].concat()
        };
        let bytes = [
            [&W64_RIFF[..], &[0; 8], b"wave", &W64_REST].concat(),
            sony(b"fmt ", &FORMAT),
            sony(b"data", &[7; 600]),
        ];
        assert_eq!(wave(&bytes.concat()).data, 104..704);
    }
}
