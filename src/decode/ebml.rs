//! The elements of which Matroska is made: an id, a size, a body.
//!
//! Reference: RFC 8794 (EBML), sections 4 to 6.

/// A number of variable length, as its bytes are marked, and how many bytes it takes.
pub(super) fn number(bytes: &[u8]) -> Option<(u64, usize)> {
    let length = bytes.first()?.leading_zeros() as usize + 1;
    let marked = (length <= 8).then(|| bytes.get(..length)).flatten()?;
    Some((marked.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)), length))
}

/// The same without its mark; `None` instead of the number where all its bits are set, which means
/// that it is not known.
pub(super) fn value(bytes: &[u8]) -> Option<(Option<u64>, usize)> {
    let (marked, length) = number(bytes)?;
    let all = (1_u64 << (7 * length)) - 1;
    let value = marked & all;
    Some(((value != all).then_some(value), length))
}

/// Id, header bytes and size of the element that begins with `head`; no size where it is unknown.
pub(super) fn element(head: &[u8]) -> Option<(u64, usize, Option<u64>)> {
    let (id, id_bytes) = number(head).filter(|(_, bytes)| *bytes <= 4)?;
    let (size, size_bytes) = value(head.get(id_bytes..)?)?;
    Some((id, id_bytes + size_bytes, size))
}

/// The elements that `bytes` hold, each as its id and body.
pub(super) fn elements(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (id, header, size) = element(rest)?;
        let end = header.checked_add(usize::try_from(size?).ok()?)?;
        let body = rest.get(header..end)?;
        rest = rest.get(end..)?;
        Some((id, body))
    })
}

/// The body of the first element with that id.
pub(super) fn child(bytes: &[u8], wanted: u64) -> Option<&[u8]> {
    elements(bytes).find(|(id, _)| *id == wanted).map(|(_, body)| body)
}

/// An unsigned number that is a whole body.
pub(super) fn unsigned(body: &[u8]) -> Option<u64> {
    (body.len() <= 8).then(|| body.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

/// A floating number that is a whole body.
pub(super) fn float(body: &[u8]) -> Option<f64> {
    match body.len() {
        4 => body.first_chunk().map(|bytes| f64::from(f32::from_be_bytes(*bytes))),
        8 => body.first_chunk().map(|bytes| f64::from_be_bytes(*bytes)),
        _ => None,
    }
}

/// A text that is a whole body.
pub(super) fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).trim_matches('\0').trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_numbers_are_read() {
        let bytes = [0xa3, 0x82, 1, 2, 0x42, 0x86, 0x40, 0x01, 9, 0xec, 0x80];
        let all: Vec<_> = elements(&bytes).collect();
        assert_eq!(all, [(0xa3, &[1, 2][..]), (0x4286, &[9]), (0xec, &[])]);
        assert_eq!(element(&[0xa3, 0xff]), Some((0xa3, 2, None)));
        for broken in [&[][..], &[0xa3], &[0, 0x80], &[0xa3, 0], &[0x01, 0, 0, 0, 0, 0, 0, 0, 1]] {
            assert_eq!(element(broken), None, "{broken:?}");
        }
        assert_eq!(unsigned(&[1, 0]), Some(256));
        assert_eq!(float(&1.5_f64.to_be_bytes()), Some(1.5));
    }
}
