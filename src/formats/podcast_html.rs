//! The HTML transcript of the podcast namespace: `cite`, `time` and `p` in a flat row.

use std::fmt::Write as _;

use quick_xml::escape::partial_escape;

use crate::formats::source::{column, lines};
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
    while let Some(at) = rest.find('<') {
        let (before, tail) = rest.split_at(at);
        reader.text(before);
        let offset = text.len() - tail.len();
        if tail.starts_with("<!--") {
            rest = tail.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let Some((tag, after)) = tail.get(1..).and_then(|inner| inner.split_once('>')) else {
            reader.faults.push((offset, "`<` that opens no tag", "write `&lt;`"));
            reader.text("<");
            rest = tail.get(1..).unwrap_or_default();
            continue;
        };
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
    let found = places(text, &reader.faults);
    Ok((reader.file, found))
}

/// Line and column of each fault, which come in the order of the text.
fn places(text: &str, faults: &[(usize, &'static str, &'static str)]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut faults = faults.iter().peekable();
    let mut offset = 0;
    for line in lines(text) {
        let end = offset + line.text.len() + line.end.len();
        while let Some((at, message, fix)) = faults.next_if(|(at, ..)| *at < end) {
            let place = column(line.text, at - offset);
            found.push(Diagnostic::error("H1", line.number, place, *message).fix(*fix));
        }
        offset = end;
    }
    found
}

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
    faults: Vec<(usize, &'static str, &'static str)>,
}

impl Reader {
    fn text(&mut self, text: &str) {
        self.buffer.push_str(text);
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
                self.faults.push((offset, "a tag that has no place in a transcript", "remove it"));
                let close = format!("</{name}");
                let lower = after.to_ascii_lowercase();
                return match lower.find(&close) {
                    Some(at) => after.get(at..).unwrap_or_default(),
                    None => "",
                };
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
                    self.faults.push((offset, "a `cite` without a name", "write the name"));
                }
                self.next.cite = Some(name.to_owned()).filter(|name| !name.is_empty());
                self.inside = Inside::Nothing;
            }
            ("time", true) if self.inside == Inside::Time => {
                let text = self.take();
                self.next.time = clock::parse(text.trim_matches(['[', ']', '(', ')']));
                if self.next.time.is_none() {
                    self.faults.push((offset, "a `time` that cannot be read", "write `m:ss`"));
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
        self.faults.push((offset, message, "write the text alone"));
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
