//! Reading transcript text leniently, keeping every byte.

use std::collections::{BTreeMap, BTreeSet};

use super::{Part, Rework, ReworkParagraph};
use crate::formats::source::{Line, column, lines};
use crate::formats::{Diagnostic, FormatError, clock, names, one_line};
use crate::time::Ms;

/// Reads a file.
///
/// The transcript begins after a short line with the word "transcript", or else with the first
/// paragraph that has a time. Findings are about the form only: brackets, spaces, times.
///
/// # Errors
/// If no paragraph has a time.
pub fn parse(text: &str) -> Result<(Rework, Vec<Diagnostic>), FormatError> {
    let mut file = split(text);
    let has_time = |paragraph: &ReworkParagraph| prefix(&paragraph.raw, None).is_some();
    let Some(first_timed) = file.paragraphs.iter().position(has_time) else {
        let problem = "no time was found: expected a paragraph such as \
                       `Name: [00:00:00] text`";
        let line = file.paragraphs.first().ok_or(FormatError::Empty)?.line;
        return Err(FormatError::Malformed { line, column: 1, problem: problem.to_owned() });
    };
    let heading = file.paragraphs.iter().take(first_timed).rposition(|p| is_heading(&p.raw));
    let body = heading.map_or(first_timed, |at| at + 1);
    let mut found = Vec::new();
    let known = speakers(file.paragraphs.get(body..).unwrap_or_default());
    for (index, paragraph) in file.paragraphs.iter_mut().enumerate() {
        if index < body {
            paragraph.part = if heading == Some(index) { Part::Heading } else { Part::Head };
            paragraph.text = one_line(&paragraph.raw);
        } else {
            read_body(paragraph, &known, &mut found);
        }
    }
    check_times(&file, &mut found);
    found.sort();
    Ok((file, found))
}

/// Whoever stands before a time and looks like somebody, or stands there twice.
fn speakers(paragraphs: &[ReworkParagraph]) -> BTreeSet<String> {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for name in paragraphs.iter().filter_map(|paragraph| prefix(&paragraph.raw, None)?.speaker) {
        *uses.entry(one_line(name)).or_default() += 1;
    }
    uses.retain(|name, uses| names::is_name(name) || names::is_dressed_name(name) || *uses > 1);
    uses.into_keys().collect()
}

/// Cuts a text into paragraphs: at blank lines, and where a line within begins with a time.
fn split(text: &str) -> Rework {
    let mut file = Rework::default();
    let mut gap = String::new();
    let mut open = false;
    for Line { number, text, end } in lines(text) {
        if text.trim().is_empty() {
            gap.push_str(text);
            gap.push_str(end);
            open = false;
            continue;
        }
        match file.paragraphs.last_mut().filter(|_| open && prefix(text, None).is_none()) {
            Some(last) => last.raw.push_str(&std::mem::take(&mut gap)),
            None => file.paragraphs.push(ReworkParagraph {
                line: number,
                gap: std::mem::take(&mut gap),
                ..ReworkParagraph::default()
            }),
        }
        if let Some(last) = file.paragraphs.last_mut() {
            last.raw.push_str(text);
        }
        gap.push_str(end);
        open = true;
    }
    file.end = gap;
    file
}

fn is_heading(raw: &str) -> bool {
    let words = raw.split_whitespace().count();
    words <= 6 && raw.to_lowercase().contains("transcript")
}

/// What stands before the words.
struct Prefix<'t> {
    speaker: Option<&'t str>,
    time: Option<Ms>,
    /// What closes the time.
    close: &'t str,
    /// White space after the time.
    space: &'t str,
    text: &'t str,
}

/// Reads `Name: [time] `, `[time] ` or, for a name in `known`, `Name: `; it may be indented. Where
/// nobody is known, whatever stands before a time may be a name.
fn prefix<'t>(raw: &'t str, known: Option<&BTreeSet<String>>) -> Option<Prefix<'t>> {
    let raw = raw.trim_start();
    if let Some(time) = bracketed_time(raw) {
        return Some(time);
    }
    let (name, rest) = names::label(raw).filter(|_| !raw.starts_with('['))?;
    let is_known = known.is_none_or(|known| known.contains(&one_line(name)));
    if let Some(time) = bracketed_time(rest).filter(|_| is_known) {
        return Some(Prefix { speaker: Some(name), ..time });
    }
    known.filter(|_| is_known).map(|_| Prefix {
        speaker: Some(name),
        time: None,
        close: "]",
        space: " ",
        text: rest,
    })
}

/// Where the colon stands behind what cannot be a name, though a time follows.
fn refused_name(raw: &str) -> Option<usize> {
    let at = raw.find(": [").or_else(|| raw.find(": ("))?;
    let time = raw.get(at + 2..).and_then(bracketed_time);
    (at < 120 && time.is_some()).then_some(at)
}

fn bracketed_time(raw: &str) -> Option<Prefix<'_>> {
    let inner = raw.strip_prefix(['[', '('])?;
    let clock = clock::leading(inner.trim_start())?;
    let tail = clock.rest.trim_start();
    let text = tail.strip_prefix([']', '}', ')', '>'])?;
    let (close, after) = tail.split_at(tail.len() - text.len());
    let text = after.trim_start();
    let space = after.get(..after.len() - text.len()).unwrap_or_default();
    // `(00:12)` is closed as it was opened; anything but `]` is a slip otherwise.
    let close = if raw.starts_with('(') && close == ")" { "]" } else { close };
    Some(Prefix { speaker: None, time: Some(clock.time), close, space, text })
}

