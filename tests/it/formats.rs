//! Properties of the formats and of the cues: what is printed is read back, limits hold.

use linernotes::edit::{Block, EditedWord, Edition, Paragraph, Sound, Status};
use linernotes::formats::chapters_json::{self, ChaptersJson};
use linernotes::formats::podcast_html::{self, HtmlPassage, PodcastHtml};
use linernotes::formats::podcast_json::{self, JsonSegment, PodcastJson};
use linernotes::formats::rework::{self, Part, Rework, ReworkParagraph};
use linernotes::formats::srt::{self, Srt, SrtCue};
use linernotes::formats::webvtt::{self, Flavour, VoicedText, VttBlock, VttCue, WebVtt};
use linernotes::formats::{Diagnostic, Severity};
use linernotes::import::import;
use linernotes::library::episode::Episode;
use linernotes::library::show::Show;
use linernotes::lint::lint;
use linernotes::render::cues::{CueSettings, cues};
use linernotes::speech::{Chapter, SpeakerName, Suspicion, Word};
use linernotes::time::{Ms, Span};

use crate::printing::{exports, files};
use proptest::prelude::*;

fn span() -> impl Strategy<Value = Span> {
    (0_i64..400_000_000, 1_i64..60_000).prop_map(|(start, length)| {
        Span::new(Ms::new(start), Ms::new(start + length)).expect("the length is positive")
    })
}

/// A line as strangers write it: marks of every format, several scripts, no white space around it.
fn line() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[a-zA-Z’.,:;&<>\\[\\]()*_#-]{1,12}",
        Just("<script>".to_owned()),
        Just("&amp;".to_owned()),
        Just("Größe".to_owned()),
        Just("日本語".to_owned()),
        Just("😀".to_owned()),
        Just("\"quoted\"".to_owned()),
    ];
    proptest::collection::vec(word, 1..8).prop_map(|words| words.join(" "))
}

fn name() -> impl Strategy<Value = String> {
    "[A-ZÄ][a-zé’]{0,10}( [A-Z&<>][a-z]{0,8}){0,2}"
}

fn sorted_spans(spans: Vec<Span>) -> Vec<Span> {
    let mut spans = spans;
    spans.sort();
    spans
}

