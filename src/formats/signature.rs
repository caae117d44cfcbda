//! What kind of file some bytes are, where they are no text: told by their first bytes, never by the
//! name, so that a picture or a recording is refused by what it is.

/// What a file is that is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// What it is called, as `a PDF document`.
    pub name: &'static str,
    /// What can be done with it.
    pub sort: Sort,
}

/// What can be done with a file that is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A recording, or a video with sound.
    Sound,
    /// A picture.
    Picture,
    /// A document whose text is read.
    Document(Document),
    /// A document whose text is not read.
    OtherDocument,
    /// Files packed into one.
    Archive,
    /// Captions that are no text.
    Captions,
    /// Text in a form of characters that is not read.
    Characters,
    /// Anything else.
    Other,
}

/// A document whose text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// A Word document of the last twenty years, `.docx`.
    Docx,
    /// An `OpenDocument` text, `.odt`.
    Odt,
}

impl Kind {
    /// What to do with it instead.
    pub fn hint(self) -> &'static str {
        match self.sort {
            Sort::Sound => "it is heard, not read: `linernotes run FILE` makes its transcript",
            Sort::Picture => "an episode's picture is `image = \"FILE\"` in `episode.toml`",
            Sort::Document(_) => "save it again, or as plain text",
            Sort::OtherDocument => {
                "open it and save its text as .docx or as plain text (.txt), and give that"
            }
            Sort::Archive => "unpack it, and give the transcript that is in it",
            Sort::Captions => "make SRT or WebVTT of it with a program for subtitles",
            Sort::Characters => "save it as UTF-8",
            Sort::Other => "export the transcript as WebVTT, SRT or plain text, and give that",
        }
    }
}

/// First bytes, in which `?` is any byte; the longer of two that fit stands first.
type Signature = (usize, &'static [u8], &'static str, Sort);

const SIGNATURES: &[Signature] = &[
    (0, b"%PDF-", "a PDF document", Sort::OtherDocument),
    (0, b"{\\rtf", "an RTF document", Sort::OtherDocument),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.doc)", Sort::OtherDocument),
    (0, b"%!PS", "a PostScript document", Sort::OtherDocument),
    (0, b"bplist00", "a binary property list", Sort::Other),
    (0, b"ID3", "an MP3 recording", Sort::Sound),
    (0, b"RIFF????WAVE", "a WAV recording", Sort::Sound),
    (0, b"RF64????WAVE", "a WAV recording", Sort::Sound),
    (0, b"RIFF????AVI ", "an AVI video", Sort::Sound),
    (0, b"RIFF????WEBP", "a WebP picture", Sort::Picture),
    (0, b"FORM????AIF", "an AIFF recording", Sort::Sound),
    (0, b"fLaC", "a FLAC recording", Sort::Sound),
    (0, b"OggS", "an Ogg recording", Sort::Sound),
    (0, b"caff\0", "a CAF recording", Sort::Sound),
    (0, b"wvpk", "a WavPack recording", Sort::Sound),
    (0, b"#!AMR", "an AMR recording", Sort::Sound),
    (0, b".snd\0", "an AU recording", Sort::Sound),
    (0, b"MThd\0", "a MIDI file", Sort::Other),
    (4, b"ftypM4A", "an M4A recording", Sort::Sound),
    (4, b"ftypM4B", "an M4B recording", Sort::Sound),
    (4, b"ftypqt", "a QuickTime video", Sort::Sound),
    (4, b"ftyp3g", "a 3GP recording", Sort::Sound),
    (4, b"ftyphei", "a HEIC picture", Sort::Picture),
    (4, b"ftypmif1", "a HEIC picture", Sort::Picture),
    (4, b"ftypavif", "an AVIF picture", Sort::Picture),
    (4, b"ftyp", "an MP4 video or recording", Sort::Sound),
    (4, b"moov", "a QuickTime video", Sort::Sound),
    (0, b"\x1a\x45\xdf\xa3", "a Matroska or WebM video", Sort::Sound),
    (0, b"FLV\x01", "a Flash video", Sort::Sound),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media recording", Sort::Sound),
    (0, b"\0\0\x01\xba", "an MPEG video", Sort::Sound),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture", Sort::Picture),
    (0, b"\xff\xd8\xff", "a JPEG picture", Sort::Picture),
    (0, b"GIF87a", "a GIF picture", Sort::Picture),
    (0, b"GIF89a", "a GIF picture", Sort::Picture),
    (0, b"BM????\0\0\0\0", "a BMP picture", Sort::Picture),
    (0, b"II*\0", "a TIFF picture", Sort::Picture),
    (0, b"MM\0*", "a TIFF picture", Sort::Picture),
    (0, b"8BPS\0\x01", "a Photoshop picture", Sort::Picture),
    (0, b"\0\0\x01\0", "an icon", Sort::Picture),
    (0, b"\x1f\x8b", "a file packed with gzip", Sort::Archive),
    (0, b"BZh", "a file packed with bzip2", Sort::Archive),
    (0, b"\xfd7zXZ\0", "a file packed with xz", Sort::Archive),
    (0, b"\x28\xb5\x2f\xfd", "a file packed with zstd", Sort::Archive),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", Sort::Archive),
    (0, b"Rar!\x1a\x07", "a RAR archive", Sort::Archive),
    (257, b"ustar", "a tar archive", Sort::Archive),
    (0, b"SQLite format 3\0", "an SQLite database", Sort::Other),
    (3, b"STL??.01", "EBU STL captions", Sort::Captions),
    (0, b"\x7fELF", "a program", Sort::Other),
    (0, b"MZ?\0", "a program", Sort::Other),
    (0, b"\xcf\xfa\xed\xfe", "a program", Sort::Other),
    (0, b"\xca\xfe\xba\xbe", "a program", Sort::Other),
    (0, b"wOF", "a font", Sort::Other),
    (0, b"\0\x01\0\0\0", "a font", Sort::Other),
    (0, b"\0asm", "a program", Sort::Other),
];

