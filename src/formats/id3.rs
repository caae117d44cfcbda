//! `ID3v2`, the tag at the front of an mp3: its frames as they are, and the chapters in it (`CHAP` and
//! `CTOC`, after the `ID3v2` chapter frame addendum).
//!
//! Frames that are not about chapters or the title go through untouched. Versions 2.3 and 2.4 are
//! read and written.

mod chapters;

use thiserror::Error;

pub use chapters::{IdChapter, IdContents, chapters, contents, with_chapters};

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// 3 for version 2.3, 4 for version 2.4.
    pub version: u8,
    /// The frames in order.
    pub frames: Vec<Frame>,
}

/// A frame as it stands in the tag, without unsynchronisation of the whole tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Four capital letters or digits, as `TIT2`.
    pub id: [u8; 4],
    /// The frame's flags.
    pub flags: [u8; 2],
    /// What it holds.
    pub body: Vec<u8>,
}

impl Frame {
    /// The frame's name as text.
    pub fn name(&self) -> String {
        String::from_utf8_lossy(&self.id).into_owned()
    }
}

/// Why a tag cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Id3Error {
    /// The tag is of a version that is not read.
    #[error("the tag is of version 2.{0}; only 2.3 and 2.4 are read")]
    Version(u8),
    /// The tag says that it is longer than the file.
    #[error("the tag ends after the file does")]
    Truncated,
    /// Something that is no frame stands where one should.
    #[error("at byte {at}: {problem}")]
    Frame {
        /// Where in the file, in bytes from 0.
        at: usize,
        /// What is wrong.
        problem: String,
    },
}

/// The size of a tag's header, in bytes.
pub const HEADER: usize = 10;
const UNSYNCHRONISED: u8 = 0x80;
const EXTENDED: u8 = 0x40;
const FOOTER: u8 = 0x10;
/// The flag of a frame of version 2.4 whose body is unsynchronised.
const FRAME_UNSYNCHRONISED: u8 = 0x02;

/// How many bytes the tag takes at the front of a file, of which the first [`HEADER`] bytes are
/// given; 0 where there is none.
pub fn length(header: &[u8]) -> u64 {
    let [b'I', b'D', b'3', _, _, flags, size @ ..] = header else { return 0 };
    let Some(size) = size.first_chunk().map(|size| synchsafe(*size)) else { return 0 };
    let footer = if flags & FOOTER == 0 { 0 } else { HEADER as u64 };
    HEADER as u64 + u64::from(size) + footer
}

/// Reads the tag at the front of a file; `None` where there is none.
///
/// # Errors
/// If it is of another version, or broken.
pub fn parse(bytes: &[u8]) -> Result<Option<Tag>, Id3Error> {
    let [b'I', b'D', b'3', version, _, flags, ..] = *bytes else { return Ok(None) };
    if !matches!(version, 3 | 4) {
        return Err(Id3Error::Version(version));
    }
    let footer = if flags & FOOTER == 0 { 0 } else { HEADER };
    let end = usize::try_from(length(bytes)).unwrap_or(usize::MAX).saturating_sub(footer);
    let body = bytes.get(HEADER..end).ok_or(Id3Error::Truncated)?;
    // In version 2.3 the whole tag is unsynchronised, in 2.4 each frame for itself.
    let whole;
    let body = if version == 3 && flags & UNSYNCHRONISED != 0 {
        whole = synchronised(body);
        whole.as_slice()
    } else {
        body
    };
    let mut at = if flags & EXTENDED == 0 { 0 } else { extended(body, version)? };
    let mut frames = Vec::new();
    while let Some(head) = body.get(at..at + HEADER).filter(|head| head.first() != Some(&0)) {
        let (mut frame, next) = frame(body, at, head, version)?;
        if version == 4 && flags & UNSYNCHRONISED != 0 && frame.flags[1] & FRAME_UNSYNCHRONISED == 0
        {
            frame.body = synchronised(&frame.body);
        }
        frames.push(frame);
        at = next;
    }
    Ok(Some(Tag { version, frames }))
}

fn frame(body: &[u8], at: usize, head: &[u8], version: u8) -> Result<(Frame, usize), Id3Error> {
    let wrong = |problem: &str| Id3Error::Frame { at: HEADER + at, problem: problem.to_owned() };
    let &[a, b, c, d, s0, s1, s2, s3, f0, f1] = head else { return Err(wrong("no frame")) };
    let id = [a, b, c, d];
    if !is_id(id) {
        return Err(wrong("something that is no frame stands where one should"));
    }
    let size = [s0, s1, s2, s3];
    let start = at + HEADER;
    let plain = usize::try_from(u32::from_be_bytes(size)).unwrap_or(usize::MAX);
    let safe = usize::try_from(synchsafe(size)).unwrap_or(usize::MAX);
    // Some programs write plain sizes into version 2.4; what follows tells which it is.
    let wanted = match version {
        4 if follows(body, start.saturating_add(safe)) => safe,
        4 if follows(body, start.saturating_add(plain)) => plain,
        4 => safe,
        _ => plain,
    };
    let end = start.saturating_add(wanted);
    let content = body.get(start..end).ok_or_else(|| wrong("the frame is longer than the tag"))?;
    Ok((Frame { id, flags: [f0, f1], body: content.to_vec() }, end))
}

/// Whether a frame, padding or the tag's end stands there.
fn follows(body: &[u8], at: usize) -> bool {
    match body.get(at..) {
        Some([a, b, c, d, ..]) => *a == 0 || is_id([*a, *b, *c, *d]),
        Some(_) => true,
        None => false,
    }
}