fn read_body(
    paragraph: &mut ReworkParagraph,
    known: &BTreeSet<String>,
    found: &mut Vec<Diagnostic>,
) {
    let ReworkParagraph { line, raw, .. } = &*paragraph;
    let line = *line;
    let Some(prefix) = prefix(raw, Some(known)) else {
        if let Some(at) = refused_name(raw) {
            let name = raw.get(..at).unwrap_or_default();
            let message = format!("`{name}` before the time is not taken for a name");
            found.push(
                Diagnostic::warning("L-SPEAKER", line, 1, message)
                    .fix("write the name with capitals, and without other signs"),
            );
        }
        paragraph.text = one_line(&paragraph.raw);
        return;
    };
    let offset = raw.len() - prefix.text.len();
    if prefix.time.is_some() {
        let close = offset - prefix.space.len() - prefix.close.len();
        if prefix.close != "]" {
            let message = format!("the time is closed by `{}`", prefix.close);
            found.push(
                Diagnostic::warning("L-TIME-CLOSE", line, column(raw, close), message)
                    .fix("write `]`"),
            );
        }
        if prefix.space.is_empty() && !prefix.text.is_empty() {
            let message = "no space after the time";
            found.push(
                Diagnostic::warning("L-TIME-SPACE", line, column(raw, offset), message)
                    .fix("put a space here"),
            );
        }
    }
    let (speaker, time) = (prefix.speaker.map(one_line), prefix.time);
    let text = one_line(prefix.text);
    (paragraph.speaker, paragraph.time, paragraph.text) = (speaker, time, text);
}

/// Times that stand still or go back.
fn check_times(file: &Rework, found: &mut Vec<Diagnostic>) {
    let mut latest: Option<Ms> = None;
    for paragraph in &file.paragraphs {
        let Some(time) = paragraph.time else { continue };
        let at = paragraph.raw.find(['[', '(']).unwrap_or(0) + 1;
        let place = column(&paragraph.raw, at);
        let clock = time.clock();
        if latest == Some(time) {
            let message = format!("the time {clock} stands above too");
            found.push(
                Diagnostic::warning("L-TIME-EQUAL", paragraph.line, place, message)
                    .fix("keep the order; the first is given a short length"),
            );
        } else if let Some(latest) = latest.filter(|latest| time < *latest) {
            let message = format!("the time goes back from {} to {clock}", latest.clock());
            found.push(
                Diagnostic::warning("L-TIME-BACK", paragraph.line, place, message)
                    .fix("check the time against the sound"),
            );
        }
        latest = latest.max(Some(time));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::rework::{print, print_as_found};

    const PAGE: &str = "The Show\r\n\r\nA title\n\nThe Full Transcript:\n\n\
                        Ann: [00:00:00] One.\n\n[00:00:28} Two.\n\nBo’s Dog: [00:00:30]Three.\n\n\
                        He wrote:\n\n“No time\nhere.”\n\nAnn: [00:00:30] Four.\n \n";

    #[test]
    fn every_byte_comes_back() {
        let (file, _) = parse(PAGE).unwrap();
        assert_eq!(print_as_found(&file), PAGE);
    }

    #[test]
    fn an_indented_paragraph_has_its_time_and_name_too() {
        let text = "  Ann: [00:00:01] One.\n\n\t[00:00:02} Two.\n";
        let (file, found) = parse(text).unwrap();
        assert_eq!(print_as_found(&file), text);
        assert_eq!(print(&file), "Ann: [00:00:01] One.\n\n[00:00:02] Two.");
        assert_eq!(found.iter().map(|d| (d.line, d.column)).collect::<Vec<_>>(), [(3, 11)]);
    }

    #[test]
    fn the_normal_form_has_the_faults_mended() {
        let (file, found) = parse(PAGE).unwrap();
        assert!(print(&file).ends_with(
            "Ann: [00:00:00] One.\n\n[00:00:28] Two.\n\nBo’s Dog: [00:00:30] Three.\n\n\
             He wrote:\n\n“No time here.”\n\nAnn: [00:00:30] Four."
        ));
        let places: Vec<_> = found.iter().map(|d| (d.line, d.column, d.rule)).collect();
        assert_eq!(
            places,
            [(9, 10, "L-TIME-CLOSE"), (11, 21, "L-TIME-SPACE"), (18, 7, "L-TIME-EQUAL")]
        );
        let again = parse(&print(&file)).unwrap().0;
        assert_eq!(print(&again), print(&file));
    }

    #[test]
    fn the_body_begins_with_the_first_time_where_no_heading_is() {
        let (file, _) = parse("Title\n\n(0:05) One\n[1:00] Two\n").unwrap();
        let parts: Vec<_> = file.paragraphs.iter().map(|p| (p.part, p.text.as_str())).collect();
        assert_eq!(parts, [(Part::Head, "Title"), (Part::Body, "One"), (Part::Body, "Two")]);
    }

    #[test]
    fn a_text_without_times_is_refused() {
        assert_eq!(parse("\n \n"), Err(FormatError::Empty));
        assert!(parse("Just: words").is_err());
    }
}
