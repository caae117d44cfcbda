//! Reading WebVTT, with everything forgiven that still has a meaning.

use std::collections::BTreeSet;

use super::markup::{self, TextLine};
use super::{VttBlock, VttCue, WebVtt};
use crate::formats::clock::{self, Clock};
use crate::formats::source::{Line, column, lines};
use crate::formats::{Diagnostic, FormatError, bounded, one_line};
use crate::time::{Ms, Span};

/// A line longer than this is hard to read in podcast apps, in characters.
const LONG_LINE_CHARS: usize = 65;

/// Reads a file.
///
/// # Errors
/// If there is text but no cue in it.
pub fn parse(text: &str) -> Result<(WebVtt, Vec<Diagnostic>), FormatError> {
    let mut blocks = Vec::new();
    let (header, found) = read(text, &mut |block| blocks.push(block))?;
    blocks.shrink_to_fit();
    Ok((WebVtt { header, blocks }, found))
}

/// Whether a file names who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voices {
    /// There are words, and nobody is named.
    None,
    /// Somebody is named, or there are no words.
    Some,
}

/// Checks a file without keeping what is in it.
///
/// # Errors
/// As [`parse`].
pub fn check(text: &str) -> Result<(Voices, Vec<Diagnostic>), FormatError> {
    let (mut words, mut voices) = (false, false);
    let (_, found) = read(text, &mut |block| {
        if let VttBlock::Cue(cue) = block {
            words |= !cue.parts.is_empty();
            voices |= cue.parts.iter().any(|part| part.voice.is_some());
        }
    })?;
    Ok((if words && !voices { Voices::None } else { Voices::Some }, found))
}

/// More lines than this are no block; what follows them counts as another.
const MOST_LINES: usize = 100_000;

/// Reads a file block by block, and gives what follows `WEBVTT` on its first line.
fn read(
    text: &str,
    keep: &mut dyn FnMut(VttBlock),
) -> Result<(String, Vec<Diagnostic>), FormatError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut parser =
        Parser { keep, found: Vec::new(), ids: BTreeSet::new(), latest: Ms::ZERO, has_cue: false };
    let mut rest = lines(text).peekable();
    let mut header = String::new();
    if let Some(first) = rest.peek().copied() {
        if let Some(after) = first.text.strip_prefix("WEBVTT") {
            rest.next();
            header = parser.header(after, rest.peek());
        } else {
            parser.found.push(
                Diagnostic::error("V1", 1, 1, "the first line is not `WEBVTT`")
                    .fix("write `WEBVTT` and an empty line above"),
            );
        }
    }
    let mut block: Vec<Line<'_>> = Vec::new();
    for line in rest {
        let ends = line.text.is_empty() || block.len() == MOST_LINES;
        if ends && !block.is_empty() {
            parser.block(&block);
            block.clear();
        }
        if !block.is_empty() || !line.text.trim().is_empty() {
            block.push(line);
        }
    }
    parser.block(&block);
    parser.finish(text).map(|found| (header, found))
}

/// Whether a line can stand above the times.
pub(super) fn is_id(line: &str) -> bool {
    !line.is_empty() && !line.contains("-->") && kind_of(line).is_none()
}

fn kind_of(line: &str) -> Option<&'static str> {
    ["NOTE", "STYLE", "REGION"].into_iter().find(|kind| {
        line.strip_prefix(kind).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
    })
}

struct Parser<'k, 't> {
    keep: &'k mut dyn FnMut(VttBlock),
    found: Vec<Diagnostic>,
    ids: BTreeSet<&'t str>,
    latest: Ms,
    has_cue: bool,
}

