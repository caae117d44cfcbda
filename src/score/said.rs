//! What was said, read from any file that tells it: the reference or the hypothesis of a score.

use serde::Deserialize;

use crate::formats::source::SourceText;
use crate::formats::stated::{Pace, Stated, Unit};
use crate::formats::{FormatError, ctm, stm};
use crate::import::{self, ImportedParagraph};
use crate::time::{Ms, NoTime, Span};

/// A stretch of speech: a word, a sentence or a paragraph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Who speaks; empty where it is not told.
    pub speaker: String,
    /// When, where it is told.
    pub span: Option<Span>,
    /// The words.
    pub text: String,
}

/// A sentence of a list, or a word of `words.json`. Sounds have no text.
#[derive(Deserialize)]
struct Piece {
    start: f64,
    end: f64,
    #[serde(default)]
    text: String,
    #[serde(default)]
    speaker: Option<String>,
}

#[derive(Deserialize)]
struct WordsFile {
    words: Vec<Piece>,
}

/// Reads stretches in the order of their starts: a JSON list of `start`, `end` (seconds), `text`
/// and perhaps `speaker`; `words.json`; STM; CTM; any transcript that `import` reads.
///
/// # Errors
/// If the file is none of these, or a time in it is none of a recording.
pub fn read(bytes: &[u8], file_name: &str) -> Result<Vec<Said>, FormatError> {
    let text = SourceText::decode(bytes)?.text;
    let mut said = match ending(file_name).as_str() {
        "stm" => stm::parse(&text)?.into_iter().map(segment).collect(),
        "ctm" => ctm::parse(&text)?
            .into_iter()
            .map(|word| Said { speaker: String::new(), span: Some(word.span), text: word.text })
            .collect(),
        _ => match pieces(&text) {
            Some(pieces) => stretches(pieces)?,
            None => imported(bytes, file_name)?,
        },
    };
    said.retain(|stretch: &Said| !stretch.text.trim().is_empty());
    if said.iter().all(|stretch| stretch.span.is_some()) {
        said.sort_by_key(|stretch| stretch.span.map(Span::start));
    }
    Ok(said)
}

fn ending(file_name: &str) -> String {
    file_name.rsplit_once('.').map_or_else(String::new, |(_, end)| end.to_ascii_lowercase())
}

fn pieces(text: &str) -> Option<Vec<Piece>> {
    serde_json::from_str(text)
        .ok()
        .or_else(|| serde_json::from_str::<WordsFile>(text).ok().map(|file| file.words))
}

/// Some services count milliseconds where we count seconds.
fn stretches(pieces: Vec<Piece>) -> Result<Vec<Said>, FormatError> {
    let mut pace = Pace::default();
    for piece in &pieces {
        pace.add(piece.start, piece.end, &piece.text);
    }
    let unit = pace.unit().unwrap_or(Unit::Seconds);
    let time = |number: f64| {
        let no_time = |fault: NoTime| {
            let problem = fault.to_string();
            FormatError::Malformed { line: 1, column: 1, problem }
        };
        Stated::Plain(number).time(unit, 0.0).map_err(no_time)
    };
    let stretch = |piece: Piece| {
        let span = Span::at_least_1ms(time(piece.start)?, time(piece.end)?);
        Ok(Said { speaker: piece.speaker.unwrap_or_default(), span: Some(span), text: piece.text })
    };
    pieces.into_iter().map(stretch).collect()
}

fn segment(segment: stm::StmSegment) -> Said {
    // What the scorers of NIST leave out is not said.
    let left_out = segment.text.eq_ignore_ascii_case("ignore_time_segment_in_scoring");
    let text = if left_out { String::new() } else { segment.text };
    Said { speaker: segment.speaker, span: Some(segment.span), text }
}

fn imported(bytes: &[u8], file_name: &str) -> Result<Vec<Said>, FormatError> {
    let (imported, _) = import::import(bytes, file_name)?;
    Ok(imported.paragraphs.iter().filter(|paragraph| !paragraph.is_sound).map(paragraph).collect())
}

fn paragraph(paragraph: &ImportedParagraph) -> Said {
    let end = paragraph.pieces.last().and_then(|piece| piece.end);
    let span =
        paragraph.start().map(|start| Span::at_least_1ms(start, end.unwrap_or(start + Ms::new(1))));
    Said { speaker: paragraph.speaker.clone().unwrap_or_default(), span, text: paragraph.text() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_seen_and_what_is_no_time_is_refused() {
        let json = r#"{"words":[{"start":250,"end":650,"text":"Right,"}]}"#;
        let said = read(json.as_bytes(), "a.json").unwrap();
        assert_eq!(said[0].span, Span::new(Ms::new(250), Ms::new(650)));
        let far = r#"[{"start":1e15,"end":2e15,"text":"x"}]"#;
        let refused = read(far.as_bytes(), "a.json").unwrap_err().to_string();
        assert!(refused.contains("`1e15`"), "{refused}");
        assert!(matches!(read(b"%PDF-1.7", "a.json"), Err(FormatError::Foreign(_))));
    }

    fn texts(bytes: &str, name: &str) -> Vec<(String, String)> {
        read(bytes.as_bytes(), name).unwrap().into_iter().map(|s| (s.speaker, s.text)).collect()
    }

    #[test]
    fn every_kind_of_file_tells_who_said_what() {
        let expected = [("Ada".to_owned(), "Good morning.".to_owned())];
        for (text, name) in [
            (
                r#"[{"start":1.0,"end":2.0,"speaker":"Ada","text":"Good morning."},{"start":0,"end":1}]"#,
                "t.json",
            ),
            (
                "ep 1 Ada 1.0 2.0 Good morning.\nep 1 Ada 3.0 4.0 IGNORE_TIME_SEGMENT_IN_SCORING\n",
                "t.stm",
            ),
            ("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ada>Good morning.\n", "t.vtt"),
            ("1\n00:00:01,000 --> 00:00:02,000\nAda: Good morning.\n", "t.srt"),
        ] {
            assert_eq!(texts(text, name), expected, "{name}");
        }
        assert_eq!(
            texts("ep 1 1.0 0.5 Good 0.9\nep 1 1.5 0.5 morning.\n", "t.ctm"),
            [(String::new(), "Good".to_owned()), (String::new(), "morning.".to_owned())]
        );
    }

    #[test]
    fn what_is_none_of_them_is_refused() {
        assert!(read(b"ep 1 x y\n", "t.stm").is_err());
    }
}