/// What kind of file it is; `None` where it may be text.
pub fn kind_of(bytes: &[u8]) -> Option<Kind> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Some(zip_kind(bytes));
    }
    let known = SIGNATURES.iter().find(|(at, pattern, ..)| {
        let there = bytes.get(*at..at + pattern.len()).unwrap_or_default();
        !there.is_empty() && there.iter().zip(*pattern).all(|(a, b)| *b == b'?' || a == b)
    });
    if let Some((.., name, sort)) = known {
        return Some(Kind { name, sort: *sort });
    }
    if is_frame_of_sound(bytes) {
        return Some(Kind { name: "an MP3 or AAC recording", sort: Sort::Sound });
    }
    let is_stream = [0, 188, 376].iter().all(|at| bytes.get(*at) == Some(&b'G'));
    if is_stream && std::str::from_utf8(bytes).is_err() {
        return Some(Kind { name: "an MPEG transport stream", sort: Sort::Sound });
    }
    no_text(bytes)
}

/// A document, an e-book or an archive: all of them are zip files.
fn zip_kind(bytes: &[u8]) -> Kind {
    let of = |name, sort| Kind { name, sort };
    let mimetype = bytes.get(30..).and_then(|rest| rest.strip_prefix(b"mimetype"));
    let is_type = |name: &[u8]| mimetype.is_some_and(|rest| rest.starts_with(name));
    if is_type(b"application/vnd.oasis.opendocument.text") {
        return of("an OpenDocument text (.odt)", Sort::Document(Document::Odt));
    }
    if is_type(b"application/epub+zip") {
        return of("an EPUB book", Sort::OtherDocument);
    }
    let Ok(archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) else {
        return of("a damaged zip archive or document", Sort::Archive);
    };
    let has = |start: &str| archive.file_names().any(|name| name.starts_with(start));
    match () {
        () if has("word/document") => of("a Word document (.docx)", Sort::Document(Document::Docx)),
        () if has("content.xml") => {
            of("an OpenDocument text (.odt)", Sort::Document(Document::Odt))
        }
        () if has("xl/") => of("an Excel table", Sort::OtherDocument),
        () if has("ppt/") => of("a PowerPoint document", Sort::OtherDocument),
        () if has("Index/") => of("an iWork document", Sort::OtherDocument),
        () => of("a zip archive", Sort::Archive),
    }
}

