//! Paragraphs and sounds in the order in which they are printed.

use crate::attribute::{Attribution, Conversation, Utterance};
use crate::edit::naming::Naming;
use crate::edit::{Block, EditedWord, NamedTurn, Paragraph, Sound, Status};
use crate::library::show::Music;
use crate::time::Span;

/// The paragraphs of a conversation under their speakers' names, word for word.
pub(super) fn paragraphs(conversation: &Conversation, naming: &Naming) -> Vec<Paragraph> {
    conversation.utterances.iter().map(|utterance| paragraph(utterance, naming)).collect()
}

fn paragraph(utterance: &Utterance, naming: &Naming) -> Paragraph {
    let (speaker, label) = match &utterance.speaker {
        Attribution::Speaker(label) => (Some(naming.name(label)), Some(label.clone())),
        Attribution::Unknown(_) => (None, None),
    };
    let words = utterance
        .words
        .iter()
        .map(|w| EditedWord { word: w.word.clone(), speaker_confidence: w.speaker_confidence })
        .collect();
    Paragraph {
        span: utterance.span(),
        speaker,
        label,
        words,
        quotation: None,
        status: Status::Machine,
    }
}

/// What is printed for each stretch of sound: the episode's pieces in order, then the show's theme
/// for the first stretch that has no title. Stretches without a title are called what they are.
pub(super) fn sounds(stretches: &[Span], music: &[Music], theme: Option<&Music>) -> Vec<Sound> {
    let titled = |m: &Music| match (m.title.trim(), m.artist.trim()) {
        ("", _) => None,
        (title, "") => Some(format!("{title} plays.")),
        (title, artist) => Some(format!("{title} by {artist} plays.")),
    };
    let theme = theme.filter(|_| music.is_empty());
    let mut titles = music.iter().chain(theme).filter_map(titled);
    stretches
        .iter()
        .map(|&span| Sound { span, text: titles.next().unwrap_or_else(|| UNTITLED.into()) })
        .collect()
}

const UNTITLED: &str = "Music or another sound plays.";

/// Puts the sounds between the paragraphs, and splits a paragraph in whose middle one sounds, so
/// that no paragraph spans music.
pub(super) fn interleave(paragraphs: Vec<Paragraph>, sounds: Vec<Sound>) -> Vec<Block> {
    let mut sounds = sounds.into_iter().peekable();
    let mut blocks = Vec::new();
    for paragraph in paragraphs {
        let mut rest = Some(paragraph);
        while let (Some(current), Some(sound)) = (rest.as_ref(), sounds.peek()) {
            if sound.span.start() >= current.span.end() {
                break;
            }
            let (before, after) = split_at(rest.take().expect("checked just above"), sound.span);
            blocks.extend(before.map(Block::Paragraph));
            blocks.extend(sounds.next().map(Block::Sound));
            rest = after;
        }
        blocks.extend(rest.map(Block::Paragraph));
    }
    blocks.extend(sounds.map(Block::Sound));
    blocks
}

/// The paragraphs, parted where a sound comes in the middle of one, as they will be printed.
pub(super) fn parted_by(paragraphs: Vec<Paragraph>, sounds: &[Sound]) -> Vec<Paragraph> {
    let blocks = interleave(paragraphs, sounds.to_vec()).into_iter();
    let paragraphs = blocks.filter_map(|block| match block {
        Block::Paragraph(paragraph) => Some(paragraph),
        Block::Sound(_) => None,
    });
    paragraphs.collect()
}

/// The words that begin before the sound, and the rest.
fn split_at(paragraph: Paragraph, sound: Span) -> (Option<Paragraph>, Option<Paragraph>) {
    let at = paragraph.words.iter().take_while(|w| w.word.span.start() < sound.start()).count();
    let mut before = paragraph.clone();
    let mut after = paragraph;
    before.words.truncate(at);
    after.words.drain(..at);
    (respanned(before), respanned(after))
}

/// The paragraph with the span of its words, or `None` where it has none.
pub(super) fn respanned(mut paragraph: Paragraph) -> Option<Paragraph> {
    let first = paragraph.words.first()?.word.span.start();
    let last = paragraph.words.last()?.word.span.end();
    paragraph.span = Span::at_least_1ms(first, last);
    Some(paragraph)
}

/// Neighbouring paragraphs of one speaker as one turn.
pub fn turns_of(blocks: &[Block]) -> Vec<NamedTurn> {
    let mut turns: Vec<NamedTurn> = Vec::new();
    let mut goes_on = false;
    for block in blocks {
        let Block::Paragraph(Paragraph { span, speaker: Some(speaker), .. }) = block else {
            goes_on = false;
            continue;
        };
        match turns.last_mut().filter(|turn| goes_on && turn.speaker == *speaker) {
            Some(turn) => {
                turn.span = Span::at_least_1ms(turn.span.start(), turn.span.end().max(span.end()));
            }
            None => turns.push(NamedTurn { span: *span, speaker: speaker.clone() }),
        }
        goes_on = true;
    }
    turns.sort();
    turns
}
