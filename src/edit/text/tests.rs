use std::collections::BTreeMap;

use super::*;
use crate::attribute::{AttributedWord, Attribution, Conversation, Utterance};
use crate::draft::Drafts;
use crate::edit::naming::{Naming, Voices};
use crate::edit::{EditContext, Times, apply};
use crate::library::episode::Episode;
use crate::library::show::Show;
use crate::library::stated::Stated;
use crate::render::Context;
use crate::render::outputs::Output;
use crate::speech::{SpeakerLabel, Turn, Word};
use crate::time::{Ms, Span};

/// A conversation of two people with music in between.
fn conversation() -> Conversation {
    let mut at = 0;
    let mut utterance = |label: usize, text: &str| {
        let words = text.split(' ').map(|text| {
            at += 300;
            let span = Span::new(Ms::new(at - 300), Ms::new(at - 20)).unwrap();
            let probability = if text == "Hildner." { 0.2 } else { 0.9 };
            AttributedWord { word: Word::new(span, text, probability), speaker_confidence: 0.9 }
        });
        let words = words.collect();
        at += 1_500;
        Utterance { speaker: Attribution::Speaker(SpeakerLabel::from_index(label)), words }
    };
    let utterances = vec![
        utterance(0, "Welcome to the show. I'm Sean Hildner. Today we talk about the pager."),
        utterance(0, "It went off on a Friday night, and nobody slept."),
        utterance(1, "No, nobody did. It was a long night, and I was not on call."),
        utterance(0, "So what did you do?"),
        utterance(1, "I went to bed. In the morning it was over, they said."),
    ];
    Conversation {
        language: "en".into(),
        duration: Ms::new(60_000),
        utterances,
        sounds: vec![Span::new(Ms::new(9_000), Ms::new(9_900)).unwrap()],
    }
}

fn edition(edits: &Edits) -> Edition {
    let conversation = conversation();
    let turns: Vec<Turn> = conversation
        .utterances
        .iter()
        .filter_map(|utterance| match &utterance.speaker {
            Attribution::Speaker(label) => {
                Some(Turn { span: utterance.span(), label: label.clone() })
            }
            Attribution::Unknown(_) => None,
        })
        .collect();
    let voices = Voices { conversation: &conversation, turns: &turns };
    let (naming, _) = Naming::new(voices, edits, &[], &[], &[]);
    let context = EditContext {
        times: &Times::NONE,
        naming: &naming,
        turns: &turns,
        chapters: &[],
        music: &[],
        theme: None,
    };
    apply(&conversation, edits, context).0
}

fn text_of(edition: &Edition) -> String {
    let (show, episode) = (Show::default(), Episode::default());
    let (edition, stated) = (with_doubts(edition), Stated::new(&show, &episode));
    let drafts = Drafts::default();
    let plain = Output::named("rework").unwrap().print(&Context::new(&edition, stated, &drafts));
    String::from_utf8(plain).unwrap()
}

/// The text with replacements made in it.
fn edited(changes: &[(&str, &str)]) -> String {
    let mut text = text_of(&edition(&Edits::default()));
    for (from, to) in changes {
        assert!(text.contains(from), "`{from}` in {text}");
        text = text.replacen(from, to, 1);
    }
    text
}

/// The corrections that a changed text makes, and the text that these make.
fn synced(changes: &[(&str, &str)]) -> (Edits, String) {
    let before = edition(&Edits::default());
    let edits = corrections(&before, &edited(changes), edition).unwrap();
    let text = text_of(&edition(&edits));
    (edits, text)
}

fn refused(text: &str) -> Vec<(usize, &'static str)> {
    let before = edition(&Edits::default());
    let found = corrections(&before, text, edition).unwrap_err();
    found.iter().map(|finding| (finding.line, finding.rule)).collect()
}

#[test]
fn text_out_and_in_is_nothing_changed() {
    let text = text_of(&edition(&Edits::default()));
    assert!(text.contains("Sean Hildner.(?)"), "{text}");
    let before = edition(&Edits::default());
    for text in [text.clone(), format!("\u{feff}{}", text.replace('\n', "\r\n"))] {
        assert_eq!(corrections(&before, &text, edition).unwrap(), Edits::default());
    }
}

