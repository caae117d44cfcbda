//! The HTML transcript of the podcast namespace: `cite`, `time` and `p` in a flat row.

use std::fmt::Write as _;

use quick_xml::escape::partial_escape;

use crate::formats::source::{Columns, lines};
use crate::formats::webvtt::decode_entities;
use crate::formats::{Diagnostic, FormatError, Passage, clock, names, one_line};
use crate::time::Ms;

/// A transcript: one entry for each stretch of speech, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodcastHtml {
    /// The stretches.
    pub passages: Vec<HtmlPassage>,
}

/// What one person says, from one time on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HtmlPassage {
    /// Who begins to speak here; `None` where the speaker before goes on.
    pub cite: Option<String>,
    /// When, in whole seconds.
    pub time: Option<Ms>,
    /// The words.
    pub text: String,
}

impl PodcastHtml {
    /// The text with times and speakers; a name carries on until the next.
    pub fn passages(&self) -> Vec<Passage> {
        let mut passages: Vec<Passage> = self
            .passages
            .iter()
            .map(|passage| Passage {
                start: passage.time,
                end: None,
                speaker: passage.cite.clone(),
                is_sound: false,
                text: passage.text.clone(),
                line: 0,
            })
            .collect();
        names::settle(&mut passages);
        passages
    }
}

/// Writes a file.
pub fn print(file: &PodcastHtml) -> String {
    let mut out = String::new();
    for passage in &file.passages {
        if let Some(name) = passage.cite.as_deref().filter(|name| !name.trim().is_empty()) {
            let _ = writeln!(out, "<cite>{}:</cite>", escaped(name));
        }
        if let Some(time) = passage.time {
            let _ = writeln!(out, "<time>{}</time>", clock::short(time));
        }
        let _ = writeln!(out, "<p>{}</p>", escaped(&passage.text));
    }
    out
}

/// Text for an element on one line; apostrophes as in the namespace's example.
fn escaped(text: &str) -> String {
    partial_escape(one_line(text)).replace('\'', "&#39;")
}

/// Reads a file; other tags are passed over, text outside of any paragraph counts as one.
///
/// # Errors
/// If there is no text in it.
pub fn parse(text: &str) -> Result<(PodcastHtml, Vec<Diagnostic>), FormatError> {
    let mut reader = Reader::default();
    let text = text.trim_start_matches('\u{feff}');
    let mut rest = text;
    let mut ends = TagEnds::new(text);
    while let Some(at) = rest.find('<') {
        let (before, tail) = rest.split_at(at);
        reader.text(before);
        let offset = text.len() - tail.len();
        if tail.starts_with("<!--") {
            rest = tail.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let Some(end) = ends.after(offset) else {
            reader.fault(offset, "`<` that opens no tag", "write `&lt;`");
            reader.text("<");
            rest = tail.get(1..).unwrap_or_default();
            continue;
        };
        let tag = text.get(offset + 1..end).unwrap_or_default();
        let after = text.get(end + 1..).unwrap_or_default();
        rest = reader.tag(tag, after, offset);
    }
    reader.text(rest);
    reader.end_paragraph();
    if reader.file.passages.is_empty() {
        let problem = "no paragraph was found: expected `<p>text</p>`".to_owned();
        return Err(if text.trim().is_empty() {
            FormatError::Empty
        } else {
            FormatError::Malformed { line: 1, column: 1, problem }
        });
    }
    let found = places(text, &reader.faults, reader.more);
    Ok((reader.file, found))
}

/// Where tags end, asked for from left to right: no part of a text is searched twice.
pub(crate) struct TagEnds<'t> {
    text: &'t str,
    next: Option<usize>,
}

impl<'t> TagEnds<'t> {
    pub(crate) fn new(text: &'t str) -> TagEnds<'t> {
        TagEnds { text, next: text.find('>') }
    }

    /// The first `>` behind a byte.
    pub(crate) fn after(&mut self, byte: usize) -> Option<usize> {
        if self.next? < byte {
            self.next = self.text.get(byte..).and_then(|rest| rest.find('>')).map(|at| byte + at);
        }
        self.next
    }
}

/// Line and column of each fault, which come in the order of the text.
fn places(text: &str, faults: &[Fault], more: usize) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut faults = faults.iter().peekable();
    let mut offset = 0;
    for line in lines(text) {
        let end = offset + line.text.len() + line.end.len();
        let mut columns = Columns::new(line.text);
        while let Some((at, message, fix)) = faults.next_if(|(at, ..)| *at < end) {
            let place = columns.at(at - offset);
            found.push(Diagnostic::error("H1", line.number, place, *message).fix(*fix));
        }
        offset = end;
    }
    if let Some(last) = found.last_mut() {
        last.more = more;
    }
    found
}

/// Where a fault stands, what it is and what to do.
type Fault = (usize, &'static str, &'static str);
/// So many faults are kept; the others are counted.
const MOST_FAULTS: usize = 1_000;

