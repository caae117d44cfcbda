//! The JSON that speech recognizers write: Whisper, `WhisperX`, faster-whisper's and whisper.cpp's
//! tools, and our own `words.json`.

use crate::formats::json::Json;
use crate::formats::{Diagnostic, FormatError, Passage, clock, names};
use crate::time::Ms;

/// Reads a file.
///
/// Known forms: `segments` with `start`, `end`, `text`, perhaps `speaker` and `words`; `words` or
/// `word_segments` alone; `transcription` with `offsets` in milliseconds; `chunks` with `timestamp`.
///
/// # Errors
/// If it is not JSON or of none of these forms.
pub fn parse(text: &str) -> Result<(Vec<Passage>, Vec<Diagnostic>), FormatError> {
    let json = Json::parse(text)?;
    let lists = ["segments", "transcription", "chunks", "words", "word_segments"];
    let list = lists.iter().find_map(|name| Some((*name, json.get(name)?.array()?)));
    let Some((name, items)) = list else {
        let problem = format!("expected an object with one of the arrays `{}`", lists.join("`, `"));
        return Err(FormatError::Malformed { line: json.line, column: json.column, problem });
    };
    let mut passages = Vec::new();
    let mut found = Vec::new();
    for item in items {
        if matches!(name, "words" | "word_segments") {
            add_word(&mut passages, item);
            continue;
        }
        let words = item.get("words").and_then(Json::array).unwrap_or_default();
        let speaks = words.iter().any(|word| word.get("speaker").is_some());
        if speaks && words.iter().any(|word| word.get("start").is_some()) {
            for word in words {
                add_word(&mut passages, word);
            }
            continue;
        }
        match segment(item) {
            Some(passage) => passages.push(passage),
            None => found.push(
                Diagnostic::warning(
                    "J5",
                    item.line,
                    item.column,
                    "an entry without text is left out",
                )
                .fix("write its words into `text`"),
            ),
        }
    }
    names::settle(&mut passages);
    Ok((passages, found))
}

fn segment(json: &Json) -> Option<Passage> {
    let text = json.get("text")?.text()?.split_whitespace().collect::<Vec<_>>().join(" ");
    let (mut start, mut end) = (seconds(json.get("start")), seconds(json.get("end")));
    if let Some(offsets) = json.get("offsets") {
        start = millis(offsets.get("from"));
        end = millis(offsets.get("to"));
    } else if let Some(times) = json.any(&["timestamps", "timestamp"]) {
        let pair = times.array().unwrap_or_default();
        start = seconds(times.get("from").or(pair.first()));
        end = seconds(times.get("to").or(pair.get(1)));
    }
    Some(Passage { start, end, speaker: speaker(json), text, ..Passage::default() })
        .filter(|passage| !passage.text.is_empty())
}

/// Adds a word to the last passage, or begins a new one where the speaker changes, a sentence
/// ends, or no time ties them.
fn add_word(passages: &mut Vec<Passage>, json: &Json) {
    let Some(text) = json.any(&["word", "text"]).and_then(Json::text).map(str::trim) else {
        return;
    };
    if text.is_empty() {
        return;
    }
    let (start, end) = (seconds(json.get("start")), seconds(json.get("end")));
    // WhisperX gives words such as numbers no time and no speaker.
    let said_by = speaker(json);
    let same = |last: &Passage| said_by == last.speaker || (start.is_none() && said_by.is_none());
    let open = passages.last_mut().filter(|last| {
        let pause = last.end.zip(start).map_or(Ms::ZERO, |(end, start)| start - end);
        same(last) && !last.text.ends_with(['.', '?', '!', '…']) && pause < Ms::new(2_000)
    });
    match open {
        Some(last) => {
            last.text.push(' ');
            last.text.push_str(text);
            last.end = end.or(last.end);
        }
        None => passages.push(Passage {
            start,
            end,
            speaker: said_by,
            text: text.to_owned(),
            ..Passage::default()
        }),
    }
}

fn speaker(json: &Json) -> Option<String> {
    let name = json.get("speaker")?.text()?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn seconds(json: Option<&Json>) -> Option<Ms> {
    let json = json?;
    json.lenient_number().map(Ms::from_seconds).or_else(|| clock::parse(json.text()?))
}

fn millis(json: Option<&Json>) -> Option<Ms> {
    json?.lenient_number().map(|ms| Ms::from_seconds(ms / 1000.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(json: &str) -> Vec<(Option<i64>, Option<String>, String)> {
        let passages = parse(json).unwrap().0;
        passages.into_iter().map(|p| (p.start.map(Ms::get), p.speaker, p.text)).collect()
    }

    #[test]
    fn every_recognizer_is_read() {
        let one = vec![(Some(1_500), None, "Hello there.".to_owned())];
        assert_eq!(
            texts(r#"{"segments":[{"id":0,"start":1.5,"end":2,"text":" Hello there."}]}"#),
            one
        );
        let cpp =
            r#"{"transcription":[{"offsets":{"from":1500,"to":2000},"text":" Hello there."}]}"#;
        assert_eq!(texts(cpp), one);
        assert_eq!(texts(r#"{"chunks":[{"timestamp":[1.5,2],"text":" Hello there."}]}"#), one);
        let x = r#"{"segments":[{"start":1.5,"end":3,"text":"x","speaker":"A","words":[
            {"word":"Hello","start":1.5,"end":1.8,"score":0.9,"speaker":"A"},{"word":"12"},
            {"word":"Bye","start":2,"end":2.5,"speaker":"B"}]}]}"#;
        let expected = [(Some(1_500), "A", "Hello 12"), (Some(2_000), "B", "Bye")]
            .map(|(at, who, text)| (at, Some(who.to_owned()), text.to_owned()));
        assert_eq!(texts(x), expected);
    }
}
