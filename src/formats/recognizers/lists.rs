//! Where each service's JSON keeps the list of what was said.

use std::collections::BTreeMap;

use super::entry;
use crate::formats::json::{Json, Value};
use crate::formats::stated::Unit;

/// The services and programs whose JSON is read, as they are named to people.
pub(crate) const SERVICES: [&str; 23] = [
    "Amazon Transcribe",
    "Amberscript",
    "AssemblyAI",
    "Azure",
    "Deepgram",
    "ElevenLabs",
    "Fireflies",
    "Gladia",
    "Google Speech-to-Text",
    "Happy Scribe",
    "Hugging Face",
    "Microsoft Teams",
    "Podcasting 2.0",
    "Podlove",
    "Premiere Pro",
    "Recall.ai",
    "Rev",
    "Sonix",
    "Speechmatics",
    "Symbl",
    "Vosk",
    "Whisper and its relatives",
    "YouTube",
];

/// A place for the list.
#[derive(Clone, Copy)]
struct Place {
    /// Names from the top down; lists on the way are gone through, `*` is any name.
    path: &'static str,
    /// A name at the top without which it is another form; empty where any will do.
    beside: &'static str,
    /// What a plain number is, where the form says it.
    unit: Option<Unit>,
    /// Whether each entry is a word.
    holds_words: bool,
    /// Whether each entry is a channel of the recording.
    is_by_channel: bool,
}

const fn lines(path: &'static str) -> Place {
    Place { path, beside: "", unit: None, holds_words: false, is_by_channel: false }
}

const fn words(path: &'static str) -> Place {
    Place { holds_words: true, ..lines(path) }
}

const fn in_milliseconds(place: Place, beside: &'static str) -> Place {
    Place { beside, unit: Some(Unit::Milliseconds), ..place }
}

/// The places that services have of their own, those first that are surest. A list that has nothing
/// particular about it needs none: see [`search`].
const PLACES: &[Place] = &[
    // AssemblyAI
    in_milliseconds(words("words"), "audio_duration"),
    in_milliseconds(lines("utterances"), "audio_duration"),
    in_milliseconds(lines("sentences"), "audio_duration"),
    in_milliseconds(lines("paragraphs"), "audio_duration"),
    // Amazon Transcribe, and its analytics of calls
    words("results.items"),
    lines("Transcript"),
    // Deepgram
    Place { is_by_channel: true, ..lines("results.channels") },
    lines("results.utterances"),
    // Google's operations and batches
    lines("response.results"),
    lines("results.*.transcript.results"),
    lines("results.*.inlineResult.transcript.results"),
    // Google, Speechmatics
    lines("results"),
    // Azure: batch, fast, the indexer of videos
    lines("recognizedPhrases"),
    lines("phrases"),
    lines("videos.insights.transcript"),
    // Rev
    lines("monologues"),
    // Gladia
    lines("result.transcription.utterances"),
    lines("transcription.utterances"),
    lines("prediction"),
    // YouTube
    lines("events"),
    // Microsoft Teams
    lines("entries"),
    // Hugging Face with names, Whisper, whisper.cpp, Hugging Face
    lines("speakers"),
    lines("segments"),
    lines("transcription"),
    lines("chunks"),
    // `words.json`, ElevenLabs, WhisperX
    words("words"),
    words("word_segments"),
    // Vosk
    words("result"),
];

/// The list of a file.
pub(super) struct List<'j, 't> {
    pub(super) items: Vec<&'j Json<'t>>,
    pub(super) unit: Option<Unit>,
    pub(super) holds_words: bool,
    pub(super) is_by_channel: bool,
}

/// So many entries are looked at to know whether a list is one of what was said.
const LOOKED_AT: usize = 50;

/// Finds the list. One that is empty is known where nothing else is in the file.
pub(super) fn find<'j, 't>(json: &'j Json<'t>) -> Option<List<'j, 't>> {
    let mut empty = None;
    for place in PLACES {
        if !place.beside.is_empty() && json.get(place.beside).is_none() {
            continue;
        }
        let Some(items) = items(json, place.path) else { continue };
        let is_said =
            items.iter().take(LOOKED_AT).any(|item| entry::is_said(item, place.holds_words));
        let is_empty = items.is_empty();
        let list = List {
            items: if is_by_google(place.path) { without_repetition(items) } else { items },
            unit: place.unit,
            holds_words: place.holds_words,
            is_by_channel: place.is_by_channel,
        };
        if is_said {
            return Some(list);
        }
        if is_empty && empty.is_none() {
            empty = Some(list);
        }
    }
    let plain = |items| List { items, unit: None, holds_words: false, is_by_channel: false };
    search(json).map(plain).or(empty)
}

