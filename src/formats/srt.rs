//! SRT: numbered cues of at most two lines, with the speaker's name in the text at each change.
//! Reference: the transcripts page of the podcast namespace.

use std::fmt::Write as _;

use crate::formats::clock::{self, Clock};
use crate::formats::cues::{self, Cue};
use crate::formats::source::{Line, column, lines};
use crate::formats::{Diagnostic, FormatError, Passage, bounded, names, without_arrows};
use crate::time::{Ms, Span};

/// Most characters in a line that hosts take.
pub const MAX_LINE_CHARS: usize = 32;
/// Most lines in a cue that hosts take.
pub const MAX_LINES: usize = 2;

/// An SRT file; the counters are not kept, they are the cues' places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Srt {
    /// The cues in order.
    pub cues: Vec<SrtCue>,
}

/// A cue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SrtCue {
    /// When it is shown.
    pub span: Span,
    /// The text, line by line; no line is blank.
    pub lines: Vec<String>,
}

impl Srt {
    /// The text with times and speakers, and what is to be said of how it was found; names are taken
    /// from the text, and formatting tags (`<i>`, `{\an8}`) are left out.
    pub fn passages(&self) -> (Vec<Passage>, Vec<Diagnostic>) {
        let cue = |cue: &SrtCue| {
            let lines: Vec<String> = cue.lines.iter().map(|line| without_tags(line)).collect();
            Cue::new(cue.span, None, lines.iter().map(String::as_str))
        };
        cues::speech(self.cues.iter().map(cue).collect())
    }
}

pub(crate) fn without_tags(text: &str) -> String {
    const TAGS: [&str; 5] = ["i", "b", "u", "s", "font"];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '{']) {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let close = if tail.starts_with('<') { '>' } else { '}' };
        let inner = tail.get(1..).unwrap_or_default();
        let is_tag = |tag: &str| {
            let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
            let known = TAGS.contains(&name.to_ascii_lowercase().as_str());
            if close == '}' { tag.starts_with('\\') } else { known }
        };
        // No tag has another in it, so that none is looked for to the end of the text.
        let open = if close == '>' { '<' } else { '{' };
        let end = inner
            .find([open, close])
            .filter(|end| inner.as_bytes().get(*end) != tail.as_bytes().first());
        let tag = end.map(|end| inner.split_at(end)).filter(|(tag, _)| is_tag(tag));
        if let Some((_, after)) = tag {
            rest = after.get(1..).unwrap_or_default();
        } else {
            out.extend(tail.chars().next());
            rest = inner;
        }
    }
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes a file. `-->` inside a text becomes `->`; blank lines are left out.
pub fn print(file: &Srt) -> String {
    let mut out = String::new();
    for (index, cue) in file.cues.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let (start, end) = (comma(cue.span.start()), comma(cue.span.end()));
        let _ = writeln!(out, "{}\n{start} --> {end}", index + 1);
        for line in cue.lines.iter().flat_map(|line| line.lines()) {
            if !line.trim().is_empty() {
                let _ = writeln!(out, "{}", without_arrows(line));
            }
        }
    }
    out
}

fn comma(time: Ms) -> String {
    time.clock_ms().replace('.', ",")
}

/// Reads a file. Wrong counters, full stops for commas and text after a blank line are forgiven.
///
/// # Errors
/// If there is text but no cue in it.
pub fn parse(text: &str) -> Result<(Srt, Vec<Diagnostic>), FormatError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut parser = Parser { expected: 1, ..Parser::default() };
    let mut above: Option<Line<'_>> = None;
    for line in lines(text) {
        bounded(&mut parser.found);
        if is_timing(line.text) {
            parser.begin(line, above);
        } else {
            parser.body_line(line);
        }
        above = Some(line);
    }
    parser.end_cue(false);
    parser.finish(text)
}

/// The cue that is being read.
struct Open<'t> {
    timing: Line<'t>,
    span: Option<Span>,
    /// The lines below, of which only one stands for several blank ones.
    body: Vec<Line<'t>>,
}

#[derive(Default)]
struct Parser<'t> {
    file: Srt,
    found: Vec<Diagnostic>,
    /// The counter that comes next.
    expected: u64,
    latest: Ms,
    open: Option<Open<'t>>,
    /// The last line above the first cue that is not blank, which may be its counter.
    head: Option<Line<'t>>,
    /// The lines of the cues' times.
    timings: Vec<usize>,
}

impl<'t> Parser<'t> {
    fn body_line(&mut self, line: Line<'t>) {
        let is_blank = line.text.trim().is_empty();
        if let Some(open) = &mut self.open {
            if !is_blank || open.body.last().is_none_or(|last| !last.text.trim().is_empty()) {
                open.body.push(line);
            }
        } else if !is_blank && let Some(before) = self.head.replace(line) {
            self.left_out(before);
        }
    }

