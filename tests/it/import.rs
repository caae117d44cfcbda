//! Importing what others wrote: the contract of the Rework text, and every other style.

use linernotes::edit::{Block, Edition};
use linernotes::formats::Diagnostic;
use linernotes::import::{Imported, Kind, import};
use linernotes::time::Ms;

use crate::printing::files;

const QUIRKS: &str = include_str!("../fixtures/import/quirks.txt");

fn read(text: &str, name: &str) -> (Imported, Vec<Diagnostic>) {
    import(text.as_bytes(), name).expect("the text is a transcript")
}

fn house(imported: &Imported) -> String {
    let edition = imported.to_edition("en", None);
    let files = files(&edition, &imported.show(), &imported.episode());
    let text = files.into_iter().find(|file| file.relative_path == "transcript.txt").unwrap();
    String::from_utf8(text.bytes).unwrap()
}

#[test]
fn the_page_comes_back_byte_for_byte() {
    let (imported, _) = read(QUIRKS, "quirks.txt");
    assert_eq!(imported.as_found(), QUIRKS.as_bytes());
}

#[test]
fn the_house_form_differs_where_the_form_was_broken_and_nowhere_else() {
    let (imported, _) = read(QUIRKS, "quirks.txt");
    let changes = imported.changes(&house(&imported));
    let lines: Vec<_> = changes.iter().map(|change| change.line).collect();
    assert_eq!(lines, [18, 26], "{changes:#?}");
    assert!(changes[0].written.starts_with("[00:00:28] So"));
    assert!(changes[1].written.starts_with("Tom: [00:00:51] And"));
}

#[test]
fn every_quirk_is_found_once_and_with_its_place() {
    let (_, found) = read(QUIRKS, "quirks.txt");
    let places: Vec<_> =
        found.iter().map(|d| format!("{}:{} {}", d.line, d.column, d.rule)).collect();
    assert_eq!(
        places,
        [
            "18:10 L-TIME-CLOSE",
            "22:12 L-SOUND",
            "26:16 L-TIME-SPACE",
            "26:39 L-DOUBLED-WORD",
            "30:38 L-INSERT",
            "30:79 L-DOUBLED-STOP",
            "34:1 L-UNTIMED",
            "36:1 L-UNTIMED",
            "38:19 L-LOWER-START",
            "40:25 L-DOUBLED-WORD",
            "42:8 L-TIME-EQUAL",
            "44:41 L-LOST-LINK",
            "44:104 L-LOST-LINK",
            "46:65 L-LOST-LINK",
        ]
    );
    assert!(found.iter().all(|d| d.fix.is_some()), "{found:#?}");
    let lower = found.iter().find(|d| d.rule == "L-LOWER-START").unwrap();
    assert_eq!(lower.fix.as_deref(), Some("perhaps `When`"));
}

#[test]
fn speakers_carry_on_sounds_stand_apart_and_quotations_have_an_author() {
    let (imported, _) = read(QUIRKS, "quirks.txt");
    let edition = imported.to_edition("en", None);
    let at = |ms: i64| {
        edition.paragraphs().find(|p| p.span.start() == Ms::new(ms)).expect("a paragraph begins")
    };
    assert_eq!(at(28_000).speaker.as_ref().unwrap().0, "Odile");
    assert_eq!(at(65_000).speaker.as_ref().unwrap().0, "Tom");
    let sounds: Vec<_> = edition
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Sound(sound) => Some(sound.text.as_str()),
            Block::Paragraph(_) => None,
        })
        .collect();
    assert_eq!(sounds, ["Low Water by The Caulkers plays."]);
    let quotations: Vec<_> = edition.paragraphs().filter_map(|p| p.quotation.as_ref()).collect();
    assert_eq!(quotations.len(), 2);
    assert!(quotations.iter().all(|q| q.author.as_deref() == Some("Odile")));
}

#[test]
fn the_head_tells_show_episode_and_people() {
    let (imported, _) = read(QUIRKS, "quirks.txt");
    assert_eq!(imported.head.show, "The Harbour Hour");
    assert_eq!(imported.head.title, "Nothing's Watertight");
    assert_eq!(imported.head.promo, "Like a good varnish? You'll love Brightwork >");
    let people: Vec<_> = imported
        .people
        .iter()
        .map(|p| (p.name.as_str(), p.short.as_str(), p.role.as_str()))
        .collect();
    assert_eq!(
        people,
        [
            ("Mara Quist", "Mara", "host"),
            ("Odile Ferrant", "Odile", "guest"),
            ("Tom Abara", "Tom", "host"),
            ("Piet Kuiper", "Piet", "guest"),
        ]
    );
}

fn text_of(edition: &Edition) -> String {
    let words = edition.paragraphs().flat_map(|p| &p.words).map(|w| w.word.text.as_str());
    words.collect::<Vec<_>>().join(" ")
}

fn starts_rise(edition: &Edition) -> bool {
    let words = edition.paragraphs().flat_map(|p| &p.words);
    let starts: Vec<_> = words.map(|w| w.word.span.start()).collect();
    starts.is_sorted()
}

