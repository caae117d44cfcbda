//! What meeting tools, captioners and transcription services export is read: each form that
//! `docs/formats.md` lists as read has a file here, in its shape and with invented words.

mod forms;

use std::collections::BTreeSet;

use linernotes::formats::Diagnostic;
use linernotes::import::{Imported, import};
use linernotes::time::Ms;

use forms::{FORMS, WORDS};

/// What each says in turn.
fn said(imported: &Imported) -> Vec<(String, String)> {
    let mut said: Vec<(String, String)> = Vec::new();
    for paragraph in &imported.paragraphs {
        let name = paragraph.speaker.clone().unwrap_or_default();
        push(&mut said, name, &paragraph.text());
    }
    said
}

fn push(said: &mut Vec<(String, String)>, name: String, text: &str) {
    match said.last_mut().filter(|last| last.0 == name) {
        Some(last) => last.1 = format!("{} {text}", last.1),
        None => said.push((name, text.to_owned())),
    }
}

fn times(imported: &Imported) -> Vec<i64> {
    let pieces = imported.paragraphs.iter().flat_map(|paragraph| &paragraph.pieces);
    pieces.filter_map(|piece| piece.start.map(Ms::get)).collect()
}

fn read(text: &str, file: &str) -> (Imported, Vec<Diagnostic>) {
    import(text.as_bytes(), file).unwrap_or_else(|fault| panic!("{file}: {fault}\n{text}"))
}

#[test]
fn every_form_is_read_with_its_words_speakers_and_times() {
    for form in FORMS {
        let name = format!("{}, {}", form.tool, form.form);
        for text in [form.text.to_owned(), form.text.replace("\r\n", "\n").replace('\n', "\r\n")] {
            let (imported, found) = read(&text, form.file);
            let mut wanted = Vec::new();
            for (speaker, words) in form.speakers.iter().zip(WORDS) {
                push(&mut wanted, (*speaker).to_owned(), words);
            }
            assert_eq!(said(&imported), wanted, "{name} as {:?}: {found:#?}", imported.kind);
            assert_eq!(times(&imported), form.times, "{name} as {:?}", imported.kind);
            assert!(found.iter().all(|finding| finding.fix.is_some()), "{name}: {found:?}");
            assert_eq!(imported.as_found(), text.as_bytes(), "{name}");
        }
    }
}

/// The rows of the table in `docs/formats.md`: tool, form, whether it is read.
fn rows() -> Vec<(String, String, bool)> {
    let docs = include_str!("../../docs/formats.md");
    let table = docs.split("| tool | form | read |").nth(1).unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [tool, form, read] = cells.as_slice() else { panic!("{row}") };
        ((*tool).to_owned(), (*form).to_owned(), !read.starts_with("no"))
    })
    .collect()
}

#[test]
fn the_table_of_forms_lists_what_is_read() {
    let listed: BTreeSet<(String, String)> =
        rows().into_iter().filter(|row| row.2).map(|(tool, form, _)| (tool, form)).collect();
    let tested: BTreeSet<(String, String)> =
        FORMS.iter().map(|form| (form.tool.to_owned(), form.form.to_owned())).collect();
    assert_eq!(listed, tested);
}

#[test]
fn what_stands_around_a_transcript_is_left_out_and_named() {
    for (tool, count) in
        [("Otter", 1), ("Rev", 1), ("Sonix", 1), ("Microsoft Teams", 5), ("Google Meet", 5)]
    {
        let form = FORMS.iter().find(|form| form.tool == tool && form.file == "a.txt").unwrap();
        let (_, found) = read(form.text, form.file);
        let left_out = found.iter().filter(|finding| finding.rule == "L-LEFT-OUT");
        assert!(left_out.count() >= count, "{tool}: {found:#?}");
    }
    let (imported, found) = read(
        "Title: Nets\nDate: March 1, 2026\nHost: Tilda Marsh\n\nTilda: Are we on?\n\nOdo: Yes.\n\nTilda: Good.\n",
        "a.txt",
    );
    assert_eq!(said(&imported).len(), 3);
    assert_eq!(found.iter().filter(|finding| finding.rule == "L-LEFT-OUT").count(), 3);
    let (imported, _) = read(
        "Ann: [00:00:00] Hi.\n\nBo: [00:00:02] Yes.\n\nTranscribed by https://otter.ai\n",
        "a.txt",
    );
    assert_eq!(said(&imported).len(), 2);
    let (imported, found) =
        read("Date: March 1\n\nNets: part one\n\nAnn: [00:00:00] Hi.\n", "a.txt");
    assert_eq!(imported.head.title, "Nets: part one");
    assert!(found.iter().any(|finding| finding.rule == "L-LEFT-OUT" && finding.line == 1));
}

#[test]
fn the_last_paragraph_of_a_speaker_stays() {
    let text = "Ann  0:01\nHi.\n\nBo  0:05\nWell.\n\nWe put the transcript on our page, at nets.example.\n";
    let (imported, _) = read(text, "a.txt");
    assert!(
        said(&imported).last().unwrap().1.ends_with("at nets.example."),
        "{:?}",
        said(&imported)
    );
}

