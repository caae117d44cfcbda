//! Words written otherwise, with times kept: unchanged counts map one to one, others share the
//! time by length.

mod left;
mod placed;
mod places;

use crate::edit::edits::Replace;
use crate::edit::warning::EditWarning;
use crate::edit::{EditedWord, Paragraph, Status};
use crate::speech::Word;
use crate::time::{Ms, Span};
use places::{Pattern, Place};

pub(super) use left::nearest_words;

/// How far from the time that was stated a place may lie: within a long paragraph.
const REACH: Ms = Ms::new(60_000);

/// Applies the replacements one after the other, and tells which found no place, or not every place
/// where their words seem to stand.
pub(super) fn replace(
    paragraphs: &mut Vec<Paragraph>,
    edits: &[Replace],
    warnings: &mut Vec<EditWarning>,
) {
    let mut done = Vec::new();
    for edit in edits {
        if placed::is_placed(edit) {
            warnings.extend(placed::replace(paragraphs, edit));
            continue;
        }
        let Some(pattern) = Pattern::of(edit) else {
            warnings.push(EditWarning::EmptyFind);
            continue;
        };
        let count = if pattern.changes() { apply(paragraphs, edit, &pattern) } else { 0 };
        done.push((edit, pattern, count));
    }
    // what one edit leaves, a later one may have found
    for (edit, pattern, count) in done.iter().filter(|(_, pattern, _)| pattern.changes()) {
        warnings.extend(left::told(paragraphs, edit, pattern, *count));
    }
}

/// Returns in how many places it was made.
fn apply(paragraphs: &mut [Paragraph], edit: &Replace, pattern: &Pattern) -> usize {
    let written = Pattern::written(edit).map_or_else(Vec::new, |with| with.places(paragraphs));
    let mut places = pattern.places(paragraphs);
    // what holds the words and is to be written may stand there already
    places.retain(|(index, place)| {
        !written.iter().any(|(other, whole)| {
            other == index
                && (whole.first, whole.last) != (place.first, place.last)
                && whole.first <= place.first
                && place.last <= whole.last
        })
    });
    if let Some(at) = edit.at {
        let off = |(index, place): &(usize, Place)| {
            distance(&paragraphs[*index].words[place.first.word], at.0)
        };
        places.retain(|place| off(place) <= REACH);
        places.sort_by_key(off);
        places.truncate(1);
    }
    // from the end, so that the places before stay where they are
    places.sort_by_key(|(index, place)| (*index, place.first));
    for (index, place) in places.iter().rev() {
        let paragraph = &mut paragraphs[*index];
        if !pattern.is_written(&paragraph.words, place) {
            let with = with(edit, pattern, place, &paragraph.words);
            put(&mut paragraph.words, place, &with);
            paragraph.status = Status::Edited;
        }
    }
    places.len()
}

/// What is written into a place. What stood at the edges of the words is written only where it was
/// there to be exchanged, and not twice.
fn with(edit: &Replace, pattern: &Pattern, place: &Place, words: &[EditedWord]) -> String {
    let (opens, closes) = pattern.edges();
    let light = |c: char| !c.is_alphanumeric() && !c.is_whitespace();
    let mut with = edit.with.trim();
    let behind = &words[place.last.word].word.text[place.last.byte..];
    let stands = |edge: &str| !edge.is_empty() && behind.starts_with(edge);
    let tail = &with[with.trim_end_matches(light).len()..];
    if !closes.is_empty() && !place.has_edges.1 || stands(tail) {
        with = with.trim_end_matches(light);
    }
    if !opens.is_empty() && !place.has_edges.0 {
        with = with.trim_start_matches(light);
    }
    with.to_owned()
}

fn distance(word: &EditedWord, at: Ms) -> Ms {
    let span = word.word.span;
    if span.contains(at) { Ms::ZERO } else { span.gap(Span::at_least_1ms(at, at)) }
}

