//! An entry of a list: a word, a line, or a turn with its words.

use std::borrow::Cow;

use crate::formats::json::{Json, Value};
use crate::formats::stated::{Stated, Unit};

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// A word, to be joined with its neighbours.
    Word,
    /// A line, or a sentence.
    Line,
    /// A full stop or a comma, which stands close to the word before.
    Mark,
    /// Laughter, music.
    Sound,
}

/// Something that was said, as it is stated.
#[derive(Debug, Clone)]
pub(super) struct Entry<'j> {
    pub(super) sort: Sort,
    pub(super) text: Cow<'j, str>,
    pub(super) start: Option<Stated>,
    pub(super) end: Option<Stated>,
    /// The start as text, by which Amazon knows a word.
    pub(super) start_text: Option<&'j str>,
    pub(super) speaker: Option<String>,
    pub(super) channel: Option<String>,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// Names for the words of an entry.
const TEXTS: [&str; 15] = [
    "punctuated_word",
    "word",
    "text",
    "sentence",
    "raw_text",
    "content",
    "Content",
    "value",
    "transcript",
    "transcription",
    "spokenText",
    "body",
    "caption",
    "DisplayText",
    "display",
];
/// Names for the words below an entry.
const PARTS: [&str; 6] = ["words", "elements", "displayWords", "items", "Words", "result"];
/// Names for lists of readings, the best one first.
const READINGS: [&str; 3] = ["alternatives", "nBest", "NBest"];

type Named = (&'static str, Option<Unit>);
const MS: Option<Unit> = Some(Unit::Milliseconds);
const TICKS: Option<Unit> = Some(Unit::Ticks);

/// Names for the start; those that say their unit come first.
const STARTS: [Named; 27] = [
    ("start_ms", MS),
    ("startMs", MS),
    ("start_time_ms", MS),
    ("startTimeMs", MS),
    ("tStartMs", MS),
    ("offsetMilliseconds", MS),
    ("BeginOffsetMillis", MS),
    ("offsetInTicks", TICKS),
    ("Offset", TICKS),
    ("start", None),
    ("startTime", None),
    ("start_time", None),
    ("start_timestamp", None),
    ("startOffset", None),
    ("start_offset", None),
    ("startSeconds", None),
    ("time_begin", None),
    ("timeOffset", None),
    ("begin", None),
    ("from", None),
    ("ts", None),
    ("data_start", None),
    ("offset", None),
    ("timestamp", None),
    ("timeStamp", None),
    ("startDateTime", None),
    ("time", None),
];
const ENDS: [Named; 20] = [
    ("end_ms", MS),
    ("endMs", MS),
    ("end_time_ms", MS),
    ("endTimeMs", MS),
    ("EndOffsetMillis", MS),
    ("end", None),
    ("endTime", None),
    ("end_time", None),
    ("end_ts", None),
    ("end_timestamp", None),
    ("endOffset", None),
    ("end_offset", None),
    ("endSeconds", None),
    ("time_end", None),
    ("to", None),
    ("data_end", None),
    ("endDateTime", None),
    ("finish", None),
    ("stop", None),
    ("until", None),
];
const LENGTHS: [Named; 8] = [
    ("dDurationMs", MS),
    ("durationMs", MS),
    ("duration_ms", MS),
    ("durationMilliseconds", MS),
    ("durationInTicks", TICKS),
    ("Duration", TICKS),
    ("duration", None),
    ("dur", None),
];
/// Names for who speaks; a name before an id.
const SPEAKERS: [&str; 14] = [
    "speakerDisplayName",
    "speaker_name",
    "speakerName",
    "speaker",
    "speaker_label",
    "speakerLabel",
    "speaker_id",
    "speakerId",
    "speakerTag",
    "speaker_tag",
    "ParticipantRole",
    "participant",
    "voice",
    "from",
];
/// What stands there where nobody is known.
const NOBODY: [&str; 4] = ["UU", "unknown", "null", "none"];

/// Adds an entry, or the words below it where they tell more.
pub(super) fn read<'j>(json: &'j Json<'_>, is_word: bool, entries: &mut Vec<Entry<'j>>) {
    let (start, end) = times(json);
    let parts = parts(json);
    let told_below = parts.iter().any(|part| speaker(part).is_some())
        && parts.iter().any(|part| times(part).0.is_some());
    let text = text(json);
    if !parts.is_empty() && (text.is_none() || start.is_none() || told_below) {
        let before = entries.len();
        for part in parts {
            read(part, true, entries);
        }
        let (outer, channel) = (speaker(json), channel(json));
        for entry in entries.iter_mut().skip(before) {
            entry.speaker = entry.speaker.take().or_else(|| outer.clone());
            entry.channel = entry.channel.take().or_else(|| channel.clone());
        }
        if entries.len() > before {
            return;
        }
    }
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return };
    let (line, column) = (json.line, json.column);
    let start_text = json.get("start_time").and_then(Json::text);
    let sort = sort(json, &text, is_word);
    let (speaker, channel) = (speaker(json), channel(json));
    entries.push(Entry { sort, text, start, end, start_text, speaker, channel, line, column });
}

/// Whether an entry has words, and a time or somebody who says them.
pub(super) fn is_said(json: &Json<'_>, is_word: bool) -> bool {
    if !matches!(json.value, Value::Object(_)) {
        return false;
    }
    let mut entries = Vec::new();
    read(json, is_word, &mut entries);
    entries.iter().any(|entry| entry.start.is_some() || entry.speaker.is_some())
}

