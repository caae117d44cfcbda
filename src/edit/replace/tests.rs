use super::*;
use crate::edit::edits::TimeText;

fn paragraph(text: &str) -> Paragraph {
    let words = text.split(' ').zip(0..).map(|(text, index)| EditedWord {
        word: Word::new(span(index * 1_000, index * 1_000 + 900), text, 0.9),
        speaker_confidence: 1.0,
    });
    Paragraph {
        span: span(0, 60_000),
        speaker: None,
        label: None,
        words: words.collect(),
        quotation: None,
        status: Status::Machine,
    }
}

fn span(start: i64, end: i64) -> Span {
    Span::new(Ms::new(start), Ms::new(end)).unwrap()
}

fn edit(find: &str, with: &str) -> Replace {
    Replace { find: find.into(), with: with.into(), ..Replace::default() }
}

fn said(paragraph: &Paragraph) -> String {
    let words: Vec<&str> = paragraph.words.iter().map(|w| w.word.text.as_str()).collect();
    words.join(" ")
}

/// The text after the edits, and what they warn of.
fn edited(text: &str, edits: &[Replace]) -> (String, Vec<String>) {
    let mut paragraphs = vec![paragraph(text)];
    let mut warnings = Vec::new();
    replace(&mut paragraphs, edits, &mut warnings);
    (said(&paragraphs[0]), warnings.iter().map(ToString::to_string).collect())
}

#[test]
fn words_are_found_whatever_touches_them_and_it_stays() {
    for (text, find, with, wanted) in [
        (
            "To Dunmoil. Dunmoil is, Dunmoil's too; “Dunmoil,” (Dunmoil) Dunmoil!",
            "Dunmoil",
            "Dunmoyle",
            "To Dunmoyle. Dunmoyle is, Dunmoyle's too; “Dunmoyle,” (Dunmoyle) Dunmoyle!",
        ),
        ("Dunmoil’s, Dunmoil'll", "Dunmoil", "Dunmoyle", "Dunmoyle’s, Dunmoyle'll"),
        ("sea—Dunmoil—harbour Dunmoil…", "Dunmoil", "Oban", "sea—Oban—harbour Oban…"),
        ("Dunmoil’s harbour", "Dunmoil's", "Dunmoyle's", "Dunmoyle’s harbour"),
        ("the “base camp,” he said", "base camp", "Basecamp", "the “Basecamp,” he said"),
        ("Hi Sean, Hildner.", "Sean Hildner", "Shaun Hildner", "Hi Shaun, Hildner."),
        ("Base camp is it. A base camp.", "base camp", "basecamp", "Basecamp is it. A basecamp."),
        ("by Sean Hildner.”", "Sean Hildner.", "Shaun Hildner!", "by Shaun Hildner!”"),
        ("the „signal\" noise", "\"signal\"", "“Signal”", "the “Signal” noise"),
        ("Łódź, nad Wisłą", "Łódź", "Gdańsk", "Gdańsk, nad Wisłą"),
        ("Dunmoil—Dunmoil.", "Dunmoil", "A B", "A B—A B."),
        ("go. [inaudible 00:01:50] It", "[inaudible 00:01:50]", "We went.", "go. We went. It"),
    ] {
        let (found, warnings) = edited(text, &[edit(find, with)]);
        assert_eq!(found, wanted, "{find}");
        assert!(warnings.is_empty(), "{warnings:?}");
    }
}

#[test]
fn no_other_word_is_touched() {
    for (text, find) in [
        ("harbour harbours unharboured", "bour"),
        ("O'Brien and Brienne", "Brien"),
        ("an e-mail", "mail"),
        ("see basecamp.com now", "basecamp"),
        ("@shaun and #shaun", "shaun"),
        ("don't", "don"),
        ("1,000 and 10:30", "10"),
        ("I like Sean. Hildner said", "Sean Hildner"),
        ("the base, camp", "base camp"),
        ("in May we may", "will"),
    ] {
        let (found, warnings) = edited(text, &[edit(find, "X")]);
        assert_eq!(found, text, "{find}");
        assert_eq!(warnings.len(), 1, "{find}");
    }
}