    fn left_out(&mut self, line: Line<'_>) {
        let message = "text above the first cue is left out";
        self.found
            .push(Diagnostic::error("S1", line.number, 1, message).fix("take it out of the file"));
    }

    /// A line of times ends the cue before and begins one; its counter stands above.
    fn begin(&mut self, timing: Line<'t>, above: Option<Line<'t>>) {
        let counter = above.and_then(|line| line.text.trim().parse::<u64>().ok());
        if let Some(head) = self.head.take()
            && head.number + 1 != timing.number
        {
            self.left_out(head);
        }
        self.end_cue(counter.is_some());
        if counter == Some(self.expected) {
            self.expected += 1;
        } else {
            let message = match counter {
                Some(counter) => format!("the counter is {counter}, not {}", self.expected),
                None => format!("the counter {} is missing", self.expected),
            };
            let fix = format!("write `{}`", self.expected);
            let line = if counter.is_some() { timing.number - 1 } else { timing.number };
            self.found.push(Diagnostic::error("S1", line, 1, message).fix(fix));
            self.expected = counter.unwrap_or(self.expected).saturating_add(1);
        }
        let span = read_timing(&timing, &mut self.latest, &mut self.found);
        self.open = Some(Open { timing, span, body: Vec::new() });
    }

    /// The counter of the next cue is not text of this one.
    fn end_cue(&mut self, has_counter: bool) {
        let Some(Open { timing, span, mut body }) = self.open.take() else { return };
        if has_counter {
            body.pop();
        }
        let Some(span) = span else { return };
        let lines = read_body(&timing, &body, &mut self.found);
        self.file.cues.push(SrtCue { span, lines });
        self.timings.push(timing.number);
    }

    fn finish(mut self, text: &str) -> Result<(Srt, Vec<Diagnostic>), FormatError> {
        if self.file.cues.is_empty() {
            if text.trim().is_empty() {
                return Err(FormatError::Empty);
            }
            let problem = "no cue was found: expected a line such as \
                           `00:00:01,000 --> 00:00:02,000`";
            return Err(FormatError::Malformed { line: 1, column: 1, problem: problem.to_owned() });
        }
        check_names(&self.file, &self.timings, &mut self.found);
        self.found.sort();
        Ok((self.file, self.found))
    }
}

fn is_timing(line: &str) -> bool {
    line.split_once("-->").is_some_and(|(start, end)| {
        clock::parse(start).is_some() && clock::leading(end.trim()).is_some()
    })
}

fn read_timing(line: &Line<'_>, latest: &mut Ms, found: &mut Vec<Diagnostic>) -> Option<Span> {
    let (before, after) = line.text.split_once("-->")?;
    let start = clock::leading(before.trim())?;
    let end = clock::leading(after.trim())?;
    for clock in [start, end] {
        check_clock(line, &clock, found);
    }
    if end.time <= start.time {
        let message = format!("the cue ends at {}, not after its start", end.text);
        found.push(
            Diagnostic::error("S3", line.number, 1, message).fix("end it where the next begins"),
        );
    } else if end.time - start.time > Ms::new(60_000) {
        let message = "the cue is shown for more than a minute";
        found.push(
            Diagnostic::warning("L-LONG-CUE", line.number, 1, message)
                .fix("give each sentence a cue; `import --audio` finds the times"),
        );
    }
    if start.time < *latest {
        let message = format!("the cue starts before the one above, at {}", comma(*latest));
        found.push(Diagnostic::error("S3", line.number, 1, message).fix("sort the cues by start"));
    }
    *latest = (*latest).max(start.time);
    // one that starts at the last moment would end after it
    (start.time < Ms::LATEST).then(|| Span::at_least_1ms(start.time, end.time))
}

fn check_clock(line: &Line<'_>, clock: &Clock<'_>, found: &mut Vec<Diagnostic>) {
    let good = clock.in_range
        && clock.fraction == Some((',', 3))
        && clock.minute_second_digits == (2, 2)
        && clock.hour_digits >= 2;
    if !good {
        let at = column(line.text, line.text.find(clock.text).unwrap_or(0));
        let message = format!("`{}` is no time of SRT", clock.text);
        let fix = format!("write `{}`", comma(clock.time));
        found.push(Diagnostic::error("S2", line.number, at, message).fix(fix));
    }
}

