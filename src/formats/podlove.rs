//! Podlove's transcripts as JSON and XML, and its Simple Chapters.

mod chapters;
mod xml;

use serde_json::Value;

pub use chapters::{mp4chaps, parse_simple_chapters, simple_chapters};
pub(crate) use xml::malformed;
pub use xml::parse_xml;

use crate::formats::json::{self, Json};
use crate::formats::{Diagnostic, FormatError, Passage, bounded, clock, names};
use crate::time::Ms;

/// Writes the JSON of Podlove's player: an array of entries with times as text and milliseconds.
/// Sounds stand in brackets.
pub fn print_json(passages: &[Passage]) -> String {
    let mut out = String::from("[");
    for (index, passage) in passages.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        let start = passage.start.unwrap_or(Ms::ZERO);
        let end = passage.end.unwrap_or(start);
        let name = passage.speaker.as_deref().unwrap_or_default();
        let text = &passage.text;
        let text = if passage.is_sound { format!("[{text}]") } else { text.clone() };
        out.push_str(&json::print_object(&[
            ("start", Value::from(start.clock_ms())),
            ("start_ms", Value::from(start.get())),
            ("end", Value::from(end.clock_ms())),
            ("end_ms", Value::from(end.get())),
            ("speaker", Value::from(name)),
            ("voice", Value::from(name)),
            ("text", Value::from(text)),
        ]));
    }
    out.push_str("\n]\n");
    out
}

/// Whether a file is of this form: a bare list is, if its times are texts or have both forms.
pub(crate) fn is_like(json: &Json<'_>) -> bool {
    let entries = json.any(&["transcript", "transcripts"]).unwrap_or(json).array();
    entries.and_then(<[_]>::first).is_some_and(|first| {
        first.any(&["start_ms", "voice", "items"]).is_some()
            || first.get("start").is_some_and(|start| start.text().is_some())
    })
}

/// Reads Podlove's JSON, single or grouped.
///
/// # Errors
/// If it is not JSON or holds no array of entries.
pub fn parse_json(text: &str) -> Result<(Vec<Passage>, Vec<Diagnostic>), FormatError> {
    let json = Json::parse(text)?;
    let entries = json.any(&["transcript", "transcripts"]).unwrap_or(&json).array();
    let Some(entries) = entries else {
        let problem = "expected an array of entries with `start` and `text`".to_owned();
        return Err(FormatError::Malformed { line: json.line, column: json.column, problem });
    };
    let mut passages = Vec::new();
    let mut found = Vec::new();
    for entry in entries {
        bounded(&mut found);
        match entry.get("items").and_then(Json::array) {
            Some(items) => {
                for item in items {
                    read_entry(item, voice(entry), &mut passages, &mut found);
                }
            }
            None => read_entry(entry, None, &mut passages, &mut found),
        }
    }
    names::settle(&mut passages);
    Ok((passages, found))
}

fn read_entry(
    entry: &Json<'_>,
    outer: Option<String>,
    passages: &mut Vec<Passage>,
    found: &mut Vec<Diagnostic>,
) {
    let time = |text: &str, ms: &str| {
        let exact = entry.get(ms).and_then(Json::lenient_number);
        let exact = exact.and_then(|ms| Ms::stated(ms).ok());
        exact.or_else(|| clock::parse(entry.get(text)?.text()?))
    };
    let start = time("start", "start_ms");
    if start.is_none() {
        let stated = entry.any(&["start_ms", "start"]).is_some();
        let message =
            if stated { "the time of the entry cannot be read" } else { "the entry has no time" };
        found.push(
            Diagnostic::warning("J2", entry.line, entry.column, message)
                .fix("give it `start` or `start_ms`"),
        );
    }
    let text = entry.get("text").and_then(Json::text).unwrap_or_default();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !text.is_empty() {
        let speaker = voice(entry).or(outer);
        let end = time("end", "end_ms");
        passages.push(Passage { start, end, speaker, text, ..Passage::default() });
    }
}

/// The speaker's name; Podlove's `speaker` may be a contributor's id, `voice` is the name.
fn voice(entry: &Json<'_>) -> Option<String> {
    ["voice", "speaker"]
        .into_iter()
        .filter_map(|name| entry.get(name).and_then(Json::text))
        .map(str::trim)
        .find(|name| !name.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back() {
        let passages = vec![Passage {
            start: Some(Ms::new(1_250)),
            end: Some(Ms::new(2_000)),
            speaker: Some("Ann".into()),
            text: "Hi \"you\".".into(),
            ..Passage::default()
        }];
        let (back, found) = parse_json(&print_json(&passages)).unwrap();
        assert_eq!(found, []);
        assert_eq!(back, passages);
    }

    #[test]
    fn a_sound_comes_back_as_one() {
        let text = r#"[{"start_ms":0,"voice":"Ann","text":"Hi."},{"start_ms":9,"text":"[Rain]"}]"#;
        let (passages, _) = parse_json(text).unwrap();
        assert!(passages[1].is_sound && passages[1].text == "Rain");
        assert_eq!(parse_json(&print_json(&passages)).unwrap().0[1].text, "Rain");
        assert_eq!(parse_json(&print_json(&passages)).unwrap().0[1].speaker, None);
    }

    #[test]
    fn groups_are_read() {
        let text =
            r#"[{"speaker":"1","voice":"Ann","items":[{"start":"00:00:01.000","text":"a"}]}]"#;
        let (passages, _) = parse_json(text).unwrap();
        assert_eq!(passages[0].speaker.as_deref(), Some("Ann"));
    }
}
