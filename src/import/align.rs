//! An imported text set against what was recognised in the sound, so that every word gets its true
//! time. No word of the text is altered; the recognizer's words serve only as clocks.
//!
//! Words are matched by an alignment with the fewest edits that stays in order (Myers' algorithm on
//! words without case and punctuation). Matched words take the recognised times; the words between
//! two matches share the time between them by length.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::edit::{Block, Edition};
use crate::speech::Word;
use crate::time::{Ms, Span};

/// How a paragraph's stated time compares with the time that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The block of the edition.
    pub block: usize,
    /// The time before the alignment; `None` where the text states none.
    pub stated: Option<Ms>,
    /// The time of the first word in the sound; `None` where no word of the paragraph was heard.
    pub found: Option<Ms>,
    /// How many of the paragraph's words were heard.
    pub heard: usize,
    /// How many words it has.
    pub words: usize,
}

/// Gives the edition's words the times of `recognised`, which is sorted by start. Returns the
/// edition and, for every paragraph, what was stated and what was found.
///
/// Words far from their stated place are matched too: only their order counts. Where nothing
/// matches, the times stay as they were.
pub fn align(edition: &Edition, recognised: &[Word]) -> (Edition, Vec<Comparison>) {
    let mut aligned = edition.clone();
    let text: Vec<(usize, String)> = edition
        .blocks
        .iter()
        .enumerate()
        .filter_map(|(block, content)| match content {
            Block::Paragraph(paragraph) => Some((block, paragraph)),
            Block::Sound(_) => None,
        })
        .flat_map(|(block, paragraph)| {
            paragraph.words.iter().map(move |edited| (block, bare(&edited.word.text)))
        })
        .collect();
    let certain: Vec<&Word> = recognised.iter().filter(|word| word.suspect.is_none()).collect();
    let times = word_times(&text, &certain, edition.duration);
    let mut heard: BTreeMap<usize, (Option<Ms>, usize)> = BTreeMap::new();
    for ((block, _), time) in text.iter().zip(&times) {
        let entry = heard.entry(*block).or_default();
        if let Time::Heard(span) = time {
            entry.0.get_or_insert(span.start());
            entry.1 += 1;
        }
    }
    let mut times = times.into_iter();
    let mut table = Vec::new();
    for (block, content) in aligned.blocks.iter_mut().enumerate() {
        let Block::Paragraph(paragraph) = content else { continue };
        let (found, count) = heard.get(&block).copied().unwrap_or_default();
        table.push(Comparison {
            block,
            stated: Some(paragraph.span.start()),
            found,
            heard: count,
            words: paragraph.words.len(),
        });
        for edited in &mut paragraph.words {
            match times.next() {
                Some(Time::Heard(span) | Time::Shared(span)) => edited.word.span = span,
                Some(Time::Unknown) | None => {}
            }
        }
        let spans = paragraph.words.iter().map(|edited| edited.word.span);
        let (start, end) = (spans.clone().map(Span::start).min(), spans.map(Span::end).max());
        if let (Some(start), Some(end)) = (start, end) {
            paragraph.span = Span::at_least_1ms(start, end);
        }
    }
    place_sounds(&mut aligned);
    (aligned, table)
}

/// A word for comparing: lower case, letters and digits alone.
fn bare(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    /// The word was heard then.
    Heard(Span),
    /// It lies between heard words.
    Shared(Span),
    /// Nothing at all was heard.
    Unknown,
}

fn word_times(text: &[(usize, String)], recognised: &[&Word], duration: Ms) -> Vec<Time> {
    let wanted: Vec<&str> = text.iter().map(|(_, word)| word.as_str()).collect();
    let sounds: Vec<String> = recognised.iter().map(|word| bare(&word.text)).collect();
    let said: Vec<&str> = sounds.iter().map(String::as_str).collect();
    let mut times = vec![Time::Unknown; wanted.len()];
    let mut latest = Ms::new(i64::MIN);
    for operation in capture_diff_slices(Algorithm::Myers, &said, &wanted) {
        let (tag, old, new) = operation.as_tag_tuple();
        // Where as many words stand in for each other, they are the same words heard otherwise.
        let pairs = tag == DiffTag::Equal || (tag == DiffTag::Replace && old.len() == new.len());
        if !pairs {
            continue;
        }
        for (from, to) in old.zip(new) {
            if let (Some(word), Some(time)) = (recognised.get(from), times.get_mut(to))
                && word.span.start() >= latest
            {
                latest = word.span.start();
                *time = Time::Heard(word.span);
            }
        }
    }
    share(&mut times, &wanted, duration);
    times
}