fn errors(found: &[Diagnostic]) -> Vec<&Diagnostic> {
    found.iter().filter(|d| d.severity == Severity::Error).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn webvtt_comes_back(
        parts in proptest::collection::vec((span(), proptest::option::of(name()),
            proptest::collection::vec(line(), 1..3), proptest::option::of("[a-z0-9]{1,5}")), 1..8),
        note in proptest::option::of(line()),
    ) {
        let spans = sorted_spans(parts.iter().map(|part| part.0).collect());
        let mut blocks: Vec<VttBlock> =
            note.into_iter().map(|n| VttBlock::Note(n.replace("-->", "->"))).collect();
        for (index, (span, (_, voice, lines, id))) in spans.into_iter().zip(parts).enumerate() {
            let parts = vec![VoicedText { voice, text: lines.join("\n") }];
            let id = id.map(|id| format!("{id}{index}"));
            blocks.push(VttBlock::Cue(VttCue { id, span, settings: String::new(), parts }));
        }
        let file = WebVtt { header: String::new(), blocks };
        let text = webvtt::print(&file, Flavour::Full);
        let (back, found) = webvtt::parse(&text).unwrap();
        prop_assert_eq!(errors(&found), Vec::<&Diagnostic>::new());
        prop_assert_eq!(&back, &file);
        let crlf = text.replace('\n', "\r\n");
        prop_assert_eq!(&webvtt::parse(&format!("\u{feff}{crlf}")).unwrap().0, &file);
        let plain = webvtt::print(&file, Flavour::Plain);
        prop_assert_eq!(webvtt::parse(&plain).unwrap().0.cues().count(), file.cues().count());
    }

    #[test]
    fn srt_comes_back(
        parts in proptest::collection::vec((span(), proptest::collection::vec(line(), 1..3)), 1..8),
    ) {
        let spans = sorted_spans(parts.iter().map(|part| part.0).collect());
        let lines = parts.into_iter().map(|part| part.1);
        let cues = spans.into_iter().zip(lines).map(|(span, lines)| SrtCue {
            span,
            lines: lines.into_iter().map(|line| line.replace("-->", "->")).collect(),
        });
        let file = Srt { cues: cues.collect() };
        let text = srt::print(&file);
        prop_assert_eq!(&srt::parse(&text).unwrap().0, &file);
        prop_assert_eq!(&srt::parse(&text.replace('\n', "\r\n")).unwrap().0, &file);
    }

    #[test]
    fn podcast_json_comes_back(
        parts in proptest::collection::vec((span(), proptest::option::of(name()), any::<String>()), 0..8),
    ) {
        let spans = sorted_spans(parts.iter().map(|part| part.0).collect());
        let segments = spans.into_iter().zip(parts).map(|(span, (_, speaker, body))| JsonSegment {
            speaker,
            start: span.start(),
            end: Some(span.end()),
            body,
        });
        let file = PodcastJson { segments: segments.collect() };
        let text = podcast_json::print(&file);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        let (back, found) = podcast_json::parse(&text).unwrap();
        prop_assert_eq!(found, Vec::new());
        prop_assert_eq!(back, file);
    }

    #[test]
    fn podcast_html_comes_back(
        parts in proptest::collection::vec((proptest::option::of(name()),
            proptest::option::of(0_i64..100_000), line()), 1..8),
    ) {
        let passages = parts.into_iter().map(|(cite, seconds, text)| HtmlPassage {
            cite,
            time: seconds.map(|seconds| Ms::new(seconds * 1_000)),
            text,
        });
        let file = PodcastHtml { passages: passages.collect() };
        let (back, found) = podcast_html::parse(&podcast_html::print(&file)).unwrap();
        prop_assert_eq!(found, Vec::new());
        prop_assert_eq!(back, file);
    }

    #[test]
    fn chapters_come_back(
        parts in proptest::collection::vec((0_i64..86_400_000, line()), 0..8),
    ) {
        let chapters: Vec<Chapter> = parts
            .into_iter()
            .map(|(start, title)| Chapter { start: Ms::new(start), title, url: None })
            .collect();
        let file = ChaptersJson::from_chapters(&chapters);
        let (back, found) = chapters_json::parse(&chapters_json::print(&file)).unwrap();
        prop_assert_eq!(found, Vec::new());
        prop_assert_eq!(back, file);
    }

    #[test]
    fn rework_text_is_stable_and_lossless(
        parts in proptest::collection::vec((proptest::option::of("[A-Z][a-z’]{1,9}( [A-Z][a-z]{1,5})?"),
            0_i64..30_000, "[a-z“”’,.? ]{1,40}"), 1..8),
        noise in "[ \\n]{0,3}",
    ) {
        let mut paragraphs = vec![ReworkParagraph::head(Part::Heading, "The Full Transcript:", 1)];
        for (name, seconds, text) in parts {
            let time = Some(Ms::new(seconds * 1_000));
            paragraphs.push(ReworkParagraph::body(name.as_deref(), time, &text));
        }
        let text = rework::print(&Rework { paragraphs, end: String::new() });
        let (back, _) = rework::parse(&text).unwrap();
        prop_assert_eq!(rework::print(&back), text.clone());
        let found = format!("{noise}{text}{noise}");
        let (back, _) = rework::parse(&found).unwrap();
        prop_assert_eq!(rework::print_as_found(&back), found);
    }

    #[test]
    fn no_text_makes_a_parser_fail_otherwise_than_by_an_error(text in "(\\PC|\\n|\\r|-->|[0-9:.,]|\\[|WEBVTT|<v |</|\\*\\*|\\{\"){0,80}") {
        for name in ["a.vtt", "a.srt", "a.json", "a.html", "a.md", "a.txt", "a.xml"] {
            if let Ok((imported, _)) = import(text.as_bytes(), name) {
                prop_assert_eq!(imported.as_found(), text.as_bytes());
                let edition = imported.to_edition("en", None);
                exports(&edition, &imported.show(), &imported.episode());
            }
        }
        let _ = chapters_json::parse(&text);
    }

    #[test]
    fn no_bytes_make_a_parser_fail_otherwise_than_by_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
        if let Ok((imported, _)) = import(&bytes, "") {
            prop_assert_eq!(imported.as_found(), bytes);
        }
    }
}

/// A paragraph's speaker, when it begins, and its words with their lengths and pauses.
type Spoken = (Option<u8>, i64, Vec<(String, i64, i64, bool)>);

fn spoken() -> impl Strategy<Value = Spoken> {
    let word = prop_oneof![
        8 => "[A-Za-z]{1,9}[.,?:]?",
        1 => "[a-z]{30,80}",
        1 => Just("-->".to_owned()),
        1 => Just("two words".to_owned()),
    ];
    let words = proptest::collection::vec((word, 1_i64..900, 0_i64..2_500, any::<bool>()), 1..40);
    (proptest::option::of(0_u8..3), 0_i64..60_000, words)
}

