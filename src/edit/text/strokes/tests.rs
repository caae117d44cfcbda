use std::collections::BTreeMap;

use super::*;
use crate::attribute::{AttributedWord, Attribution, Conversation, Utterance};
use crate::edit::naming::{Naming, Voices};
use crate::edit::{EditContext, Times, apply};
use crate::speech::{SpeakerLabel, Suspicion, Turn, Word};
use crate::time::{Ms, Span};

const WORDS: [&str; 12] =
    ["the", "tide", "rose,", "and", "we", "went", "Home.", "so", "it", "was", "“late”", "the"];

/// A talk of a few people with words that stand close, and words that may be invented.
fn talk(dice: &mut fastrand::Rng) -> Conversation {
    let mut at = 0;
    let mut utterance = || {
        let words = (0..dice.usize(2..9)).map(|nth| {
            at += dice.i64(250..700);
            let span = Span::new(Ms::new(at - 200), Ms::new(at)).unwrap();
            let mut word = Word::new(span, WORDS[dice.usize(..WORDS.len())], 0.9);
            word.glued = nth > 0 && dice.u8(..12) == 0;
            word.suspect = (dice.u8(..20) == 0).then_some(Suspicion::Loop);
            AttributedWord { word, speaker_confidence: 0.9 }
        });
        let words = words.collect();
        at += 900;
        let speaker = Attribution::Speaker(SpeakerLabel::from_index(dice.usize(..3)));
        Utterance { speaker, words }
    };
    let utterances = (0..7).map(|_| utterance()).collect();
    Conversation {
        language: "en".into(),
        duration: Ms::new(at + 1_000),
        utterances,
        sounds: vec![],
    }
}

fn edited(talk: &Conversation, edits: &Edits) -> Edition {
    let label = |utterance: &Utterance| match &utterance.speaker {
        Attribution::Speaker(label) => label.clone(),
        Attribution::Unknown(_) => SpeakerLabel::from_index(0),
    };
    let turns: Vec<Turn> =
        talk.utterances.iter().map(|one| Turn { span: one.span(), label: label(one) }).collect();
    let voices = Voices { conversation: talk, turns: &turns };
    let (naming, _) = Naming::new(voices, edits, &[], &[], &[]);
    let context = EditContext {
        naming: &naming,
        turns: &turns,
        chapters: &[],
        music: &[],
        theme: None,
        times: &Times::NONE,
    };
    apply(talk, edits, context).0
}

/// Something that a person may do, about what is there.
fn stroke(dice: &mut fastrand::Rng, edition: &Edition) -> Stroke {
    let lengths: Vec<usize> = printed(edition).map(|one| one.printed().count()).collect();
    let nth = dice.usize(..lengths.len());
    let within = |dice: &mut fastrand::Rng, nth: usize| Spot(nth, dice.usize(..lengths[nth]));
    let (a, b) = (within(dice, nth), within(dice, nth));
    let (from, to) = (a.min(b), a.max(b));
    let name = ["Ann", "Bo", "Cy"][dice.usize(..3)].to_owned();
    match dice.u8(..7) {
        0 => {
            let paragraph = printed(edition).nth(nth).unwrap();
            let mut words: Vec<String> = paragraph.text().split(' ').map(str::to_owned).collect();
            let at = dice.usize(..words.len());
            match dice.u8(..3) {
                0 => words[at] = "Skerrow".to_owned(),
                1 => words.insert(at, "really".to_owned()),
                _ if words.len() > 1 => drop(words.remove(at)),
                _ => words.push("then.".to_owned()),
            }
            Stroke::Retype(nth, words.join(" "))
        }
        1 => Stroke::Split(a),
        2 => Stroke::Join(nth),
        3 => Stroke::Give(from, to, name),
        4 => {
            let reach = [Reach::Turn, Reach::Onwards, Reach::Everywhere][dice.usize(..3)];
            Stroke::Name(nth, name, reach)
        }
        5 => Stroke::Edge(nth, dice.i32(-3..=3)),
        _ => Stroke::Cut(from, to),
    }
}

#[test]
fn any_stroke_is_made_as_it_is_meant_or_told() {
    let (mut made, mut refused) = (0, BTreeMap::<String, (usize, String)>::new());
    for seed in 0..400 {
        let mut dice = fastrand::Rng::with_seed(seed);
        let talk = talk(&mut dice);
        let mut edits = Edits::default();
        for _ in 0..4 {
            let before = edited(&talk, &edits);
            let stroke = stroke(&mut dice, &before);
            let mut wanted = Sheet::of(&before);
            let is_meant = matches!(wanted.strike(&before, &stroke), Some(Ok(())));
            let apply = |more: &Edits| {
                let mut all = edits.clone();
                all.extend(more.clone());
                edited(&talk, &all)
            };
            match struck(&before, &stroke, apply) {
                Ok(more) => {
                    edits.extend(more);
                    let after = Sheet::of(&edited(&talk, &edits)).paragraphs;
                    let wanted = wanted.paragraphs.into_iter().filter(|lines| !lines.is_cut);
                    let said = |lines: Lines| (lines.speaker, lines.words);
                    let after: Vec<_> = after.into_iter().map(said).collect();
                    assert_eq!(after, wanted.map(said).collect::<Vec<_>>(), "{seed}: {stroke:?}");
                    made += 1;
                    if after.is_empty() {
                        break;
                    }
                }
                Err(said) if is_meant => {
                    let kind = format!("{stroke:?}").split('(').next().unwrap().to_owned();
                    let told = refused.entry(kind).or_default();
                    (told.0, told.1) = (told.0 + 1, format!("{seed} {stroke:?}: {said}"));
                }
                Err(said) => assert!(!said.is_empty()),
            }
        }
    }
    let lost: usize = refused.values().map(|(count, _)| count).sum();
    assert!(lost * 20 <= made, "{lost} refused, {made} made: {refused:#?}");
}

#[test]
fn words_between_which_no_space_stands_are_one() {
    let mut dice = fastrand::Rng::with_seed(7);
    let mut talk = talk(&mut dice);
    talk.utterances.truncate(1);
    let words = &mut talk.utterances[0].words;
    words.truncate(2);
    for (nth, text) in ["rock", "-based", "songs"].into_iter().enumerate() {
        let span =
            Span::new(Ms::new(10_000 + 300 * nth as i64), Ms::new(10_200 + 300 * nth as i64));
        let mut word = Word::new(span.unwrap(), text, 0.9);
        word.glued = text.starts_with('-');
        words.push(AttributedWord { word, speaker_confidence: 0.9 });
    }
    for word in words.iter_mut().take(2) {
        (word.word.suspect, word.word.glued) = (None, false);
    }
    let edition = edited(&talk, &Edits::default());
    assert_eq!(word_of(&edition, Spot(0, 2)), Some(2));
    assert_eq!(word_of(&edition, Spot(0, 3)), Some(2));
    assert_eq!(word_of(&edition, Spot(0, 4)), Some(3));
    let cut = Stroke::Cut(Spot(0, 3), Spot(0, 3));
    let edits = struck(&edition, &cut, |more| edited(&talk, more)).unwrap();
    let left: Vec<String> = printed(&edited(&talk, &edits)).map(Paragraph::text).collect();
    assert_eq!(left.last().map(String::as_str), Some("songs"));
}
