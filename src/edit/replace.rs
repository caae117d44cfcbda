//! Words written otherwise, with times kept: unchanged counts map one to one, others share the
//! time by length.

use crate::edit::edits::Replace;
use crate::edit::{EditedWord, Paragraph, Status};
use crate::speech::Word;
use crate::time::{Ms, Span};

/// Applies one replacement to the paragraphs and returns in how many places it was made.
pub(super) fn replace(paragraphs: &mut [Paragraph], edit: &Replace) -> usize {
    let find: Vec<&str> = edit.find.split_whitespace().collect();
    let with: Vec<&str> = edit.with.split_whitespace().collect();
    if find.is_empty() || find == with {
        return 0;
    }
    let mut places: Vec<(usize, usize)> = paragraphs
        .iter()
        .enumerate()
        .flat_map(|(index, paragraph)| {
            occurrences(paragraph, &find).into_iter().map(move |at| (index, at))
        })
        .collect();
    if let Some(at) = edit.at {
        places.sort_by_key(|&(index, word)| distance(&paragraphs[index].words[word], at.0));
        places.truncate(1);
    }
    places.sort_unstable();
    for &(index, word) in places.iter().rev() {
        let paragraph = &mut paragraphs[index];
        let old: Vec<EditedWord> = paragraph.words.drain(word..word + find.len()).collect();
        paragraph.words.splice(word..word, rewritten(&old, &with));
        paragraph.status = Status::Edited;
    }
    places.len()
}

fn distance(word: &EditedWord, at: Ms) -> Ms {
    let span = word.word.span;
    if span.contains(at) { Ms::ZERO } else { span.gap(Span::at_least_1ms(at, at)) }
}

/// Where the words stand, without overlap.
fn occurrences(paragraph: &Paragraph, find: &[&str]) -> Vec<usize> {
    let texts: Vec<&str> = paragraph.words.iter().map(|w| w.word.text.as_str()).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at + find.len() <= texts.len() {
        if texts[at..at + find.len()] == *find {
            found.push(at);
            at += find.len();
        } else {
            at += 1;
        }
    }
    found
}

fn rewritten(old: &[EditedWord], with: &[&str]) -> Vec<EditedWord> {
    let (Some(first), Some(last)) = (old.first(), old.last()) else { return Vec::new() };
    let heard = old.iter().map(|w| w.word.text.as_str()).collect::<Vec<_>>().join(" ");
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
            let mut word = Word::new(span, *text, 1.0);
            word.heard = Some(heard.clone());
            EditedWord { word, speaker_confidence }
        })
        .collect()
}

/// Shares a span out among texts by their length in characters.
fn shared_out(whole: Span, texts: &[&str]) -> Vec<Span> {
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
