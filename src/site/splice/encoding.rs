//! How a feed's characters are stored: read as the feed says, and written the same way.
//!
//! A reader of XML needs bytes that have ASCII's for ASCII's characters. All encodings of feeds are
//! such but UTF-16, which becomes UTF-8 and is turned back in the end. What is put into any other
//! encoding than Unicode's is ASCII: every other character as a reference, which means the same
//! everywhere.

use std::borrow::Cow;
use std::fmt::Write as _;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::site::FeedError;

/// A feed as bytes that a reader of XML can go through.
#[derive(Debug)]
pub(super) struct Source<'b> {
    /// The byte order mark, which is no part of the XML.
    mark: &'b [u8],
    bytes: Cow<'b, [u8]>,
    encoding: &'static Encoding,
}

impl<'b> Source<'b> {
    /// Finds how the feed is stored.
    pub(super) fn of(bytes: &'b [u8]) -> Result<Source<'b>, FeedError> {
        let (mark, rest, encoding) = stored(bytes)?;
        if encoding == UTF_16LE || encoding == UTF_16BE {
            let bytes = Cow::Owned(from_utf16(rest, encoding)?.into_bytes());
            return Ok(Source { mark, bytes, encoding });
        }
        if encoding == UTF_8
            && let Err(fault) = std::str::from_utf8(rest)
        {
            let before = rest.get(..fault.valid_up_to()).unwrap_or_default();
            let line = before.split(|byte| *byte == b'\n').count();
            return Err(FeedError::NotText { line, encoding: "UTF-8".to_owned() });
        }
        Ok(Source { mark, bytes: Cow::Borrowed(rest), encoding })
    }

    /// What the reader of XML goes through.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A part of it as text.
    pub(super) fn text<'a>(&self, part: &'a [u8]) -> Cow<'a, str> {
        let encoding = if self.is_unicode() { UTF_8 } else { self.encoding };
        encoding.decode_without_bom_handling(part).0
    }

    /// The feed with parts put in at places of [`Source::bytes`], which are sorted.
    pub(super) fn with(&self, insertions: &[(usize, String)]) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len());
        let mut from = 0;
        for (at, added) in insertions {
            out.extend_from_slice(self.bytes.get(from..*at).unwrap_or_default());
            if self.is_unicode() {
                out.extend_from_slice(added.as_bytes());
            } else {
                out.extend_from_slice(in_ascii(added).as_bytes());
            }
            from = *at;
        }
        out.extend_from_slice(self.bytes.get(from..).unwrap_or_default());
        let stored = match self.encoding {
            encoding if encoding == UTF_16LE => to_utf16(&out, u16::to_le_bytes),
            encoding if encoding == UTF_16BE => to_utf16(&out, u16::to_be_bytes),
            _ => out,
        };
        [self.mark, &stored].concat()
    }

    fn is_unicode(&self) -> bool {
        [UTF_8, UTF_16LE, UTF_16BE].contains(&self.encoding)
    }
}

type Stored<'b> = (&'b [u8], &'b [u8], &'static Encoding);

/// The byte order mark, what follows it, and the encoding: by the mark, by how XML must begin, by
/// what the declaration says, in this order.
fn stored(bytes: &[u8]) -> Result<Stored<'_>, FeedError> {
    let starts = |start: &[u8]| bytes.starts_with(start);
    let behind = |length: usize| bytes.split_at(length.min(bytes.len()));
    let four: [&[u8]; 4] = [b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"<\0\0\0", b"\0\0\0<"];
    if four.into_iter().any(starts) {
        return Err(FeedError::Encoding { name: "UTF-32".to_owned() });
    }
    if starts(b"\xef\xbb\xbf") {
        let (mark, rest) = behind(3);
        return Ok((mark, rest, UTF_8));
    }
    for (mark, first, encoding) in
        [(b"\xff\xfe", b"<\0", UTF_16LE), (b"\xfe\xff", b"\0<", UTF_16BE)]
    {
        if starts(mark) || starts(first) {
            let (mark, rest) = behind(if starts(mark) { 2 } else { 0 });
            return Ok((mark, rest, encoding));
        }
    }
    let Some(name) = declared(bytes) else { return Ok((&[], bytes, UTF_8)) };
    let unknown = || FeedError::Encoding { name: name.clone() };
    let encoding = Encoding::for_label(name.as_bytes()).ok_or_else(unknown)?;
    if encoding == UTF_16LE || encoding == UTF_16BE {
        // whoever reads this sentence in ASCII knows that it is not so
        return Err(FeedError::NotText { line: 1, encoding: name });
    }
    if encoding.is_ascii_compatible() { Ok((&[], bytes, encoding)) } else { Err(unknown()) }
}

