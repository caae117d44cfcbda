//! Chapters in a tag, and its title.

use super::{Frame, HEADER, Tag, parse, print_frame, to_synchsafe};
use crate::speech::Chapter;
use crate::time::Ms;

/// A chapter as a tag has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdChapter {
    /// Its name among the tag's elements, which nobody sees.
    pub id: Vec<u8>,
    /// Where it begins.
    pub start: Ms,
    /// Where it ends.
    pub end: Ms,
    /// Its title.
    pub title: String,
    /// A page that belongs to it.
    pub url: Option<String>,
}

/// A table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdContents {
    /// Its name among the tag's elements.
    pub id: Vec<u8>,
    /// Whether no other table holds it.
    pub is_top: bool,
    /// The elements in it.
    pub children: Vec<Vec<u8>>,
}

/// A table holds at most so many chapters.
const MOST: usize = 255;
/// A place in bytes that says: go by the time.
const BY_TIME: [u8; 8] = [0xff; 8];

/// The chapters of a tag, sorted by start.
pub fn chapters(tag: &Tag) -> Vec<Chapter> {
    let frames = tag.frames.iter().filter(|frame| &frame.id == b"CHAP");
    let mut chapters: Vec<Chapter> = frames
        .filter_map(|frame| read(frame, tag.version))
        .map(|chapter| Chapter { start: chapter.start, title: chapter.title, url: chapter.url })
        .collect();
    chapters.sort_by_key(|chapter| chapter.start);
    chapters
}

/// The chapters and the tables of contents, as they stand; `None` for a frame that is broken.
pub fn contents(tag: &Tag) -> (Vec<Option<IdChapter>>, Vec<Option<IdContents>>) {
    let of = |id: &'static [u8; 4]| tag.frames.iter().filter(move |frame| &frame.id == id);
    (
        of(b"CHAP").map(|frame| read(frame, tag.version)).collect(),
        of(b"CTOC").map(|frame| read_contents(&frame.body)).collect(),
    )
}

/// The tag with these chapters, sorted by start, instead of those that it had, and with the title,
/// where there is one. Chapters without a title are left out, and so are those beyond the 255th.
pub fn with_chapters(
    tag: Option<Tag>,
    title: Option<&str>,
    chapters: &[Chapter],
    duration: Ms,
) -> Tag {
    let mut tag = tag.unwrap_or(Tag { version: 3, frames: Vec::new() });
    let version = tag.version;
    tag.frames.retain(|frame| {
        let replaced = &frame.id == b"CHAP" || &frame.id == b"CTOC";
        !(replaced || &frame.id == b"TIT2" && title.is_some())
    });
    if let Some(title) = title {
        tag.frames.push(text_frame(*b"TIT2", title, version));
    }
    let listed: Vec<&Chapter> =
        chapters.iter().filter(|chapter| !chapter.title.trim().is_empty()).take(MOST).collect();
    let mut ids = Vec::new();
    for (index, chapter) in listed.iter().enumerate() {
        let next = listed.get(index + 1).map_or(duration, |next| next.start);
        let id = format!("ch{index}").into_bytes();
        tag.frames.push(write(&id, chapter, next.max(chapter.start), version));
        ids.push(id);
    }
    if !ids.is_empty() {
        let mut body = b"toc\0\x03".to_vec();
        body.push(u8::try_from(ids.len()).unwrap_or(u8::MAX));
        for id in ids {
            body.extend(id);
            body.push(0);
        }
        tag.frames.push(Frame { id: *b"CTOC", flags: [0, 0], body });
    }
    tag
}

fn write(id: &[u8], chapter: &Chapter, end: Ms, version: u8) -> Frame {
    let mut body = id.to_vec();
    body.push(0);
    for time in [chapter.start, end] {
        body.extend(u32::try_from(time.get().max(0)).unwrap_or(u32::MAX).to_be_bytes());
    }
    body.extend(BY_TIME);
    body.extend(print_frame(&text_frame(*b"TIT2", chapter.title.trim(), version), version));
    if let Some(url) = chapter.url.as_deref().filter(|url| url.is_ascii()) {
        let mut link = vec![0, 0];
        link.extend(url.bytes());
        body.extend(print_frame(&Frame { id: *b"WXXX", flags: [0, 0], body: link }, version));
    }
    Frame { id: *b"CHAP", flags: [0, 0], body }
}

