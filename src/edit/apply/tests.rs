use super::*;
use crate::attribute::{AttributedWord, Attribution, Utterance};
use crate::edit::Block;
use crate::edit::edits::{Cut, Replace, SpeakerChange, TimeText};
use crate::edit::naming::Voices;
use crate::speech::{SpeakerLabel, Word};

fn utterance(label: usize, start: i64, text: &str) -> Utterance {
    let words = text.split(' ').zip(0..).map(|(text, index)| AttributedWord {
        word: Word::new(span(start + index * 500, start + index * 500 + 400), text, 0.9),
        speaker_confidence: 0.8,
    });
    Utterance {
        speaker: Attribution::Speaker(SpeakerLabel::from_index(label)),
        words: words.collect(),
    }
}

fn span(start: i64, end: i64) -> Span {
    Span::new(Ms::new(start), Ms::new(end)).unwrap()
}

fn conversation() -> Conversation {
    Conversation {
        language: "en".into(),
        duration: Ms::new(20_000),
        utterances: vec![
            utterance(0, 0, "Hello dear base camp fans."),
            utterance(1, 9_000, "Hello back."),
        ],
        sounds: vec![span(4_000, 8_000)],
    }
}

fn edited(edits: &Edits) -> (Edition, Vec<EditWarning>) {
    edited_from(&conversation(), edits)
}

fn edited_from(conversation: &Conversation, edits: &Edits) -> (Edition, Vec<EditWarning>) {
    let voices = Voices { conversation, turns: &[] };
    let (naming, mut warnings) = Naming::new(voices, edits, &[], &[], &[]);
    let context = EditContext {
        times: &Times::NONE,
        naming: &naming,
        turns: &[],
        chapters: &[],
        music: &[],
        theme: None,
    };
    let (edition, found) = apply(conversation, edits, context);
    warnings.extend(found);
    (edition, warnings)
}

fn text(edition: &Edition) -> Vec<String> {
    let line = |p: &Paragraph| {
        let words: Vec<&str> = p.words.iter().map(|w| w.word.text.as_str()).collect();
        format!("{}: {}", p.speaker.as_ref().map_or("?", |s| &s.0), words.join(" "))
    };
    edition
        .blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph(p) => line(p),
            Block::Sound(s) => s.text.clone(),
        })
        .collect()
}

#[test]
fn empty_edits_change_no_word() {
    let (edition, warnings) = edited(&Edits::default());
    assert_eq!(
        text(&edition),
        [
            "Speaker 1: Hello dear base camp fans.",
            "Music or another sound plays.",
            "Speaker 2: Hello back."
        ]
    );
    assert!(warnings.is_empty());
    assert!(edition.paragraphs().all(|p| p.status == Status::Machine));
}

#[test]
fn a_replacement_keeps_the_time_and_what_was_heard() {
    let edits = Edits {
        replace: vec![Replace {
            find: "base camp".into(),
            with: "Basecamp".into(),
            ..Replace::default()
        }],
        ..Edits::default()
    };
    let (edition, warnings) = edited(&edits);
    let word = &edition.paragraphs().next().unwrap().words[2].word;
    assert_eq!((word.text.as_str(), word.heard.as_deref()), ("Basecamp", Some("base camp")));
    assert_eq!(word.span, span(1_000, 1_900));
    assert!(warnings.is_empty());
}

#[test]
fn a_replacement_at_a_time_takes_the_nearest_place_only() {
    let edits = Edits {
        replace: vec![Replace {
            find: "Hello".into(),
            with: "Hi".into(),
            at: Some(TimeText(Ms::new(9_100))),
            ..Replace::default()
        }],
        ..Edits::default()
    };
    let (edition, _) = edited(&edits);
    assert_eq!(text(&edition)[0], "Speaker 1: Hello dear base camp fans.");
    assert_eq!(text(&edition)[2], "Speaker 2: Hi back.");
}

#[test]
fn an_edit_without_a_place_is_a_warning() {
    let edits = Edits {
        replace: vec![Replace { find: "nowhere".into(), with: "x".into(), ..Replace::default() }],
        names: [("SPEAKER_07".to_string(), "Nobody".to_string())].into(),
        ..Edits::default()
    };
    let (edition, warnings) = edited(&edits);
    assert_eq!(text(&edition), text(&edited(&Edits::default()).0));
    assert_eq!(warnings.len(), 2);
}

#[test]
fn two_chapters_at_one_time_are_kept_and_told_and_those_beyond_the_end_are_told_once() {
    let chapter = |start: i64, title: &str| crate::edit::edits::ChapterEdit {
        start: Some(TimeText(Ms::new(start))),
        title: title.into(),
        url: String::new(),
    };
    let edits = Edits {
        chapter: [(5_000, "A"), (5_000, "B"), (70_000, "C"), (60_000, "D")]
            .map(|(start, title)| chapter(start, title))
            .to_vec(),
        ..Edits::default()
    };
    let (edition, warnings) = edited(&edits);
    let titles: Vec<_> = edition.chapters.iter().map(|c| c.title.as_str()).collect();
    assert_eq!(titles, ["A", "B"]);
    let said: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("two chapters begin at 00:00:05"), "{said:?}");
    assert!(said[1].contains("2 chapters, the first at 00:01:00"), "{said:?}");
}

#[test]
fn a_stretch_is_cut_or_given_to_another_speaker() {
    let time = |ms| Some(TimeText(Ms::new(ms)));
    let edits = Edits {
        cut: vec![Cut { from: time(0), to: time(500), ..Cut::default() }],
        speaker: vec![SpeakerChange {
            from: time(2_000),
            to: time(3_000),
            name: "Wailin".into(),
            ..SpeakerChange::default()
        }],
        ..Edits::default()
    };
    let (edition, _) = edited(&edits);
    assert_eq!(
        text(&edition)[..3],
        ["A second is left out here.", "Speaker 1: dear base camp", "Wailin: fans."]
    );
}

#[test]
fn a_quotation_begins_where_its_sentence_does() {
    // "The" begins at 00:00:02.5, which the page shows as 00:00:02; "wrote:" is said in that second, too
    let said = "And then she wrote: The sea is early today.";
    let conversation = || Conversation {
        utterances: vec![utterance(0, 500, said)],
        sounds: vec![],
        ..conversation()
    };
    let quoted = |from: i64| {
        let read = QuotationEdit {
            from: Some(TimeText(Ms::new(from))),
            to: Some(TimeText(Ms::new(9_000))),
            ..QuotationEdit::default()
        };
        let edits = Edits { quotation: vec![read], ..Edits::default() };
        let (edition, warnings) = edited_from(&conversation(), &edits);
        assert_eq!(warnings, []);
        let mut quoted = edition.paragraphs().filter(|paragraph| paragraph.quotation.is_some());
        let first = quoted.next().unwrap().words[0].word.text.clone();
        assert!(quoted.next().is_none());
        first
    };
    assert_eq!(quoted(2_000), "The");
    // a fraction of a second is meant as it is, and where no sentence begins the time counts
    assert_eq!(quoted(2_010), "wrote:");
    assert_eq!(quoted(4_000), "early");
}
