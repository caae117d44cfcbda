//! The JSON that transcription services, speech recognizers and video sites write.
//!
//! They differ in where the list of what was said stands ([`lists`]) and in what they call its parts
//! ([`entry`]); from there on all are alike. Words are joined to sentences, and nothing is taken for
//! a transcript that has no such list.

mod entry;
mod join;
mod lists;

use std::collections::BTreeMap;

use crate::formats::json::{Json, Value};
use crate::formats::stated::{Pace, Stated, Unit};
use crate::formats::{Diagnostic, FormatError, Passage, bounded, names};
use crate::time::Ms;
use entry::Entry;
use lists::List;

pub(crate) use lists::SERVICES;

/// Reads a file.
///
/// # Errors
/// If it is not JSON or of no form that is known; the error names what stands at its top.
pub fn parse(text: &str) -> Result<(Vec<Passage>, Vec<Diagnostic>), FormatError> {
    let json = Json::parse_all(text)?;
    let Some(list) = lists::find(&json) else { return Err(unknown(&json)) };
    let mut found = Vec::new();
    let entries = read(&json, &list, &mut found);
    let unit = unit_of(&entries, &list, &mut found);
    let day = first_day(&entries);
    if day.is_some() {
        let message = "the times are those of a day; they are counted from the first";
        found.push(note(&json, message).fix("compare the first times with the sound"));
    }
    let mut timing = Timing { unit, day: day.unwrap_or(0.0), found };
    let mut joined = join::Joined::default();
    for entry in &entries {
        let (start, end) = timing.times(entry);
        joined.add(entry, start, end);
    }
    let Timing { mut found, .. } = timing;
    let mut passages = joined.passages;
    let has_channels = list.is_by_channel || entries.iter().any(|entry| entry.channel.is_some());
    if has_channels && passages.iter().all(|passage| passage.start.is_some()) {
        passages.sort_by_key(|passage| passage.start);
    }
    names::settle(&mut passages);
    found.sort();
    Ok((passages, found))
}

/// Whether a file is of one of the forms that are read.
pub(crate) fn is_known(json: &Json<'_>) -> bool {
    lists::find(json).is_some()
}