fn read_body(timing: &Line<'_>, body: &[Line<'_>], found: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut text = Vec::new();
    let mut blank_seen = false;
    for line in body {
        let bare = line.text.trim();
        bounded(found);
        if bare.is_empty() {
            blank_seen = true;
            continue;
        }
        if blank_seen && !text.is_empty() {
            let message = "text after an empty line has no times; it is read with the cue above";
            found.push(
                Diagnostic::error("S1", line.number, 1, message)
                    .fix("take the empty line out, or give the text a cue"),
            );
            blank_seen = false;
        }
        let chars = bare.chars().count();
        if chars > MAX_LINE_CHARS {
            let message = format!("{chars} characters in a line, more than {MAX_LINE_CHARS}");
            found.push(
                Diagnostic::error("S5", line.number, MAX_LINE_CHARS + 1, message)
                    .fix("break the line or the cue"),
            );
        }
        text.push(bare.to_owned());
    }
    if text.len() > MAX_LINES {
        let message = format!("{} lines in a cue, more than {MAX_LINES}", text.len());
        found.push(Diagnostic::error("S4", timing.number, 1, message).fix("split the cue"));
    }
    if text.is_empty() {
        let message = "the cue has no text";
        found.push(Diagnostic::warning("S4", timing.number, 1, message).fix("take the cue out"));
    }
    text.shrink_to_fit();
    text
}

/// `S7`: a name repeated while the speaker goes on; `S8`: words and a colon that are no name.
fn check_names(file: &Srt, timings: &[usize], found: &mut Vec<Diagnostic>) {
    let mut latest: Option<&str> = None;
    for (cue, timing) in file.cues.iter().zip(timings) {
        bounded(found);
        let number = timing + 1;
        let Some(first) = cue.lines.first() else { continue };
        if first.starts_with('[') {
            latest = None;
        } else if let Some((name, _)) = names::leading(first) {
            if latest == Some(name) {
                let message = format!("`{name}` is named again while speaking on");
                found.push(Diagnostic::warning("S7", number, 1, message).fix("leave the name out"));
            }
            latest = Some(name);
        } else if let Some((before, _)) = first.split_once(": ")
            && before.split_whitespace().count() <= 4
        {
            let message = format!("hosts take `{before}:` for a speaker");
            found.push(Diagnostic::warning("S8", number, 1, message).fix("leave the colon out"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<(usize, &'static str)> {
        parse(text).unwrap().1.iter().map(|d| (d.line, d.rule)).collect()
    }

    const GOOD: &str = "1\n00:00:01,000 --> 00:00:02,000\nAnn: Well,\nhello.\n\n\
                        2\n00:00:02,000 --> 00:00:03,000\nGo on.\n";

    #[test]
    fn a_conforming_file_has_no_findings_and_comes_back() {
        assert_eq!(rules(GOOD), []);
        assert_eq!(print(&parse(GOOD).unwrap().0), GOOD);
        let (passages, _) = parse(GOOD).unwrap().0.passages();
        assert_eq!(passages[0].text, "Well, hello.");
        assert_eq!(passages[1].speaker.as_deref(), Some("Ann"));
    }

    #[test]
    fn each_fault_is_named_with_its_line() {
        assert_eq!(rules("3\n00:00:01,000 --> 00:00:02,000\nx\n"), [(1, "S1")]);
        assert_eq!(rules("1\n0:00:01.000 --> 00:00:02,000\nx\n"), [(2, "S2")]);
        assert_eq!(rules("1\n00:00:03,000 --> 00:00:02,000\nx\n"), [(2, "S3")]);
        assert_eq!(rules("1\n00:00:01,000 --> 00:00:02,000\na\nb\nc\n"), [(2, "S4")]);
        let long = format!("1\n00:00:01,000 --> 00:00:02,000\n{}\n", "é".repeat(33));
        assert_eq!(rules(&long), [(3, "S5")]);
        assert_eq!(rules("1\n00:00:01,000 --> 00:00:02,000\nso he said: no\n"), [(3, "S8")]);
        assert_eq!(rules("1\n00:00:01,000 --> 00:00:02,000\na\n\nb\n"), [(5, "S1")]);
    }

    #[test]
    fn a_long_arrow_in_a_text_makes_no_cue() {
        let text = "1\n00:00:01,000 --> 00:00:02,000\n00:00:03,000 ----> 00:00:04,0\n";
        let cue = SrtCue {
            span: Span::at_least_1ms(Ms::new(1_000), Ms::new(2_000)),
            lines: vec!["00:00:03,000 ----> 00:00:04,000".to_owned()],
        };
        assert_eq!(parse(text).unwrap().0.cues.len(), 1);
        assert_eq!(parse(&print(&Srt { cues: vec![cue] })).unwrap().0.cues.len(), 1);
    }

    #[test]
    fn formatting_is_left_out_of_the_text() {
        assert_eq!(without_tags("{\\an8}<i>So</i> 1 < 2 {x} <b >y"), "So 1 < 2 {x} y");
    }
}