/// Whether a frame of MPEG audio or of AAC begins here. `FF FE` is a mark of UTF-16 and no frame.
fn is_frame_of_sound(bytes: &[u8]) -> bool {
    let [0xff, second, third, ..] = bytes else { return false };
    let layer = second >> 1 & 3;
    let is_adts = second & 0xf6 == 0xf0 && third >> 2 & 0xf < 13;
    let is_mpeg = second & 0xe0 == 0xe0
        && matches!(layer, 1 | 2)
        && second >> 3 & 3 != 1
        && third >> 4 != 0xf
        && third >> 2 & 3 != 3;
    is_adts || is_mpeg
}

/// So many of the first bytes tell whether a file is text.
const HEAD: usize = 8 << 10;

/// Bytes that no signature fits and that are no text all the same. A few control characters are
/// found in the texts of real programs.
fn no_text(bytes: &[u8]) -> Option<Kind> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return None;
    }
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if even.max(odd) * 10 > head.len() * 3 && even.min(odd) * 50 < head.len() {
        let name = "UTF-16 text without a byte order mark";
        return Some(Kind { name, sort: Sort::Characters });
    }
    let is_control = |byte: &&u8| byte.is_ascii_control() && !matches!(byte, b'\t'..=b'\r' | 0x1b);
    let controls = head.iter().filter(is_control).count();
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(fault) => fault.error_len().is_none(),
    };
    let bearable = head.len() / if is_utf8 { 5 } else { 50 };
    (controls > bearable.max(2)).then_some(Kind { name: "a binary file", sort: Sort::Other })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_their_first_bytes() {
        let mut tar = vec![b'a'; 257];
        tar.extend(b"ustar\x0000");
        let mut stream = vec![0; 400];
        for at in [0, 188, 376] {
            stream[at] = b'G';
        }
        stream[4] = 0xff;
        for (bytes, name) in [
            (&b"%PDF-1.7\n"[..], "a PDF document"),
            (b"{\\rtf1\\ansi", "an RTF document"),
            (b"ID3\x04\0", "an MP3 recording"),
            (b"\xff\xfb\x90\x64", "an MP3 or AAC recording"),
            (b"\xff\xf1\x50\x80", "an MP3 or AAC recording"),
            (b"RIFF\x24\0\0\0WAVEfmt ", "a WAV recording"),
            (b"\0\0\0\x20ftypM4A \0", "an M4A recording"),
            (b"\0\0\0\x20ftypisom\0", "an MP4 video or recording"),
            (b"\x89PNG\r\n\x1a\n\0", "a PNG picture"),
            (b"\xff\xd8\xff\xe0", "a JPEG picture"),
            (b"850STL25.010000", "EBU STL captions"),
            (b"SQLite format 3\0", "an SQLite database"),
            (b"\x1f\x8b\x08", "a file packed with gzip"),
            (b"PK\x03\x04 cut off", "a damaged zip archive or document"),
            (b"h\0e\0l\0l\0o\0", "UTF-16 text without a byte order mark"),
            (&[1, 2, 3, 0, 200, 4, 9], "a binary file"),
            (&tar, "a tar archive"),
            (&stream, "an MPEG transport stream"),
        ] {
            assert_eq!(kind_of(bytes).map(|kind| kind.name), Some(name), "{bytes:?}");
        }
    }

    #[test]
    fn texts_are_none_of_them() {
        for text in [
            &b""[..],
            b"WEBVTT\n\n00:01.000 --> 00:02.000\nA\0b\x07c\n",
            b"\xff\xfeh\0i\0",
            b"caf\xe9 \x93so\x94",
            b"\xff\xfeodd",
            b"\x81\x8d\xff\xfe",
            b"BMW drivers, and 7zip, and GIF files.",
            b"MZ and FLV are letters.",
            "G".repeat(100).as_bytes(),
            "日本語の字幕".as_bytes(),
        ] {
            assert_eq!(kind_of(text), None, "{text:?}");
        }
    }
}
