//! What a picture is and how large, from the beginning of its file.

/// The kinds that directories of podcasts take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PictureKind {
    Jpeg,
    Png,
}

/// The kind, width and height in pixels; `None` where it is neither JPEG nor PNG, or its size does not
/// stand in `head`.
pub(super) fn measure(head: &[u8]) -> Option<(PictureKind, u32, u32)> {
    let png = || png(head).map(|(width, height)| (PictureKind::Png, width, height));
    png().or_else(|| jpeg(head).map(|(width, height)| (PictureKind::Jpeg, width, height)))
}

/// A PNG begins with its header.
fn png(head: &[u8]) -> Option<(u32, u32)> {
    let rest = head.strip_prefix(b"\x89PNG\r\n\x1a\n")?.get(4..)?.strip_prefix(b"IHDR")?;
    let number = |at: usize| Some(u32::from_be_bytes(rest.get(at..at + 4)?.try_into().ok()?));
    Some((number(0)?, number(4)?))
}

/// A JPEG is a row of segments; a frame's begins with its size.
fn jpeg(head: &[u8]) -> Option<(u32, u32)> {
    let mut rest = head.strip_prefix(&[0xff, 0xd8])?;
    loop {
        // any number of 0xff may stand before a marker
        let [0xff, after @ ..] = rest else { return None };
        let filled = after.iter().position(|byte| *byte != 0xff)?;
        let (marker, after) = (after.get(filled)?, after.get(filled + 1..)?);
        if matches!(marker, 0x01 | 0xd0..=0xd8) {
            rest = after;
            continue;
        }
        let number =
            |at: usize| Some(u32::from(u16::from_be_bytes([*after.get(at)?, *after.get(at + 1)?])));
        let is_frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if is_frame {
            return Some((number(5)?, number(3)?));
        }
        rest = after.get(usize::try_from(number(0)?).ok()?..)?;
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The beginning of a PNG of that size.
    pub(in crate::lint) fn png_of(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes
    }

    #[test]
    fn sizes_are_read_from_the_front_and_nothing_is_believed_blindly() {
        assert_eq!(measure(&png_of(1400, 1401)), Some((PictureKind::Png, 1400, 1401)));
        let mut jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xff\xc4\0\x02".to_vec();
        jpeg.extend(b"\xff\xc2\0\x11\x08\x05\x78\x0b\xb8\x03");
        assert_eq!(measure(&jpeg), Some((PictureKind::Jpeg, 3000, 1400)));
        for length in 0..jpeg.len() - 1 {
            assert_eq!(measure(&jpeg[..length]), None, "{length}");
        }
        assert_eq!(measure(b"\xff\xd8\xff\xe0\0\0\xff\xe0\0\0"), None);
        assert_eq!(measure(b"GIF89a"), None);
    }
}
