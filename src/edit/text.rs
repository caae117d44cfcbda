//! The transcript as text that a person edits, and what the person changed in it.
//!
//! What is changed becomes corrections of their own kinds: words, who speaks, where paragraphs begin, cuts.
//! Nothing is taken for a correction that was not changed, and nothing that was changed is passed over:
//! the corrections, applied, have to give the text again.

mod changes;
mod read;
mod strokes;

use crate::edit::edits::Edits;
use crate::edit::{Block, Edition};
use crate::formats::Diagnostic;
use changes::Renamed;
use read::Sheet;

pub use strokes::{Reach, Spot, Stroke, checked_of, stretch_of, struck};

/// What stands behind a word that the recognizer was not sure of.
const DOUBT: &str = "(?)";

/// What stands before the words of a paragraph that is to be left out.
const CUT: &str = "[cut]";

/// Below this probability a word is doubtful.
const DOUBTED_BELOW: f32 = 0.4;

/// How often corrections are made of what is left to correct.
const ROUNDS: usize = 5;

/// The edition with a mark behind each doubtful word, for a person to look at; reading the text back
/// takes the marks out.
pub fn with_doubts(edition: &Edition) -> Edition {
    let mut marked = edition.clone();
    for block in &mut marked.blocks {
        let Block::Paragraph(paragraph) = block else { continue };
        for edited in &mut paragraph.words {
            let word = &mut edited.word;
            if word.suspect.is_none() && word.heard.is_none() && word.probability < DOUBTED_BELOW {
                word.text.push_str(DOUBT);
            }
        }
    }
    marked
}

/// The corrections that make a text of an edition; none where it is the edition's own. `apply` gives the
/// edition with further corrections.
///
/// # Errors
/// What stands in the text that cannot be a correction, by line and column.
pub fn corrections(
    edition: &Edition,
    text: &str,
    apply: impl FnMut(&Edits) -> Edition,
) -> Result<Edits, Vec<Diagnostic>> {
    let sheet = Sheet::read(text)?;
    let sheet = sheet.without_sounds(edition)?;
    settled(edition, &sheet, apply)
}

/// The corrections that make a sheet's text of an edition.
fn settled(
    edition: &Edition,
    sheet: &Sheet,
    mut apply: impl FnMut(&Edits) -> Edition,
) -> Result<Edits, Vec<Diagnostic>> {
    let mut found = Vec::new();
    for renamed in [Renamed::Voice, Renamed::Stretches] {
        let mut made = Edits::default();
        let mut current = edition.clone();
        for _ in 0..ROUNDS {
            let more = match changes::changes(&current, sheet, renamed) {
                Ok(more) if more == Edits::default() => return Ok(made),
                Ok(more) => more,
                // what is wrong with the text itself is wrong however names are taken
                Err(faults) if made == Edits::default() => return Err(faults),
                Err(_) => break,
            };
            made.extend(more);
            current = apply(&made);
            if changes::left(&current, sheet).is_none() {
                return Ok(made);
            }
        }
        found = vec![changes::left(&current, sheet).unwrap_or_else(|| sheet.whole())];
    }
    Err(found)
}

#[cfg(test)]
mod tests;
