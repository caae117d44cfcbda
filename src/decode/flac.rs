//! FLAC files whose sound is whole and whose other parts are not.
//!
//! Reference: RFC 9639, section 8 (Metadata Blocks).

use std::io;

use super::frames::id3_bytes;
use super::view::{Piece, Window};

const STREAM_INFO: u8 = 0;
const PADDING: u8 = 1;
const COMMENT: u8 = 4;
/// Metadata blocks looked through; there are some five in a file.
const MAX_BLOCKS: usize = 1000;

/// The file with its metadata blocks called padding, but for the description of the stream and,
/// with `comments`, the tags; `None` for a file of another kind.
pub(super) fn without_extras(file: &mut Window, comments: bool) -> io::Result<Option<Vec<Piece>>> {
    let mut at = id3_bytes(file.at(0, 10)?).unwrap_or(0) as u64;
    if file.at(at, 4)? != b"fLaC" {
        return Ok(None);
    }
    at += 4;
    let mut pieces = Vec::new();
    let mut kept_from = 0;
    for n in 0..MAX_BLOCKS {
        let &[kind, a, b, c] = file.at(at, 4)? else { break };
        let (last, kind) = (kind & 0x80, kind & 0x7f);
        let kept = kind == STREAM_INFO && n == 0 || kind == COMMENT && comments;
        if !kept {
            pieces.push(Piece::File(kept_from..at));
            pieces.push(Piece::Bytes(vec![last | PADDING]));
            kept_from = at + 1;
        }
        at += 4 + u64::from(u32::from_be_bytes([0, a, b, c]));
        if last != 0 {
            break;
        }
    }
    pieces.push(Piece::File(kept_from..file.length()));
    Ok(Some(pieces))
}

/// Whether the file ends with the last packet, or with that and a tag of MP3.
pub(super) fn ends_with(file: &mut Window, packet: &[u8]) -> io::Result<bool> {
    for tag in [0, 128] {
        let Some(from) = file.length().checked_sub(tag + packet.len() as u64) else { break };
        if file.at(from, packet.len())? == packet {
            return Ok(true);
        }
    }
    Ok(false)
}
