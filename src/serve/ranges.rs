//! Which part of a file a request wants: one range of bytes, as players ask for it.

/// What a `Range` header asks for, of a file of so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The whole file.
    Whole,
    /// These bytes: the first, and the one behind the last.
    Part(u64, u64),
    /// Bytes that the file does not have, or what cannot be read, or several parts at once.
    Nothing,
}

/// Reads the header. A unit other than bytes asks for nothing that we know, so all is sent.
pub(super) fn wanted(header: &str, size: u64) -> Wanted {
    let Some((unit, ranges)) = header.split_once('=') else { return Wanted::Nothing };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Whole;
    }
    part(ranges.trim(), size).map_or(Wanted::Nothing, |(from, to)| Wanted::Part(from, to))
}

fn part(range: &str, size: u64) -> Option<(u64, u64)> {
    let (first, last) = range.split_once('-')?;
    let number = |digits: &str| {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        // what is too large for a number is behind the end of any file
        is_number.then(|| digits.parse().unwrap_or(u64::MAX))
    };
    match (first, last) {
        ("", last) => {
            let count = number(last)?.min(size);
            (count > 0).then(|| (size - count, size))
        }
        (first, "") => number(first).filter(|first| *first < size).map(|first| (first, size)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last && first < size).then(|| (first, last.min(size - 1) + 1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_read_and_all_else_refused() {
        for (header, is) in [
            ("bytes=0-0", Wanted::Part(0, 1)),
            ("bytes=10-", Wanted::Part(10, 100)),
            ("bytes=90-1000", Wanted::Part(90, 100)),
            ("bytes=90-99999999999999999999999", Wanted::Part(90, 100)),
            ("bytes=-10", Wanted::Part(90, 100)),
            ("bytes=-1000", Wanted::Part(0, 100)),
            ("Bytes=5-5", Wanted::Part(5, 6)),
            ("items=0-5", Wanted::Whole),
            ("bytes=100-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=5-4", Wanted::Nothing),
            ("bytes=", Wanted::Nothing),
            ("bytes=-", Wanted::Nothing),
            ("bytes=+1-2", Wanted::Nothing),
            ("bytes=a-b", Wanted::Nothing),
            ("bytes=0-1,3-4", Wanted::Nothing),
            ("bytes", Wanted::Nothing),
        ] {
            assert_eq!(wanted(header, 100), is, "{header}");
        }
        assert_eq!(wanted("bytes=0-", 0), Wanted::Nothing);
        assert_eq!(wanted("bytes=-5", 0), Wanted::Nothing);
    }
}
