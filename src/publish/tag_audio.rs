//! The title and the chapters in a copy of an mp3. The sound and every other tag stay as they are.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::formats::id3::{self, Id3Error};
use crate::speech::Chapter;
use crate::time::Ms;

/// What a copy of a file begins with instead of what the file begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Front {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How many bytes of the file they stand for.
    pub replaces: u64,
}

/// The largest tag that is read, in bytes: a picture of any size that podcasts take.
const MOST: u64 = 64 << 20;

/// Why a copy gets no tag.
#[derive(Debug, thiserror::Error)]
pub enum TagError {
    /// The system refused to read.
    #[error("cannot read it: {0}")]
    Io(#[from] io::Error),
    /// The tag that is there cannot be read, and must not be lost.
    #[error("its tags cannot be changed: {0}")]
    Tag(#[from] Id3Error),
    /// The tag that is there is larger than any should be.
    #[error("its tags are larger than 64 MiB")]
    TooLarge,
}

/// The front of a tagged copy of an mp3, with the title, where it is not empty, and the chapters.
///
/// # Errors
/// If the tag that the file has cannot be read: what is in it would be lost.
pub fn front(
    audio: &Path,
    title: &str,
    chapters: &[Chapter],
    duration: Ms,
) -> Result<Front, TagError> {
    let mut file = File::open(audio)?;
    let mut bytes = Vec::new();
    Read::by_ref(&mut file).take(id3::HEADER as u64).read_to_end(&mut bytes)?;
    let replaces = id3::length(&bytes);
    if replaces > MOST {
        return Err(TagError::TooLarge);
    }
    let rest = replaces.saturating_sub(bytes.len() as u64);
    file.take(rest).read_to_end(&mut bytes)?;
    let tag = id3::parse(&bytes)?;
    let title = Some(title.trim()).filter(|title| !title.is_empty());
    let tag = id3::with_chapters(tag, title, chapters, duration);
    Ok(Front { bytes: id3::print(&tag), replaces })
}

/// Writes the copy.
///
/// # Errors
/// If the file cannot be read or the copy cannot be written.
pub fn write(audio: &Path, front: &Front, mut to: impl Write) -> io::Result<()> {
    to.write_all(&front.bytes)?;
    let mut file = File::open(audio)?;
    file.seek(SeekFrom::Start(front.replaces))?;
    io::copy(&mut file, &mut to)?;
    to.flush()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_sound_and_other_tags_stay_and_broken_tags_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp3");
        let chapters = [Chapter { start: Ms::new(0), title: "One".into(), url: None }];
        let tagged = |file: &[u8]| {
            fs::write(&path, file).unwrap();
            let front = front(&path, " New ", &chapters, Ms::new(9_000))?;
            let mut out = Vec::new();
            write(&path, &front, &mut out)?;
            Ok::<_, TagError>(out)
        };
        let sound = b"\xff\xfb\x90\x00 sound".repeat(40);
        let plain = tagged(&sound).unwrap();
        assert!(plain.ends_with(&sound) && plain.starts_with(b"ID3"));
        let again = tagged(&plain).unwrap();
        assert_eq!(again, plain, "tagging twice is tagging once");
        let tag = id3::parse(&plain).unwrap().unwrap();
        assert_eq!(id3::chapters(&tag), chapters);
        let mut broken = plain.clone();
        broken[10] = b'?';
        let said = tagged(&broken).unwrap_err().to_string();
        assert!(said.contains("at byte 10"), "{said}");
        assert!(tagged(&plain[..14]).is_err(), "the tag is cut off");
    }
}
