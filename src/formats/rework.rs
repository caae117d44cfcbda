//! The transcript text of the Rework podcast's pages: a head, a heading, and paragraphs such as
//! `Shaun: [00:00:00] On Friday…`, `[00:03:09] There was one…`, or text alone.
//!
//! Every paragraph keeps its text as found, so that [`print_as_found`] gives the file back byte for
//! byte; [`print`] writes the normal form.

mod parse;

use std::fmt::Write as _;

pub use parse::parse;

use crate::formats::one_line;
use crate::time::Ms;

/// A transcript page as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rework {
    /// The paragraphs in order: head, heading, body.
    pub paragraphs: Vec<ReworkParagraph>,
    /// White space after the last paragraph, as found.
    pub end: String,
}

/// A paragraph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReworkParagraph {
    /// The line on which it was found, counted from 1; 0 where it was not read from a file.
    pub line: usize,
    /// White space above it, as found.
    pub gap: String,
    /// Its text as found, prefix included.
    pub raw: String,
    /// What part of the page it is.
    pub part: Part,
    /// Who begins to speak here; `None` where nobody is named.
    pub speaker: Option<String>,
    /// When it is said, in whole seconds.
    pub time: Option<Ms>,
    /// What is said, on one line.
    pub text: String,
}

/// A part of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Part {
    /// Above the transcript: show, title, summary.
    Head,
    /// The line that begins the transcript.
    Heading,
    /// The transcript.
    #[default]
    Body,
}

impl ReworkParagraph {
    /// A paragraph of the head or the heading, after that many blank lines.
    pub fn head(part: Part, text: &str, blank_lines: usize) -> ReworkParagraph {
        let text = one_line(text);
        let gap = "\n".repeat(blank_lines + 1);
        ReworkParagraph { gap, raw: text.clone(), part, text, ..ReworkParagraph::default() }
    }

    /// A paragraph of the transcript.
    pub fn body(speaker: Option<&str>, time: Option<Ms>, text: &str) -> ReworkParagraph {
        ReworkParagraph {
            speaker: speaker.map(|name| one_line(&name.replace([':', '['], " "))),
            time,
            text: one_line(text),
            ..ReworkParagraph::default()
        }
    }

    /// The paragraph in the normal form.
    pub fn normal(&self) -> String {
        let mut out = String::new();
        if let Some(name) = self.speaker.as_deref().filter(|name| !name.is_empty()) {
            let _ = write!(out, "{name}: ");
        }
        if let Some(time) = self.time {
            let _ = write!(out, "[{}] ", time.clock());
        }
        out.push_str(&self.text);
        out.truncate(out.trim_end().len());
        out
    }
}

/// Writes the normal form: times as `[hh:mm:ss] `, one blank line between paragraphs of the
/// transcript. The blank lines of the head stay as they are. No line end at the end.
pub fn print(file: &Rework) -> String {
    let mut out = String::new();
    for paragraph in &file.paragraphs {
        let is_body = paragraph.part == Part::Body;
        if !out.is_empty() {
            let lines = paragraph.gap.matches('\n').count();
            out.push_str(&"\n".repeat(if is_body { 2 } else { lines.max(2) }));
        }
        if is_body {
            out.push_str(&paragraph.normal());
        } else {
            out.push_str(&paragraph.text);
        }
    }
    out
}

/// Writes the file as it was read, byte for byte.
pub fn print_as_found(file: &Rework) -> String {
    let mut out = String::new();
    for paragraph in &file.paragraphs {
        out.push_str(&paragraph.gap);
        out.push_str(&paragraph.raw);
    }
    out.push_str(&file.end);
    out
}
