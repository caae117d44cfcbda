//! Large texts made of what is slow to read if it is read again for each of its parts. In a reader
//! whose work grows with the square of the text, each of these takes minutes.

use std::fmt::Write as _;

use linernotes::import::import;
use linernotes::lint::lint;

fn read(name: &str, text: &str) {
    let report = lint(name, text.as_bytes());
    if let Some(report) = report {
        assert!(report.findings.len() < 20_000, "{name}: {}", report.findings.len());
    }
    if let Ok((imported, found)) = import(text.as_bytes(), name) {
        assert!(found.len() < 20_000 && !imported.paragraphs.is_empty(), "{name}");
    }
}

#[test]
fn repeated_marks_are_read_in_one_go() {
    let vtt = "WEBVTT\n\n00:00.000 --> 00:01.000\n";
    let srt = "1\n00:00:00,000 --> 00:00:01,000\n";
    let html = "<cite>A:</cite><time>0:00</time><p>x</p><p>";
    for (name, front, part, back) in [
        ("a.vtt", vtt, "<", ""),
        ("a.vtt", vtt, "<b>", ""),
        ("a.vtt", vtt, "&", ""),
        ("a.vtt", vtt, "<v x", ""),
        ("a.vtt", vtt, "<v x\n", ""),
        ("a.vtt", "WEBVTT\n\n", "NOTE\n\n", ""),
        ("a.srt", srt, "<", ""),
        ("a.srt", srt, "{", ""),
        ("a.srt", srt, "<i", ""),
        ("a.html", html, "<", ""),
        ("a.html", html, "<b", ""),
        ("a.html", html, "<b>a</b> ", ""),
        ("a.html", html, "<script></script>", ""),
        ("a.html", html, "<!--", ""),
        ("b.html", "<html><body><p>A: [00:00:00] x</p>", "<", ""),
        ("b.html", "<html><body><p>A: [00:00:00] x</p>", "<a", ""),
        ("a.md", "**A:** x ", "[", ""),
        ("a.md", "**A:** x ", "[a](", ""),
        ("a.txt", "A: [00:00:00] x ", "[", "]"),
        ("a.txt", "A: [00:00:00] x ", ". ", ""),
        ("a.json", "[{\"start\":1,\"text\":\"a\"}", ",{\"text\":\"\"}", "]"),
        ("a.xml", "<rss><channel><item>", "<podcast:soundbite/>", "</item></channel></rss>"),
        ("a.rttm", "", "SPEAKER ", ""),
    ] {
        read(name, &format!("{front}{}{back}", part.repeat(500_000 / part.len())));
    }
}

#[test]
fn thousands_of_people_and_turns_are_read_in_one_go() {
    let mut cues = String::from("WEBVTT\n\n");
    let mut turns = String::new();
    for index in 0..40_000 {
        let at = format!("{:02}:{:02}:{:02}", index / 3_600, index / 60 % 60, index % 60);
        let _ = write!(cues, "{at}.000 --> {at}.900\n<v Person {index}>Line number {index}.\n\n");
        let _ = write!(turns, "P{index}: [{at}] ord{index} the the W{index}.\n\n");
    }
    read("a.vtt", &cues);
    read("a.txt", &turns);
    let (imported, _) = import(cues.as_bytes(), "a.vtt").unwrap();
    assert_eq!(imported.people.len(), 40_000);
}

#[test]
fn a_million_findings_are_counted_and_a_thousand_told() {
    let text = format!("WEBVTT\n\n00:00.000 --> 00:01.000\n{}\n", "&".repeat(1_000_000));
    let report = lint("a.vtt", text.into_bytes()).unwrap();
    let told: Vec<_> = report.findings.iter().filter(|finding| finding.rule == "V7").collect();
    assert_eq!((told.len(), told.last().unwrap().more), (1_000, 999_000));
}
