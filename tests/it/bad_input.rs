//! Files that are broken in the ways in which files are: each fault is told with its line and column,
//! nothing is lost, and nothing is written half.

use std::fmt::Write as _;
use std::fs;

use assert_cmd::Command;
use linernotes::import::import;
use linernotes::lint::lint;

use crate::printing;

/// What `import` says about a text, as `line:column rule`, and its words.
fn imported(bytes: &[u8], name: &str) -> (Vec<String>, String) {
    let (imported, found) = import(bytes, name).unwrap();
    assert_eq!(imported.as_found(), bytes, "{name}: nothing is lost");
    assert!(found.iter().all(|d| d.fix.is_some()), "{name}: {found:?}");
    let edition = imported.to_edition("en", None);
    let starts: Vec<_> = edition.paragraphs().map(|p| p.span.start()).collect();
    assert!(starts.is_sorted(), "{name}: {starts:?}");
    for file in printing::files(&edition, &imported.show(), &imported.episode()) {
        let report = lint(&file.relative_path, &file.bytes);
        let errors = report.filter(linernotes::lint::Report::has_errors);
        assert_eq!(errors, None, "{name}: {}", file.relative_path);
    }
    let words = edition.paragraphs().flat_map(|p| &p.words).map(|w| w.word.text.clone());
    let words = words.collect::<Vec<_>>().join(" ");
    (found.iter().map(|d| format!("{}:{} {}", d.line, d.column, d.rule)).collect(), words)
}

#[test]
fn each_fault_is_told_with_its_place_and_no_word_is_lost() {
    let long =
        format!("WEBVTT\n\n00:00:00.000 --> 10:00:00.000\n<v Ann>{}\n", "So it goes. ".repeat(5));
    let latin: Vec<u8> =
        "The Full Transcript:\n\nRené: [00:00:01] Café.\n".chars().map(|c| c as u8).collect();
    let cases: [(&str, &[u8], &[&str], &str); 8] = [
        (
            "no-header.vtt",
            b"00:01.000 --> 00:02.000\n<v Ann>Hello.\n",
            &["1:1 V1"],
            "Hello.",
        ),
        (
            "back.vtt",
            b"WEBVTT\n\n00:09.000 --> 00:10.000\n<v Ann>One.\n\n00:01.000 --> 00:02.000\n<v Bo>Two.\n",
            &["6:1 V6"],
            "One. Two.",
        ),
        ("long.vtt", long.as_bytes(), &["3:1 L-LONG-CUE"], "So it goes. So it goes. So it goes. So it goes. So it goes."),
        (
            "name.vtt",
            b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v An\nna>Hello.\n",
            &["4:1 V8"],
            "Hello.",
        ),
        (
            "script.txt",
            b"Ann: [00:00:01] Hi.\n\n<script>: [00:00:04] <script>alert(1)</script>",
            &["3:1 L-SPEAKER", "3:1 L-UNTIMED"],
            "Hi. <script>: [00:00:04] <script>alert(1)</script>",
        ),
        (
            "crlf.srt",
            b"\xef\xbb\xbf1\r\n00:00:01,000 --> 00:00:02,000\r\nAnn: Hello.\r\n\r\n2\r\n00:00:02,000 --> 00:00:03,000\r\nBo: Hi.\r\n",
            &[],
            "Hello. Hi.",
        ),
        ("latin.txt", &latin, &["3:4 U1"], "Café."),
        (
            "back.txt",
            b"Ann: [00:00:09] One.\n\nBo: [00:00:04} Two.\n",
            &["3:6 L-TIME-BACK", "3:14 L-TIME-CLOSE"],
            "One. Two.",
        ),
    ];
    for (name, bytes, places, words) in cases {
        let (found, text) = imported(bytes, name);
        let notes: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(notes, places, "{name}");
        assert_eq!(text, words, "{name}");
    }
}