#[test]
fn front_matter_is_left_out_named_and_taken_into_the_episode() {
    let text = "---\ntitle: Net mending\ndate: 2026-03-01\nguests: [Odo Ferris]\ntags: [nets]\n---\n\n\
                Location: The harbour\n\nTilda Marsh: 00:00:02\n\nAre we recording, do you think?\n\n\
                Odo: 00:00:09\n\nI think so..\n\nTilda Marsh: 00:01:10\n\nGood.\n";
    let (imported, found) = read(text, "a.md");
    assert_eq!(said(&imported).len(), 3, "{:?}", said(&imported));
    assert_eq!(times(&imported), [2_000, 9_000, 70_000]);
    let episode = imported.episode();
    assert_eq!((episode.title.as_str(), episode.date.as_str()), ("Net mending", "2026-03-01"));
    let people: Vec<_> =
        episode.people.iter().map(|p| (p.name.as_str(), p.short.as_str())).collect();
    assert_eq!(people, [("Tilda Marsh", "Tilda Marsh"), ("Odo Ferris", "Odo")]);
    let places: Vec<_> = found.iter().map(|d| (d.line, d.rule)).collect();
    assert_eq!(places, [(1, "L-FRONT"), (8, "L-LEFT-OUT"), (16, "L-DOUBLED-STOP")]);
    let vtt = "---\ntitle: Nets\n---\nWEBVTT\n\n00:02.000 --> 00:03.000\n<v Ann>Hi\n\n00:03.000 --> 00:02.000\n<v Bo>Yes\n";
    let (imported, found) = read(vtt, "a.md");
    assert_eq!(imported.episode().title, "Nets");
    assert!(found.iter().any(|d| d.rule == "V5" && d.line == 9), "{found:?}");
    let fault = import(b"---\ntitle: Nets\n---\n\nJust words.\n", "a.md").unwrap_err().to_string();
    assert!(fault.starts_with("line 4") || fault.starts_with("line 5"), "{fault}");
}

#[test]
fn a_speaker_of_any_name_is_one_and_a_sentence_with_a_colon_is_none() {
    for name in [
        "tilda",
        "Marsh, Tilda",
        "Prof. Tilda Marsh",
        "Dr. med. Tilda van der Marsh",
        "🎣 Tilda",
        "李雷",
    ] {
        let cue = |nr: u32, name: &str, text: &str| {
            format!("{nr}\n00:00:0{nr},000 --> 00:00:0{nr},900\n{name}: {text}\n\n")
        };
        let text = [
            cue(1, name, "There are two things: the net and tea."),
            cue(2, "Odo Ferris", "One."),
            cue(3, name, "Good."),
            cue(4, "Odo Ferris", "Two."),
        ];
        let (imported, _) = read(&text.concat(), "a.srt");
        let said = said(&imported);
        assert_eq!(said[0], (name.to_owned(), "There are two things: the net and tea.".to_owned()));
        assert_eq!(said.len(), 4, "{said:?}");
        let timed = format!(
            "{name}: [00:00:01] There are two.\n\nOdo: [00:00:02] One.\n\n{name}: [00:00:03] Good.\n"
        );
        let (imported, _) = read(&timed, "a.txt");
        assert_eq!(imported.paragraphs[2].speaker.as_deref(), Some(name));
    }
    let prose = "1\n00:00:01,000 --> 00:00:02,000\nWe talk of nets.\n\n2\n00:00:02,000 --> 00:00:03,000\nThere are two things: tea.\n\n\
                 3\n00:00:03,000 --> 00:00:04,000\nRemember: no knots.\n";
    let (imported, found) = read(prose, "a.srt");
    assert_eq!(said(&imported).len(), 1);
    assert_eq!(said(&imported)[0].0, "");
    assert!(found.iter().any(|d| d.rule == "L-SPEAKER" && d.line == 11), "{found:?}");
    let mixed = "Tilda: Hello. It goes on.\n\nOdo: Yes.\n\nThere are two things: the net.\n\nTilda: Good.\n\nOdo: So.\n";
    let (imported, _) = read(mixed, "a.txt");
    assert_eq!(
        said(&imported)[1],
        ("Odo".to_owned(), "Yes. There are two things: the net.".to_owned())
    );
}

#[test]
fn what_is_said_twice_in_touching_captions_stays() {
    let text = "WEBVTT\n\n00:01.000 --> 00:02.000\nYes.\n\n00:02.000 --> 00:03.000\nYes.\n\n00:03.000 --> 00:04.000\nWe go\nhome.\n\n\
                00:04.000 --> 00:05.000\nWe go\nhome.\n";
    let (imported, found) = read(text, "a.vtt");
    assert_eq!(said(&imported)[0].1, "Yes. Yes. We go home. We go home.");
    assert!(found.iter().all(|finding| finding.rule != "L-ROLLING"));
}

#[test]
fn what_is_known_and_not_read_is_refused_by_name_with_what_to_do() {
    for (file, text, name) in [
        ("a.scc", "Scenarist_SCC V1.0\n\n00:00:01:00\t9420 9420 94f4\n", "SCC"),
        ("a.smi", "<SAMI>\n<BODY>\n<SYNC Start=1000><P>Are we on?\n", "SAMI"),
        (
            "a.fcpxml",
            "<?xml version=\"1.0\"?>\n<!DOCTYPE fcpxml>\n<fcpxml version=\"1.9\"></fcpxml>",
            "editing program",
        ),
        (
            "a.edl",
            "TITLE: NETS\nFCM: NON-DROP FRAME\n\n001 AX V C 00:00:00:00 00:00:01:00\n",
            "edit decision list",
        ),
        ("a.sub", "{25}{75}Are we on?\n", "MicroDVD"),
    ] {
        let fault = import(text.as_bytes(), file).unwrap_err().to_string();
        assert!(fault.contains(name), "{file}: {fault}");
        assert!(fault.contains("export") || fault.contains("put a line"), "{file}: {fault}");
    }
}