#[test]
fn case_and_what_stands_at_the_edges_do_not_matter_and_are_kept() {
    for (text, find, with, wanted) in [
        ("I'm Sean Hildner. Hello", "sean hildner", "Shaun Hildner", "I'm Shaun Hildner. Hello"),
        ("I'm Sean Hildner, hello", "Sean Hildner.", "Shaun Hildner.", "I'm Shaun Hildner, hello"),
        (
            "I'm Sean Hildner. Hello",
            "“Sean Hildner”",
            "“Shaun Hildner”",
            "I'm Shaun Hildner. Hello",
        ),
        ("So, um, yes", "um", "um,", "So, um, yes"),
        ("A Base Camp and a base camp", "base camp", "basecamp", "A Basecamp and a basecamp"),
        ("my iphone, my Iphone", "iphone", "iPhone", "my iPhone, my Iphone"),
        ("the IPHONE", "iphone", "iPhone", "the iPhone"),
        ("Don’t GO", "don't go", "do go", "Do go"),
        ("a May day", "may", "April", "a April day"),
        ("Jason and Jason Fried.", "Jason", "Jason Fried", "Jason Fried and Jason Fried."),
    ] {
        let (found, _) = edited(text, &[edit(find, with)]);
        assert_eq!(found, wanted, "{find}");
    }
    // one word that stands somewhere as it was written: others may be another word
    let (found, warnings) = edited("I may go in May.", &[edit("May", "June")]);
    assert_eq!(found, "I may go in June.");
    assert!(warnings[0].contains("in 1 of 2 places; left: `may` at 00:00:01"), "{warnings:?}");
}

#[test]
fn a_place_far_from_the_time_is_not_taken_and_what_is_written_already_is_told() {
    let at = Some(TimeText(Ms::new(900_000)));
    let (found, warnings) = edited("Dunmoil is", &[Replace { at, ..edit("Dunmoil", "Oban") }]);
    assert_eq!(found, "Dunmoil is");
    assert!(warnings[0].contains("at 00:15:00: `Dunmoil` does not stand there"), "{warnings:?}");
    let (_, warnings) = edited("It is Oban.", &[edit("Dunmoil", "Oban")]);
    assert!(warnings[0].ends_with("stands there already: `Oban.` at 00:00:02"), "{warnings:?}");
}

#[test]
fn what_is_left_and_what_is_nearest_is_told() {
    let (found, warnings) =
        edited("To Dunmoil, not dunmoil. A Dunmoil-based one.", &[edit("Dunmoil", "Dunmoyle")]);
    assert_eq!(found, "To Dunmoyle, not dunmoil. A Dunmoil-based one.");
    assert_eq!(
        warnings,
        ["`[[replace]]`: `Dunmoil` was replaced in 1 of 3 places; left: `dunmoil.` at 00:00:03, \
          `Dunmoil-based` at 00:00:05; a `find` with those words replaces them, too"]
    );
    let both = [edit("Dunmoil", "Dunmoyle"), edit("dunmoil", "Dunmoyle")];
    let (found, warnings) = edited("To Dunmoil, not dunmoil.", &both);
    assert_eq!((found.as_str(), warnings.len()), ("To Dunmoyle, not Dunmoyle.", 0));
    let (_, warnings) =
        edited("So I am Sean Hildner. Hello.", &[edit("Shaun Hildner", "Shaun Hildnar")]);
    assert!(warnings[0].ends_with("; nearest: `Sean Hildner.` at 00:00:03"), "{warnings:?}");
    let (_, warnings) = edited("Basecamp, basecamp", &[edit("basecamp", "Basecamp")]);
    assert!(warnings.is_empty(), "{warnings:?}");
    let (_, warnings) = edited("a b", &[edit(" ", "x"), edit("a", "a"), edit("zzzz", "y")]);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("without `find`") && !warnings[1].contains("nearest"));
}

#[test]
fn words_that_are_left_out_leave_their_sentence_whole() {
    for (text, find, wanted) in [
        ("It was, you know. Then", "you know", "It was. Then"),
        ("So, um, yes.", "um", "So, yes."),
        ("“Um, yes” he", "Um", "“yes” he"),
        ("(he said) yes (um) no", "um", "(he said) yes no"),
        ("Yes (I said um). No", "um", "Yes (I said). No"),
        ("um", "um", ""),
    ] {
        let (found, _) = edited(text, &[edit(find, "")]);
        assert_eq!(found, wanted, "{text}");
    }
}

#[test]
fn a_time_chooses_the_nearest_place_and_what_was_heard_is_kept() {
    let mut paragraphs = vec![paragraph("Dunmoil, then Dunmoil's sea")];
    let at = Some(TimeText(Ms::new(2_100)));
    let first = Replace { at, ..edit("Dunmoil", "Oban") };
    let mut warnings = Vec::new();
    replace(&mut paragraphs, &[first, edit("Oban", "Port Oban")], &mut warnings);
    assert_eq!(said(&paragraphs[0]), "Dunmoil, then Port Oban's sea");
    let words = &paragraphs[0].words;
    assert_eq!(words[3].word.heard.as_deref(), Some("Dunmoil's"));
    assert_eq!(
        (words[2].word.span.start(), words[3].word.span.end()),
        (Ms::new(2_000), Ms::new(2_900))
    );
    assert!(warnings.is_empty(), "{warnings:?}");
}
