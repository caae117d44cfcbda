//! Whether an Ogg file is there to its end: its last page says so.
//!
//! Reference: RFC 3533, section 6.

use std::io;

use symphonia::core::checksum::Crc32;
use symphonia::core::io::Monitor;

use super::view::Window;

/// The longest page, twice.
const TAIL: usize = 2 * 65_307;
const END_OF_STREAM: u8 = 4;
/// Bytes behind the last page that are not worth a word.
const JUNK: usize = 256;

/// What the end of a file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tail {
    /// The file ends before its last page, or that page is damaged.
    pub(super) cut: bool,
    /// The stream of the last page that is whole, and the time at which that ends, in its samples.
    pub(super) last: Option<(u32, u64)>,
}

/// Reads the end of the file.
pub(super) fn tail(file: &mut Window) -> io::Result<Tail> {
    let from = file.length().saturating_sub(TAIL as u64);
    let tail = file.at(from, TAIL)?;
    let starts = (0..tail.len()).rev().filter(|at| tail.get(*at..).is_some_and(begins_page));
    for start in starts {
        let page = tail.get(start..).unwrap_or_default();
        let Some(length) = page_bytes(page) else { continue };
        let flags = page.get(5).copied().unwrap_or(0);
        let time = page.get(6..).and_then(|bytes| bytes.first_chunk());
        let stream = page.get(14..).and_then(|bytes| bytes.first_chunk());
        let last = stream.zip(time);
        return Ok(Tail {
            cut: flags & END_OF_STREAM == 0 || page.len() - length > JUNK,
            // All bits set: no packet ends in the page.
            last: last
                .map(|(stream, time)| (u32::from_le_bytes(*stream), u64::from_le_bytes(*time)))
                .filter(|(_, time)| *time != u64::MAX),
        });
    }
    Ok(Tail { cut: true, last: None })
}

fn begins_page(bytes: &[u8]) -> bool {
    bytes.starts_with(b"OggS\0")
}

/// The length of the page that `bytes` begin with, if it is whole and its checksum right.
fn page_bytes(bytes: &[u8]) -> Option<usize> {
    let segments = usize::from(*bytes.get(26)?);
    let sizes = bytes.get(27..27 + segments)?;
    let length = 27 + segments + sizes.iter().map(|size| usize::from(*size)).sum::<usize>();
    let mut page = bytes.get(..length)?.to_vec();
    let sum = u32::from_le_bytes(*page.get(22..)?.first_chunk()?);
    page.get_mut(22..26)?.fill(0);
    let mut crc = Crc32::new(0);
    crc.process_buf_bytes(&page);
    (crc.crc() == sum).then_some(length)
}
