//! Numbers that others state as times: whatever they are, nothing panics, and what is written can be
//! read back.

use linernotes::edit::Edition;
use linernotes::edit::edits::Edits;
use linernotes::formats::{chapters_json, ctm, podlove, rttm, stm};
use linernotes::import::import;
use linernotes::library::episode::Episode;
use linernotes::library::show::{Drafting, Show};
use linernotes::library::written::parse_toml;
use linernotes::lint::lint;
use linernotes::render::{PageFacts, Templates};

use crate::printing::{exports, render};
use linernotes::time::Ms;
use proptest::prelude::*;

/// A place for two numbers in each form that states times as numbers.
const PLACES: [(&str, &str); 18] = [
    (
        "podcast.json",
        r#"{"version":"1.0.0","segments":[{"startTime":A,"endTime":B,"body":"Hello there."},{"startTime":2,"body":"Yes."}]}"#,
    ),
    (
        "whisper.json",
        r#"{"segments":[{"start":A,"end":B,"text":"Hello there."},{"start":2,"end":3,"text":"Yes."}]}"#,
    ),
    ("cpp.json", r#"{"transcription":[{"offsets":{"from":A,"to":B},"text":"Hello there."}]}"#),
    ("chunks.json", r#"{"chunks":[{"timestamp":[A,B],"text":"Hello there."}]}"#),
    (
        "words.json",
        r#"{"schema":1,"words":[{"start":A,"end":B,"text":"Hello"},{"start":2,"end":3,"text":"there."}]}"#,
    ),
    (
        "assembly.json",
        r#"{"audio_duration":9,"words":[{"text":"Hello.","start":A,"end":B,"speaker":"A"}]}"#,
    ),
    (
        "amazon.json",
        r#"{"results":{"items":[{"start_time":"A","end_time":"B","alternatives":[{"content":"Hello"}],"type":"pronunciation"}]}}"#,
    ),
    (
        "google.json",
        r#"{"results":[{"alternatives":[{"words":[{"startTime":"As","endTime":"Bs","word":"Hello."}]}]}]}"#,
    ),
    (
        "lengths.json",
        r#"{"results":[{"alternatives":[{"words":[{"start_time":{"seconds":A,"nanos":B},"word":"Hello."}]}]}]}"#,
    ),
    (
        "azure.json",
        r#"{"recognizedPhrases":[{"offsetInTicks":A,"durationInTicks":B,"nBest":[{"display":"Hello."}]}]}"#,
    ),
    (
        "youtube.json",
        r#"[{"text":"Hello there.","start":A,"duration":B},{"text":"Yes.","start":4,"duration":1}]"#,
    ),
    ("json3.json", r#"{"events":[{"tStartMs":A,"dDurationMs":B,"segs":[{"utf8":"Hello."}]}]}"#),
    ("podlove.json", r#"[{"start_ms":A,"end_ms":B,"voice":"Ann","text":"Hello."}]"#),
    (
        "a.vtt",
        "WEBVTT\n\nA:00:00.000 --> B:00:00.000\n<v Ann>Hello.\n\n00:01.000 --> 00:02.000\n<v Bo>Yes.\n",
    ),
    (
        "a.srt",
        "1\nA:00:00,000 --> B:00:00,000\nAnn: Hello.\n\n2\n00:00:01,000 --> 00:00:02,000\nBo: Yes.\n",
    ),
    ("a.txt", "Ann: [A:00:00] Hello.\n\nBo: [00:00:B] Yes.\n"),
    ("a.md", "**Ann:** Hello \\[A:00:00\\] there.\n\n**Bo:** \\[00:B\\] Yes.\n"),
    ("a.html", "<cite>Ann:</cite><time>A:00:00</time><p>Hello.</p><time>B:00</time><p>Yes.</p>"),
];

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<f64>()
            .prop_filter("JSON has no others", |n| n.is_finite())
            .prop_map(|n| format!("{n}")),
        any::<i64>().prop_map(|n| n.to_string()),
        (-400_i32..400).prop_map(|power| format!("1e{power}")),
        prop::sample::select(vec![
            "0",
            "-0",
            "1",
            "250",
            "3600000",
            "3600001",
            "1e15",
            "9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "170141183460469231731687303715884105728",
            "0.0001",
            "99999",
            "999999999",
        ])
        .prop_map(str::to_owned),
    ]
}

fn check(name: &str, text: &str, templates: &Templates) {
    let _ = lint(name, text.as_bytes());
    let Ok((imported, _)) = import(text.as_bytes(), name) else { return };
    let edition = imported.to_edition("en", None);
    let record = serde_json::to_vec(&edition).unwrap();
    let back: Edition = serde_json::from_slice(&record)
        .unwrap_or_else(|fault| panic!("{fault}: {}", String::from_utf8_lossy(&record)));
    assert_eq!(back, edition);
    let published = Show { drafts: Drafting::Publish, ..imported.show() };
    let (show, episode) = (published, imported.episode());
    for file in render(&edition, &show, &episode, &PageFacts::default(), templates).unwrap() {
        // What is said at the last moment ends after it.
        let report =
            lint(&file.relative_path, file.bytes).filter(|_| edition.duration <= Ms::LATEST);
        let broken = report.filter(linernotes::lint::Report::has_errors);
        assert_eq!(broken, None, "{name}: {text}");
    }
    exports(&edition, &show, &episode);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_number_in_the_place_of_a_time_is_read_or_told(
        place in 0..PLACES.len(), a in number(), b in number(),
    ) {
        let (name, form) = PLACES[place];
        let text = form.replace('A', "\u{1}").replace('B', "\u{2}");
        // Names begin with the same letters.
        let text = text.replace("\u{1}nn", "Ann").replace("\u{2}o", "Bo");
        let text = text.replace("\"speaker\":\"\u{1}\"", "\"speaker\":\"A\"");
        let text = text.replace("WE\u{2}VTT", "WEBVTT");
        check(name, &text.replace('\u{1}', &a).replace('\u{2}', &b), &Templates::builtin());
    }

    #[test]
    fn any_number_in_a_file_of_turns_or_of_chapters_is_read_or_refused(a in number(), b in number()) {
        let _ = rttm::parse(&format!("SPEAKER a 1 {a} {b} <NA> <NA> x <NA> <NA>\n"));
        let _ = ctm::parse(&format!("a 1 {a} {b} word\n"));
        let _ = stm::parse(&format!("a 1 Ann {a} {b} words\n"));
        let list = format!("{{\"version\":\"1.2.0\",\"chapters\":[{{\"startTime\":{a},\"endTime\":{b}}}]}}");
        if let Ok((file, _)) = chapters_json::parse(&list) {
            for chapter in &file.chapters {
                prop_assert!((Ms::ZERO..=Ms::LATEST).contains(&chapter.start));
            }
            prop_assert_eq!(chapters_json::parse(&chapters_json::print(&file)).unwrap().0, file);
        }
        let simple = format!("<psc:chapters><psc:chapter start=\"{a}\" title=\"x\"/></psc:chapters>");
        let _ = podlove::parse_simple_chapters(&simple);
        let bite = format!("<rss><channel><item><itunes:duration>{a}</itunes:duration><podcast:soundbite startTime=\"{a}\" duration=\"{b}\">x</podcast:soundbite></item></channel></rss>");
        let _ = lint("feed.xml", bite.as_bytes());
    }
}

#[test]
fn a_time_that_a_person_writes_and_no_recording_has_is_refused_where_it_stands() {
    for (text, value) in [
        ("[[cut]]\nfrom = \"99999:00:00\"\nto = \"00:01\"\n", "99999:00:00"),
        ("[[soundbite]]\nfrom = \"00:01\"\nto = \"1001:00:00\"\n", "1001:00:00"),
        ("[[chapter]]\nstart = \"-5\"\n", "-5"),
    ] {
        let refused = parse_toml::<Edits>(text).unwrap_err();
        assert!(refused.contains(value), "{refused}");
    }
    let tracks = "[[tracks]]\nname = \"Ann\"\noffset_ms = 9223372036854775807\n";
    let refused = parse_toml::<Episode>(tracks).unwrap_err();
    assert!(refused.contains("9223372036854775807 ms") && refused.contains("line 3"), "{refused}");
    assert!(parse_toml::<Episode>("[[tracks]]\noffset_ms = -1500\n").is_ok());
}