#[test]
fn words_are_corrected_and_the_others_keep_their_times() {
    let (edits, text) = synced(&[
        ("Sean Hildner.(?)", "Shaun Hildner."),
        ("nobody slept", "nobody really slept"),
        ("they said.", "said."),
    ]);
    assert_eq!((edits.replace.len(), edits.speaker.len(), edits.join.len()), (3, 0, 0));
    assert!(text.contains("I'm Shaun Hildner.(?) Today"), "{text}");
    assert!(text.contains("nobody really slept."), "{text}");
    let times = |edition: &Edition| -> BTreeMap<Span, String> {
        let words = edition.paragraphs().flat_map(|p| &p.words);
        words.map(|word| (word.word.span, word.word.text.clone())).collect()
    };
    let (old, new) = (times(&edition(&Edits::default())), times(&edition(&edits)));
    let moved = old.iter().filter(|(span, text)| new.get(span) != Some(text)).count();
    assert!(moved <= 4, "{moved} words are not where they were");
    // and once is enough
    let again = corrections(&edition(&edits), &text, edition).unwrap();
    assert_eq!(again, Edits::default());
}

#[test]
fn a_name_is_given_everywhere_or_to_a_turn() {
    let (edits, text) = synced(&[("Speaker 2:", "Troy:"), ("Speaker 2:", "Troy:")]);
    assert_eq!((edits.voice.len(), edits.voice[0].name.as_str()), (1, "Troy"));
    assert!(!text.contains("Speaker 2") && text.matches("Troy:").count() == 2, "{text}");
    let (edits, text) = synced(&[("Speaker 2: [00:00:18] I went", "Wailin: [00:00:18] I went")]);
    assert_eq!((edits.voice.len(), edits.speaker.len()), (0, 1));
    assert!(text.contains("Speaker 2: ") && text.contains("Wailin: "), "{text}");
}

#[test]
fn the_edge_of_a_turn_moves_with_its_words() {
    let (edits, text) =
        synced(&[(" you do?", ""), ("] I went to bed.", "] you do? I went to bed.")]);
    assert_eq!((edits.speaker.len(), edits.replace.len()), (1, 0), "{edits:?}");
    assert!(text.contains("So what did\n"), "{text}");
    assert!(text.contains("you do? I went to bed."), "{text}");
}

#[test]
fn paragraphs_are_begun_and_joined() {
    let (edits, text) =
        synced(&[("It was a long", "\n\nIt was a long"), ("pager.\n\n[00:00:05] It", "pager. It")]);
    assert_eq!((edits.paragraph.len(), edits.join.len(), edits.replace.len()), (1, 1, 0));
    assert!(text.contains("the pager. It went") && text.contains("nobody did.\n\n["), "{text}");
}

#[test]
fn a_paragraph_is_cut_where_it_is_marked_and_missing_where_it_is_not() {
    let (edits, text) = synced(&[("] So what", "] [cut] So what")]);
    assert_eq!(edits.cut.len(), 1);
    assert!(!text.contains("So what did you do") && text.contains("left out here."), "{text}");
    let text = edited(&[("Speaker 1: [00:00:15] So what did you do?\n\n", "")]);
    assert_eq!(refused(&text).iter().map(|(_, rule)| *rule).collect::<Vec<_>>(), ["S-MISSING"]);
}

#[test]
fn what_cannot_be_read_is_refused_by_line_and_changes_nothing() {
    let text = edited(&[("[00:00:18] I went", "[00:0x:18] I went")]);
    let line = text.lines().position(|line| line.contains("0x")).unwrap() + 1;
    assert!(refused(&text).contains(&(line, "S-TIME")), "{:?}", refused(&text));
    let other = "Ann: [00:00:00] Something else that nobody of this show has ever said to anyone.";
    assert_eq!(refused(other)[0].1, "S-SOUND");
    let text = edited(&[("Music or another sound plays.", "Music plays.")]);
    assert_eq!(refused(&text)[0].1, "S-SOUND");
    assert_eq!(refused("")[0].1, "S-FORM");
    let halved: String = text_of(&edition(&Edits::default())).chars().take(330).collect();
    assert!(refused(&halved).iter().all(|(_, rule)| *rule == "S-MISSING"), "{halved}");
}
