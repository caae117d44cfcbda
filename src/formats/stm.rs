//! STM, the reference transcripts of NIST's scorers: a line per segment, with speaker and times.
//!
//! `FILE CHANNEL SPEAKER START END [<LABELS>] TEXT`; lines beginning with `;;` are comments.

use crate::formats::FormatError;
use crate::formats::rttm::{lines, seconds};
use crate::time::Span;

/// One line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StmSegment {
    /// The recording's name.
    pub file: String,
    /// Channel, `1` or `A`.
    pub channel: String,
    /// Who speaks.
    pub speaker: String,
    /// When.
    pub span: Span,
    /// What is said; empty where nothing is to be scored.
    pub text: String,
}

/// Reads all lines; a line that is none of STM is named in the error.
pub fn parse(text: &str) -> Result<Vec<StmSegment>, FormatError> {
    let mut segments = Vec::new();
    for (number, line) in lines(text) {
        segments.push(segment(line).ok_or_else(|| FormatError::Malformed {
            line: number,
            column: 1,
            problem: "expected `file channel speaker start end text`".to_owned(),
        })?);
    }
    Ok(segments)
}

fn segment(line: &str) -> Option<StmSegment> {
    let (file, rest) = field(line)?;
    let (channel, rest) = field(rest)?;
    let (speaker, rest) = field(rest)?;
    let (start, rest) = field(rest)?;
    let (end, rest) = field(rest).unwrap_or((rest, ""));
    let text = match rest.strip_prefix('<').and_then(|labels| labels.split_once('>')) {
        Some((_, text)) => text,
        None => rest,
    };
    Some(StmSegment {
        file: file.to_owned(),
        channel: channel.to_owned(),
        speaker: speaker.to_owned(),
        span: Span::new(seconds(start).ok()?, seconds(end).ok()?)?,
        text: text.split_whitespace().collect::<Vec<_>>().join(" "),
    })
}

/// The first word and what follows it.
fn field(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.trim_start().split_once(char::is_whitespace)?;
    Some((word, rest.trim_start()))
}

/// Prints segments, one a line. A text that begins as labels do stands behind the label of all.
pub fn print(segments: &[StmSegment]) -> String {
    segments
        .iter()
        .map(|s| {
            format!(
                "{} {} {} {:.3} {:.3} {}{}\n",
                s.file,
                s.channel,
                s.speaker,
                s.span.start().as_seconds(),
                s.span.end().as_seconds(),
                if s.text.starts_with('<') { "<o> " } else { "" },
                s.text
            )
        })
        .collect::<Vec<_>>()
        .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Ms;

    #[test]
    fn reads_labels_and_comments() {
        let text =
            ";; a comment\nep1 1 Anna 0.50 2.25 <o,f0,female> Good  morning.\nep1 1 Tom 3 4\n";
        let segments = parse(text).unwrap();
        assert_eq!(segments.len(), 2);
        assert_eq!(segments[0].text, "Good morning.");
        assert_eq!(segments[0].span, Span::new(Ms::new(500), Ms::new(2_250)).unwrap());
        assert_eq!((segments[1].speaker.as_str(), segments[1].text.as_str()), ("Tom", ""));
        assert_eq!(parse(&print(&segments)).unwrap(), segments);
    }

    #[test]
    fn a_text_that_begins_like_labels_comes_back() {
        let segments = parse("ep1 1 Anna 0.5 2 <o> <NA> Good.\n").unwrap();
        assert_eq!(segments[0].text, "<NA> Good.");
        assert_eq!(parse(&print(&segments)).unwrap(), segments);
    }

    #[test]
    fn a_broken_line_is_named() {
        let error = parse("ep1 1 Anna 2 1 backwards").unwrap_err();
        assert!(error.to_string().starts_with("line 1"), "{error}");
    }
}
