//! RTTM, the diarization format of NIST: who speaks when, one turn a line.
//!
//! Unlike captions, RTTM is written by machines for scoring, where a guessed line makes a wrong
//! figure: the first bad line is an error. Lines of other types than `SPEAKER` and comments (`;;`)
//! are left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use thiserror::Error;

use crate::speech::{SpeakerLabel, Turn};
use crate::time::{Ms, Span};

/// The first line that is not of the format.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {problem}")]
pub struct LineError {
    /// The line's number, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

impl LineError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        "mend the line, or make the file anew; the times are seconds, as `12.345`"
    }
}

/// The turns of each file, sorted.
///
/// ```
/// use linernotes::formats::rttm;
/// let text = "SPEAKER episode 1 0.500 1.250 <NA> <NA> Ada <NA> <NA>\n";
/// let files = rttm::parse(text).unwrap();
/// assert_eq!(files["episode"][0].span.end().get(), 1_750);
/// assert_eq!(rttm::print(&files), text);
/// assert_eq!(rttm::parse("SPEAKER episode 1 x").unwrap_err().line, 1);
/// ```
pub fn parse(text: &str) -> Result<BTreeMap<String, Vec<Turn>>, LineError> {
    let mut files: BTreeMap<String, Vec<Turn>> = BTreeMap::new();
    for (number, line) in lines(text) {
        let wrong = |problem: String| LineError { line: number, problem };
        let fields: Vec<&str> = line.split_whitespace().collect();
        let &[kind, file, _channel, start, duration, _, _, label, ..] = fields.as_slice() else {
            if OTHER_TYPES.contains(fields.first().unwrap_or(&"")) {
                continue;
            }
            return Err(wrong(format!("{} fields where RTTM has at least 8", fields.len())));
        };
        if OTHER_TYPES.contains(&kind) {
            continue;
        }
        if kind != "SPEAKER" {
            return Err(wrong(format!("`{kind}` is no RTTM type")));
        }
        let start = seconds(start).map_err(wrong)?;
        let duration = seconds(duration).map_err(wrong)?;
        let span = Span::new(start, start + duration)
            .ok_or_else(|| wrong("a turn must last at least a millisecond".into()))?;
        files
            .entry(file.to_owned())
            .or_default()
            .push(Turn { span, label: SpeakerLabel(label.to_owned()) });
    }
    for turns in files.values_mut() {
        turns.sort();
    }
    Ok(files)
}

/// The lines of one of NIST's formats with their numbers, counted from 1; empty lines and comments
/// (`;;`) are left out.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().map(|line| line.trim_start_matches('\u{feff}').trim());
    (1..).zip(lines).filter(|(_, line)| !line.is_empty() && !line.starts_with(";;"))
}

/// RTTM types that say nothing of who speaks when.
const OTHER_TYPES: [&str; 11] = [
    "SEGMENT",
    "NOSCORE",
    "NO_RT_METADATA",
    "LEXEME",
    "NON-LEX",
    "NON-SPEECH",
    "FILLER",
    "EDIT",
    "IP",
    "SU",
    "SPKR-INFO",
];

/// Whole milliseconds from a field in seconds, 0 or more.
pub(super) fn seconds(field: &str) -> Result<Ms, String> {
    let seconds: f64 = field.parse().map_err(|_| format!("`{field}` is no number of seconds"))?;
    let time = Ms::stated_seconds(seconds).ok().filter(|_| seconds >= 0.0);
    time.ok_or_else(|| format!("`{field}` is no time of a recording"))
}

/// One line a turn, files in alphabetical order; white space in names becomes `_`.
pub fn print(files: &BTreeMap<String, Vec<Turn>>) -> String {
    let mut text = String::new();
    for (file, turns) in files {
        for turn in turns {
            let start = turn.span.start().as_seconds();
            let duration = turn.span.duration().as_seconds();
            let (file, label) = (field(file), field(&turn.label.0));
            let line =
                format!("SPEAKER {file} 1 {start:.3} {duration:.3} <NA> <NA> {label} <NA> <NA>");
            writeln!(text, "{line}").expect("a string takes everything");
        }
    }
    text
}

/// A field of the format: not empty, no white space.
pub(super) fn field(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() { "<NA>".into() } else { words.join("_") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check_error(text: &str, line: usize, part: &str) {
        let error = parse(text).unwrap_err();
        assert_eq!(error.line, line, "{text}");
        assert!(error.problem.contains(part), "{}", error.problem);
    }

    #[test]
    fn a_bad_line_is_an_error_with_its_number() {
        let good = "SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\n";
        check_error(&format!("{good}\n;; note\nSPEAKER a 1 0 1\n"), 4, "fields");
        check_error(&format!("{good}SPEAKER a 1 zero 1 <NA> <NA> x\n"), 2, "zero");
        check_error("SPEAKER a 1 nan 1 <NA> <NA> x\n", 1, "nan");
        check_error("SPEAKER a 1 5 0 <NA> <NA> x\n", 1, "millisecond");
        check_error("SPEAKER a 1 -5 1 <NA> <NA> x\n", 1, "-5");
        check_error("speech a 1 5 1 <NA> <NA> x\n", 1, "speech");
    }

    #[test]
    fn other_types_are_left_out() {
        assert_eq!(parse("SPKR-INFO a 1 <NA> <NA> <NA> unknown x <NA> <NA>\n"), Ok([].into()));
        assert_eq!(parse(""), Ok([].into()));
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(
            turns in prop::collection::vec(("[a-z]{1,5}", 0_i64..10_000_000, 1_i64..100_000, "[A-Z]{1,6}"), 0..20)
        ) {
            let mut files: BTreeMap<String, Vec<Turn>> = BTreeMap::new();
            for (file, start, length, label) in turns {
                let span = Span::new(Ms::new(start), Ms::new(start + length)).unwrap();
                files.entry(file).or_default().push(Turn { span, label: SpeakerLabel(label) });
            }
            for turns in files.values_mut() {
                turns.sort();
            }
            prop_assert_eq!(parse(&print(&files)).unwrap(), files);
        }

        #[test]
        fn no_text_makes_it_panic(text in "(SPEAKER|;;|SPKR-INFO)?( [a-z0-9.-]{0,6}){0,10}\n?.{0,40}") {
            let _ = parse(&text);
        }
    }
}