#[test]
fn chapters_that_are_out_of_order_are_told() {
    let text = r#"{"version":"1.2.0","chapters":[{"startTime":0,"title":"A"},
{"startTime":9,"title":"B"},
{"startTime":9,"title":"C"}]}"#;
    let report = lint("chapters.json", text.as_bytes()).unwrap();
    let places: Vec<_> = report.findings.iter().map(|d| (d.line, d.rule)).collect();
    assert_eq!(places, [(3, "C1")]);
}

#[test]
fn a_large_feed_is_checked_to_its_end_and_is_no_transcript() {
    let mut feed = String::from("<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel>\n");
    while feed.len() < 50_000_000 {
        let _ = writeln!(
            feed,
            "<item><podcast:transcript url=\"https://e.org/a.vtt\" type=\"text/vtt\"/></item>"
        );
    }
    feed.push_str(
        "<item><podcast:transcript url=\"a.vtt\" type=\"text/vtt\"/></item>\n</channel></rss>\n",
    );
    let report = lint("feed.xml", feed.as_bytes()).unwrap();
    let last = feed.lines().count() - 1;
    let errors: Vec<_> = report.findings.iter().filter(|d| d.rule == "T1").collect();
    assert_eq!(errors.iter().map(|d| d.line).collect::<Vec<_>>(), [last]);
    let refused = import(feed.as_bytes(), "feed.xml").unwrap_err().to_string();
    assert!(refused.contains("line 2") && refused.contains("feed"), "{refused}");
}

#[test]
fn a_refused_file_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bad.vtt"), "WEBVTT\n\nno cue at all\n").unwrap();
    let output = Command::cargo_bin("linernotes")
        .unwrap()
        .current_dir(folder.path())
        .args(["import", "bad.vtt", "-o", "e"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("`bad.vtt`") && said.contains("line 3"), "{said}");
    assert!(!folder.path().join("e").exists());
}

/// One file for each rule that most files keep; all that is found says what to do.
#[test]
fn every_finding_says_what_to_do() {
    let cue = "00:01.000 --> 00:02.000";
    let files: [(&str, String); 9] = [
        ("a.vtt", format!("WEBVTTx\n\nSTYLE\na --> b\n\n1\n2\n{cue}\n\n1\n{cue}\nA\n\nlost\n\n1\n{cue}\nB\n\nSTYLE\nc\n")),
        ("b.vtt", format!("WEBVTT\n\n{cue}\n<v >A & <b <00:09.000>B\n\n00:02,0 -->00:01.000\n<x>C\n")),
        ("c.srt", "text\n7\n00:00:02,000 --> 00:00:01,000\nA\n\nB\n\n9\n0:0:1.0 --> 00:09:00,000\n".to_owned()),
        ("d.json", r#"{"version":2,"segments":[{"body":"a"},{"startTime":"3","endTime":1,"speaker":4,"body":"b"},{}]}"#.to_owned()),
        ("e.json", r#"{"version":"1.2.0","chapters":[{"startTime":5,"endTime":1,"url":"x","location":{}},{"startTime":"a"},{"startTime":"5"}]}"#.to_owned()),
        ("f.rttm", "SPEAKER a 1 x y <NA> <NA> n <NA> <NA>\nSPEAKER a\n".to_owned()),
        ("words.json", r#"{"schema":1,"words":[{"start":2,"end":1,"text":3}]}"#.to_owned()),
        ("g.xml", "<rss><channel><podcast:guid>x</podcast:guid><podcast:transcript/><item><podcast:chapters/><podcast:chapters/><podcast:soundbite/><podcast:person/></item></channel></rss>".to_owned()),
        ("h.json", "{".to_owned()),
    ];
    for (name, text) in files {
        let report = lint(name, text.as_bytes()).unwrap();
        assert!(report.has_errors(), "{name}");
        for finding in report.findings {
            assert!(finding.fix.is_some() && finding.line > 0, "{name}: {finding:?}");
        }
    }
}