/// What we write in one format and read again has the same words, names and sounds.
#[test]
fn our_own_files_are_read_back() {
    let (original, _) = read(QUIRKS, "quirks.txt");
    let edition = original.to_edition("en", None);
    let voices = |edition: &Edition| {
        let mut names: Vec<String> =
            edition.paragraphs().map(|p| p.speaker.as_ref().unwrap().0.clone()).collect();
        names.dedup();
        names
    };
    assert!(starts_rise(&edition));
    for file in files(&edition, &original.show(), &original.episode()) {
        let name = file.relative_path.as_str();
        if name == "turns.rttm" || name == "chapters.json" {
            continue;
        }
        let (back, _) = import(&file.bytes, name).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let again = back.to_edition("en", None);
        assert_eq!(text_of(&again), text_of(&edition), "{name}");
        assert_eq!(voices(&again), voices(&edition), "{name}");
        assert!(starts_rise(&again), "{name}");
        if name != "words.json" {
            let sounds = again.blocks.len() - again.paragraphs().count();
            assert_eq!(sounds, 1, "{name}");
        }
    }
}

#[test]
fn each_style_gives_the_same_conversation() {
    let cases = [
        (
            "a.vtt",
            "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Hello there.\n\n00:02.000 --> 00:03.000\n<v Bo>Good day.\n",
        ),
        (
            "b.vtt",
            "00:01.000 --> 00:02.000\n[SPEAKER_00]: Hello there.\n\n00:02.000 --> 00:03.000\n[SPEAKER_01]: Good day.\n",
        ),
        (
            "c.srt",
            "1\n00:00:01,000 --> 00:00:02,000\nAnn: Hello\nthere.\n\n2\n00:00:02,000 --> 00:00:03,000\nBo: Good day.\n",
        ),
        (
            "d.json",
            r#"{"version":"1.0.0","segments":[{"speaker":"Ann","startTime":1,"endTime":2,"body":"Hello there."},{"speaker":"Bo","startTime":2,"body":"Good day."}]}"#,
        ),
        (
            "e.html",
            "<cite>Ann:</cite><time>0:01</time><p>Hello there.</p><cite>Bo:</cite><time>0:02</time><p>Good day.</p>",
        ),
        (
            "f.html",
            "<html><body><h1>T</h1><p>Ann: [00:00:01] Hello there.</p><p><b>Bo:</b> [00:00:02] Good day.</p></body></html>",
        ),
        (
            "g.json",
            r#"{"segments":[{"start":1,"end":2,"text":" Hello there.","speaker":"Ann"},{"start":2,"end":3,"text":" Good day.","speaker":"Bo"}]}"#,
        ),
        (
            "h.json",
            r#"{"lines":[{"startTime":"00:00:01,000","speakerDesignation":"Ann","text":"Hello there."},{"startTime":"00:00:02,000","speakerDesignation":"Bo","text":"Good day."}]}"#,
        ),
        (
            "i.json",
            r#"[{"start":"00:00:01.000","voice":"Ann","text":"Hello there."},{"start":"00:00:02.000","voice":"Bo","text":"Good day."}]"#,
        ),
        (
            "j.xml",
            "<pst:transcripts><pst:speech><pst:speaker>Ann</pst:speaker><pst:item start=\"00:00:01\">Hello there.</pst:item></pst:speech><pst:speech><pst:speaker>Bo</pst:speaker><pst:item start=\"00:00:02\">Good day.</pst:item></pst:speech></pst:transcripts>",
        ),
        ("k.md", "**Ann:** \\[00:01\\] Hello there.\n\n**Bo:** \\[00:02\\] Good day.\n"),
        ("l.txt", "ANN: Hello there.\n\nBO: Good day.\n"),
        ("m.txt", "Ann\nHello there.\n\nBo\nGood day.\n"),
        ("n.txt", "0:01 Ann\nHello there.\n0:02 Bo\nGood day.\n"),
        ("o.txt", "Ann: (00:01) Hello there.\r\nBo: (00:02) Good day.\r\n"),
    ];
    for (name, text) in cases {
        let (imported, _) = read(text, name);
        assert_eq!(imported.as_found(), text.as_bytes(), "{name}");
        let edition = imported.to_edition("en", None);
        assert_eq!(text_of(&edition), "Hello there. Good day.", "{name} as {:?}", imported.kind);
        assert_eq!(edition.paragraphs().count(), 2, "{name} as {:?}", imported.kind);
        assert_eq!(imported.people.len() + usize::from(name == "b.vtt") * 2, 2, "{name}");
    }
}

#[test]
fn what_is_no_transcript_is_refused_with_its_place() {
    for (name, text, place) in [
        ("a.txt", "", "the file is empty"),
        ("a.json", "{\"segments\": [}", "line 1, column 15"),
        ("a.vtt", "WEBVTT\n\nhello\n", "line 3"),
        ("a.txt", "Just some prose. And more.", "line 1"),
        ("a.xml", "<pst:transcripts>\n<a></b>", "line 2"),
    ] {
        let fault = import(text.as_bytes(), name).unwrap_err().to_string();
        assert!(fault.contains(place), "{name}: {fault}");
    }
}

#[test]
fn latin_1_is_read_said_and_given_back() {
    let bytes = b"Ren\xe9: [00:00:00] Caf\xe9.";
    let (imported, found) = import(bytes, "x.txt").unwrap();
    assert_eq!(imported.paragraphs[0].speaker.as_deref(), Some("René"));
    assert_eq!(found[0].rule, "U1");
    assert_eq!(imported.as_found(), bytes);
}

#[test]
fn times_that_go_back_are_named_and_never_printed_falling() {
    let text = "Ann: [00:00:10] One.\n\nBo: [00:00:05] Two.\n\nAnn: [00:00:20] Three.\n";
    let (imported, found) = read(text, "x.txt");
    assert!(found.iter().any(|d| d.rule == "L-TIME-BACK" && d.line == 3));
    assert!(starts_rise(&imported.to_edition("en", None)));
    assert_eq!(imported.kind, Kind::Rework);
}