/// What the XML declaration says of the encoding.
fn declared(bytes: &[u8]) -> Option<String> {
    let rest = bytes.strip_prefix(b"<?xml")?;
    let end = rest.iter().take(1000).position(|byte| *byte == b'>')?;
    let text = String::from_utf8_lossy(rest.get(..end)?).into_owned();
    let (_, value) = text.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.get(1..)?.split_once(quote).map(|(name, _)| name.to_owned())
}

fn from_utf16(bytes: &[u8], encoding: &'static Encoding) -> Result<String, FeedError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let unit = |pair: &[u8; 2]| {
        if encoding == UTF_16LE { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) }
    };
    let mut text = String::with_capacity(bytes.len());
    let mut is_whole = rest.is_empty();
    for letter in char::decode_utf16(pairs.iter().map(unit)) {
        let Ok(letter) = letter else {
            is_whole = false;
            break;
        };
        text.push(letter);
    }
    if is_whole {
        return Ok(text);
    }
    Err(FeedError::NotText { line: text.split('\n').count(), encoding: "UTF-16".to_owned() })
}

fn to_utf16(utf8: &[u8], unit: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    String::from_utf8_lossy(utf8).encode_utf16().flat_map(unit).collect()
}

/// XML in ASCII alone. References stand for what is not; the names of our tags have none of it.
fn in_ascii(xml: &str) -> String {
    xml.chars().fold(String::with_capacity(xml.len()), |mut out, c| {
        if c.is_ascii() {
            out.push(c);
        } else {
            write!(out, "&#{};", u32::from(c)).expect("a String takes every write");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(bytes: &[u8]) -> Result<Vec<u8>, FeedError> {
        let source = Source::of(bytes)?;
        let at = source.bytes().len() - 1;
        Ok(source.with(&[(at, "<é“>".to_owned())]))
    }

    #[test]
    fn a_part_is_stored_as_the_rest_is_and_the_rest_stays() {
        let latin = b"<?xml version='1.0' encoding = 'ISO-8859-1'?>\x93\xe9\xff.";
        let wanted = b"<?xml version='1.0' encoding = 'ISO-8859-1'?>\x93\xe9\xff<&#233;&#8220;>.";
        assert_eq!(with(latin).unwrap(), wanted);
        let shift = b"<?xml encoding=\"Shift_JIS\"?>\x83\x5c.";
        assert_eq!(with(shift).unwrap(), b"<?xml encoding=\"Shift_JIS\"?>\x83\x5c<&#233;&#8220;>.");
        assert_eq!(with("\u{feff}<a>é.".as_bytes()).unwrap(), "\u{feff}<a>é<é“>.".as_bytes());
        let wide = |text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(unit).collect()
        };
        for unit in [u16::to_le_bytes, u16::to_be_bytes] {
            for start in ["\u{feff}<a>🚀.", "<a>🚀."] {
                let wanted = start.replace('.', "<é“>.");
                assert_eq!(with(&wide(start, unit)).unwrap(), wide(&wanted, unit));
            }
        }
    }

    #[test]
    fn what_is_not_as_it_says_is_refused() {
        let fault = |bytes: &[u8]| with(bytes).unwrap_err().to_string();
        assert!(fault(b"<?xml encoding=\"klingon\"?><a>").contains("`klingon`"));
        assert!(fault(b"<?xml encoding=\"UTF-16\"?><a>").contains("line 1 is not UTF-16 text"));
        assert!(fault(b"<?xml encoding=\"ISO-2022-JP\"?><a>").contains("`ISO-2022-JP`"));
        assert!(fault(b"\xff\xfe<\0\n\0a").contains("line 2 is not UTF-16 text"));
        assert!(fault(b"\xff\xfe<\0\0\xd8a\0").contains("line 1 is not UTF-16 text"));
        assert!(fault(b"\0\0\xfe\xff\0\0\0<").contains("`UTF-32`"));
        assert!(fault(b"<a>\n\xe9.").contains("line 2 is not UTF-8 text"));
    }
}
