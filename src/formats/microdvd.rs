//! `MicroDVD` (`{25}{75}words`, in frames) and MPL2 (`[10][30]words`, in tenths of a second).

use crate::formats::cues::{self, Cue};
use crate::formats::source::{Line, lines};
use crate::formats::{Diagnostic, FormatError, Passage};
use crate::time::{Ms, Span};

/// Whether a text is of one of these formats.
pub fn is_like(text: &str) -> bool {
    lines(text)
        .find(|line| !line.text.trim().is_empty())
        .is_some_and(|line| fields(line.text).is_some())
}

/// Reads a file. The first line of `MicroDVD` must say how many frames a second has.
///
/// # Errors
/// If no line can be read, or the rate of the frames is not said.
pub fn parse(text: &str) -> Result<(Vec<Passage>, Vec<Diagnostic>), FormatError> {
    let read: Vec<(Line<'_>, Fields<'_>)> =
        lines(text).filter_map(|line| Some((line, fields(line.text.trim())?))).collect();
    let Some((first, fields)) = read.first() else {
        let problem = "no line was found such as `{25}{75}words` or `[10][30]words`".to_owned();
        return Err(FormatError::Malformed { line: 1, column: 1, problem });
    };
    let rate = if fields.counts_frames {
        let stated = fields.text.trim().replace(',', ".").parse::<f64>();
        match stated.ok().filter(|rate| (1.0..=1_000.0).contains(rate)) {
            Some(rate) => rate,
            None => {
                let problem = "MicroDVD captions count frames, and this file does not say how many a \
                               second has; put a line such as `{1}{1}25` above the first";
                let (line, column) = (first.number, 1);
                return Err(FormatError::Malformed { line, column, problem: problem.to_owned() });
            }
        }
    } else {
        10.0
    };
    let said = read.iter().skip(usize::from(fields.counts_frames));
    let mut cues = Vec::new();
    for (line, fields) in said {
        let time = |number: f64| {
            Ms::stated_seconds(number / rate).map_err(|fault| FormatError::Malformed {
                line: line.number,
                column: 1,
                problem: fault.to_string(),
            })
        };
        let span = Span::at_least_1ms(time(fields.start)?, time(fields.end)?);
        let lines: Vec<String> = fields.text.split('|').map(plain).collect();
        cues.push(Cue::new(span, None, lines.iter().map(String::as_str)));
    }
    cues.retain(|cue| !cue.lines.is_empty());
    Ok(cues::speech(cues))
}

struct Fields<'t> {
    start: f64,
    end: f64,
    text: &'t str,
    counts_frames: bool,
}

fn fields(line: &str) -> Option<Fields<'_>> {
    let counts_frames = line.starts_with('{');
    let (open, close) = if counts_frames { ('{', '}') } else { ('[', ']') };
    let (start, rest) = line.strip_prefix(open)?.split_once(close)?;
    let (end, text) = rest.strip_prefix(open)?.split_once(close)?;
    let number = |text: &str| {
        let digits = (1..=9).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit());
        text.parse::<f64>().ok().filter(|_| digits)
    };
    let start = number(start)?;
    // An end may be missing.
    let end = number(end).or(Some(start).filter(|_| end.is_empty()))?;
    Some(Fields { start, end, text, counts_frames })
}

/// The words without `{y:i}` and a slash for italics.
fn plain(line: &str) -> String {
    let mut rest = line.trim_start_matches('/');
    while let Some((_, after)) = rest.strip_prefix('{').and_then(|tag| tag.split_once('}')) {
        rest = after;
    }
    rest.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(i64, i64, String)> {
        let ms = |time: Option<Ms>| time.map_or(-1, Ms::get);
        let passages = parse(text).unwrap().0;
        passages.into_iter().map(|p| (ms(p.start), ms(p.end), p.text)).collect()
    }

    #[test]
    fn frames_and_tenths_are_times() {
        let text = "{1}{1}25\n{25}{75}{y:i}Are we|on?\n{100}{150}Yes.\n";
        let wanted = [(1_000, 3_000, "Are we on?".to_owned()), (4_000, 6_000, "Yes.".to_owned())];
        assert_eq!(read(text), wanted);
        assert_eq!(read("[10][30]/Are we|on?\n[40][60]Yes.\n"), wanted);
        assert!(is_like(text) && !is_like("[00:10] words"));
    }

    #[test]
    fn frames_without_a_rate_are_refused_with_what_to_do() {
        let fault = parse("{25}{75}Are we on?\n").unwrap_err().to_string();
        assert!(fault.contains("{1}{1}25"), "{fault}");
    }
}
