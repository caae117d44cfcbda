//! A stretch of an MP3 file as whole frames, not encoded again.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use crate::decode::frames::{Frames, Next, Syntax, id3_bytes};
use crate::time::Span;

/// What an encoder and a decoder delay the sound by, in samples, where no header says another number.
const DELAY_SAMPLES: u64 = 1_105;
/// Frames before the first one that its own sound may lie in: a frame borrows bits from those before.
const BORROWED: usize = 1;

/// The frames of an MP3 file that hold a stretch.
///
/// # Errors
/// What the system says on reading; `InvalidData` where the file has no frames there.
pub fn cut_mp3(path: &Path, span: Span) -> io::Result<Vec<u8>> {
    let mut file = BufReader::new(File::open(path)?);
    skip_tag(path, &mut file)?;
    let mut frames = Frames::new(file, Syntax::Mp3);
    let rate = rate_of(path)?;
    let at =
        |ms: i64| u64::try_from(ms.max(0)).unwrap_or(0).saturating_mul(rate) / 1000 + DELAY_SAMPLES;
    let (start, end) = (at(span.start().get()), at(span.end().get()));
    let (mut now, mut kept) = (0_u64, Vec::new());
    let mut before: Vec<Vec<u8>> = Vec::new();
    while let Some(next) = frames.next()? {
        match next {
            Next::Gap { samples } => {
                now = now.saturating_add(samples);
                before.clear();
            }
            Next::Frame { bytes, samples } => {
                let after = now + u64::from(samples);
                if after > start && now < end {
                    if kept.is_empty() {
                        kept.extend(before.concat());
                    }
                    kept.extend_from_slice(&bytes);
                } else if now >= end {
                    break;
                }
                before.push(bytes);
                if before.len() > BORROWED {
                    before.remove(0);
                }
                now = after;
            }
        }
    }
    if kept.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "there are no MP3 frames"));
    }
    Ok(kept)
}

/// Leaves out the tag at the start, pictures and all.
pub(super) fn skip_tag(path: &Path, file: &mut BufReader<File>) -> io::Result<()> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let mut head = [0; 10];
    let read = File::open(path)?.read(&mut head)?;
    if let Some(bytes) = id3_bytes(&head[..read]) {
        file.seek(SeekFrom::Start(bytes as u64))?;
    }
    Ok(())
}

/// The sample rate that the first frame states.
fn rate_of(path: &Path) -> io::Result<u64> {
    let mut file = BufReader::new(File::open(path)?);
    skip_tag(path, &mut file)?;
    let mut frames = Frames::new(file, Syntax::Mp3);
    while let Some(next) = frames.next()? {
        if let Next::Frame { bytes, .. } = next {
            return Ok(stated_rate(&bytes));
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "there are no MP3 frames"))
}

pub(super) fn stated_rate(frame: &[u8]) -> u64 {
    let version = frame.get(1).map_or(3, |byte| byte >> 3 & 3);
    let index = frame.get(2).map_or(0, |byte| byte >> 2 & 3);
    let rate = [44_100, 48_000, 32_000, 44_100][usize::from(index)];
    match version {
        3 => rate,
        2 => rate / 2,
        _ => rate / 4,
    }
}