impl<'t> Parser<'_, 't> {
    /// Reads what follows `WEBVTT`, beside the line below it.
    fn header(&mut self, after: &str, below: Option<&Line<'_>>) -> String {
        if !after.is_empty() && !after.starts_with([' ', '\t']) {
            self.found.push(
                Diagnostic::error("V1", 1, 7, "no space after `WEBVTT`")
                    .fix("write `WEBVTT` and an empty line"),
            );
        }
        if below.is_some_and(|line| !line.text.is_empty()) {
            self.found.push(
                Diagnostic::error("V2", 2, 1, "no empty line after `WEBVTT`")
                    .fix("put an empty line here"),
            );
        }
        one_line(after)
    }

    fn block(&mut self, block: &[Line<'t>]) {
        let Some(first) = block.first() else { return };
        bounded(&mut self.found);
        if let Some(kind) = kind_of(first.text) {
            let mut text = vec![first.text.get(kind.len()..).unwrap_or_default().trim()];
            text.extend(block.iter().skip(1).map(|line| line.text));
            let text = text.into_iter().filter(|line| !line.trim().is_empty());
            let text = text.collect::<Vec<_>>().join("\n");
            if let Some(line) = block.iter().find(|line| line.text.contains("-->")) {
                let message = format!("`-->` inside a {kind} block: it begins a cue there");
                self.found.push(
                    Diagnostic::error("V3", line.number, 1, message).fix("write `->` in comments"),
                );
            }
            if self.has_cue && kind != "NOTE" {
                let message = format!("{kind} after the first cue is ignored by players");
                self.found.push(
                    Diagnostic::error("V3", first.number, 1, message)
                        .fix("put it above the first cue"),
                );
            }
            (self.keep)(match kind {
                "NOTE" => VttBlock::Note(text),
                "STYLE" => VttBlock::Style(text),
                _ => VttBlock::Region(text),
            });
            return;
        }
        let timings: Vec<usize> = block
            .iter()
            .enumerate()
            .filter(|(_, line)| line.text.contains("-->"))
            .map(|(index, _)| index)
            .collect();
        let Some(&first_timing) = timings.first() else {
            let message = "text without times; it belongs to no cue and is left out";
            self.found.push(
                Diagnostic::error("V3", first.number, 1, message)
                    .fix("give it times, or begin it with `NOTE`"),
            );
            return;
        };
        if first_timing > 1 {
            let message = "more than one line above the times";
            self.found.push(
                Diagnostic::error("V3", first.number, 1, message)
                    .fix("leave one line at most, the id"),
            );
        }
        for (nth, &at) in timings.iter().enumerate() {
            let end = timings.get(nth + 1).copied().unwrap_or(block.len());
            let id = at.checked_sub(1).filter(|_| nth == 0).and_then(|above| block.get(above));
            let Some((timing, text)) = block.get(at..end).and_then(<[_]>::split_first) else {
                continue;
            };
            if nth > 0 {
                self.found.push(
                    Diagnostic::error("V3", timing.number, 1, "no empty line before this cue")
                        .fix("put an empty line here"),
                );
            }
            self.cue(id, timing, text);
        }
    }

    fn cue(&mut self, id: Option<&Line<'t>>, timing: &Line<'_>, text: &[Line<'_>]) {
        let Some((span, settings)) = self.timing(timing) else { return };
        if let Some(id) = id
            && !self.ids.insert(id.text)
        {
            let message = format!("the id `{}` is used twice", id.text.trim());
            self.found.push(
                Diagnostic::error("V3", id.number, 1, message)
                    .fix("give each cue its own id, or none"),
            );
        }
        for line in text {
            bounded(&mut self.found);
            if line.text.chars().count() > LONG_LINE_CHARS + voice_chars(line.text) {
                let message = format!("a line of more than {LONG_LINE_CHARS} characters");
                self.found.push(
                    Diagnostic::warning("V10", line.number, LONG_LINE_CHARS + 1, message)
                        .fix("break the line"),
                );
            }
        }
        let lines: Vec<TextLine<'_>> =
            text.iter().map(|line| TextLine { number: line.number, text: line.text }).collect();
        let parts = markup::read(&lines, span, &mut self.found);
        if parts.is_empty() {
            let message = "the cue has no text";
            self.found
                .push(Diagnostic::warning("V3", timing.number, 1, message).fix("take the cue out"));
        }
        let id = id.map(|line| line.text.trim().to_owned()).filter(|id| is_id(id));
        self.has_cue = true;
        (self.keep)(VttBlock::Cue(VttCue { id, span, settings, parts }));
    }

    fn timing(&mut self, line: &Line<'_>) -> Option<(Span, String)> {
        let (before, after) = line.text.split_once("-->")?;
        let start = clock::leading(before.trim()).filter(|clock| clock.rest.is_empty());
        let end = clock::leading(after.trim_start());
        let (Some(start), Some(end)) = (start, end) else {
            let message = "the times cannot be read; the cue is left out";
            self.found.push(
                Diagnostic::error("V4", line.number, 1, message)
                    .fix("write `hh:mm:ss.mmm --> hh:mm:ss.mmm`"),
            );
            return None;
        };
        for clock in [start, end] {
            self.check_clock(line, &clock);
        }
        if !before.ends_with([' ', '\t']) || !after.starts_with([' ', '\t']) {
            let place = column(line.text, before.len());
            self.found.push(
                Diagnostic::error("V4", line.number, place, "no space beside `-->`")
                    .fix("write ` --> `"),
            );
        }
        if end.time <= start.time {
            let message = format!("the cue ends at {}, not after its start", end.text);
            self.found.push(
                Diagnostic::error("V5", line.number, 1, message)
                    .fix("end it where the next begins"),
            );
        } else if end.time - start.time > Ms::new(60_000) {
            let message = "the cue is shown for more than a minute";
            self.found.push(
                Diagnostic::warning("L-LONG-CUE", line.number, 1, message)
                    .fix("give each sentence a cue; `import --audio` finds the times"),
            );
        }
        if start.time < self.latest {
            let message = format!("the cue starts before the one above, at {}", self.latest);
            self.found.push(
                Diagnostic::error("V6", line.number, 1, message).fix("sort the cues by start"),
            );
        }
        self.latest = self.latest.max(start.time);
        let settings = end.rest.split_whitespace().collect::<Vec<_>>().join(" ");
        // one that starts at the last moment would end after it
        (start.time < Ms::LATEST).then(|| (Span::at_least_1ms(start.time, end.time), settings))
    }

    fn check_clock(&mut self, line: &Line<'_>, clock: &Clock<'_>) {
        let good = clock.in_range
            && clock.fraction == Some(('.', 3))
            && clock.minute_second_digits == (2, 2)
            && clock.hour_digits != 1;
        if !good {
            let at = line.text.find(clock.text).unwrap_or(0);
            let message = format!("`{}` is no time of WebVTT", clock.text);
            self.found.push(
                Diagnostic::error("V4", line.number, column(line.text, at), message)
                    .fix(format!("write `{}`", clock.time.clock_ms())),
            );
        }
    }

    fn finish(mut self, text: &str) -> Result<Vec<Diagnostic>, FormatError> {
        if text.trim().is_empty() {
            return Err(FormatError::Empty);
        }
        let has_header = !self.found.iter().any(|d| d.rule == "V1" && d.column == 1);
        let is_bare = has_header && lines(text).nth(2).is_none();
        if !self.has_cue && !is_bare {
            let first = self.found.iter().find(|d| d.rule != "V1");
            let (line, column) = first.map_or((1, 1), |d| (d.line, d.column.max(1)));
            let problem = "no cue was found: expected a line such as \
                           `00:00:01.000 --> 00:00:02.000`";
            return Err(FormatError::Malformed { line, column, problem: problem.to_owned() });
        }
        self.found.sort();
        Ok(self.found)
    }
}

/// Characters of a line that only name the voice.
fn voice_chars(line: &str) -> usize {
    match line.strip_prefix("<v").and_then(|rest| rest.find('>')) {
        Some(at) => line.get(..at + 3).map_or(0, |tag| tag.chars().count()),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::webvtt;

    fn rules(text: &str) -> Vec<(usize, &'static str)> {
        parse(text).unwrap().1.iter().map(|d| (d.line, d.rule)).collect()
    }

    #[test]
    fn a_conforming_file_has_no_findings() {
        let text = "WEBVTT - a title\n\nNOTE made by hand\n\n1\n00:00:01.000 --> 00:00:02.000 \
                    align:start\n<v Roger Bingham>We are in &amp; out\nof New York\n\n\
                    01:00.000 --> 100:00:00.000\n<v A>Hi</v> <v.loud B>Ho</v>\n";
        let (file, found) = parse(text).unwrap();
        assert_eq!(found.iter().map(|d| d.rule).collect::<Vec<_>>(), ["L-LONG-CUE"]);
        assert_eq!(file.header, "- a title");
        let cues: Vec<_> = file.cues().collect();
        assert_eq!(cues[0].id.as_deref(), Some("1"));
        assert_eq!(cues[0].parts[0].voice.as_deref(), Some("Roger Bingham"));
        assert_eq!(cues[0].parts[0].text, "We are in & out\nof New York");
        assert_eq!(cues[1].parts[1].voice.as_deref(), Some("B"));
    }

    #[test]
    fn each_fault_is_named_with_its_line() {
        assert_eq!(rules("00:01.000 --> 00:02.000\nx"), [(1, "V1")]);
        assert_eq!(rules("WEBVTT\n00:01.000 --> 00:02.000\nx"), [(2, "V2")]);
        assert_eq!(rules("WEBVTT\n\n0:00:01,5 --> 00:02.000\nx"), [(3, "V4")]);
        assert_eq!(rules("WEBVTT\n\n00:02.000 --> 00:02.000\nx"), [(3, "V5")]);
        let falling = "WEBVTT\n\n00:02.000 --> 00:03.000\nx\n\n00:01.000 --> 00:03.000\ny";
        assert_eq!(rules(falling), [(6, "V6")]);
        assert_eq!(
            rules("WEBVTT\n\n00:01.000 --> 00:02.000\nR&D <script>"),
            [(4, "V7"), (4, "V7")]
        );
        assert_eq!(rules("WEBVTT\n\n00:01.000 --> 00:02.000\n<v >x"), [(4, "V8")]);
        assert_eq!(rules("WEBVTT\n\n00:01.000 --> 00:02.000\na <00:05.000>x"), [(4, "V9")]);
    }

    #[test]
    fn what_is_no_tag_of_the_format_stays_in_the_text_but_for_looks() {
        let text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann><script>a</script> <font color=x>b</font><br/>";
        let (file, _) = parse(text).unwrap();
        let cue = file.cues().next().unwrap();
        assert_eq!(cue.parts[0].text, "<script>a</script> b");
    }

    #[test]
    fn control_characters_in_names_and_text_are_printed_so_that_they_read_the_same() {
        let text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v A\0nn>Low W\t\0ater\n";
        let printed = webvtt::print(&parse(text).unwrap().0, webvtt::Flavour::Full);
        assert!(printed.ends_with("<v A nn>Low W\t\u{fffd}ater\n"), "{printed:?}");
        assert_eq!(webvtt::print(&parse(&printed).unwrap().0, webvtt::Flavour::Full), printed);
    }

    #[test]
    fn nothing_readable_is_an_error_with_its_place() {
        assert_eq!(parse(" \n"), Err(FormatError::Empty));
        let error = parse("WEBVTT\n\n\nsome text\n").unwrap_err();
        assert!(matches!(error, FormatError::Malformed { line: 4, .. }), "{error}");
    }
}
