//! Bytes of unknown origin become text: byte order marks, Latin-1, line ends.

use std::borrow::Cow;

use crate::formats::signature::{self, Document, Sort};
use crate::formats::{Diagnostic, FormatError, document};

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
    /// The paragraphs of a Word document.
    Docx,
    /// The paragraphs of an `OpenDocument` text.
    Odt,
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
    /// which every byte means something, so that no character is lost. Of a Word document or an
    /// `OpenDocument` text the paragraphs are read, with an empty line between them.
    ///
    /// # Errors
    /// If there is more than [`MAX_BYTES`] of it, or it is no text: a picture, a recording.
    pub fn decode<'b>(bytes: impl Into<Cow<'b, [u8]>>) -> Result<SourceText, FormatError> {
        let bytes = bytes.into();
        let kind = signature::kind_of(&bytes);
        let document = match kind.map(|kind| (kind, kind.sort)) {
            Some((_, Sort::Document(document))) => Some(document),
            Some((kind, _)) => return Err(FormatError::Foreign(kind)),
            None => None,
        };
        if bytes.len() > MAX_BYTES {
            return Err(FormatError::TooLarge { limit: MAX_BYTES });
        }
        if let Some(document) = document {
            let encoding = match document {
                Document::Docx => Encoding::Docx,
                Document::Odt => Encoding::Odt,
            };
            return Ok(SourceText { text: document::text(&bytes, document)?, encoding });
        }
        let (text, encoding) = if let Some(text) = utf16(&bytes, b"\xff\xfe", u16::from_le_bytes) {
            (text, Encoding::Utf16Le)
        } else if let Some(text) = utf16(&bytes, b"\xfe\xff", u16::from_be_bytes) {
            (text, Encoding::Utf16Be)
        } else {
            match String::from_utf8(bytes.into_owned()) {
                Ok(text) => match text.strip_prefix('\u{feff}') {
                    Some(rest) => (rest.to_owned(), Encoding::Utf8Bom),
                    None => (text, Encoding::Utf8),
                },
                Err(fault) => (latin1(fault.as_bytes()), Encoding::Latin1),
            }
        };
        Ok(SourceText { text, encoding })
    }

    /// The bytes from which the text was read; of a document its text alone.
    pub fn encode(&self) -> Vec<u8> {
        match self.encoding {
            Encoding::Utf8 | Encoding::Docx | Encoding::Odt => self.text.clone().into_bytes(),
            Encoding::Utf8Bom => [b"\xef\xbb\xbf", self.text.as_bytes()].concat(),
            Encoding::Utf16Le => marked_utf16(&self.text, u16::to_le_bytes),
            Encoding::Utf16Be => marked_utf16(&self.text, u16::to_be_bytes),
            Encoding::Latin1 => self.text.chars().map(latin1_byte).collect(),
        }
    }

    /// What there is to say about the way the text was stored. Rule `U1`: the file is not UTF-8.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let name = match self.encoding {
            Encoding::Utf8 | Encoding::Utf8Bom | Encoding::Docx | Encoding::Odt => {
                return Vec::new();
            }
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

fn utf16(bytes: &[u8], mark: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, []) = bytes.strip_prefix(mark)?.as_chunks::<2>() else { return None };
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

/// The column, counted from 1 in characters, at which a byte of a line lies. For more than one
/// place of a line use [`Columns`].
pub fn column(line: &str, byte: usize) -> usize {
    Columns::new(line).at(byte)
}

/// The columns of a line, which may be the whole file: asked for from left to right, no character
/// is counted twice.
#[derive(Debug, Clone, Copy)]
pub struct Columns<'a> {
    line: &'a str,
    byte: usize,
    column: usize,
}

impl<'a> Columns<'a> {
    /// The columns of this line.
    pub fn new(line: &'a str) -> Columns<'a> {
        Columns { line, byte: 0, column: 1 }
    }

    /// The column, counted from 1 in characters, at which a byte lies.
    pub fn at(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            *self = Columns::new(self.line);
        }
        let rest = self.line.get(self.byte..).unwrap_or_default();
        let wanted = byte - self.byte;
        for (at, letter) in rest.char_indices() {
            if at >= wanted {
                break;
            }
            self.byte += letter.len_utf8();
            self.column += 1;
        }
        self.column
    }
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
    fn columns_are_counted_on_and_back() {
        let mut columns = Columns::new("añ😀b");
        assert_eq!([0, 1, 3, 7, 8, 99, 1].map(|byte| columns.at(byte)), [1, 2, 3, 4, 5, 5, 2]);
    }

    #[test]
    fn what_is_no_text_is_refused_by_its_kind() {
        let refused = SourceText::decode(&b"%PDF-1.7"[..]).unwrap_err();
        assert_eq!(refused.to_string(), "it is a PDF document, not a transcript");
    }

    #[test]
    fn every_line_end_ends_a_line() {
        let found: Vec<_> = lines("a\r\n\rb\n").map(|line| (line.number, line.text)).collect();
        assert_eq!(found, [(1, "a"), (2, ""), (3, "b")]);
    }
}
