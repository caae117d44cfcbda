//! Bytes of unknown origin become text: byte order marks, Latin-1, line ends.

use crate::formats::{Diagnostic, FormatError};

/// The most that is read of one file, in bytes: a transcript of a hundred hours has about 10 MB.
pub const MAX_BYTES: usize = 64 << 20;

/// How a file's characters were stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-8 behind a byte order mark.
    Utf8Bom,
    /// UTF-16, little endian, behind a byte order mark.
    Utf16Le,
    /// UTF-16, big endian, behind a byte order mark.
    Utf16Be,
    /// One byte a character, as Windows-1252 has it: what was not UTF-8.
    Latin1,
}

/// A text and how it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// The characters, without byte order mark; line ends as they were.
    pub text: String,
    /// How they were stored.
    pub encoding: Encoding,
}

/// The characters of Windows-1252 from 0x80 to 0x9F; unassigned ones stay control characters.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

impl SourceText {
    /// Reads bytes as text. Whatever is not UTF-8 or marked UTF-16 is taken for Windows-1252, in
    /// which every byte means something, so that no character is lost.
    pub fn decode(bytes: &[u8]) -> Result<SourceText, FormatError> {
        if bytes.len() > MAX_BYTES {
            return Err(FormatError::TooLarge { bytes: bytes.len(), limit: MAX_BYTES });
        }
        let (text, encoding) = if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
            match std::str::from_utf8(rest) {
                Ok(text) => (text.to_owned(), Encoding::Utf8Bom),
                Err(_) => (latin1(bytes), Encoding::Latin1),
            }
        } else if let Some(rest) = bytes.strip_prefix(b"\xff\xfe")
            && let Some(text) = utf16(rest, u16::from_le_bytes)
        {
            (text, Encoding::Utf16Le)
        } else if let Some(rest) = bytes.strip_prefix(b"\xfe\xff")
            && let Some(text) = utf16(rest, u16::from_be_bytes)
        {
            (text, Encoding::Utf16Be)
        } else {
            match std::str::from_utf8(bytes) {
                Ok(text) => (text.to_owned(), Encoding::Utf8),
                Err(_) => (latin1(bytes), Encoding::Latin1),
            }
        };
        Ok(SourceText { text, encoding })
    }

    /// The bytes from which the text was read.
    pub fn encode(&self) -> Vec<u8> {
        match self.encoding {
            Encoding::Utf8 => self.text.clone().into_bytes(),
            Encoding::Utf8Bom => [b"\xef\xbb\xbf", self.text.as_bytes()].concat(),
            Encoding::Utf16Le => marked_utf16(&self.text, u16::to_le_bytes),
            Encoding::Utf16Be => marked_utf16(&self.text, u16::to_be_bytes),
            Encoding::Latin1 => self.text.chars().map(latin1_byte).collect(),
        }
    }

    /// What there is to say about the way the text was stored. Rule `U1`: the file is not UTF-8.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let name = match self.encoding {
            Encoding::Utf8 | Encoding::Utf8Bom => return Vec::new(),
            Encoding::Utf16Le | Encoding::Utf16Be => "UTF-16",
            Encoding::Latin1 => "Windows-1252",
        };
        let foreign = self.text.lines().enumerate().find(|(_, line)| !line.is_ascii());
        let (line, column) = foreign.map_or((1, 1), |(at, line)| {
            (at + 1, line.chars().take_while(char::is_ascii).count() + 1)
        });
        let message = format!("the file is not UTF-8; it was read as {name}");
        vec![Diagnostic::error("U1", line, column, message).fix("save it as UTF-8")]
    }
}

fn latin1(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|&byte| match byte {
            0x80..=0x9f => {
                WINDOWS_1252.get(usize::from(byte - 0x80)).copied().unwrap_or(char::from(byte))
            }
            _ => char::from(byte),
        })
        .collect()
}

fn latin1_byte(letter: char) -> u8 {
    match WINDOWS_1252.iter().position(|&known| known == letter) {
        Some(index) => 0x80 + u8::try_from(index).unwrap_or(0),
        None => u8::try_from(letter).unwrap_or(b'?'),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<_, _>>().ok()
}

fn marked_utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
}

/// A line of a text and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counted from 1.
    pub number: usize,
    /// The characters without the line end.
    pub text: &'a str,
    /// `\n`, `\r\n`, `\r`, or nothing at the end of the file.
    pub end: &'a str,
}

/// The lines of a text; LF, CRLF and CR end one. A text that ends with a line end has no further
/// empty line.
pub fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut rest = text;
    let mut number = 0;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        number += 1;
        let (line, end, after) = match rest.find(['\n', '\r']) {
            None => (rest, "", ""),
            Some(at) => {
                let (line, tail) = rest.split_at(at);
                let length = if tail.starts_with("\r\n") { 2 } else { 1 };
                let (end, after) = tail.split_at(length);
                (line, end, after)
            }
        };
        rest = after;
        Some(Line { number, text: line, end })
    })
}

/// The column, counted from 1 in characters, at which a byte of a line lies.
pub fn column(line: &str, byte: usize) -> usize {
    1 + line.char_indices().take_while(|(at, _)| *at < byte).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], text: &str, encoding: Encoding) {
        let source = SourceText::decode(bytes).unwrap();
        assert_eq!((source.text.as_str(), source.encoding), (text, encoding));
        assert_eq!(source.encode(), bytes);
    }

    #[test]
    fn bytes_come_back_from_every_encoding() {
        check(b"plain", "plain", Encoding::Utf8);
        check(b"\xef\xbb\xbfmarked", "marked", Encoding::Utf8Bom);
        check(b"\xff\xfeh\0i\0", "hi", Encoding::Utf16Le);
        check(b"\xfe\xff\0h\0i", "hi", Encoding::Utf16Be);
        check(b"caf\xe9 \x93so\x94", "café “so”", Encoding::Latin1);
        check(b"\x81\x8d\xff\xfe", "\u{81}\u{8d}ÿþ", Encoding::Latin1);
        check(b"\xff\xfeodd", "ÿþodd", Encoding::Latin1);
    }

    #[test]
    fn every_line_end_ends_a_line() {
        let found: Vec<_> = lines("a\r\n\rb\n").map(|line| (line.number, line.text)).collect();
        assert_eq!(found, [(1, "a"), (2, ""), (3, "b")]);
    }
}
