//! UEM, NIST's list of the stretches that are scored, one a line: `file channel start end`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::rttm::{LineError, field, lines, seconds};
use crate::time::Span;

/// The stretches of each file, sorted. The first bad line is an error; comments (`;;`) are left out.
///
/// ```
/// use linernotes::formats::uem;
/// let text = "episode 1 0.000 60.000\n";
/// assert_eq!(uem::print(&uem::parse(text).unwrap()), text);
/// assert_eq!(uem::parse("episode 1 5 2").unwrap_err().line, 1);
/// ```
pub fn parse(text: &str) -> Result<BTreeMap<String, Vec<Span>>, LineError> {
    let mut files: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    for (number, line) in lines(text) {
        let wrong = |problem: String| LineError { line: number, problem };
        let fields: Vec<&str> = line.split_whitespace().collect();
        let &[file, _channel, start, end] = fields.as_slice() else {
            return Err(wrong(format!("{} fields where UEM has 4", fields.len())));
        };
        let start = seconds(start).map_err(wrong)?;
        let end = seconds(end).map_err(wrong)?;
        let span = Span::new(start, end)
            .ok_or_else(|| wrong("a stretch must end after it starts".into()))?;
        files.entry(file.to_owned()).or_default().push(span);
    }
    for spans in files.values_mut() {
        spans.sort_unstable();
    }
    Ok(files)
}

/// One line a stretch, files in alphabetical order.
pub fn print(files: &BTreeMap<String, Vec<Span>>) -> String {
    let mut text = String::new();
    for (file, spans) in files {
        for span in spans {
            let (start, end) = (span.start().as_seconds(), span.end().as_seconds());
            writeln!(text, "{} 1 {start:.3} {end:.3}", field(file))
                .expect("a string takes everything");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_is_an_error_with_its_number() {
        for (text, line) in [("a 1 0 1\na 1 0\n", 2), ("a 1 x 1", 1), ("\n\na 1 2 2", 3)] {
            assert_eq!(parse(text).unwrap_err().line, line, "{text}");
        }
    }
}