/// A frame of text: Latin-1 or UTF-16 in version 2.3, UTF-8 in 2.4.
fn text_frame(id: [u8; 4], text: &str, version: u8) -> Frame {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let latin: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let body = match (version, latin) {
        (4, _) => [&[3][..], text.as_bytes()].concat(),
        (_, Some(latin)) => [&[0][..], &latin].concat(),
        (_, None) => {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            [1, 0xff, 0xfe].into_iter().chain(units).collect()
        }
    };
    Frame { id, flags: [0, 0], body }
}

fn read(frame: &Frame, version: u8) -> Option<IdChapter> {
    let end = frame.body.iter().position(|byte| *byte == 0)?;
    let (id, rest) = (frame.body.get(..end)?, frame.body.get(end + 1..)?);
    let time = |at: usize| -> Option<Ms> {
        let bytes = rest.get(at..at + 4)?.first_chunk()?;
        Some(Ms::new(i64::from(u32::from_be_bytes(*bytes))))
    };
    let (start, end) = (time(0)?, time(4)?);
    Ms::stated_offset(start.get()).ok()?;
    // The frames inside read as a tag of their own.
    let inner = rest.get(16..)?;
    let mut whole = vec![b'I', b'D', b'3', version, 0, 0];
    whole.extend(to_synchsafe(inner.len()));
    whole.extend(inner);
    debug_assert_eq!(whole.len(), HEADER + inner.len());
    let inner = parse(&whole).ok()??;
    let find = |id: &[u8; 4]| inner.frames.iter().find(|frame| &frame.id == id);
    let title = find(b"TIT2").map_or_else(String::new, |frame| text(&frame.body));
    let url = find(b"WXXX").and_then(|frame| {
        let (encoding, rest) = frame.body.split_first()?;
        let wide = matches!(encoding, 1 | 2);
        let skip = if wide {
            rest.chunks(2).position(|unit| unit == [0, 0])? * 2 + 2
        } else {
            rest.iter().position(|byte| *byte == 0)? + 1
        };
        let url: String = rest.get(skip..)?.iter().map(|byte| char::from(*byte)).collect();
        Some(url).filter(|url| !url.is_empty())
    });
    Some(IdChapter { id: id.to_vec(), start, end, title, url })
}

fn read_contents(body: &[u8]) -> Option<IdContents> {
    let end = body.iter().position(|byte| *byte == 0)?;
    let id = body.get(..end)?.to_vec();
    let (flags, count) = (*body.get(end + 1)?, *body.get(end + 2)?);
    let mut rest = body.get(end + 3..)?;
    let mut children = Vec::new();
    for _ in 0..count {
        let end = rest.iter().position(|byte| *byte == 0)?;
        children.push(rest.get(..end)?.to_vec());
        rest = rest.get(end + 1..)?;
    }
    Some(IdContents { id, is_top: flags & 2 != 0, children })
}

/// The text of a frame in any of the four encodings.
fn text(body: &[u8]) -> String {
    let Some((encoding, bytes)) = body.split_first() else { return String::new() };
    let wide = |from: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let units = bytes.chunks_exact(2).filter_map(|pair| pair.first_chunk().copied()).map(from);
        char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect::<String>()
    };
    let text = match (encoding, bytes) {
        (0, bytes) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        (1, [0xff, 0xfe, rest @ ..]) => wide(u16::from_le_bytes, rest),
        (1, [0xfe, 0xff, rest @ ..]) => wide(u16::from_be_bytes, rest),
        (1, rest) => wide(u16::from_le_bytes, rest),
        (2, rest) => wide(u16::from_be_bytes, rest),
        (_, bytes) => String::from_utf8_lossy(bytes).into_owned(),
    };
    text.trim_end_matches('\0').to_owned()
}
