//! A person's edits applied to an edition that was not heard but imported.
//!
//! The names that the transcript states take the place of labels, so `[names]` renames them.

use std::collections::BTreeSet;

use crate::edit::apply::{EditWarning, changed, chapters, is_cut, soundbites, unknown_labels};
use crate::edit::blocks::{interleave, turns_of};
use crate::edit::edits::Edits;
use crate::edit::{Block, Edition, Paragraph, Sound};
use crate::speech::{Chapter, SpeakerName};

/// The edition with the edits in it. Empty edits change nothing but the chapters, which are `others`
/// where the edits have none.
pub fn revise(edition: &Edition, edits: &Edits, others: &[Chapter]) -> (Edition, Vec<EditWarning>) {
    // people name a voice by what they see
    let edition = &edition.clone().cleaned();
    let stated: BTreeSet<&str> = edition
        .paragraphs()
        .filter_map(|p| p.speaker.as_ref())
        .map(|name| name.0.as_str())
        .collect();
    let mut warnings = unknown_labels(edits, |label| stated.contains(label));
    let body = edition.paragraphs().cloned().map(|paragraph| renamed(paragraph, edits)).collect();
    let body = changed(body, edits, &mut warnings);
    let sounds: Vec<Sound> = edition
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Sound(sound) if !is_cut(edits, sound.span) => Some(sound.clone()),
            Block::Sound(_) | Block::Paragraph(_) => None,
        })
        .collect();
    let blocks = interleave(body, sounds);
    let revised = Edition {
        language: edition.language.clone(),
        duration: edition.duration,
        turns: turns_of(&blocks),
        chapters: chapters(edits, others, edition.duration, &mut warnings),
        soundbites: soundbites(edits, edition.duration, &mut warnings),
        blocks,
    };
    (revised.cleaned(), warnings)
}

fn renamed(mut paragraph: Paragraph, edits: &Edits) -> Paragraph {
    if let Some(name) = paragraph.speaker.as_mut()
        && let Some(chosen) = edits.names.get(&name.0)
    {
        *name = SpeakerName(chosen.clone());
    }
    paragraph
}
