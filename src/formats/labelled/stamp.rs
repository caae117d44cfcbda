//! The times of a line: alone, before or behind a name, with an end or without, in brackets or not.

use crate::formats::{clock, names};
use crate::time::Ms;

/// A time at the start of a text, perhaps with the end of the stretch that begins there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time<'t> {
    pub(super) start: Ms,
    pub(super) end: Option<Ms>,
    /// What follows.
    pub(super) rest: &'t str,
    in_brackets: bool,
}

/// A line with a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp<'t> {
    pub(super) start: Ms,
    pub(super) end: Option<Ms>,
    /// The name before the time; one behind it is still in the text.
    pub(super) name: Option<&'t str>,
    /// Whether the line can mean nothing else; `We met at 10:30` can.
    pub(super) is_sure: bool,
    pub(super) text: &'t str,
}

const OPEN: [char; 5] = ['[', '(', '{', '<', '#'];
const CLOSE: [char; 5] = [']', ')', '}', '>', '#'];
/// What stands between a name, a time and the words.
const BETWEEN: [char; 10] = [' ', '\t', '-', '–', '—', '|', ':', ',', '•', '·'];

/// Reads a line of a time and perhaps a name: `00:01:02 Ann`, `[1:02 - 1:09] words`, `Ann (1:02):`,
/// `Ann:  1:02  words`, `[Ann] 00:01:02`.
pub(super) fn read(line: &str) -> Option<Stamp<'_>> {
    if let Some(time) = time(line) {
        let text = time.rest.trim_start_matches(BETWEEN).trim_end();
        let Time { start, end, .. } = time;
        return Some(Stamp { start, end, name: None, is_sure: true, text });
    }
    behind_name(line)
}

/// Reads a time and perhaps an end at the start of a text.
pub(super) fn time(text: &str) -> Option<Time<'_>> {
    let text = text.trim_start();
    let in_brackets = text.starts_with(OPEN);
    let inner = if in_brackets { text.get(1..)?.trim_start() } else { text };
    let first = clock::leading(inner)?;
    let (mut end, mut rest) = match second(&first) {
        Some((end, rest)) => (Some(end), rest),
        None => (None, first.rest),
    };
    if in_brackets {
        // f4 and MAXQDA write `#00:01:02-3#`.
        let tail = match rest.strip_prefix('-') {
            Some(tenths) if text.starts_with('#') => {
                tenths.trim_start_matches(|c: char| c.is_ascii_digit())
            }
            _ => rest,
        };
        rest = tail.trim_start().strip_prefix(CLOSE)?;
        if end.is_none()
            && let Some(next) = bracketed_clock(rest.trim_start())
            && next.0 > first.time
        {
            (end, rest) = (Some(next.0), next.1);
        }
    } else if !is_parted(rest) {
        return None;
    }
    Some(Time { start: first.time, end, rest, in_brackets })
}

fn is_parted(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(BETWEEN) || rest.starts_with([']', ')', ';'])
}

/// The end of a stretch behind its start: `1:02 --> 1:09`, `1:02 - 1:09`, `1:02,1:09`.
fn second<'t>(first: &clock::Clock<'t>) -> Option<(Ms, &'t str)> {
    const BETWEEN: [&str; 9] = ["-->", "->", "→", "-", "–", "—", "~", "to ", ","];
    let rest = first.rest.trim_start();
    let mark = BETWEEN.iter().find_map(|mark| rest.strip_prefix(mark));
    let second = clock::leading(mark.unwrap_or(rest).trim_start())?;
    let both_long = first.hour_digits > 0 && second.hour_digits > 0;
    let is_end = second.time >= first.time && (mark.is_some() || both_long);
    let is_whole = is_parted(second.rest) || second.rest.starts_with(CLOSE);
    (is_end && is_whole).then_some((second.time, second.rest))
}

/// `[1:02]` and what follows.
fn bracketed_clock(text: &str) -> Option<(Ms, &str)> {
    let clock = clock::leading(text.strip_prefix(['[', '('])?)?;
    Some((clock.time, clock.rest.strip_prefix([']', ')'])?))
}