/// Whether it is a fault that an entry has no words: pauses and changes of the speaker have none.
pub(super) fn should_speak(json: &Json<'_>) -> bool {
    !READINGS.iter().chain(&["type", "segs", "tStartMs"]).any(|name| json.get(name).is_some())
        && text(json).is_none()
}

/// Entries that are not known to be words are, where nearly all have no space in them.
pub(super) fn tell_words_from_lines(entries: &mut [Entry<'_>]) {
    let is_short = |text: &str| !text.trim().contains(' ') && text.bytes().all(|b| b < 0xe0);
    let lines = || entries.iter().filter(|entry| entry.sort == Sort::Line);
    let short = lines().filter(|entry| is_short(&entry.text)).count();
    let count = lines().count();
    if count > 3 && short * 10 > count * 8 {
        for entry in entries.iter_mut().filter(|entry| entry.sort == Sort::Line) {
            entry.sort = Sort::Word;
        }
    }
}

fn sort(json: &Json<'_>, text: &str, is_word: bool) -> Sort {
    let kind = json.get("type").and_then(Json::text).unwrap_or_default();
    let is_mark =
        |text: &str| text.chars().all(|c| c.is_ascii_punctuation() || "、。，！？…".contains(c));
    match kind {
        "audio_event" => Sort::Sound,
        "punctuation" | "punct" if is_mark(text.trim()) => Sort::Mark,
        "word" | "pronunciation" | "entity" => Sort::Word,
        _ if is_word || json.get("word").is_some() => Sort::Word,
        _ => Sort::Line,
    }
}

fn best<'j, 't>(json: &'j Json<'t>) -> Option<&'j Json<'t>> {
    json.any(&READINGS).and_then(Json::array).and_then(<[_]>::first)
}

fn text<'j>(json: &'j Json<'_>) -> Option<Cow<'j, str>> {
    let of = |json: &'j Json<'_>| TEXTS.iter().find_map(|name| json.get(name)?.text());
    if let Some(text) = of(json).or_else(|| of(best(json)?)) {
        return Some(Cow::Borrowed(text));
    }
    // YouTube's pieces of a line.
    let pieces = json.get("segs").and_then(Json::array)?;
    let pieces = pieces.iter().filter_map(|piece| piece.get("utf8")?.text());
    Some(Cow::Owned(pieces.collect()))
}

fn parts<'j, 't>(json: &'j Json<'t>) -> &'j [Json<'t>] {
    let of = |json: &'j Json<'t>| json.any(&PARTS).and_then(Json::array);
    of(json).or_else(|| of(best(json)?)).unwrap_or_default()
}

fn speaker(json: &Json<'_>) -> Option<String> {
    let of = |json: &Json<'_>| {
        let named = SPEAKERS.iter().find_map(|name| Some((*name, who(json.get(name)?)?)));
        let (name, who) = named?;
        // Google counts from 1, and 0 is nobody.
        let is_nobody = who == "0" && matches!(name, "speakerTag" | "speaker_tag");
        (!is_nobody).then_some(who)
    };
    of(json).or_else(|| of(best(json)?))
}

/// A name, or the id of somebody.
fn who(json: &Json<'_>) -> Option<String> {
    let name = match json.any(&["name", "displayName", "label", "id"]) {
        Some(inner) => short(inner)?,
        None => short(json)?,
    };
    Some(name).filter(|name| !NOBODY.contains(&name.as_str()))
}

fn channel(json: &Json<'_>) -> Option<String> {
    json.any(&["channel", "channel_label", "channelTag"]).and_then(short)
}

/// A short text or a whole number, as text.
pub(super) fn short(json: &Json<'_>) -> Option<String> {
    let text = match &json.value {
        Value::Text(text) => text.trim().to_owned(),
        Value::Number(number) if number.fract() == 0.0 => format!("{number}"),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Start and end, as they are stated.
fn times(json: &Json<'_>) -> (Option<Stated>, Option<Stated>) {
    if let Some(pair) = pair(json) {
        return pair;
    }
    let of = |names: &[Named]| {
        names.iter().find_map(|(name, unit)| Stated::read(json.get(name)?, *unit))
    };
    let start = of(&STARTS);
    let end = of(&ENDS).or_else(|| start?.and(of(&LENGTHS)?));
    (start, end)
}

/// Times that stand together: whisper.cpp's offsets, Hugging Face's pair, a video's instances.
fn pair(json: &Json<'_>) -> Option<(Option<Stated>, Option<Stated>)> {
    if let Some(offsets) = json.get("offsets") {
        let of = |name| Stated::read(offsets.get(name)?, MS);
        return Some((of("from"), of("to")));
    }
    if let Some(instance) = json.get("instances").and_then(Json::array).and_then(<[_]>::first) {
        return Some(times(instance));
    }
    let pair = json.any(&["timestamps", "timestamp"])?;
    if let Some(times) = pair.array() {
        let of = |at: usize| Stated::read(times.get(at)?, None);
        return Some((of(0), of(1)));
    }
    let of = |names: [&str; 2]| Stated::read(pair.any(&names)?, None);
    let (start, end) = (of(["from", "start"]), of(["to", "end"]));
    (start.is_some() || end.is_some()).then_some((start, end))
}