fn edition(spoken: Vec<Spoken>) -> Edition {
    let names = ["Ann", "Bartholomew Featherstonehaugh-Cholmondeley", "Bo’s <b>Dog\n"];
    let mut blocks = Vec::new();
    let mut at = 0;
    for (speaker, offset, words) in spoken {
        // Paragraphs may begin before the one above ends.
        let mut time = (at + offset - 30_000).max(0);
        let start = time;
        let mut out = Vec::new();
        for (text, length, pause, suspect) in words {
            let span = Span::new(Ms::new(time), Ms::new(time + length)).expect("positive length");
            let mut word = Word::new(span, text, 0.5);
            word.suspect = (suspect && pause > 2_400).then_some(Suspicion::Loop);
            out.push(EditedWord { word, speaker_confidence: 1.0 });
            time += length + pause;
        }
        at = time;
        blocks.push(Block::Paragraph(Paragraph {
            span: Span::at_least_1ms(Ms::new(start), Ms::new(time)),
            speaker: speaker
                .and_then(|s| names.get(usize::from(s)))
                .map(|n| SpeakerName((*n).to_owned())),
            label: None,
            words: out,
            quotation: None,
            status: Status::Machine,
        }));
    }
    let span = Span::at_least_1ms(Ms::new(at / 2), Ms::new(at / 2 + 9_000));
    blocks.push(Block::Sound(Sound { span, text: "A song plays.".to_owned() }));
    Edition {
        language: "en".to_owned(),
        duration: Ms::new(at + 20_000),
        blocks,
        chapters: Vec::new(),
        soundbites: Vec::new(),
        turns: Vec::new(),
    }
}

/// What a block says, without the spaces.
fn letters(block: &Block) -> String {
    match block {
        Block::Paragraph(paragraph) => {
            let certain = paragraph.words.iter().filter(|w| w.word.suspect.is_none());
            certain.flat_map(|w| w.word.text.split_whitespace()).collect()
        }
        Block::Sound(sound) => format!("[{}]", sound.text).split_whitespace().collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn cues_keep_the_words_and_the_limits(spoken in proptest::collection::vec(spoken(), 0..6)) {
        let edition = edition(spoken);
        for settings in [CueSettings::webvtt(), CueSettings::srt()] {
            let cues = cues(&edition, &settings);
            for pair in cues.windows(2) {
                prop_assert!(pair[0].span.end() <= pair[1].span.start(), "{:?}", pair);
            }
            for cue in &cues {
                prop_assert!((1..=settings.max_lines).contains(&cue.lines.len()), "{:?}", cue);
                prop_assert!(cue.span.duration() <= settings.max_duration);
                for line in &cue.lines {
                    prop_assert!(line.chars().count() <= settings.max_line_chars, "{:?}", cue);
                    prop_assert!(!line.trim().is_empty());
                }
            }
            prop_assert_eq!(cues.iter().filter(|cue| cue.is_sound).count(), 1);
            if settings.name_in_text {
                continue; // names and hidden colons are in the text
            }
            for (index, block) in edition.blocks.iter().enumerate() {
                let said: String = cues.iter().filter(|cue| cue.block == index).map(
                    |cue| cue.lines.concat().replace(' ', "")).collect();
                prop_assert_eq!(said, letters(block));
            }
        }
    }

    #[test]
    fn our_captions_have_no_errors(spoken in proptest::collection::vec(spoken(), 1..6)) {
        let edition = edition(spoken);
        let made = files(&edition, &Show::default(), &Episode::default());
        prop_assert_eq!(&made, &files(&edition, &Show::default(), &Episode::default()));
        for file in made {
            let Some(report) = lint(&file.relative_path, &file.bytes) else {
                prop_assert!(false, "{} is not checked", file.relative_path);
                continue;
            };
            prop_assert_eq!(errors(&report.findings), Vec::<&Diagnostic>::new(), "{}",
                String::from_utf8_lossy(&file.bytes));
        }
        let exported = exports(&edition, &Show::default(), &Episode::default());
        prop_assert_eq!(&exported, &exports(&edition, &Show::default(), &Episode::default()));
        for (format, bytes) in exported {
            let name = match format {
                "vtt-plain" => "a.vtt",
                "podlove" => "a.json",
                "chapters" => "chapters.json",
                _ => continue,
            };
            if let Some(report) = lint(name, &bytes) {
                prop_assert!(!report.has_errors(), "{:?}", report);
            }
        }
    }
}
