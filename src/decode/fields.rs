//! Which field a tag is for, by what the containers call it whose tags are read here.

/// A field of the tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Title,
    Album,
    Artist,
    Date,
    Number,
    Description,
    Language,
}

/// The field that a chunk of RIFF's list of tags is for.
pub(super) fn riff_field(name: [u8; 4]) -> Option<Field> {
    Some(match &name.map(|byte| byte.to_ascii_uppercase()) {
        b"INAM" | b"TITL" => Field::Title,
        b"IPRD" => Field::Album,
        b"IART" | b"AUTH" => Field::Artist,
        b"ICRD" | b"DTIM" => Field::Date,
        b"IPRT" | b"ITRK" | b"TRCK" => Field::Number,
        b"ICMT" | b"CMNT" | b"COMM" | b"ISBJ" => Field::Description,
        b"ILNG" => Field::Language,
        _ => return None,
    })
}

/// The field that a tag of Matroska is for.
pub(super) fn matroska_field(name: &str) -> Option<Field> {
    Some(match name {
        "TITLE" => Field::Title,
        "ALBUM" => Field::Album,
        "ARTIST" | "LEAD_PERFORMER" | "AUTHOR" => Field::Artist,
        "DATE" | "DATE_RELEASED" | "DATE_RECORDED" => Field::Date,
        "PART_NUMBER" | "TRACK" | "TRACKNUMBER" => Field::Number,
        "COMMENT" | "DESCRIPTION" | "SUMMARY" | "SYNOPSIS" => Field::Description,
        "LANGUAGE" => Field::Language,
        _ => return None,
    })
}

/// The field that a text chunk of AIFF is for.
pub(super) fn aiff_field(key: &str) -> Option<Field> {
    Some(match key {
        "NAME" => Field::Title,
        "AUTH" => Field::Artist,
        "ANNO" => Field::Description,
        _ => return None,
    })
}

/// The demuxer reads every byte of these as one character, and most programs write UTF-8.
pub(super) fn utf_8_again(text: &str) -> String {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_was_read_byte_by_byte_is_put_together_again() {
        assert_eq!(utf_8_again("GrÃ¼Ã\u{9f}e"), "Grüße");
        // Latin-1, and what was right already.
        assert_eq!(utf_8_again("Grüße"), "Grüße");
        assert_eq!(utf_8_again("“über”"), "“über”");
    }

    #[test]
    fn names_are_known_in_any_case() {
        assert_eq!(riff_field(*b"inam"), Some(Field::Title));
        assert_eq!(riff_field(*b"ISFT"), None);
        assert_eq!(matroska_field("DATE_RELEASED"), Some(Field::Date));
    }
}
