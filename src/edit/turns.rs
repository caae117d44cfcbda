//! Diarization's turns -> turns under names, without the silences between a person's sentences.
//!
//! Sound alone does not tell the pause of somebody who looks for a word from the silence behind a
//! sentence; with the words it can be told.

use std::collections::BTreeMap;

use crate::attribute::{Attribution, Conversation};
use crate::edit::NamedTurn;
use crate::edit::naming::Naming;
use crate::speech::{SpeakerLabel, SpeakerName, Turn, Word};
use crate::time::{Ms, Span};

/// A pause of this length behind a sentence may be no part of the turn.
const LONG_PAUSE: Ms = Ms::new(500);

/// Pauses behind sentences are silence where so many stand to one within a sentence. Where people
/// stop for as long in mid-sentence, they hold the floor in both.
const SENTENCES_TO_ONE: usize = 8;

/// The turns under their names, sorted.
pub(super) fn named_turns(
    conversation: &Conversation,
    turns: &[Turn],
    naming: &Naming,
) -> Vec<NamedTurn> {
    let silences = silences(conversation, turns);
    let mut named = Vec::with_capacity(turns.len());
    for turn in turns {
        let own = silences.get(&turn.label).map_or(&[][..], Vec::as_slice);
        let mut start = turn.span.start();
        for silence in own.iter().filter(|silence| lies_in(**silence, turn.span)) {
            named.extend(Span::new(start, silence.start()).map(|span| (span, &turn.label)));
            start = silence.end();
        }
        named.extend(Span::new(start, turn.span.end()).map(|span| (span, &turn.label)));
    }
    let mut named: Vec<NamedTurn> = named
        .into_iter()
        .map(|(span, label)| NamedTurn { span, speaker: naming.name(label) })
        .collect();
    named.sort();
    named
}

/// Gives what was said within a stretch to another person: the turns of those who were taken to say it,
/// or, where they have none, the paragraphs themselves.
pub(super) fn reassigned(
    turns: &mut Vec<NamedTurn>,
    span: Span,
    said: &[(Span, Option<SpeakerName>)],
    name: &SpeakerName,
) {
    let mut given: Vec<Span> = Vec::new();
    let (theirs, mut others): (Vec<_>, Vec<_>) = std::mem::take(turns)
        .into_iter()
        .partition(|turn| said.iter().any(|(_, speaker)| speaker.as_ref() == Some(&turn.speaker)));
    given.extend(theirs.iter().filter_map(|turn| turn.span.intersection(span)));
    others.extend(without(theirs, span));
    given.extend(said.iter().map(|(span, _)| *span));
    given.sort();
    let mut joined: Vec<Span> = Vec::new();
    for next in given {
        match joined.last_mut().filter(|last| last.end() >= next.start()) {
            Some(last) => *last = Span::at_least_1ms(last.start(), last.end().max(next.end())),
            None => joined.push(next),
        }
    }
    others.extend(joined.into_iter().map(|span| NamedTurn { span, speaker: name.clone() }));
    others.sort();
    *turns = others;
}

/// The turns outside of a stretch.
pub(super) fn without(turns: Vec<NamedTurn>, gone: Span) -> Vec<NamedTurn> {
    let mut left = Vec::with_capacity(turns.len());
    for turn in turns {
        if turn.span.overlap(gone) == Ms::ZERO {
            left.push(turn);
            continue;
        }
        let parts =
            [Span::new(turn.span.start(), gone.start()), Span::new(gone.end(), turn.span.end())];
        let part = |span| NamedTurn { span, speaker: turn.speaker.clone() };
        left.extend(parts.into_iter().flatten().map(part));
    }
    left
}

/// Long pauses behind sentences within one turn, by speaker; none where long pauses within
/// sentences are as usual.
fn silences<'a>(
    conversation: &'a Conversation,
    turns: &[Turn],
) -> BTreeMap<&'a SpeakerLabel, Vec<Span>> {
    let mut silences: BTreeMap<_, Vec<Span>> = BTreeMap::new();
    let (mut behind, mut within) = (0, 0);
    for (label, words) in words_by_speaker(conversation) {
        let own: Vec<Span> =
            turns.iter().filter(|turn| turn.label == *label).map(|turn| turn.span).collect();
        for pair in words.windows(2) {
            let [before, after] = pair else { continue };
            let Some(pause) = Span::new(before.span.end(), after.span.start()) else { continue };
            let turn = own.partition_point(|turn| turn.end() < pause.end());
            let in_turn = own.get(turn).is_some_and(|turn| lies_in(pause, *turn));
            if pause.duration() < LONG_PAUSE || !in_turn {
                continue;
            }
            if before.ends_sentence() {
                behind += 1;
                silences.entry(label).or_default().push(pause);
            } else {
                within += 1;
            }
        }
    }
    if within * SENTENCES_TO_ONE < behind { silences } else { BTreeMap::new() }
}

fn words_by_speaker(conversation: &Conversation) -> BTreeMap<&SpeakerLabel, Vec<&Word>> {
    let mut words: BTreeMap<_, Vec<&Word>> = BTreeMap::new();
    for utterance in &conversation.utterances {
        if let Attribution::Speaker(label) = &utterance.speaker {
            words.entry(label).or_default().extend(utterance.words.iter().map(|w| &w.word));
        }
    }
    words
}

fn lies_in(inner: Span, outer: Span) -> bool {
    outer.start() <= inner.start() && inner.end() <= outer.end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::{AttributedWord, Utterance};
    use crate::edit::edits::Edits;
    use crate::edit::naming::Voices;

    /// One person's words of 300 ms, each with the pause behind it; how many turns come out of the
    /// one turn that spans them.
    fn turns_of(words: &[(&str, i64)]) -> Vec<(i64, i64)> {
        let mut at = 0;
        let words: Vec<AttributedWord> = words
            .iter()
            .map(|&(text, pause)| {
                let span = Span::new(Ms::new(at), Ms::new(at + 300)).unwrap();
                at += 300 + pause;
                let word = Word::new(span, text, 1.0);
                AttributedWord { word, speaker_confidence: 1.0 }
            })
            .collect();
        let label = SpeakerLabel::from_index(0);
        let turns =
            [Turn { span: Span::new(Ms::ZERO, Ms::new(at)).unwrap(), label: label.clone() }];
        let speaker = Attribution::Speaker(label);
        let conversation = Conversation {
            language: "en".into(),
            duration: Ms::new(at),
            utterances: vec![Utterance { speaker, words }],
            sounds: Vec::new(),
        };
        let voices = Voices { conversation: &conversation, turns: &turns };
        let (naming, _) = Naming::new(voices, &Edits::default(), &[], &[], &[]);
        named_turns(&conversation, &turns, &naming)
            .iter()
            .map(|turn| (turn.span.start().get(), turn.span.end().get()))
            .collect()
    }

    #[test]
    fn a_silence_behind_a_sentence_is_no_part_of_the_turn() {
        assert_eq!(
            turns_of(&[("One", 0), ("two.", 500), ("Three", 100), ("four.", 499), ("Five.", 0)]),
            [(0, 600), (1_100, 2_599)]
        );
    }

    #[test]
    fn who_pauses_within_sentences_keeps_the_floor_behind_them_too() {
        let mut words = vec![("Well.", 600); 8];
        words.insert(4, ("Well", 600));
        assert_eq!(turns_of(&words).len(), 1);
        words.push(("Well.", 600));
        words.push(("Well.", 0));
        assert_eq!(turns_of(&words).len(), 10);
    }
}