/// Puts other words into a place. What stands around the found words in their tokens stays: quotes,
/// commas, the `'s` behind a name.
fn put(words: &mut Vec<EditedWord>, place: &Place, with: &str) {
    let (first, last) = (place.first.word, place.last.word);
    let before = words[first].word.text[..place.first.byte].to_owned();
    let behind = words[last].word.text[place.last.byte..].to_owned();
    let old: Vec<EditedWord> = words.drain(first..=last).collect();
    let found = old.iter().map(|word| word.word.text.as_str()).collect::<String>();
    let mut texts: Vec<String> =
        with.split_whitespace().map(|text| as_written(text, &found)).collect();
    if texts.is_empty() {
        close_up(words, first, &before, &behind);
        return;
    }
    // a word with a capital inside is written so on purpose
    if place.is_capital && !texts[0].chars().any(char::is_uppercase) {
        texts[0] = capital(&texts[0]);
    }
    // something stands between the words only where as many are written
    if texts.len() == place.gaps.len() + 1 {
        for (index, (ends, begins)) in place.gaps.iter().enumerate() {
            texts[index].push_str(ends);
            texts[index + 1].insert_str(0, begins);
        }
    }
    texts[0].insert_str(0, &before);
    if let Some(text) = texts.last_mut() {
        text.push_str(&behind);
    }
    words.splice(first..first, rewritten(&old, &texts));
}

/// A word with the apostrophes of the words that were found.
fn as_written(text: &str, found: &str) -> String {
    if found.contains('’') && !found.contains('\'') {
        text.replace('\'', "’")
    } else {
        text.to_owned()
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Words were left out before the word `at`: the end of a sentence and half a pair of quotes that
/// stood beside them go to their neighbours.
fn close_up(words: &mut [EditedWord], at: usize, before: &str, behind: &str) {
    const PAIRS: [(char, char); 4] = [('“', '”'), ('(', ')'), ('[', ']'), ('«', '»')];
    let opens: String = before
        .chars()
        .filter(|c| PAIRS.iter().any(|(open, close)| c == open && !behind.contains(*close)))
        .collect();
    let closes = |c: char| PAIRS.iter().any(|(open, close)| c == *close && !before.contains(*open));
    let ends = behind.contains(['.', '!', '?', '…']);
    let kept: String = behind
        .chars()
        .filter(|c| closes(*c) || ends && matches!(c, '.' | '!' | '?' | '…'))
        .collect();
    if let Some(next) = words.get_mut(at) {
        next.word.text.insert_str(0, &opens);
    }
    if let Some(text) = at.checked_sub(1).and_then(|i| words.get_mut(i)).map(|w| &mut w.word.text) {
        if ends && !text.ends_with(['.', '!', '?', '…']) {
            text.truncate(text.trim_end_matches([',', ';', ':', '–', '—']).len());
            text.push_str(&kept);
        } else {
            text.extend(kept.chars().filter(|c| closes(*c)));
        }
    }
}

pub(super) fn rewritten(old: &[EditedWord], with: &[String]) -> Vec<EditedWord> {
    let (Some(first), Some(last)) = (old.first(), old.last()) else { return Vec::new() };
    let heard = heard(old);
    let speaker_confidence = old.iter().map(|w| w.speaker_confidence).fold(1.0, f32::min);
    let whole = Span::at_least_1ms(first.word.span.start(), last.word.span.end());
    let spans: Vec<Span> = if old.len() == with.len() {
        old.iter().map(|w| w.word.span).collect()
    } else {
        shared_out(whole, with)
    };
    with.iter()
        .zip(spans)
        .map(|(text, span)| {
            let mut word = Word::new(span, text.as_str(), 1.0);
            word.heard = Some(heard.clone());
            EditedWord { word, speaker_confidence }
        })
        .collect()
}

/// What was heard in the place, also where an earlier edit wrote something else.
fn heard(old: &[EditedWord]) -> String {
    let mut heard: Vec<&str> = Vec::new();
    for EditedWord { word, .. } in old {
        match &word.heard {
            Some(before) if heard.last() == Some(&before.as_str()) => {}
            Some(before) => heard.push(before),
            None => heard.push(&word.text),
        }
    }
    heard.join(" ")
}

/// Shares a span out among texts by their length in characters.
fn shared_out(whole: Span, texts: &[String]) -> Vec<Span> {
    let lengths: Vec<i64> =
        texts.iter().map(|t| i64::try_from(t.chars().count().max(1)).unwrap_or(1)).collect();
    let total: i64 = lengths.iter().sum::<i64>().max(1);
    let at =
        |done: i64| whole.start() + Ms::new(whole.duration().get().saturating_mul(done) / total);
    let mut done = 0;
    lengths
        .iter()
        .map(|length| {
            let start = at(done);
            done += length;
            Span::at_least_1ms(start, at(done))
        })
        .collect()
}

#[cfg(test)]
mod tests;
