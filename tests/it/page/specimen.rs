//! An invented edition that has every part a page can have.

use linernotes::edit::{Block, EditedWord, Edition, Paragraph, Quotation, Sound, Status};
use linernotes::library::episode::{Episode, Link, Person};
use linernotes::library::show::{Music, Promo, Show};
use linernotes::render::PageFacts;
use linernotes::speech::{Chapter, Disfluency, ModelId, SpeakerName, Suspicion, Word};
use linernotes::time::{Ms, Span};

/// Words of 300 ms each, one after the other.
pub(crate) fn words(start_ms: i64, text: &str) -> Vec<EditedWord> {
    text.split_whitespace()
        .zip(0..)
        .map(|(text, index)| {
            let start = Ms::new(start_ms + index * 300);
            let span = Span::at_least_1ms(start, start + Ms::new(300));
            EditedWord { word: Word::new(span, text, 0.9), speaker_confidence: 0.9 }
        })
        .collect()
}

pub(crate) fn paragraph(start_ms: i64, speaker: Option<&str>, text: &str) -> Paragraph {
    let words = words(start_ms, text);
    let end = words.last().unwrap().word.span.end();
    Paragraph {
        span: Span::at_least_1ms(Ms::new(start_ms), end),
        speaker: speaker.map(|name| SpeakerName(name.to_owned())),
        label: None,
        words,
        quotation: None,
        status: Status::Machine,
    }
}

pub(crate) fn edition() -> Edition {
    let mut um = paragraph(10_000, Some("Piet"), "Um, she wrote: gibberish");
    um.words[0].word.disfluency = Some(Disfluency::Filler);
    um.words[3].word.suspect = Some(Suspicion::Loop);
    um.words[1].speaker_confidence = 0.2;
    um.status = Status::Checked;
    let mut quote = paragraph(12_000, Some("Piet"), "The sea is early.");
    quote.quotation = Some(Quotation {
        author: Some("Una".to_owned()),
        source: Some("The Harbour Log".to_owned()),
        url: Some("https://example.org/log?a=1&b=2".to_owned()),
    });
    let mut unsure = paragraph(62_000, None, "Is it?");
    for word in &mut unsure.words {
        word.speaker_confidence = 0.1;
    }
    Edition {
        language: "en".to_owned(),
        duration: Ms::new(65_000),
        blocks: vec![
            Block::Sound(Sound {
                span: Span::at_least_1ms(Ms::ZERO, Ms::new(4_000)),
                text: "Low Water by The Tidemarks plays.".to_owned(),
            }),
            Block::Paragraph(paragraph(4_200, Some("Una"), "Welcome to Tide Tables.")),
            Block::Paragraph(paragraph(9_000, Some("Una"), "I’m Una Brask.")),
            Block::Paragraph(paragraph(9_900, Some("Piet’s dog"), "Woof.")),
            Block::Paragraph(um),
            Block::Paragraph(quote),
            Block::Paragraph(unsure),
        ],
        chapters: vec![
            Chapter { start: Ms::ZERO, title: "Opening".to_owned(), url: None },
            Chapter { start: Ms::new(61_000), title: "Doubt & <more>".to_owned(), url: None },
        ],
        soundbites: vec![],
        turns: vec![],
    }
}

pub(crate) fn show() -> Show {
    Show {
        name: "Tide Tables".to_owned(),
        tagline: "A podcast about when the sea comes in.".to_owned(),
        base_url: "https://example.org/tides".to_owned(),
        promo: Some(Promo {
            text: "Like the sea? You’ll love".to_owned(),
            link_text: "Harbour >".to_owned(),
            url: "https://example.org/harbour".to_owned(),
        }),
        theme: Some(Music { title: "Low Water".to_owned(), artist: "The Tidemarks".to_owned() }),
        people: vec![Person { name: "Una Brask".to_owned(), ..Person::default() }],
        ..Show::default()
    }
}

pub(crate) fn episode() -> Episode {
    Episode {
        title: "Something's \"Early\" & <b>late</b>".to_owned(),
        number: Some(16),
        date: "2020-09-15".to_owned(),
        summary: "Una asks *Piet* about [the log](https://example.org/log).".to_owned(),
        people: vec![Person {
            name: "Piet Haak".to_owned(),
            title: "harbour master".to_owned(),
            url: "https://example.org/piet".to_owned(),
            ..Person::default()
        }],
        links: vec![
            Link {
                text: "The log".to_owned(),
                url: "https://example.org/log".to_owned(),
                ..Link::default()
            },
            Link {
                text: "A trap".to_owned(),
                url: "javascript:alert(1)".to_owned(),
                ..Link::default()
            },
        ],
        ..Episode::default()
    }
}

pub(crate) fn facts() -> PageFacts {
    PageFacts {
        page_url: "https://example.org/tides/16/".to_owned(),
        audio_href: "audio.mp3".to_owned(),
        audio_media_type: "audio/mpeg".to_owned(),
        recognizer: Some(ModelId { name: "base".to_owned(), sha256: "0".repeat(64) }),
        embedder: Some(ModelId { name: "campplus".to_owned(), sha256: "1".repeat(64) }),
        tool_version: "0.1.0".to_owned(),
        ..PageFacts::default()
    }
}

/// Invented talk of so many paragraphs by three people, 320 ms a word, with a chapter at every
/// eighth paragraph and a filler here and there.
pub(crate) fn talk(paragraphs: usize, words_each: usize) -> Edition {
    const VOCABULARY: [&str; 24] = [
        "the",
        "harbour",
        "lamp",
        "was",
        "seldom",
        "lit",
        "before",
        "October,",
        "and",
        "nobody",
        "asked",
        "whose",
        "turn",
        "it",
        "was.",
        "Then",
        "a",
        "ledger",
        "turned",
        "up",
        "with",
        "seventeen",
        "careful",
        "signatures.",
    ];
    let mut start = 0;
    let mut blocks = Vec::new();
    let mut chapters = Vec::new();
    for index in 0..paragraphs {
        let text: Vec<&str> =
            (0..words_each).map(|word| VOCABULARY[(word + index * 7) % VOCABULARY.len()]).collect();
        let speaker = ["Una", "Piet", "Una", "Piet’s dog"][(index / 2) % 4];
        let mut paragraph = paragraph(start, Some(speaker), &text.join(" "));
        for (word, at) in paragraph.words.iter_mut().zip(0..) {
            let at = Ms::new(start + at * 320);
            word.word.span = Span::at_least_1ms(at, at + Ms::new(320));
        }
        let end = paragraph.words.last().unwrap().word.span.end();
        paragraph.span = Span::at_least_1ms(Ms::new(start), end);
        if index % 7 == 6 {
            paragraph.words[1].word.disfluency = Some(Disfluency::Filler);
        }
        if index % 8 == 0 {
            let title = format!("Ledger {}", index / 8 + 1);
            chapters.push(Chapter { start: Ms::new(start), title, url: None });
        }
        start = end.get() + 500;
        blocks.push(Block::Paragraph(paragraph));
    }
    Edition {
        language: "en".to_owned(),
        duration: Ms::new(start),
        blocks,
        chapters,
        soundbites: vec![],
        turns: vec![],
    }
}
