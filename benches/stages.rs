//! How long the stages' own code takes, models apart, for an hour of three people talking.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use linernotes::attribute::{AttributeSettings, Conversation, attribute};
use linernotes::decode::{DecodeLimits, decode};
use linernotes::detect::SpeechRegions;
use linernotes::diarize::Diarization;
use linernotes::draft::draft;
use linernotes::edit::{Block, EditedWord, Edition, Paragraph, Status};
use linernotes::library::episode::Episode;
use linernotes::library::show::Show;
use linernotes::library::stated::Stated;
use linernotes::progress::Silent;
use linernotes::render::{Context, PageFacts, Templates, outputs, render};
use linernotes::score::wer::word_errors;
use linernotes::speech::{ModelId, Segment, SpeakerLabel, SpeakerName, Turn, Word};
use linernotes::time::{Ms, Span};
use linernotes::transcribe::Transcript;

const HOUR_MS: i64 = 3_600_000;
const WORD_MS: i64 = 350;
const WORDS_OF_A_TURN: i64 = 60;
const VOCABULARY: [&str; 11] =
    ["the", "bucket", "goes", "into", "water.", "Then", "she", "reads", "a", "number,", "slowly."];

fn span(start: i64, length: i64) -> Span {
    Span::at_least_1ms(Ms::new(start), Ms::new(start + length))
}

/// An hour of words of equal length, in segments of ten.
fn transcript() -> Transcript {
    let words: Vec<Word> = (0..HOUR_MS / WORD_MS)
        .zip(VOCABULARY.iter().cycle())
        .map(|(index, text)| Word::new(span(index * WORD_MS, WORD_MS - 50), *text, 0.9))
        .collect();
    let segments = words
        .chunks(10)
        .map(|words| Segment {
            span: Span::at_least_1ms(words[0].span.start(), words[words.len() - 1].span.end()),
            words: words.to_vec(),
            avg_logprob: -0.2,
            no_speech_prob: 0.0,
        })
        .collect();
    let recognizer = ModelId { name: "bench".into(), sha256: "scripted".into() };
    Transcript {
        language: "en".into(),
        segments,
        inaudible: Vec::new(),
        recognizer,
        engine: String::new(),
    }
}

/// Three people who take turns.
fn diarization() -> Diarization {
    let turn_ms = WORDS_OF_A_TURN * WORD_MS;
    let turns = (0..HOUR_MS / turn_ms)
        .zip((0..3).cycle())
        .map(|(index, who)| Turn {
            span: span(index * turn_ms, turn_ms),
            label: SpeakerLabel::from_index(who),
        })
        .collect();
    let embedder = ModelId { name: "bench".into(), sha256: "scripted".into() };
    Diarization {
        turns,
        voices: BTreeMap::new(),
        known: BTreeMap::new(),
        unsure: Vec::new(),
        embedder,
    }
}

fn conversation() -> Conversation {
    let regions = SpeechRegions { regions: vec![span(0, HOUR_MS)], sounds: vec![] };
    let settings = AttributeSettings::default();
    attribute(&transcript(), &diarization(), &regions, Ms::new(HOUR_MS), &settings)
}

fn edition() -> Edition {
    let blocks = conversation()
        .utterances
        .into_iter()
        .map(|utterance| {
            let span = utterance.span();
            let words = utterance
                .words
                .into_iter()
                .map(|w| EditedWord { word: w.word, speaker_confidence: w.speaker_confidence })
                .collect();
            Block::Paragraph(Paragraph {
                span,
                speaker: Some(SpeakerName("Sunniva".into())),
                label: None,
                words,
                quotation: None,
                status: Status::Machine,
            })
        })
        .collect();
    Edition {
        language: "en".into(),
        duration: Ms::new(HOUR_MS),
        blocks,
        chapters: vec![],
        soundbites: vec![],
        turns: vec![],
    }
}

fn stages(c: &mut Criterion) {
    let audio = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("episodes/0001-the-bucket-and-the-book/audio.mp3");
    let mut group = c.benchmark_group("sample, 229 s of mp3");
    group.sample_size(10).throughput(Throughput::Elements(229));
    group.bench_function("decode", |b| {
        b.iter(|| {
            decode(black_box(&audio), &DecodeLimits::default(), &Silent).expect("it is there")
        });
    });
    group.finish();

    let mut group = c.benchmark_group("one hour");
    group.sample_size(10).throughput(Throughput::Elements(3600));
    let (transcript, diarization) = (transcript(), diarization());
    let regions = SpeechRegions { regions: vec![span(0, HOUR_MS)], sounds: vec![] };
    group.bench_function("attribute", |b| {
        let settings = AttributeSettings::default();
        b.iter(|| {
            attribute(black_box(&transcript), &diarization, &regions, Ms::new(HOUR_MS), &settings)
        });
    });
    let (edition, show, episode) = (edition(), Show::default(), Episode::default());
    let stated = Stated::new(&show, &episode);
    let drafts = draft(&edition, stated);
    let templates = Templates::builtin();
    group.bench_function("render the page", |b| {
        b.iter(|| {
            let context = Context::new(black_box(&edition), stated, &drafts);
            render(&context, &PageFacts::default(), &templates)
        });
    });
    group.bench_function("captions", |b| {
        b.iter(|| outputs::files(&Context::new(black_box(&edition), stated, &drafts)))
    });
    group.bench_function("drafts", |b| b.iter(|| draft(black_box(&edition), stated)));
    let said: Vec<&str> = transcript
        .segments
        .iter()
        .flat_map(|segment| segment.words.iter().map(|word| word.text.as_str()))
        .collect();
    let written: Vec<&str> = said
        .iter()
        .zip(1..)
        .map(|(word, index)| if index % 20 == 0 { "wrong" } else { word })
        .collect();
    group.bench_function("word error rate", |b| {
        b.iter(|| word_errors(black_box(&said), black_box(&written)));
    });
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