/// Reads a name with a time behind it.
fn behind_name(line: &str) -> Option<Stamp<'_>> {
    let starts = line.char_indices().filter(|(at, letter)| {
        let before = line.get(..*at).and_then(|text| text.chars().next_back());
        let is_apart = before.is_none_or(|c| BETWEEN.contains(&c) || OPEN.contains(&c) || c == ')');
        (OPEN.contains(letter) || letter.is_ascii_digit()) && is_apart
    });
    let (at, time) = starts
        .take_while(|(at, _)| *at <= 120)
        .find_map(|(at, _)| Some((at, time(line.get(at..)?)?)))?;
    let before = line.get(..at)?;
    let name = before.trim_end_matches(BETWEEN).trim_start();
    let name = name.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(name);
    // `Ann: At 12:48` has its name before the colon.
    if !names::can_be_label(name) || name.ends_with(['.', '…']) || name.contains(':') {
        return None;
    }
    let gap = before.trim_end_matches(' ').len() + 1 < before.len() || before.ends_with('\t');
    let has_mark = before.trim_end().ends_with([':', '|', ']', '-', '–', '—']);
    let text = time.rest.trim_start_matches(BETWEEN).trim_end();
    let is_apart = gap || has_mark || time.in_brackets;
    let gap_behind =
        time.in_brackets || time.rest.starts_with(['\t', ':']) || time.rest.starts_with("  ");
    let is_sure = if text.is_empty() {
        is_apart || names::stands_alone(name)
    } else {
        (is_apart && gap_behind) && (has_mark || gap || names::stands_alone(name))
    };
    Some(Stamp { start: time.start, end: time.end, name: Some(name), is_sure, text })
}

/// Parts an end from the words before it: `words [00:00:14.20][2.2]`, `words #00:00:14-2#`. The second
/// is how a text without starts states its times.
pub(super) fn end(text: &str) -> Option<(&str, Ms, bool)> {
    let text = text.trim_end();
    let lasting = text.rfind('[').filter(|at| {
        let inner = text.get(at + 1..).and_then(|inner| inner.strip_suffix(']'));
        inner.is_some_and(|inner| inner.contains('.') && inner.parse::<f64>().is_ok())
    });
    let text = lasting.and_then(|at| text.get(..at)).unwrap_or(text).trim_end();
    let is_hash = text.ends_with('#');
    let body = text.strip_suffix([']', '#'])?;
    let at = body.rfind(if is_hash { '#' } else { '[' })?;
    let time = time(text.get(at..)?).filter(|time| time.rest.is_empty() && time.end.is_none())?;
    Some((text.get(..at)?.trim_end(), time.start, is_hash))
}

/// The first time in brackets within a text, what stands before it, and what follows.
pub(super) fn inner(text: &str) -> Option<(&str, Ms, &str)> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find('[').map(|at| from + at) {
        if let Some(clock) = clock::leading(text.get(at + 1..)?)
            && let Some(after) = clock.rest.strip_prefix(']')
            && !after.starts_with('(')
        {
            return Some((text.get(..at)?.trim_end(), clock.time, after.trim_start()));
        }
        from = at + 1;
    }
    None
}

/// What stands behind the time in words: `1 minute, 5 seconds` for 1:05. Screen readers have it read,
/// and who copies a list of times copies it too.
pub(super) fn after_echo(text: &str, time: Ms) -> Option<&str> {
    let seconds = time.get() / 1_000;
    let fields = [seconds / 3_600, seconds / 60 % 60, seconds % 60];
    let mut fields: Vec<i64> = fields.into_iter().filter(|field| *field > 0).collect();
    if fields.is_empty() {
        fields.push(0);
    }
    let mut rest = text.trim_start();
    for (nth, field) in fields.iter().enumerate() {
        let is_number = |word: &str| word.parse() == Ok(*field);
        let (mut word, mut after) = first_word(rest)?;
        if nth > 0 && !is_number(word) {
            // `and`
            (word, after) = first_word(after)?;
        }
        if !is_number(word) {
            return None;
        }
        let (unit, after) = first_word(after)?;
        if unit.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        rest = after;
    }
    Some(rest)
}

