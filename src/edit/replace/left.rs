//! What a replacement did not find: the places that look like its words and were left, and the words
//! that come nearest where there is none.

use crate::edit::Paragraph;
use crate::edit::edits::Replace;
use crate::edit::replace::places::Pattern;
use crate::edit::warning::{EditWarning, Left};
use crate::time::Ms;

/// How alike other words are at least to be named, 0 to 1: “Sean” is 0.6 of “Shaun”.
const ALIKE: f64 = 0.6;

/// The warning that an edit which was made in `count` places calls for.
pub(super) fn told(
    paragraphs: &[Paragraph],
    edit: &Replace,
    pattern: &Pattern,
    count: usize,
) -> Option<EditWarning> {
    // a person who names a time means one place
    if count > 0 && edit.at.is_some() {
        return None;
    }
    let left: Vec<Left> = paragraphs
        .iter()
        .flat_map(|paragraph| {
            let found = pattern.similar(paragraph).into_iter();
            found.map(|(first, last)| words(paragraph, first, last))
        })
        .collect();
    let find = edit.find.clone();
    if count == 0 {
        let at = edit.at.map(|time| time.0);
        let written = Pattern::written(edit).and_then(|with| {
            let places = with.places(paragraphs);
            let (index, place) = places.first()?;
            Some(words(&paragraphs[*index], place.first.word, place.last.word))
        });
        let nearest = left.into_iter().next().or_else(|| nearest(paragraphs, pattern));
        return Some(EditWarning::NotFound { find, at, nearest, written });
    }
    (!left.is_empty()).then_some(EditWarning::NotEverywhere { find, count, left })
}

/// The words that are most like others.
pub(in crate::edit) fn nearest_words(paragraphs: &[Paragraph], wanted: &str) -> Option<Left> {
    let pattern = Pattern::of(&Replace { find: wanted.to_owned(), ..Replace::default() })?;
    nearest(paragraphs, &pattern)
}

fn words(paragraph: &Paragraph, first: usize, last: usize) -> Left {
    let words = paragraph.words.get(first..=last).unwrap_or_default();
    Left {
        text: words.iter().map(|word| word.word.text.as_str()).collect::<Vec<_>>().join(" "),
        at: words.first().map_or(Ms::ZERO, |word| word.word.span.start()),
    }
}

/// The words that are most alike, of as many words, one more or one less.
fn nearest(paragraphs: &[Paragraph], pattern: &Pattern) -> Option<Left> {
    let wanted = pattern.lower();
    let length = wanted.chars().count();
    let counts = pattern.words().saturating_sub(1).max(1)..=pattern.words() + 1;
    let mut best: Option<(f64, Left)> = None;
    for paragraph in paragraphs {
        let texts: Vec<String> =
            paragraph.words.iter().map(|word| plain(&word.word.text)).collect();
        for count in counts.clone() {
            for (first, window) in texts.windows(count).enumerate() {
                let others: usize = window.iter().map(|text| text.chars().count() + 1).sum();
                // two of very different length cannot be alike
                if others > 2 * length + 2 || 2 * others < length {
                    continue;
                }
                let alike = strsim::normalized_levenshtein(&wanted, &window.join(" "));
                if alike >= ALIKE && best.as_ref().is_none_or(|(known, _)| alike > *known) {
                    best = Some((alike, words(paragraph, first, first + count - 1)));
                }
            }
        }
    }
    best.map(|(_, left)| left)
}

fn plain(text: &str) -> String {
    text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}