/// Lists lie so deep at most, and of a list on the way only the first entries are gone into.
const DEEPEST: usize = 4;
const LOOKED_INTO: usize = 8;

/// The list nearest to the top of which most entries say something, and the longest of several:
/// Fireflies, Happy Scribe, Recall.ai, Sonix, Symbl, what fetches from `YouTube`, and
/// whoever calls words and times by usual names; and files of Vosk one after the other.
fn search<'j, 't>(json: &'j Json<'t>) -> Option<Vec<&'j Json<'t>>> {
    let mut level = vec![json];
    for _ in 0..=DEEPEST {
        let lists = level.iter().filter_map(|node| node.array()).filter(|items| mostly_said(items));
        if let Some(longest) = lists.max_by_key(|items| items.len()) {
            return Some(longest.iter().collect());
        }
        let below = level.into_iter().flat_map(|node| -> Vec<&Json<'t>> {
            match &node.value {
                Value::Object(members) => members.iter().map(|(_, json)| json).collect(),
                Value::Array(items) => items.iter().take(LOOKED_INTO).collect(),
                _ => Vec::new(),
            }
        });
        level = below.take(MOST_NODES).collect();
    }
    None
}

/// So many values of one depth are looked at.
const MOST_NODES: usize = 10_000;

fn mostly_said(items: &[Json<'_>]) -> bool {
    let looked_at = items.len().min(LOOKED_AT);
    let said = items.iter().take(LOOKED_AT).filter(|item| entry::is_said(item, false)).count();
    said > 0 && said * 2 >= looked_at
}

/// The entries at a path; `None` where no list stands there, or where the file is a list itself.
fn items<'j, 't>(json: &'j Json<'t>, path: &str) -> Option<Vec<&'j Json<'t>>> {
    if json.array().is_some() {
        return None;
    }
    let mut nodes = vec![json];
    for name in path.split('.').filter(|name| !name.is_empty()) {
        let mut below = Vec::new();
        for node in nodes {
            let here = node.array().map_or_else(|| vec![node], |items| items.iter().collect());
            for node in here {
                match (&node.value, name) {
                    (Value::Object(members), "*") => below.extend(members.iter().map(|(_, j)| j)),
                    _ => below.extend(node.get(name)),
                }
            }
        }
        nodes = below;
    }
    let lists: Vec<&[Json<'t>]> = nodes.into_iter().filter_map(Json::array).collect();
    (!lists.is_empty()).then(|| lists.into_iter().flatten().collect())
}

fn is_by_google(path: &str) -> bool {
    path.ends_with("results")
}

/// Google's last result repeats all words where it tells who says them.
fn without_repetition<'j, 't>(items: Vec<&'j Json<'t>>) -> Vec<&'j Json<'t>> {
    let words = |item: &Json<'_>| {
        let alternative = item.get("alternatives").and_then(Json::array).and_then(<[_]>::first);
        let words = alternative.and_then(|first| first.get("words")).and_then(Json::array);
        words.map_or(0, <[_]>::len)
    };
    let Some((last, before)) = items.split_last() else { return items };
    let said: usize = before.iter().map(|item| words(item)).sum();
    if said > 0 && words(last) == said { vec![*last] } else { items }
}

/// Who says the word that begins at a time, where Amazon lists that apart.
pub(super) fn aws_labels<'j>(json: &'j Json<'_>) -> BTreeMap<&'j str, &'j str> {
    let of = |path: &str| items(json, path).unwrap_or_default();
    let mut labels = BTreeMap::new();
    for item in of("results.speaker_labels.segments.items") {
        let text = |name: &str| item.get(name).and_then(Json::text);
        if let (Some(start), Some(label)) = (text("start_time"), text("speaker_label")) {
            labels.insert(start, label);
        }
    }
    labels
}