fn is_id(id: [u8; 4]) -> bool {
    id.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Where the frames begin behind an extended header.
fn extended(body: &[u8], version: u8) -> Result<usize, Id3Error> {
    let size = *body.first_chunk().ok_or(Id3Error::Truncated)?;
    let length =
        if version == 4 { synchsafe(size) } else { u32::from_be_bytes(size).saturating_add(4) };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > body.len() { Err(Id3Error::Truncated) } else { Ok(length) }
}

/// Writes a tag, without padding.
pub fn print(tag: &Tag) -> Vec<u8> {
    let mut body = Vec::new();
    for frame in &tag.frames {
        body.extend(print_frame(frame, tag.version));
    }
    let mut bytes = vec![b'I', b'D', b'3', tag.version, 0, 0];
    bytes.extend(to_synchsafe(body.len()));
    bytes.extend(body);
    bytes
}

fn print_frame(frame: &Frame, version: u8) -> Vec<u8> {
    let size = frame.body.len();
    let mut bytes = frame.id.to_vec();
    if version == 4 {
        bytes.extend(to_synchsafe(size));
    } else {
        bytes.extend(u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes());
    }
    bytes.extend(frame.flags);
    bytes.extend(&frame.body);
    bytes
}

/// Four bytes of seven bits each.
fn synchsafe(bytes: [u8; 4]) -> u32 {
    bytes.iter().fold(0, |sum, byte| sum << 7 | u32::from(byte & 0x7f))
}

fn to_synchsafe(size: usize) -> [u8; 4] {
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    [21, 14, 7, 0].map(|shift| u8::try_from(size >> shift & 0x7f).unwrap_or(0))
}

/// Takes out the zeros that were put behind each `FF`.
fn synchronised(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut after_ff = false;
    for byte in bytes {
        if !(after_ff && *byte == 0) {
            out.push(*byte);
        }
        after_ff = *byte == 0xff;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::Chapter;
    use crate::time::Ms;
    use proptest::prelude::*;

    fn tag(version: u8, bodies: &[Vec<u8>]) -> Tag {
        let frames = bodies
            .iter()
            .map(|body| Frame { id: *b"TXXX", flags: [0, 0], body: body.clone() })
            .collect();
        Tag { version, frames }
    }

    #[test]
    fn broken_tags_are_errors_with_their_place() {
        let good = print(&tag(3, &[vec![1; 20]]));
        assert_eq!(parse(&good[..25]), Err(Id3Error::Truncated));
        let mut bad = good.clone();
        bad[10] = b'?';
        assert!(matches!(parse(&bad), Err(Id3Error::Frame { at: 10, .. })));
        let mut long = good.clone();
        long[16] = 9;
        assert!(parse(&long).unwrap_err().to_string().contains("longer than the tag"));
        assert_eq!(parse(b"ID3\x02\0\0\0\0\0\0"), Err(Id3Error::Version(2)));
        assert_eq!(parse(b"\xff\xfb\x90\x00"), Ok(None));
    }

    #[test]
    fn plain_sizes_in_version_4_and_unsynchronised_tags_are_read() {
        let tag4 = tag(4, &[vec![7; 200], vec![8; 3]]);
        let mut bytes = print(&tag4);
        bytes[14..18].copy_from_slice(&200_u32.to_be_bytes());
        assert_eq!(parse(&bytes).unwrap().unwrap(), tag4);
        let tag3 = tag(3, &[vec![0xff, 0xe0, 0xff, 0x00]]);
        let plain = print(&tag3);
        let mut stuffed = plain[..HEADER].to_vec();
        for byte in &plain[HEADER..] {
            stuffed.push(*byte);
            if *byte == 0xff {
                stuffed.push(0);
            }
        }
        stuffed[5] = UNSYNCHRONISED;
        let size = to_synchsafe(stuffed.len() - HEADER);
        stuffed[6..10].copy_from_slice(&size);
        assert_eq!(parse(&stuffed).unwrap().unwrap(), tag3);
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(
            version in 3_u8..=4,
            bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 0..6),
        ) {
            let tag = tag(version, &bodies);
            let bytes = print(&tag);
            prop_assert_eq!(length(&bytes), bytes.len() as u64);
            prop_assert_eq!(parse(&bytes).unwrap().unwrap(), tag);
        }

        #[test]
        fn chapters_come_back(
            version in 3_u8..=4,
            parts in proptest::collection::vec((0_i64..10_000_000, "[^\\p{C}]{1,30}"), 1..12),
            title in "[^\\p{C}]{1,30}",
        ) {
            let mut list: Vec<Chapter> = parts
                .into_iter()
                .map(|(start, title)| Chapter {
                    start: Ms::new(start),
                    title: title.trim().to_owned(),
                    url: None,
                })
                .filter(|chapter| !chapter.title.is_empty())
                .collect();
            list.sort_by_key(|chapter| chapter.start);
            let before = tag(version, &[vec![1, 2, 3]]);
            let after = with_chapters(Some(before.clone()), Some(&title), &list, Ms::new(11_000_000));
            let read = parse(&print(&after)).unwrap().unwrap();
            prop_assert_eq!(chapters(&read), list);
            prop_assert_eq!(&read.frames[0], &before.frames[0]);
            let again = with_chapters(Some(read.clone()), Some(&title), &chapters(&read), Ms::new(11_000_000));
            prop_assert_eq!(again, read);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut tagged = b"ID3\x04\0\0\0\0\x01\x00".to_vec();
            tagged.extend(bytes);
            if let Ok(Some(tag)) = parse(&tagged) {
                let _ = (chapters(&tag), contents(&tag));
            }
        }
    }
}
