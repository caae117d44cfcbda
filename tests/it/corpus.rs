//! The importer over conversations made at random, in every style in which transcripts are found and
//! with every fault that is met in them: nothing is lost, nobody gets another's words, and each fault
//! is named.

use std::fmt::Write as _;

use linernotes::edit::{Block, Edition};
use linernotes::import::import;
use proptest::prelude::*;

/// What somebody says in one breath.
#[derive(Debug, Clone)]
struct Turn {
    speaker: &'static str,
    /// Seconds since the turn before.
    after: u32,
    text: String,
    fault: Fault,
}

/// A fault at the start of a turn, where the style has a place for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    WrongBracket,
    NoSpace,
    EqualTime,
    TimeBack,
    ShortTime,
    RoundBrackets,
}

const SPEAKERS: [&str; 4] = ["Odile", "Tom", "Piet Kuiper", "Gull’s Voice"];

/// Sentences that importers trip over.
const SENTENCES: [&str; 16] = [
    "There was nobody on the quay.",
    "He wrote: no, never again.",
    "Read it at https://example.org/a:b?c=d, please.",
    "At 12:48 the hose was too short.",
    "The the fire was out by noon.",
    "My hope was to [save one] of them.",
    "It’s a row of sheds, so so so close.",
    "That is what one says.. Later, anyway.",
    "You can find it at And we’ll link to it.",
    "“Something’s watertight,” she said.",
    "Ça va, naïve façade — 5 nines, 99.9999% … yes!",
    "He said that <tags> & such cost $5, #1.",
    "when the fog came, I ran.",
    "Call 708-628-7850 or @bitsweat.",
    "Is it 3:1? Note: it is.",
    "Shit was down.",
];

fn turn() -> impl Strategy<Value = Turn> {
    let fault = prop_oneof![
        4 => Just(Fault::None),
        1 => Just(Fault::WrongBracket),
        1 => Just(Fault::NoSpace),
        1 => Just(Fault::EqualTime),
        1 => Just(Fault::TimeBack),
        1 => Just(Fault::ShortTime),
        1 => Just(Fault::RoundBrackets),
    ];
    let text = proptest::collection::vec(proptest::sample::select(&SENTENCES[..]), 1..4);
    (proptest::sample::select(&SPEAKERS[..]), 1_u32..90, text, fault).prop_map(
        |(speaker, after, text, fault)| Turn { speaker, after, text: text.join(" "), fault },
    )
}

/// Conversations in which neighbours are different people.
fn conversation() -> impl Strategy<Value = Vec<Turn>> {
    proptest::collection::vec(turn(), 2..10).prop_map(|mut turns| {
        turns.dedup_by_key(|turn| turn.speaker);
        // A time that goes back, or stands twice, needs one before it.
        if let Some(first) = turns.first_mut()
            && matches!(first.fault, Fault::EqualTime | Fault::TimeBack)
        {
            first.fault = Fault::None;
        }
        turns
    })
}

/// The second at which each turn is said to begin.
fn times(turns: &[Turn], with_faults: bool) -> Vec<u32> {
    let mut at = 0;
    turns
        .iter()
        .map(|turn| {
            let before = at;
            at += turn.after;
            match turn.fault {
                Fault::EqualTime if with_faults => {
                    at = before;
                    before
                }
                Fault::TimeBack if with_faults && before > 0 => {
                    at = before;
                    before - 1
                }
                _ => at,
            }
        })
        .collect()
}

