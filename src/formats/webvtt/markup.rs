//! A cue's text: escapes, voices, other tags.

use quick_xml::escape::partial_escape;

use super::VoicedText;
use crate::formats::clock;
use crate::formats::source::{Columns, column};
use crate::formats::{Diagnostic, bounded};
use crate::time::{Ms, Span};

/// Replaces what would be read as mark-up, and line ends by `\n`.
pub(super) fn escape(text: &str) -> String {
    partial_escape(text).replace(['\r', '\0'], "\n")
}

/// A line of a cue's text in the file.
pub(super) struct TextLine<'a> {
    pub(super) number: usize,
    pub(super) text: &'a str,
}

/// Reads a cue's text; what is forgiven goes to `found`.
pub(super) fn read(
    lines: &[TextLine<'_>],
    span: Span,
    found: &mut Vec<Diagnostic>,
) -> Vec<VoicedText> {
    let mut reader =
        Reader { parts: Vec::new(), voice: None, text: String::new(), span, latest: span.start() };
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if at > 0 {
            reader.text.push('\n');
        }
        let rest = lines.get(at + 1..).unwrap_or_default();
        if let Some((whole, more)) = with_open_voice(line.text, rest) {
            let place = column(line.text, line.text.rfind('<').unwrap_or(0));
            let message = "the name of the voice goes on in the next line";
            found.push(
                Diagnostic::error("V8", line.number, place, message).fix("write it on one line"),
            );
            reader.line(&TextLine { number: line.number, text: &whole }, found);
            at += more;
        } else {
            reader.line(line, found);
        }
        at += 1;
    }
    reader.flush();
    // Nearly all cues have one, and a vector that grows begins with room for four.
    reader.parts.shrink_to_fit();
    reader.parts
}