fn first_word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (end > 0).then(|| (text.get(..end).unwrap_or_default(), text.get(end..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(read: Stamp<'_>) -> (i64, Option<i64>, Option<&str>, bool, &str) {
        (read.start.get(), read.end.map(Ms::get), read.name, read.is_sure, read.text)
    }

    #[test]
    fn times_beside_names_are_read_in_all_their_forms() {
        for (line, wanted) in [
            ("0:05", (5_000, None, None, true, "")),
            ("[00:00:05.5] Ann", (5_500, None, None, true, "Ann")),
            ("00:00:05 - 00:00:09", (5_000, Some(9_000), None, true, "")),
            ("[00:05.000 --> 00:09.000]  So.", (5_000, Some(9_000), None, true, "So.")),
            ("0:00:05.000,0:00:09.500", (5_000, Some(9_500), None, true, "")),
            ("00:00:05:15 00:00:09:00", (5_500, Some(9_000), None, true, "")),
            ("00:00:05:15 , 00:00:09:00 , So.", (5_500, Some(9_000), None, true, "So.")),
            ("[0:05] [0:09] So.", (5_000, Some(9_000), None, true, "So.")),
            ("[00:05] - Ann Lee", (5_000, None, None, true, "Ann Lee")),
            ("Ann Lee  0:05", (5_000, None, Some("Ann Lee"), true, "")),
            ("Ann (00:05):", (5_000, None, Some("Ann"), true, "")),
            ("Ann: (00:05)", (5_000, None, Some("Ann"), true, "")),
            ("Ann: 00:00:05", (5_000, None, Some("Ann"), true, "")),
            ("Ann:    00:05    So.", (5_000, None, Some("Ann"), true, "So.")),
            ("Ann (she/her)  0:05", (5_000, None, Some("Ann (she/her)"), true, "")),
            ("Ann | 00:05", (5_000, None, Some("Ann"), true, "")),
            ("Ann - 00:05", (5_000, None, Some("Ann"), true, "")),
            ("[Ann Lee] 00:00:05", (5_000, None, Some("Ann Lee"), true, "")),
            ("Ann [00:05] So.", (5_000, None, Some("Ann"), true, "So.")),
            ("Ann: [00:05 - 00:09] So.", (5_000, Some(9_000), Some("Ann"), true, "So.")),
            ("ann 0:05", (5_000, None, Some("ann"), false, "")),
            ("Ann: 10:30 is late", (630_000, None, Some("Ann"), false, "is late")),
            ("We met at 10:30", (630_000, None, Some("We met at"), false, "")),
        ] {
            assert_eq!(read(line).map(ms), Some(wanted), "{line}");
        }
        for line in [
            "10:30am it is.",
            "So. 10:30",
            "[inaudible 00:00:09] No.",
            "It is 3:1?",
            "Ann: At 12:48 we",
        ] {
            assert_eq!(read(line).filter(|stamp| stamp.is_sure), None, "{line}");
        }
    }

    #[test]
    fn ends_behind_the_words_are_parted_from_them() {
        assert_eq!(end("So. [00:00:14.20][2.2]"), Some(("So.", Ms::new(14_200), false)));
        assert_eq!(end("So. #00:00:14-2#"), Some(("So.", Ms::new(14_000), true)));
        assert_eq!(end("So [crosstalk 00:00:14]"), None);
        assert_eq!(end("So. [2.2]"), None);
    }

    #[test]
    fn times_within_the_words_part_them() {
        assert_eq!(inner("So [00:01:02] it is."), Some(("So", Ms::new(62_000), "it is.")));
        assert_eq!(inner("So [crosstalk 00:01:02] [it] is [0:12](x)."), None);
    }

    #[test]
    fn a_time_in_words_is_told_from_words() {
        let after = |text, seconds: i64| after_echo(text, Ms::new(seconds * 1_000));
        assert_eq!(after("0 seconds", 0), Some(""));
        assert_eq!(after("1 minute, 5 seconds So it is", 65), Some(" So it is"));
        assert_eq!(after("1 Stunde, 2 Minuten und 10 Sekunden", 3_730), Some(""));
        assert_eq!(after("2 nets", 3), None);
        assert_eq!(after("so it is", 0), None);
    }
}