fn clock(second: u32) -> String {
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

fn rework(turns: &[Turn]) -> String {
    let mut out = String::from("The Full Transcript:");
    for (turn, second) in turns.iter().zip(times(turns, true)) {
        let time = clock(second);
        let stamp = match turn.fault {
            Fault::WrongBracket => format!("[{time}}} "),
            Fault::NoSpace => format!("[{time}]"),
            Fault::ShortTime => format!("[{}] ", &time[3..]),
            Fault::RoundBrackets => format!("({time}) "),
            _ => format!("[{time}] "),
        };
        let _ = write!(out, "\n\n{}: {stamp}{}", turn.speaker, turn.text);
    }
    out
}

fn changelog(turns: &[Turn]) -> String {
    let mut out = String::new();
    for (turn, second) in turns.iter().zip(times(turns, false)) {
        let text = turn.text.replace('[', "\\[").replace(']', "\\]");
        let time = clock(second);
        let _ = write!(out, "**{}:** \\[{}\\] {text}\n\n", turn.speaker, &time[3..]);
    }
    out
}

fn capitals(turns: &[Turn]) -> String {
    let line = |turn: &Turn| format!("{}: {}\n\n", turn.speaker.to_uppercase(), turn.text);
    turns.iter().map(line).collect()
}

fn own_line(turns: &[Turn]) -> String {
    let lines = turns.iter().map(|turn| format!("{}\n{}\n", turn.speaker, turn.text));
    lines.collect::<Vec<_>>().join("\n")
}

fn beside_time(turns: &[Turn]) -> String {
    let times = times(turns, false);
    let line = |(turn, second): (&Turn, u32)| {
        format!("{} {}\n{}\n", clock(second), turn.speaker, turn.text)
    };
    turns.iter().zip(times).map(line).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Starts and ends of cues, in seconds.
fn cues(turns: &[Turn]) -> Vec<(u32, u32)> {
    let starts = times(turns, false);
    let ends = starts.iter().skip(1).copied().chain([starts.last().copied().unwrap_or(0) + 9]);
    starts.iter().copied().zip(ends).collect()
}

fn webvtt(turns: &[Turn]) -> String {
    let mut out = String::from("WEBVTT\n");
    for (turn, (start, end)) in turns.iter().zip(cues(turns)) {
        let (start, end) = (clock(start), clock(end));
        let text = escape(&turn.text);
        let _ = write!(out, "\n{start}.000 --> {end}.000\n<v {}>{text}\n", turn.speaker);
    }
    out
}

fn srt(turns: &[Turn]) -> String {
    let mut out = String::new();
    for ((turn, (start, end)), number) in turns.iter().zip(cues(turns)).zip(1..) {
        let (start, end) = (clock(start), clock(end));
        let (name, text) = (turn.speaker, &turn.text);
        let _ = write!(out, "{number}\n{start},000 --> {end},000\n{name}: {text}\n\n");
    }
    out
}

fn json(turns: &[Turn], each: impl Fn(&Turn, u32, u32) -> serde_json::Value) -> serde_json::Value {
    turns.iter().zip(cues(turns)).map(|(turn, (start, end))| each(turn, start, end)).collect()
}

fn podcast_json(turns: &[Turn]) -> String {
    let segments = json(
        turns,
        |turn, start, end| serde_json::json!({"speaker": turn.speaker, "startTime": start, "endTime": end, "body": turn.text}),
    );
    serde_json::json!({"version": "1.0.0", "segments": segments}).to_string()
}

fn whisperx(turns: &[Turn]) -> String {
    let segments = json(
        turns,
        |turn, start, end| serde_json::json!({"speaker": turn.speaker, "start": start, "end": end, "text": turn.text}),
    );
    serde_json::json!({ "segments": segments }).to_string()
}

fn podlove(turns: &[Turn]) -> String {
    let lines = json(turns, |turn, start, end| {
        let (start, end) = (format!("{}.000", clock(start)), format!("{}.000", clock(end)));
        serde_json::json!({"start": start, "end": end, "voice": turn.speaker, "text": turn.text})
    });
    lines.to_string()
}

fn podcast_html(turns: &[Turn]) -> String {
    let mut out = String::new();
    for (turn, (start, _)) in turns.iter().zip(cues(turns)) {
        let (time, text) = (clock(start), escape(&turn.text));
        let _ = write!(out, "<cite>{}:</cite>\n<time>{time}</time>\n<p>{text}</p>\n", turn.speaker);
    }
    out
}

/// A file's name, and how a conversation is written in its style.
type Style = (&'static str, fn(&[Turn]) -> String);

const STYLES: [Style; 11] = [
    ("a.txt", rework),
    ("b.md", changelog),
    ("c.txt", capitals),
    ("d.txt", own_line),
    ("e.txt", beside_time),
    ("f.vtt", webvtt),
    ("g.srt", srt),
    ("h.json", podcast_json),
    ("i.json", whisperx),
    ("j.json", podlove),
    ("k.html", podcast_html),
];

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// What each speaker says in turn, in lower case where names are.
fn said(edition: &Edition) -> Vec<(String, Vec<String>)> {
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    for block in &edition.blocks {
        let Block::Paragraph(paragraph) = block else { continue };
        let name = paragraph.speaker.as_ref().map_or("", |name| name.0.as_str()).to_lowercase();
        let text = paragraph.words.iter().map(|edited| edited.word.text.clone());
        match said.last_mut().filter(|last| last.0 == name) {
            Some(last) => last.1.extend(text),
            None => said.push((name, text.collect())),
        }
    }
    said
}

proptest! {
    #[test]
    fn every_style_keeps_every_word_with_its_speaker(turns in conversation()) {
        let wanted: Vec<(String, Vec<String>)> =
            turns.iter().map(|turn| (turn.speaker.to_lowercase(), words(&turn.text))).collect();
        // Too few lines to tell a style by.
        prop_assume!(wanted.len() >= 2);
        for (name, write) in STYLES {
            let unix = write(&turns);
            let windows = unix.replace('\n', "\r\n");
            let marked = format!("\u{feff}{unix}");
            for text in [&unix, &windows, &marked] {
                let (imported, _) = import(text.as_bytes(), name).map_err(|fault| {
                    TestCaseError::fail(format!("{name}: {fault}\n{text}"))
                })?;
                prop_assert_eq!(&imported.as_found(), text.as_bytes(), "{}", name);
                let edition = imported.to_edition("en", None);
                prop_assert_eq!(&said(&edition), &wanted, "{} as {:?}:\n{}", name, imported.kind, text);
                let starts: Vec<_> = edition.paragraphs().map(|p| p.span.start()).collect();
                prop_assert!(starts.is_sorted(), "{}: {:?}", name, starts);
            }
        }
    }

    #[test]
    fn every_fault_is_named_on_its_line(turns in conversation()) {
        let text = rework(&turns);
        let (_, found) = import(text.as_bytes(), "a.txt").unwrap();
        let named = |rule: &str, line: usize| {
            found.iter().filter(|d| d.rule == rule && d.line == line).count()
        };
        for (turn, number) in turns.iter().zip(0_usize..) {
            let line = 3 + 2 * number;
            prop_assert_eq!(named("L-TIME-CLOSE", line), usize::from(turn.fault == Fault::WrongBracket), "{}", text);
            prop_assert_eq!(named("L-TIME-SPACE", line), usize::from(turn.fault == Fault::NoSpace), "{}", text);
            let times = |part: &str| turn.text.matches(part).count();
            prop_assert_eq!(named("L-DOUBLED-STOP", line), times(".. Later"), "{}", text);
            prop_assert_eq!(named("L-INSERT", line), times("[save one]"), "{}", text);
            prop_assert_eq!(named("L-LOST-LINK", line), times("find it at And"), "{}", text);
            prop_assert_eq!(named("L-DOUBLED-WORD", line), times("The the"), "{}", text);
            prop_assert_eq!(named("L-LOWER-START", line), usize::from(turn.text.starts_with("when")), "{}", text);
        }
        for (turn, number) in turns.iter().zip(0_usize..).skip(1) {
            let (before, now) = (times(&turns, true)[number - 1], times(&turns, true)[number]);
            if turn.fault == Fault::EqualTime && before == now {
                prop_assert_eq!(named("L-TIME-EQUAL", 3 + 2 * number), 1, "{}", text);
            }
            if turn.fault == Fault::TimeBack && now < before {
                prop_assert_eq!(named("L-TIME-BACK", 3 + 2 * number), 1, "{}", text);
            }
        }
    }
}