fn unknown(json: &Json<'_>) -> FormatError {
    let names = match &json.value {
        Value::Object(members) => members.iter().map(|(name, _)| name.to_string()).collect(),
        Value::Array(items) => match items.first().map(|first| &first.value) {
            Some(Value::Object(members)) => {
                members.iter().map(|(name, _)| format!("[].{name}")).collect()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    FormatError::UnknownJson(names)
}

/// All entries, in order, with the people that the file names.
fn read<'j>(
    json: &'j Json<'_>,
    list: &List<'j, '_>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Entry<'j>> {
    let people = people(json);
    let labels = lists::aws_labels(json);
    let mut entries = Vec::new();
    for (number, item) in (1..).zip(&list.items) {
        let before = entries.len();
        entry::read(item, list.holds_words, &mut entries);
        if entries.len() == before && entry::should_speak(item) {
            let message = "an entry without text is left out";
            found.push(
                Diagnostic::warning("J5", item.line, item.column, message)
                    .fix("write its words into `text`"),
            );
            bounded(found);
        }
        for entry in entries.iter_mut().skip(before).filter(|_| list.is_by_channel) {
            entry.channel = Some(number.to_string());
        }
    }
    entry::tell_words_from_lines(&mut entries);
    name_channels(&mut entries);
    for entry in &mut entries {
        let label = entry.speaker.is_none().then(|| labels.get(entry.start_text?)).flatten();
        if let Some(label) = label {
            entry.speaker = Some((*label).to_owned());
        }
        let known = entry.speaker.as_ref().and_then(|speaker| people.get(speaker.as_str()));
        if let Some(name) = known {
            entry.speaker = Some((*name).to_owned());
        } else if let Some(speaker) = entry.speaker.as_mut()
            && !speaker.is_empty()
            && speaker.bytes().all(|byte| byte.is_ascii_digit())
        {
            *speaker = format!("Speaker {speaker}");
        }
    }
    entries
}

/// The names that a list `speakers` has for ids.
fn people<'j>(json: &'j Json<'_>) -> BTreeMap<String, &'j str> {
    let mut people = BTreeMap::new();
    for speaker in json.get("speakers").and_then(Json::array).unwrap_or_default() {
        let id = speaker.any(&["id", "spkid", "label"]).and_then(entry::short);
        let name = speaker.any(&["name", "display_name", "displayName"]).and_then(Json::text);
        if let (Some(id), Some(name)) = (id, name.filter(|name| !name.trim().is_empty())) {
            people.insert(id, name.trim());
        }
    }
    people
}

/// Where nobody is named but there are several channels, each is somebody.
fn name_channels(entries: &mut [Entry<'_>]) {
    let first = entries.first().and_then(|entry| entry.channel.clone());
    let several = entries.iter().any(|entry| entry.channel != first);
    let nameless = entries.iter().all(|entry| entry.speaker.is_none());
    for entry in entries {
        if several && nameless {
            let channel = entry.channel.as_deref();
            entry.speaker = channel.map(|channel| {
                let is_number = channel.bytes().all(|b| b.is_ascii_digit());
                if is_number { format!("Channel {channel}") } else { channel.to_owned() }
            });
        } else {
            entry.channel = None;
        }
    }
}

/// The unit of the plain numbers; where it is not seconds, that is said.
fn unit_of(entries: &[Entry<'_>], list: &List<'_, '_>, found: &mut Vec<Diagnostic>) -> Unit {
    let mut pace = Pace::default();
    let mut place = None;
    for entry in entries {
        if let (Some(Stated::Plain(start)), Some(Stated::Plain(end))) = (entry.start, entry.end) {
            pace.add(start, end, &entry.text);
            place = place.or(Some((entry.line, entry.column)));
        }
    }
    let Some(place) = place else { return Unit::Seconds };
    tell_unit(list.unit.or_else(|| pace.unit()), place, found)
}

/// Says in a finding in which unit the times are read, where it is not seconds.
pub(crate) fn tell_unit(
    unit: Option<Unit>,
    (line, column): (usize, usize),
    found: &mut Vec<Diagnostic>,
) -> Unit {
    match unit {
        Some(Unit::Seconds) => Unit::Seconds,
        Some(unit) => {
            let message = format!("the times are {}, and are read as such", unit.name());
            found.push(
                Diagnostic::warning("J7", line, column, message)
                    .fix("compare the first times with the sound"),
            );
            unit
        }
        None => {
            let message = "by these times nobody speaks so slowly: they are read as seconds, but may \
                           be frames or samples";
            found.push(
                Diagnostic::error("J7", line, column, message)
                    .fix("export the transcript with times in seconds"),
            );
            Unit::Seconds
        }
    }
}

/// The first of the times that are those of a day.
fn first_day(entries: &[Entry<'_>]) -> Option<f64> {
    let days = entries.iter().filter_map(|entry| match entry.start {
        Some(Stated::OfDay(ms)) => Some(ms),
        _ => None,
    });
    days.min_by(f64::total_cmp)
}

fn note(json: &Json<'_>, message: &str) -> Diagnostic {
    Diagnostic::note("J7", json.line, json.column, message)
}

/// Makes times of what is stated; what is none is told.
struct Timing {
    unit: Unit,
    day: f64,
    found: Vec<Diagnostic>,
}

impl Timing {
    fn times(&mut self, entry: &Entry<'_>) -> (Option<Ms>, Option<Ms>) {
        (self.time(entry, entry.start), self.time(entry, entry.end))
    }

    fn time(&mut self, entry: &Entry<'_>, stated: Option<Stated>) -> Option<Ms> {
        match stated?.time(self.unit, self.day) {
            Ok(time) => Some(time),
            Err(fault) => {
                let message = match stated {
                    Some(Stated::Unreadable) => "a time that cannot be read".to_owned(),
                    _ => fault.to_string(),
                };
                self.found.push(
                    Diagnostic::error("J2", entry.line, entry.column, message)
                        .fix("write the time in seconds; until then it counts as missing"),
                );
                bounded(&mut self.found);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
