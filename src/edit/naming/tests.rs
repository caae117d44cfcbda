use super::*;
use crate::attribute::names::Evidence;
use crate::attribute::{AttributedWord, Utterance};
use crate::edit::edits::{TimeText, VoiceName};
use crate::speech::Word;

fn span(start: i64, end: i64) -> Span {
    Span::new(Ms::new(start), Ms::new(end)).unwrap()
}

/// Two voices in turn: `SPEAKER_04` says something from 1.5 s on, `SPEAKER_01` from 20.6 s on.
fn conversation() -> Conversation {
    let utterance = |label: usize, start: i64| Utterance {
        speaker: Attribution::Speaker(SpeakerLabel::from_index(label)),
        words: (0..4)
            .map(|n| AttributedWord {
                word: Word::new(span(start + n * 300, start + n * 300 + 250), "word", 1.0),
                speaker_confidence: 1.0,
            })
            .collect(),
    };
    Conversation {
        language: "en".into(),
        duration: Ms::new(30_000),
        utterances: vec![utterance(4, 1_500), utterance(1, 20_640)],
        sounds: vec![],
    }
}

fn people(names: &[&str]) -> Vec<Person> {
    names.iter().map(|name| Person { name: (*name).into(), ..Person::default() }).collect()
}

fn voice(name: &str, at: i64) -> VoiceName {
    VoiceName { name: name.into(), at: Some(TimeText(Ms::new(at))) }
}

/// The names of the two voices, and what is warned of.
fn named(edits: &Edits, heard: &[NameProposal], listed: &[&str]) -> ([String; 2], Vec<String>) {
    let conversation = conversation();
    let turns = [
        Turn { span: span(1_400, 3_000), label: SpeakerLabel::from_index(4) },
        Turn { span: span(20_600, 22_000), label: SpeakerLabel::from_index(1) },
    ];
    let voices = Voices { conversation: &conversation, turns: &turns };
    let (naming, warnings) = Naming::new(voices, edits, heard, &people(listed), &[]);
    let name = |index| naming.name(&SpeakerLabel::from_index(index)).0;
    ([name(4), name(1)], warnings.iter().map(ToString::to_string).collect())
}

#[test]
fn a_voice_is_named_by_a_time_at_which_it_speaks() {
    for at in [1_500, 2_000, 1_000, 600, 3_500] {
        let edits = Edits { voice: vec![voice("Ada", at)], ..Edits::default() };
        assert_eq!(named(&edits, &[], &[]), (["Ada".into(), "Speaker 2".into()], vec![]), "{at}");
    }
    // as the page shows the time of a paragraph that begins at 20.640
    let edits = Edits { voice: vec![voice("Troy", 20_000)], ..Edits::default() };
    assert_eq!(named(&edits, &[], &[]).0, ["Speaker 1", "Troy"]);
}

#[test]
fn a_voice_in_a_silence_is_told_with_who_speaks_nearest() {
    let edits = Edits { voice: vec![voice("Troy", 11_000)], ..Edits::default() };
    let (names, warnings) = named(&edits, &[], &[]);
    assert_eq!(names, ["Speaker 1", "Speaker 2"]);
    assert!(warnings[0].contains("nobody speaks at 00:00:11"), "{warnings:?}");
    assert!(warnings[0].ends_with("nearest: Speaker 1 at 00:00:01.400"), "{warnings:?}");
}

#[test]
fn a_number_is_a_label_and_what_is_none_is_told() {
    for key in ["Speaker 2", "speaker 2", "SPEAKER_01", "speaker_01"] {
        let edits = Edits { names: [(key.into(), "Troy".into())].into(), ..Edits::default() };
        assert_eq!(named(&edits, &[], &[]), (["Speaker 1".into(), "Troy".into()], vec![]), "{key}");
    }
    let edits = Edits { names: [("Speaker 9".into(), "X".into())].into(), ..Edits::default() };
    let warnings = named(&edits, &[], &[]).1;
    assert!(warnings[0].ends_with("they are `Speaker 1` to `Speaker 2`"), "{warnings:?}");
}

#[test]
fn two_names_of_one_voice_and_names_that_nobody_lists_are_told() {
    let mut edits = Edits { voice: vec![voice("Tory", 20_700)], ..Edits::default() };
    edits.names.insert("Speaker 2".into(), "Jeremy".into());
    let (names, warnings) = named(&edits, &[], &["Troy Toman", "Jeremy Daer"]);
    assert_eq!(names[1], "Tory");
    assert!(warnings.iter().any(|said| said.ends_with("did you mean `Troy`?")), "{warnings:?}");
    assert!(warnings.iter().any(|said| said.contains("is named Jeremy and Tory")), "{warnings:?}");
    assert_eq!(warnings.len(), 2, "{warnings:?}");
}

#[test]
fn a_name_that_contradicts_what_is_said_is_told() {
    let heard = |name: &str| NameProposal {
        label: SpeakerLabel::from_index(1),
        number: 2,
        short: name.split(' ').next().unwrap().into(),
        name: name.into(),
        confidence: 0.9,
        evidence: Evidence::Said { text: "I'm Jeremy.".into(), at: Ms::new(20_640) },
        known: None,
    };
    let edits = Edits { voice: vec![voice("Troy", 20_700)], ..Edits::default() };
    let (names, warnings) = named(&edits, &[heard("Jeremy Daer")], &[]);
    assert_eq!(names[1], "Troy");
    assert!(warnings[0].contains("seems to be Jeremy Daer: “I'm Jeremy.” at 00:00:20"));
    for name in ["Troy Toman", "Troy"] {
        assert!(named(&edits, &[heard(name)], &["Troy Toman"]).1.is_empty());
    }
}

#[test]
fn a_name_for_a_label_stays_with_its_voice_when_a_run_moves_the_label() {
    let edits = Edits { names: [("SPEAKER_01".into(), "Troy".into())].into(), ..Edits::default() };
    let before = conversation();
    let (naming, warnings) =
        Naming::new(Voices { conversation: &before, turns: &[] }, &edits, &[], &[], &[]);
    assert!(warnings.is_empty(), "{warnings:?}");
    let mut after = conversation();
    for utterance in &mut after.utterances {
        let Attribution::Speaker(label) = &mut utterance.speaker else { continue };
        *label = SpeakerLabel::from_index(usize::from(label.0 != "SPEAKER_01"));
    }
    let voices = Voices { conversation: &after, turns: &[] };
    let (moved, warnings) = Naming::new(voices, &edits, &[], &[], naming.given());
    assert_eq!(moved.name(&SpeakerLabel::from_index(0)).0, "Troy");
    assert_eq!(moved.name(&SpeakerLabel::from_index(1)).0, "Speaker 1");
    let said: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert!(said[0].contains("Troy stays with Speaker 2") && said.len() == 1, "{said:?}");
    // what is known goes on to the next run, and a changed entry is taken as it stands
    assert_eq!(moved.given(), naming.given());
    let edits = Edits { names: [("SPEAKER_01".into(), "Ada".into())].into(), ..Edits::default() };
    let (changed, warnings) = Naming::new(voices, &edits, &[], &[], moved.given());
    assert_eq!(changed.name(&SpeakerLabel::from_index(1)).0, "Ada");
    assert!(warnings.is_empty(), "{warnings:?}");
}