/// A line whose last voice is closed in one of the lines below, joined with those, and how many.
fn with_open_voice(line: &str, rest: &[TextLine<'_>]) -> Option<(String, usize)> {
    let (_, tag) = line.rsplit_once('<')?;
    let is_voice = tag == "v" || tag.starts_with("v ") || tag.starts_with("v.");
    if !is_voice || tag.contains('>') {
        return None;
    }
    let end = rest.iter().position(|line| line.text.contains(['<', '>']))?;
    let closes = rest.get(end)?.text.find(['<', '>'])?;
    if !rest.get(end)?.text.get(closes..)?.starts_with('>') {
        return None;
    }
    let more = rest.get(..=end)?.iter().map(|line| line.text);
    Some((std::iter::once(line).chain(more).collect::<Vec<_>>().join(" "), end + 1))
}

struct Reader {
    parts: Vec<VoicedText>,
    voice: Option<String>,
    text: String,
    span: Span,
    latest: Ms,
}

impl Reader {
    fn line(&mut self, line: &TextLine<'_>, found: &mut Vec<Diagnostic>) {
        let mut rest = line.text;
        let mut columns = Columns::new(line.text);
        while let Some(at) = rest.find(['&', '<']) {
            let (before, tail) = rest.split_at(at);
            self.text.push_str(before);
            bounded(found);
            let place = columns.at(line.text.len() - tail.len());
            if tail.starts_with('&') {
                let (decoded, after) = entity(tail);
                if decoded.is_none() {
                    found.push(
                        Diagnostic::error("V7", line.number, place, "`&` stands for itself")
                            .fix("write `&amp;`"),
                    );
                }
                self.text.push(decoded.unwrap_or('&'));
                rest = after;
            } else if let Some((tag, after)) = tag(tail) {
                self.tag(tag, line.number, place, found);
                rest = after;
            } else {
                found.push(
                    Diagnostic::error("V7", line.number, place, "`<` stands for itself")
                        .fix("write `&lt;`"),
                );
                self.text.push('<');
                rest = tail.get(1..).unwrap_or_default();
            }
        }
        self.text.push_str(rest);
    }

    fn tag(&mut self, tag: &str, line: usize, column: usize, found: &mut Vec<Diagnostic>) {
        if tag == "/v" {
            self.flush();
            self.voice = None;
        } else if let Some(clock) = clock::leading(tag).filter(|clock| clock.rest.is_empty()) {
            if clock.time <= self.latest || clock.time >= self.span.end() {
                let message = format!("`<{tag}>` does not rise or lies outside the cue");
                found.push(
                    Diagnostic::error("V9", line, column, message)
                        .fix("put it between the cue's start and end, and after the one before"),
                );
            }
            self.latest = clock.time;
        } else if tag == "v"
            || tag.starts_with("v ")
            || tag.starts_with("v.")
            || tag.starts_with("v\t")
        {
            self.flush();
            let name = tag.split_once([' ', '\t']).map_or("", |(_, name)| name);
            // as it is printed, or two voices would become one there
            let name = crate::formats::xml_line(&decode(name));
            if name.is_empty() {
                found.push(
                    Diagnostic::error("V8", line, column, "the voice has no name")
                        .fix("write `<v Name>`, or leave the voice out"),
                );
            }
            self.voice = Some(name).filter(|name| !name.is_empty());
        } else if !is_known(tag) {
            found.push(
                Diagnostic::error("V7", line, column, format!("`<{tag}>` is no tag of WebVTT"))
                    .fix("write `&lt;` and `&gt;`, or leave it out"),
            );
            // Somebody's words, but for what is only there to look good.
            if !is_formatting(tag) {
                self.text.push_str(&format!("<{tag}>"));
            }
        }
    }

    /// Closes the part that is being read.
    fn flush(&mut self) {
        // as the format has it; a `\0` would be printed as an empty line
        let text = std::mem::take(&mut self.text).replace('\0', "\u{fffd}");
        let lines: Vec<&str> =
            text.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect();
        if lines.is_empty() {
            return;
        }
        let text = lines.join("\n");
        match self.parts.last_mut() {
            Some(last) if last.voice == self.voice => {
                last.text.push(' ');
                last.text.push_str(&text);
            }
            _ => self.parts.push(VoicedText { voice: self.voice.clone(), text }),
        }
    }
}

fn name_of(tag: &str) -> &str {
    let name = tag.trim_start_matches('/');
    name.split(['.', ' ', '\t', '/']).next().unwrap_or(name)
}

fn is_known(tag: &str) -> bool {
    matches!(name_of(tag), "c" | "i" | "b" | "u" | "ruby" | "rt" | "lang" | "v" | "")
}

/// Whether it is one of HTML's that other programs write for its looks.
fn is_formatting(tag: &str) -> bool {
    let name = name_of(tag).to_ascii_lowercase();
    matches!(name.as_str(), "font" | "br" | "span" | "p" | "em" | "strong" | "s")
}

/// Splits `<tag>rest`; `None` where the `<` can open no tag.
fn tag(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('<')?;
    let end = inner
        .find(['>', '<'])
        .filter(|&end| inner.get(end..).is_some_and(|t| t.starts_with('>')))?;
    let (tag, rest) = inner.split_at(end);
    let opens = tag.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/');
    opens.then(|| (tag, rest.get(1..).unwrap_or_default()))
}

/// The character of an escape at the start of `text` and what follows; `None` and what follows
/// the `&` where it is no escape.
fn entity(text: &str) -> (Option<char>, &str) {
    let plain = (None, text.get(1..).unwrap_or_default());
    let Some(end) = text.char_indices().take(12).find(|(_, c)| *c == ';').map(|(at, _)| at) else {
        return plain;
    };
    let name = text.get(1..end).unwrap_or_default();
    let letter = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        "lrm" => Some('\u{200e}'),
        "rlm" => Some('\u{200f}'),
        _ => name.strip_prefix('#').and_then(|number| {
            match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => number.parse().ok(),
            }
            .and_then(char::from_u32)
        }),
    };
    match letter {
        Some(letter) => (Some(letter), text.get(end + 1..).unwrap_or_default()),
        None => plain,
    }
}

/// Replaces the escapes of a text by what they stand for.
pub(crate) fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let (letter, after) = entity(tail);
        out.push(letter.unwrap_or('&'));
        rest = after;
    }
    out.push_str(rest);
    out
}