/// Lets the words between two heard ones share the time between them by length.
fn share(times: &mut [Time], words: &[&str], duration: Ms) {
    if !times.iter().any(|time| matches!(time, Time::Heard(_))) {
        return;
    }
    let mut at = 0;
    let mut before: Option<Ms> = None;
    while at < times.len() {
        if let Some(Time::Heard(span)) = times.get(at) {
            before = Some(span.end());
            at += 1;
            continue;
        }
        let rest = times.get(at..).unwrap_or_default();
        let count = rest.iter().take_while(|time| !matches!(time, Time::Heard(_))).count();
        let after = match rest.get(count) {
            Some(Time::Heard(span)) => Some(span.start()),
            _ => None,
        };
        let weight = |word: &&str| i64::try_from(word.chars().count()).unwrap_or(1) + 1;
        let run = words.get(at..at + count).unwrap_or_default();
        let total: i64 = run.iter().map(weight).sum::<i64>().max(1);
        // Unheard words take 70 ms a character at the most natural pace.
        let natural = Ms::new(total.saturating_mul(70));
        let (from, until) = match (before, after) {
            (Some(before), Some(after)) => (before, after.max(before)),
            (Some(before), None) => (before, (before + natural).min(duration.max(before))),
            (None, Some(after)) => ((after - natural).max(Ms::ZERO), after),
            (None, None) => return,
        };
        let room = (until - from).get();
        let mut done = 0;
        for (offset, word) in run.iter().enumerate() {
            let place = |done: i64| {
                let share = i128::from(room) * i128::from(done) / i128::from(total);
                from + Ms::new(i64::try_from(share).unwrap_or(0))
            };
            let span = Span::at_least_1ms(place(done), place(done + weight(word)));
            done += weight(word);
            if let Some(time) = times.get_mut(at + offset) {
                *time = Time::Shared(span);
            }
        }
        at += count;
    }
}

/// Moves a sound whose place was estimated between the paragraphs around it.
fn place_sounds(edition: &mut Edition) {
    let mut before = Ms::ZERO;
    for at in 0..edition.blocks.len() {
        let next = edition.blocks.iter().skip(at + 1).find_map(|block| match block {
            Block::Paragraph(paragraph) => Some(paragraph.span.start()),
            Block::Sound(_) => None,
        });
        match edition.blocks.get_mut(at) {
            Some(Block::Paragraph(paragraph)) => before = paragraph.span.end(),
            Some(Block::Sound(sound)) => {
                let start = sound.span.start().max(before);
                let start = next.map_or(start, |next| start.min(next - Ms::new(1)).max(before));
                let end = next.map_or(sound.span.end(), |next| next.max(start));
                sound.span = Span::at_least_1ms(start, end);
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::import;

    fn heard(words: &[(&str, i64)]) -> Vec<Word> {
        words
            .iter()
            .map(|(text, start)| {
                let span = Span::new(Ms::new(*start), Ms::new(start + 200)).unwrap();
                Word::new(span, *text, 0.9)
            })
            .collect()
    }

    #[test]
    fn words_take_their_times_from_the_sound_and_stay_as_they_are() {
        let text = "Ann: [00:00:00] One two, three.\n\n[00:00:05] Four fife six!\n";
        let (imported, _) = import(text.as_bytes(), "x.txt").unwrap();
        let edition = imported.to_edition("en", Some(Ms::new(20_000)));
        let sound = heard(&[
            ("one", 1_000),
            ("two", 2_000),
            ("uh", 2_500),
            ("Three", 3_000),
            ("four", 7_000),
            ("five", 8_000),
            ("six", 9_000),
        ]);
        let (aligned, table) = align(&edition, &sound);
        let words = |edition: &Edition| -> Vec<String> {
            edition.paragraphs().flat_map(|p| &p.words).map(|w| w.word.text.clone()).collect()
        };
        assert_eq!(words(&aligned), words(&edition));
        let starts: Vec<_> = aligned
            .paragraphs()
            .flat_map(|p| &p.words)
            .map(|w| w.word.span.start().get())
            .collect();
        assert_eq!(starts, [1_000, 2_000, 3_000, 7_000, 8_000, 9_000]);
        let found: Vec<_> =
            table.iter().map(|row| (row.stated.unwrap().get(), row.found)).collect();
        assert_eq!(found, [(0, Some(Ms::new(1_000))), (5_000, Some(Ms::new(7_000)))]);
    }

    #[test]
    fn unheard_words_lie_between_heard_ones() {
        let (imported, _) = import(b"Ann: [00:00:00] One xx yy two.", "x.txt").unwrap();
        let edition = imported.to_edition("en", None);
        let (aligned, table) = align(&edition, &heard(&[("one", 1_000), ("two", 3_000)]));
        let starts: Vec<_> = aligned
            .paragraphs()
            .flat_map(|p| &p.words)
            .map(|w| w.word.span.start().get())
            .collect();
        assert_eq!(starts, [1_000, 1_200, 2_100, 3_000]);
        assert_eq!((table[0].heard, table[0].words), (2, 4));
    }

    #[test]
    fn nothing_heard_changes_nothing() {
        let (imported, _) = import(b"Ann: [00:00:03] One two.", "x.txt").unwrap();
        let edition = imported.to_edition("en", None);
        assert_eq!(align(&edition, &[]).0, edition);
    }
}
