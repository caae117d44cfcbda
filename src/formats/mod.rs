//! Text <-> nouns, parser beside printer, each pure.
//!
//! A parser reads leniently and says what it forgave: it gives the document and a list of
//! [`Diagnostic`]s, each with its rule, line and column. It fails with a [`FormatError`] only where
//! nothing of the format can be found. A printer keeps every rule. For each format
//! `parse(print(x)) == x`.

#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

pub mod ass;
pub mod changelog;
pub mod chapter_lists;
pub mod chapters_json;
pub mod clock;
pub mod ctm;
pub(crate) mod cues;
pub mod diagnostic;
mod document;
pub mod dote;
pub(crate) mod furniture;
pub mod id3;
pub(crate) mod json;
pub mod labelled;
pub mod lrc;
pub mod microdvd;
pub mod names;
pub mod podcast_html;
pub mod podcast_json;
pub mod podlove;
pub mod recognizers;
pub mod rework;
pub(crate) mod rolling;
pub mod rttm;
pub mod signature;
pub mod source;
pub mod srt;
pub(crate) mod stated;
pub mod stm;
pub mod table;
pub mod ttml;
pub mod uem;
pub mod webvtt;

pub use diagnostic::{Diagnostic, FormatError, Severity};
pub(crate) use diagnostic::{bounded, settled};

use crate::time::Ms;

/// What all transcript formats have in common: a stretch of text, and what is known about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passage {
    /// When it begins.
    pub start: Option<Ms>,
    /// When it ends.
    pub end: Option<Ms>,
    /// Who says it; a name carries over where the format says so.
    pub speaker: Option<String>,
    /// Whether it is music or another sound rather than speech.
    pub is_sound: bool,
    /// The words, without mark-up; lines are joined by a space.
    pub text: String,
    /// The line on which it was found, counted from 1; 0 where the format has no lines.
    pub line: usize,
}

/// The text on one line: runs of white space become a space.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same without the control characters that XML forbids.
pub(crate) fn xml_line(text: &str) -> String {
    let is_forbidden = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    one_line(&text.replace(is_forbidden, " "))
}

/// The text without `-->`, by which a reader of captions would know a cue's times: `->` instead.
pub(crate) fn without_arrows(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter == '>' && out.ends_with("--") {
            out.truncate(out.trim_end_matches('-').len() + 1);
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_is_no_longer_one_however_long_it_is() {
        for (text, wanted) in [("a --> b", "a -> b"), ("---->>", "->>"), ("-- > ->", "-- > ->")] {
            assert_eq!(without_arrows(text), wanted);
        }
    }
}