#[derive(Default, PartialEq, Clone, Copy)]
enum Inside {
    #[default]
    Nothing,
    Cite,
    Time,
    Paragraph,
}

#[derive(Default)]
struct Reader {
    file: PodcastHtml,
    inside: Inside,
    next: HtmlPassage,
    buffer: String,
    faults: Vec<Fault>,
    more: usize,
}

impl Reader {
    fn text(&mut self, text: &str) {
        self.buffer.push_str(text);
    }

    fn fault(&mut self, offset: usize, message: &'static str, fix: &'static str) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push((offset, message, fix));
        } else {
            self.more += 1;
        }
    }

    fn take(&mut self) -> String {
        let text = decode_entities(&std::mem::take(&mut self.buffer));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Handles a tag and gives the text that follows.
    fn tag<'t>(&mut self, tag: &str, after: &'t str, offset: usize) -> &'t str {
        let name = tag.split([' ', '\t', '\n', '/']).find(|part| !part.is_empty());
        let name = name.unwrap_or_default().to_ascii_lowercase();
        let closes = tag.starts_with('/');
        match (name.as_str(), closes) {
            ("script" | "style" | "head", false) if !tag.ends_with('/') => {
                self.fault(offset, "a tag that has no place in a transcript", "remove it");
                return from_close(after, &name);
            }
            ("cite", false) => {
                self.end_paragraph();
                self.inside = Inside::Cite;
            }
            ("time", false) => {
                if self.inside != Inside::Cite {
                    self.end_paragraph();
                }
                self.inside = Inside::Time;
            }
            ("p", false) => {
                self.end_paragraph();
                self.inside = Inside::Paragraph;
            }
            ("cite", true) if self.inside == Inside::Cite => {
                let name = self.take();
                let name = name.strip_suffix(':').unwrap_or(&name).trim();
                if name.is_empty() {
                    self.fault(offset, "a `cite` without a name", "write the name");
                }
                self.next.cite = Some(name.to_owned()).filter(|name| !name.is_empty());
                self.inside = Inside::Nothing;
            }
            ("time", true) if self.inside == Inside::Time => {
                let text = self.take();
                self.next.time = clock::parse(text.trim_matches(['[', ']', '(', ')']));
                if self.next.time.is_none() {
                    self.fault(offset, "a `time` that cannot be read", "write `m:ss`");
                }
                self.inside = Inside::Nothing;
            }
            ("p", true) => self.end_paragraph(),
            ("br", _) => self.buffer.push(' '),
            ("div" | "h1" | "h2" | "h3" | "li" | "section" | "article" | "body" | "html", _) => {
                if self.inside == Inside::Nothing {
                    self.end_paragraph();
                }
                self.foreign(offset);
            }
            _ => self.foreign(offset),
        }
        after
    }

    fn foreign(&mut self, offset: usize) {
        let message = "a tag other than `cite`, `time` and `p`";
        self.fault(offset, message, "write the text alone");
    }

    fn end_paragraph(&mut self) {
        let text = self.take();
        if !text.is_empty() {
            let mut passage = std::mem::take(&mut self.next);
            passage.text = text;
            self.file.passages.push(passage);
        }
        self.inside = Inside::Nothing;
    }
}

/// The text from where an element is closed, whatever the case; nothing where it is not.
fn from_close<'t>(text: &'t str, name: &str) -> &'t str {
    let close = text.match_indices("</").find(|(at, _)| {
        let closed = text.as_bytes().get(at + 2..at + 2 + name.len());
        closed.is_some_and(|closed| closed.eq_ignore_ascii_case(name.as_bytes()))
    });
    close.and_then(|(at, _)| text.get(at..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_namespace_form_is_read_and_written() {
        let text = "<cite>Kevin:</cite>\n<time>0:00</time>\n<p>We&#39;re here &amp; now.</p>\n\
                    <time>10:17</time>\n<p>On.</p>\n";
        let (file, found) = parse(text).unwrap();
        assert_eq!(found, []);
        assert_eq!(print(&file), text);
        assert_eq!(file.passages()[1].speaker.as_deref(), Some("Kevin"));
    }

    #[test]
    fn other_tags_are_passed_over_and_named() {
        let text = "<div>\n<script>if (a < b) {}</script><p>One <b>two</b><br>three\n<p>Four";
        let (file, found) = parse(text).unwrap();
        let texts: Vec<_> = file.passages.iter().map(|p| p.text.as_str()).collect();
        assert_eq!(texts, ["One two three", "Four"]);
        assert!(found.iter().any(|d| (d.line, d.column) == (2, 1)), "{found:?}");
    }

    #[test]
    fn nothing_to_read_is_an_error() {
        assert_eq!(parse(" "), Err(FormatError::Empty));
        assert!(parse("<html></html>").is_err());
    }
}
