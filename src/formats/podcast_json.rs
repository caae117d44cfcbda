//! The JSON transcript of the podcast namespace, version 1.0.0.

use serde_json::Value;

use crate::formats::json::{self, Json};
use crate::formats::recognizers::tell_unit;
use crate::formats::stated::{Pace, Stated, Unit};
use crate::formats::{Diagnostic, FormatError, Passage, bounded, clock, names};
use crate::time::Ms;

/// A transcript.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodcastJson {
    /// The segments, sorted by start.
    pub segments: Vec<JsonSegment>,
}

/// A word, a line or a turn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JsonSegment {
    /// Who speaks.
    pub speaker: Option<String>,
    /// When it begins.
    pub start: Ms,
    /// When it ends, where known.
    pub end: Option<Ms>,
    /// The words.
    pub body: String,
}

impl PodcastJson {
    /// The text with times and speakers. Segments of one word are joined up to the end of a
    /// paragraph or the next speaker.
    pub fn passages(&self) -> Vec<Passage> {
        let words = self.segments.iter().filter(|s| !s.body.trim().contains(' ')).count();
        let by_word = words * 10 > self.segments.len() * 8 && self.segments.len() > 3;
        let mut passages: Vec<Passage> = Vec::new();
        let mut joins = false;
        for segment in &self.segments {
            let text = segment.body.split_whitespace().collect::<Vec<_>>().join(" ");
            match passages.last_mut() {
                Some(last) if joins && by_word && last.speaker == segment.speaker => {
                    last.text.push(' ');
                    last.text.push_str(&text);
                    last.end = segment.end.or(last.end);
                }
                _ => passages.push(Passage {
                    start: Some(segment.start),
                    end: segment.end,
                    speaker: segment.speaker.clone(),
                    is_sound: false,
                    text,
                    line: 0,
                }),
            }
            joins = !segment.body.ends_with('\n');
        }
        passages.retain(|passage| !passage.text.is_empty());
        names::settle(&mut passages);
        passages
    }
}

/// Writes a file, one segment a line.
pub fn print(file: &PodcastJson) -> String {
    let mut out = String::from("{\"version\":\"1.0.0\",\"segments\":[");
    for (index, segment) in file.segments.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        let mut members = Vec::new();
        if let Some(speaker) = &segment.speaker {
            members.push(("speaker", Value::from(speaker.as_str())));
        }
        members.push(("startTime", clock::json_seconds(segment.start)));
        if let Some(end) = segment.end {
            members.push(("endTime", clock::json_seconds(end)));
        }
        members.push(("body", Value::from(segment.body.as_str())));
        out.push_str(&json::print_object(&members));
    }
    out.push_str("\n]}\n");
    out
}

/// Reads a file; times may be texts, the version may be missing.
///
/// # Errors
/// If it is not JSON or has no `segments`.
pub fn parse(text: &str) -> Result<(PodcastJson, Vec<Diagnostic>), FormatError> {
    let json = Json::parse(text)?;
    let mut found = Vec::new();
    let Some(segments) = json.get("segments").and_then(Json::array) else {
        let problem = "expected an object with an array `segments`".to_owned();
        return Err(FormatError::Malformed { line: json.line, column: json.column, problem });
    };
    match json.get("version").map(|version| (version, version.text())) {
        Some((_, Some("1.0.0"))) => {}
        Some((version, _)) => {
            let message = "`version` is not \"1.0.0\"";
            found.push(
                Diagnostic::error("J1", version.line, version.column, message)
                    .fix("write \"1.0.0\""),
            );
        }
        None => {
            let message = "`version` is missing";
            found.push(
                Diagnostic::error("J1", json.line, json.column, message)
                    .fix("add \"version\": \"1.0.0\""),
            );
        }
    }
    let mut file = PodcastJson::default();
    let mut latest = Ms::ZERO;
    let unit = unit_of(segments, &mut found);
    for segment in segments {
        if let Some(segment) = read_segment(segment, unit, &mut latest, &mut found) {
            file.segments.push(segment);
        }
        bounded(&mut found);
    }
    found.sort();
    Ok((file, found))
}

/// Whether a file is of this form: its segments have a `body`, or there are none.
pub(crate) fn is_like(json: &Json<'_>) -> bool {
    let Some(segments) = json.get("segments").and_then(Json::array) else { return false };
    match segments.first() {
        Some(first) => first.get("body").is_some() || first.get("startTime").is_some(),
        None => json.get("version").is_some(),
    }
}

fn stated(json: &Json<'_>, names: &[&str]) -> Option<Stated> {
    json.any(names).and_then(|time| Stated::read(time, None))
}

