//! A person's edits applied to an edition that was not heard but imported.
//!
//! The names that the transcript states take the place of labels, so `[names]` renames them.

use crate::attribute::{AttributedWord, Attribution, Conversation, UnknownReason, Utterance};
use crate::edit::apply::{Text, chapters, soundbites};
use crate::edit::blocks::{interleave, turns_of};
use crate::edit::edits::Edits;
use crate::edit::naming::{Naming, Voices};
use crate::edit::times::{Passage, Times};
use crate::edit::warning::EditWarning;
use crate::edit::{Block, Edition, Paragraph};
use crate::library::episode::Person;
use crate::speech::{Chapter, SpeakerLabel};

/// The edition with the edits in it. Empty edits change nothing but the chapters, which are `others`
/// where the edits have none. `people` are those who are listed.
pub fn revise(
    edition: &Edition,
    edits: &Edits,
    others: &[Chapter],
    people: &[Person],
    times: &Times,
) -> (Edition, Vec<EditWarning>) {
    // people name a voice by what they see
    let edition = &edition.clone().cleaned();
    let stated = as_conversation(edition);
    let voices = Voices { conversation: &stated, turns: &[] };
    let (naming, mut warnings) = Naming::of_stated(voices, edits, people);
    let (text, found) = text_of(edition, &naming).changed(edits, &naming, times);
    warnings.extend(found);
    let soundbites = soundbites(edits, &text.body, edition.duration, &mut warnings);
    let blocks = interleave(text.body, text.sounds);
    let revised = Edition {
        language: edition.language.clone(),
        duration: edition.duration,
        turns: turns_of(&blocks),
        chapters: chapters(edits, others, edition.duration, &mut warnings),
        soundbites,
        blocks,
    };
    (revised.cleaned(), warnings)
}

/// The passages of the sound to listen to, as [`unheard`](crate::edit::unheard) has them for what was heard.
pub fn unheard_in_stated(edition: &Edition, edits: &Edits, people: &[Person]) -> Vec<Passage> {
    let edition = &edition.clone().cleaned();
    let stated = as_conversation(edition);
    let voices = Voices { conversation: &stated, turns: &[] };
    let (naming, _) = Naming::of_stated(voices, edits, people);
    text_of(edition, &naming).unheard(edits)
}

fn text_of(edition: &Edition, naming: &Naming) -> Text {
    let mut text = Text { body: Vec::new(), sounds: Vec::new(), turns: Vec::new() };
    for block in &edition.blocks {
        match block {
            Block::Paragraph(paragraph) => text.body.push(renamed(paragraph.clone(), naming)),
            Block::Sound(sound) => text.sounds.push(sound.clone()),
        }
    }
    text
}

/// What the transcript states, as if each of its names were a voice.
fn as_conversation(edition: &Edition) -> Conversation {
    let utterance = |paragraph: &Paragraph| Utterance {
        speaker: match &paragraph.speaker {
            Some(name) => Attribution::Speaker(SpeakerLabel(name.0.clone())),
            None => Attribution::Unknown(UnknownReason::NoTurnNearby),
        },
        words: paragraph
            .words
            .iter()
            .map(|edited| AttributedWord {
                word: edited.word.clone(),
                speaker_confidence: edited.speaker_confidence,
            })
            .collect(),
    };
    Conversation {
        language: edition.language.clone(),
        duration: edition.duration,
        utterances: edition.paragraphs().map(utterance).collect(),
        sounds: Vec::new(),
    }
}

fn renamed(mut paragraph: Paragraph, naming: &Naming) -> Paragraph {
    if let Some(name) = paragraph.speaker.as_mut()
        && let Some(chosen) = naming.chosen(&SpeakerLabel(name.0.clone()))
    {
        *name = chosen.clone();
    }
    paragraph
}
