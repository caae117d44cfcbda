//! LRC: a time in brackets before each line, as players of lyrics read it and recognizers write it.

use crate::formats::cues::{self, Cue};
use crate::formats::source::lines;
use crate::formats::{Diagnostic, FormatError, Passage, clock};
use crate::time::{Ms, Span};

/// The last line is shown so long.
const LAST: Ms = Ms::new(4_000);

/// Whether a text is of this format for certain: it has tags such as `[ti:Nets]` or `[length:12:01]`.
pub fn is_like(text: &str) -> bool {
    let tags = lines(text).take(20).filter(|line| tag(line.text).is_some()).count();
    tags > 0 && lines(text).any(|line| stamp(line.text).is_some())
}

/// Reads a file. A line may have several times; times of words (`<00:12.30>`) are left out.
///
/// # Errors
/// If no line has a time.
pub fn parse(text: &str) -> Result<(Vec<Passage>, Vec<Diagnostic>), FormatError> {
    if text.trim().is_empty() {
        return Err(FormatError::Empty);
    }
    let mut offset = Ms::ZERO;
    let mut read: Vec<(Ms, String)> = Vec::new();
    for line in lines(text.trim_start_matches('\u{feff}')) {
        if let Some(("offset", value)) = tag(line.text) {
            // A positive offset has the words come sooner.
            let stated = value.trim_start_matches('+').parse().ok();
            offset = stated.and_then(|ms| Ms::stated_offset(ms).ok()).unwrap_or(Ms::ZERO);
        }
        let mut rest = line.text.trim_start();
        let mut times = Vec::new();
        while let Some((time, after)) = stamp(rest) {
            times.push(time);
            rest = after;
        }
        let words = without_word_times(rest);
        read.extend(times.into_iter().map(|time| (time, words.clone())));
    }
    if read.is_empty() {
        let problem = "no time was found: expected lines such as `[00:12.30] text`".to_owned();
        return Err(FormatError::Malformed { line: 1, column: 1, problem });
    }
    read.sort_by_key(|(time, _)| *time);
    let ends = read.iter().skip(1).map(|(time, _)| Some(*time)).chain([None]);
    let cues = read.iter().zip(ends).map(|((time, words), end)| {
        let start = (*time - offset).max(Ms::ZERO);
        let end = end.map_or(start + LAST, |end| end - offset);
        Cue::new(Span::at_least_1ms(start, end), None, [words.as_str()])
    });
    Ok(cues::speech(cues.filter(|cue| !cue.lines.is_empty()).collect()))
}

/// `[name:value]`, where the name is a word.
fn tag(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.trim().strip_prefix('[')?.strip_suffix(']')?.split_once(':')?;
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '#');
    is_word.then(|| (name, value.trim()))
}

fn stamp(text: &str) -> Option<(Ms, &str)> {
    let clock = clock::leading(text.trim_start().strip_prefix('[')?)?;
    Some((clock.time, clock.rest.strip_prefix(']')?))
}

fn without_word_times(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('<') {
        out.push_str(before);
        match clock::leading(tail).and_then(|clock| clock.rest.strip_prefix('>')) {
            Some(after) => rest = after,
            None => {
                out.push('<');
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_in_the_order_of_their_times() {
        let text = "[ti:Nets]\n[offset:+500]\n[00:01.50]Are <00:01.70>we <00:01.90>on?\n\
                    [00:09.00][00:04.50] Yes.\n[00:06.00]\n";
        assert!(is_like(text) && !is_like("[00:01] Are we on?\n"));
        let (passages, _) = parse(text).unwrap();
        let ms = |time: Option<Ms>| time.map_or(-1, Ms::get);
        let read: Vec<_> =
            passages.iter().map(|p| (ms(p.start), ms(p.end), p.text.as_str())).collect();
        let wanted =
            [(1_000, 4_000, "Are we on?"), (4_000, 5_500, "Yes."), (8_500, 12_500, "Yes.")];
        assert_eq!(read, wanted);
    }
}