/// The unit of the times; some programs write milliseconds where seconds are asked for.
fn unit_of(segments: &[Json<'_>], found: &mut Vec<Diagnostic>) -> Unit {
    let mut pace = Pace::default();
    for segment in segments {
        let (start, end) = (stated(segment, &STARTS), stated(segment, &ENDS));
        let body = segment.get("body").and_then(Json::text).unwrap_or_default();
        if let (Some(Stated::Plain(start)), Some(Stated::Plain(end))) = (start, end) {
            pace.add(start, end, body);
        }
    }
    let place = segments.first().map_or((1, 1), |first| (first.line, first.column));
    // The form asks for seconds, and what fits no unit may be a long sound.
    tell_unit(pace.unit().or(Some(Unit::Seconds)), place, found)
}

const STARTS: [&str; 2] = ["startTime", "start"];
const ENDS: [&str; 2] = ["endTime", "end"];

fn read_segment(
    json: &Json<'_>,
    unit: Unit,
    latest: &mut Ms,
    found: &mut Vec<Diagnostic>,
) -> Option<JsonSegment> {
    let place = |rule, json: &Json<'_>, message: &str| {
        Diagnostic::error(rule, json.line, json.column, message)
    };
    let Some(body) = json.get("body").and_then(Json::text) else {
        let message = "`body` is missing or no text; the segment is left out";
        found.push(place("J5", json, message).fix("write its words into `body`"));
        return None;
    };
    let mut time = |rule, names: &[&str]| match stated(json, names)?.time(unit, 0.0) {
        Ok(time) => Some(time),
        Err(fault) => {
            let fix = "write the time in seconds; until then it counts as missing";
            found.push(place(rule, json, &fault.to_string()).fix(fix));
            None
        }
    };
    let (start, end) = (time("J2", &STARTS), time("J3", &ENDS));
    // Words without a time are words all the same.
    let start = start.unwrap_or_else(|| {
        if stated(json, &STARTS).is_none() {
            let message = "`startTime` is missing; it is taken for that of the segment above";
            found.push(place("J2", json, message).fix("write the start in seconds"));
        }
        *latest
    });
    for name in ["startTime", "endTime"] {
        if let Some(time) = json.get(name).filter(|time| time.number().is_none()) {
            let rule = if name == "startTime" { "J2" } else { "J3" };
            let message = format!("`{name}` is no number");
            found.push(place(rule, time, &message).fix("write seconds as a number"));
        }
    }
    if let Some(end) = end
        && end <= start
    {
        let message = "`endTime` is not after `startTime`";
        found.push(place("J3", json, message).fix("end it later, or leave `endTime` out"));
    }
    let is_before = matches!(stated(json, &STARTS), Some(Stated::Plain(start)) if start < 0.0);
    if start < *latest || is_before {
        let message = "the segment starts before the one above or before 0";
        found.push(
            Diagnostic::warning("J6", json.line, json.column, message)
                .fix("sort the segments by start"),
        );
    }
    *latest = (*latest).max(start);
    let speaker = json.get("speaker").filter(|s| s.value != json::Value::Null);
    if let Some(speaker) = speaker.filter(|speaker| speaker.text().is_none()) {
        found.push(place("J4", speaker, "`speaker` is no text").fix("write a name"));
    }
    let speaker = speaker.and_then(Json::text).filter(|name| !name.trim().is_empty());
    Some(JsonSegment { speaker: speaker.map(str::to_owned), start, end, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_named_with_their_place() {
        let text = "{\"segments\":[\n{\"startTime\":\"2\",\"body\":\"a\"},\n\
                    {\"startTime\":1.5,\"endTime\":1,\"body\":\"b\"},\n{\"startTime\":1}]}";
        let (file, found) = parse(text).unwrap();
        let rules: Vec<_> = found.iter().map(|d| (d.line, d.rule)).collect();
        assert_eq!(rules, [(1, "J1"), (2, "J2"), (3, "J3"), (3, "J6"), (4, "J5")]);
        assert_eq!(file.segments[0].start, Ms::new(2_000));
    }

    #[test]
    fn what_is_no_time_is_told_and_milliseconds_are_seen() {
        let text = "{\"version\":\"1.0.0\",\"segments\":[\n{\"startTime\":1e300,\"body\":\"a\"},\n\
                    {\"startTime\":5,\"endTime\":1e15,\"body\":\"b\"}]}";
        let (file, found) = parse(text).unwrap();
        let told: Vec<_> = found.iter().map(|d| (d.line, d.rule)).collect();
        assert_eq!(told, [(2, "J2"), (3, "J3")]);
        assert_eq!((file.segments[0].start, file.segments[1].end), (Ms::ZERO, None));
        let ms = "{\"version\":\"1.0.0\",\"segments\":[\
                  {\"startTime\":250,\"endTime\":650,\"body\":\"Right,\"}]}";
        let (file, found) = parse(ms).unwrap();
        assert_eq!(file.segments[0].start, Ms::new(250));
        assert_eq!(found[0].rule, "J7");
    }

    #[test]
    fn words_are_joined_to_paragraphs() {
        let word = |start, body: &str| JsonSegment {
            speaker: Some("Ann".into()),
            start: Ms::new(start),
            end: Some(Ms::new(start + 100)),
            body: body.into(),
        };
        let file = PodcastJson {
            segments: vec![word(0, "One"), word(200, "two.\n"), word(400, "Three"), word(600, "x")],
        };
        let texts: Vec<_> = file.passages().into_iter().map(|p| p.text).collect();
        assert_eq!(texts, ["One two.", "Three x"]);
    }
}
