//! `DOTe`'s JSON transcript: lines with times as texts.

use crate::formats::json::Json;
use crate::formats::{Diagnostic, FormatError, Passage, bounded, clock, names};

/// Whether a file is of this form.
pub(crate) fn is_like(json: &Json<'_>) -> bool {
    let lines = json.get("lines").and_then(Json::array);
    lines.is_some_and(|lines| {
        lines.first().is_none_or(|first| first.any(&["startTime", "speakerDesignation"]).is_some())
    })
}

/// Reads a file: `{"lines":[{"startTime","endTime","speakerDesignation","text"}]}`.
///
/// # Errors
/// If it is not JSON or has no `lines`.
pub fn parse(text: &str) -> Result<(Vec<Passage>, Vec<Diagnostic>), FormatError> {
    let json = Json::parse(text)?;
    let Some(lines) = json.get("lines").and_then(Json::array) else {
        let problem = "expected an object with an array `lines`".to_owned();
        return Err(FormatError::Malformed { line: json.line, column: json.column, problem });
    };
    let mut passages = Vec::new();
    let mut found = Vec::new();
    for line in lines {
        let time = |name: &str| line.get(name).and_then(Json::text).and_then(clock::parse);
        let text_of = |name: &str| line.get(name).and_then(Json::text).unwrap_or_default().trim();
        let (text, speaker) = (text_of("text"), text_of("speakerDesignation"));
        if time("startTime").is_none() {
            let message = "`startTime` is missing or no time";
            found.push(
                Diagnostic::warning("J2", line.line, line.column, message)
                    .fix("write `hh:mm:ss,mmm`"),
            );
            bounded(&mut found);
        }
        if !text.is_empty() {
            passages.push(Passage {
                start: time("startTime"),
                end: time("endTime"),
                speaker: Some(speaker.to_owned()).filter(|name| !name.is_empty()),
                text: text.split_whitespace().collect::<Vec<_>>().join(" "),
                ..Passage::default()
            });
        }
    }
    names::settle(&mut passages);
    Ok((passages, found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Ms;

    #[test]
    fn lines_are_read() {
        let text = r#"{"lines":[{"startTime":"00:00:01,500","endTime":"00:00:02,000",
            "speakerDesignation":"Ann","text":"Hi."}]}"#;
        let (passages, found) = parse(text).unwrap();
        assert_eq!(found, []);
        assert_eq!(passages[0].start, Some(Ms::new(1_500)));
        assert_eq!(passages[0].speaker.as_deref(), Some("Ann"));
    }
}
