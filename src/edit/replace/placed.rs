//! A replacement that knows what stands around its place, as the program writes it for a person: it is
//! made in that place and in no other, also after another run.

use crate::edit::anchor::{Anchor, Window, bare_words};
use crate::edit::edits::Replace;
use crate::edit::replace::rewritten;
use crate::edit::stretch::words_at;
use crate::edit::warning::{EditWarning, Outcome};
use crate::edit::{EditedWord, Paragraph, Status};
use crate::speech::Word;
use crate::time::{Ms, Span};

/// Whether the replacement knows its place.
pub(super) fn is_placed(edit: &Replace) -> bool {
    edit.at.is_some() && !(edit.before.trim().is_empty() && edit.after.trim().is_empty())
}

/// Makes it; tells both versions where its place is not found.
pub(super) fn replace(paragraphs: &mut Vec<Paragraph>, edit: &Replace) -> Option<EditWarning> {
    let at = edit.at.map_or(Ms::ZERO, |time| time.0);
    let anchor = Anchor {
        before: bare_words(&edit.before),
        find: bare_words(&edit.find),
        with: bare_words(&edit.with),
        after: bare_words(&edit.after),
        at,
        to: edit.to.map(|time| time.0),
    };
    let window = anchor.window(paragraphs);
    let Some(range) = anchor.place(&window) else {
        return Some(EditWarning::OtherWords {
            table: "replace",
            at,
            yours: edit.with.clone(),
            now: words_at(paragraphs, at),
            outcome: Outcome::LeftOut,
        });
    };
    let texts: Vec<String> = edit.with.split_whitespace().map(str::to_owned).collect();
    if window.text(paragraphs, range.clone()) != texts.join(" ") {
        write(paragraphs, &window, range, &texts, at);
    }
    None
}

/// Writes words over a range of others, or between two words.
fn write(
    paragraphs: &mut Vec<Paragraph>,
    window: &Window,
    range: std::ops::Range<usize>,
    texts: &[String],
    at: Ms,
) {
    let places: Vec<(usize, usize)> = window.tokens[range.clone()]
        .iter()
        .flat_map(|token| (token.at.1..=token.last.1).map(|word| (token.at.0, word)))
        .collect();
    let Some(&(home, first)) = places.first() else {
        put_in(paragraphs, window, range.start, texts, at);
        return;
    };
    let old: Vec<EditedWord> =
        places.iter().map(|(index, word)| paragraphs[*index].words[*word].clone()).collect();
    let new = rewritten(&old, texts);
    for (index, _) in &places {
        paragraphs[*index].status = Status::Edited;
    }
    if new.len() == old.len() {
        for ((index, word), new) in places.iter().zip(new) {
            paragraphs[*index].words[*word] = new;
        }
        return;
    }
    for (index, word) in places.iter().rev() {
        paragraphs[*index].words.remove(*word);
    }
    paragraphs[home].words.splice(first..first, new);
    paragraphs.retain(|paragraph| !paragraph.words.is_empty());
}

/// Puts words in where none stood: behind the word before, in its paragraph, else before the next.
fn put_in(paragraphs: &mut [Paragraph], window: &Window, index: usize, texts: &[String], at: Ms) {
    let before = index.checked_sub(1).and_then(|index| window.tokens.get(index));
    let (place, from) = match (before, window.tokens.get(index)) {
        (Some(before), _) => ((before.last.0, before.last.1 + 1), before.span.end()),
        (None, Some(after)) => (after.at, at.min(after.span.start())),
        (None, None) => return,
    };
    let until = window.tokens.get(index).map_or(from, |after| after.span.start()).max(from);
    let paragraph = &mut paragraphs[place.0];
    let confidence = paragraph.words.first().map_or(1.0, |word| word.speaker_confidence);
    let stands_in = EditedWord {
        word: Word::new(Span::at_least_1ms(from, until), "", 1.0),
        speaker_confidence: confidence,
    };
    let new = rewritten(&[stands_in], texts);
    paragraph.words.splice(place.1..place.1, new);
    paragraph.status = Status::Edited;
}
