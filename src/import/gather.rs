//! Cues and segments become paragraphs.

use super::{ImportedParagraph, Piece};
use crate::formats::Passage;
use crate::time::Ms;

/// A paragraph may end at a sentence's end after so many words, if a pause follows…
const SHORT_WORDS: usize = 40;
/// …of this length; after [`LONG_WORDS`] it ends at the next sentence's end.
const PAUSE: Ms = Ms::new(800);
const LONG_WORDS: usize = 130;
/// After a pause of this length a paragraph ends in any case.
const LONG_PAUSE: Ms = Ms::new(4_000);

/// Joins what one speaker says into paragraphs, as the house sets them.
pub(super) fn paragraphs(passages: Vec<Passage>) -> Vec<ImportedParagraph> {
    let mut paragraphs: Vec<ImportedParagraph> = Vec::new();
    // The words of the last paragraph, kept as it grows.
    let mut words = 0;
    for passage in passages {
        let piece = Piece {
            start: passage.start,
            end: passage.end,
            text: passage.text.split_whitespace().collect::<Vec<_>>().join(" "),
        };
        if piece.text.is_empty() {
            continue;
        }
        let open = paragraphs.last_mut().filter(|last| {
            !passage.is_sound
                && !last.is_sound
                && last.speaker == passage.speaker
                && !is_full(last, words, &piece)
        });
        let more = piece.text.split_whitespace().count();
        if let Some(last) = open {
            words += more;
            last.pieces.push(piece);
        } else {
            words = more;
            paragraphs.push(paragraph(passage.speaker, passage.is_sound, piece));
        }
    }
    paragraphs
}

/// Keeps every passage as a paragraph of its own.
pub(super) fn as_they_are(passages: Vec<Passage>) -> Vec<ImportedParagraph> {
    let mut paragraphs = Vec::new();
    for passage in passages {
        let text = passage.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            let piece = Piece { start: passage.start, end: passage.end, text };
            let line = passage.line;
            let paragraph = paragraph(passage.speaker, passage.is_sound, piece);
            paragraphs.push(ImportedParagraph { line, ..paragraph });
        }
    }
    paragraphs
}

fn paragraph(speaker: Option<String>, is_sound: bool, piece: Piece) -> ImportedParagraph {
    ImportedParagraph { speaker, is_sound, pieces: vec![piece], ..ImportedParagraph::default() }
}

/// Whether a paragraph of so many words ends before the next piece.
fn is_full(paragraph: &ImportedParagraph, words: usize, next: &Piece) -> bool {
    let Some(last) = paragraph.pieces.last() else { return false };
    let pause = match (last.end, next.start) {
        (Some(end), Some(start)) => start - end,
        _ => Ms::ZERO,
    };
    let ends = last.text.trim_end_matches(['"', '”', '’', ')']).ends_with(['.', '?', '!', '…']);
    pause >= LONG_PAUSE
        || (ends && words >= SHORT_WORDS && pause >= PAUSE)
        || (ends && words >= LONG_WORDS)
        || words >= 4 * LONG_WORDS
}
