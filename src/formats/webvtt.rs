//! WebVTT: timed cues with the speaker's name as a voice. Reference: the W3C's WebVTT, "Syntax".
//!
//! The printer writes hours always and a voice on every cue. The parser also takes what real
//! programs write: no header, a comma in times, raw `&` and `<`, cues without an empty line between.

mod markup;
mod parse;

use std::fmt::Write as _;

pub(crate) use markup::decode as decode_entities;
pub use parse::{Voices, check, parse};

use crate::formats::cues::{self, Cue};
use crate::formats::{Diagnostic, Passage, one_line, without_arrows, xml_line};
use crate::time::Span;

/// A WebVTT file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebVtt {
    /// What follows `WEBVTT` on the first line; empty as a rule.
    pub header: String,
    /// Cues and everything else, in order.
    pub blocks: Vec<VttBlock>,
}

/// A block of a WebVTT file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VttBlock {
    /// A comment, without `NOTE`.
    Note(String),
    /// A style sheet, without `STYLE`.
    Style(String),
    /// A region's settings, without `REGION`.
    Region(String),
    /// A cue.
    Cue(VttCue),
}

/// A cue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VttCue {
    /// The line above the times, where there is one.
    pub id: Option<String>,
    /// When it is shown.
    pub span: Span,
    /// What follows the times, as `align:start`; empty as a rule.
    pub settings: String,
    /// The text by voice, in order. Parts without a voice do not stand side by side.
    pub parts: Vec<VoicedText>,
}

/// A stretch of a cue's text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VoicedText {
    /// Who speaks.
    pub voice: Option<String>,
    /// The text without mark-up; lines are separated by `\n` and none is blank.
    pub text: String,
}

/// What the printer may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Everything.
    Full,
    /// Header and cues only, without comments, ids and settings, for parsers such as Castopod's
    /// that know no more.
    Plain,
}

impl WebVtt {
    /// The cues in order.
    pub fn cues(&self) -> impl Iterator<Item = &VttCue> {
        self.blocks.iter().filter_map(|block| match block {
            VttBlock::Cue(cue) => Some(cue),
            _ => None,
        })
    }

    /// The text with times and speakers, and what is to be said of how it was found: a voice carries
    /// over to cues without one, and names that other programs put into the text (`[SPEAKER_00]: `)
    /// are taken out of it.
    pub fn passages(&self) -> (Vec<Passage>, Vec<Diagnostic>) {
        let voiced = self.cues().flat_map(|cue| cue.parts.iter().map(|part| (cue.span, part)));
        let cue = |(span, part): (Span, &VoicedText)| {
            Cue::new(span, part.voice.as_deref(), part.text.lines())
        };
        cues::speech(voiced.map(cue).collect())
    }
}

/// Writes a file. Line ends inside names and ids become spaces, blank lines inside a text are left
/// out: they would end the cue.
pub fn print(file: &WebVtt, flavour: Flavour) -> String {
    let mut out = String::from("WEBVTT");
    let header = one_line(&file.header);
    if !header.is_empty() && flavour == Flavour::Full {
        let _ = write!(out, " {}", without_arrows(&header));
    }
    out.push('\n');
    for block in &file.blocks {
        match (block, flavour) {
            (VttBlock::Cue(cue), _) => print_cue(&mut out, cue, flavour),
            (_, Flavour::Plain) => {}
            (VttBlock::Note(text), _) => print_block(&mut out, "NOTE", text),
            (VttBlock::Style(text), _) => print_block(&mut out, "STYLE", text),
            (VttBlock::Region(text), _) => print_block(&mut out, "REGION", text),
        }
    }
    out
}

fn print_block(out: &mut String, kind: &str, text: &str) {
    let _ = write!(out, "\n{kind}\n");
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let _ = writeln!(out, "{}", without_arrows(line));
    }
}

fn print_cue(out: &mut String, cue: &VttCue, flavour: Flavour) {
    out.push('\n');
    if flavour == Flavour::Full
        && let Some(id) = &cue.id
        && parse::is_id(&one_line(id))
    {
        let _ = writeln!(out, "{}", one_line(id));
    }
    let (start, end) = (cue.span.start().clock_ms(), cue.span.end().clock_ms());
    let _ = write!(out, "{start} --> {end}");
    let settings = one_line(&cue.settings);
    if flavour == Flavour::Full && !settings.is_empty() {
        let _ = write!(out, " {}", without_arrows(&settings));
    }
    out.push('\n');
    let mut body = String::new();
    for part in &cue.parts {
        let text = markup::escape(&part.text);
        match part.voice.as_deref().map(xml_line).filter(|name| !name.is_empty()) {
            Some(name) => {
                let _ = write!(body, "<v {}>{text}", markup::escape(&name));
                if cue.parts.len() > 1 {
                    body.push_str("</v>");
                }
            }
            None => body.push_str(&text),
        }
    }
    for line in body.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let _ = writeln!(out, "{line}");
    }
}
