//! Which corrections stand near a place, and which of them no longer matter: what a person does and does
//! otherwise a moment later should not pile up in their file.

use crate::edit::edits::{Edits, OnStretch, Place, Stretch, TimeText};
use crate::edit::{Block, Edition, Status};
use crate::library::edits::{self, Entry};
use crate::time::{Ms, Span};

/// How far from a place a correction may stand that is about it.
const NEAR: Ms = Ms::new(3_000);

/// The corrections near a stretch that a later one may take the place of.
pub(super) fn near(edits: &Edits, span: Span) -> Vec<Entry> {
    let (from, to) = (span.start() - NEAR, span.end() + NEAR);
    let at = |time: Option<TimeText>| time.is_some_and(|time| from <= time.0 && time.0 <= to);
    let place = |place: &Place| at(place.at);
    let stretch = |stretch: Stretch<'_>| match (stretch.at, stretch.from, stretch.to) {
        (Some(time), ..) => at(Some(TimeText(time))),
        (None, Some(begin), Some(end)) => begin <= to && end >= from,
        _ => false,
    };
    let mut found = Vec::new();
    found.extend(those("paragraph", &edits.paragraph, place));
    found.extend(those("join", &edits.join, place));
    found.extend(those("speaker", &edits.speaker, |one| stretch(one.stretch())));
    found.extend(those("quotation", &edits.quotation, |one| stretch(one.stretch())));
    found.extend(those("checked", &edits.checked, |one| stretch(one.stretch())));
    found
}

/// The names of voices.
pub(super) fn names(edits: &Edits) -> Vec<Entry> {
    those("voice", &edits.voice, |_| true)
}

/// All chapters.
pub(super) fn chapters(edits: &Edits) -> Vec<Entry> {
    those("chapter", &edits.chapter, |_| true)
}

/// The statements that a stretch was listened to.
pub(super) fn checked(edits: &Edits, span: Span) -> Vec<Entry> {
    near(edits, span).into_iter().filter(|(table, _)| *table == "checked").collect()
}

fn those<T>(table: &'static str, all: &[T], is_one: impl Fn(&T) -> bool) -> Vec<Entry> {
    let found = all.iter().enumerate().filter(|(_, one)| is_one(one));
    found.map(|(index, _)| (table, index)).collect()
}

/// The text of the file without those of the corrections without which the edition says the same and
/// nothing more is to be warned of, the oldest first.
pub(super) fn folded(
    text: String,
    candidates: &[Entry],
    edited: impl Fn(&Edits) -> (Edition, usize),
) -> Result<String, String> {
    let (mut text, mut gone) = (text, Vec::<Entry>::new());
    if candidates.is_empty() {
        return Ok(text);
    }
    let (wanted, mut warnings) = edited(&edits::parse(&text)?);
    for (table, index) in candidates {
        // those that went before it in its table are not counted any more
        let before = gone.iter().filter(|(other, at)| other == table && at < index).count();
        let shorter = edits::without(&text, &[(*table, index - before)])?;
        if shorter == text {
            continue;
        }
        let (edition, told) = edited(&edits::parse(&shorter)?);
        if told <= warnings && says_the_same(&edition, &wanted) {
            (text, warnings) = (shorter, told);
            gone.push((*table, *index));
        }
    }
    Ok(text)
}

/// Whether a reader sees no difference, but for who went over what.
pub(super) fn says_the_same(a: &Edition, b: &Edition) -> bool {
    let (mut a, mut b) = (a.blocks.iter(), b.blocks.iter());
    loop {
        let is_same = match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(Block::Sound(a)), Some(Block::Sound(b))) => a == b,
            (Some(Block::Paragraph(a)), Some(Block::Paragraph(b))) => {
                let is_checked = |status| status == Status::Checked;
                a.speaker == b.speaker
                    && a.quotation == b.quotation
                    && is_checked(a.status) == is_checked(b.status)
                    && a.words.len() == b.words.len()
                    && a.words.iter().zip(&b.words).all(|(a, b)| a.word.text == b.word.text)
            }
            _ => false,
        };
        if !is_same {
            return false;
        }
    }
}
