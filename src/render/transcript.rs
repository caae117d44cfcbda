//! The edition's blocks -> the transcript as the page prints it: headings, turns, sounds, each
//! paragraph and word with its time and each paragraph with an anchor of its own.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::edit::{Block, Paragraph, Printed, Quotation, Status};
use crate::render::talk::Cast;
use crate::render::words::Words;
use crate::render::{Context, markup};
use crate::speech::Chapter;
use crate::time::Ms;

/// Below this a paragraph's speaker is marked as uncertain, and so is a word in a paragraph whose
/// speaker is certain. Even odds between two people.
const UNSURE_BELOW: f32 = 0.5;

/// A part of the transcript on a line of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Part {
    /// A chapter's title.
    Heading(Heading),
    /// What one speaker says until somebody else does.
    Turn(Turn),
    /// Music or another sound.
    Sound(SoundLine),
}

/// A chapter as the page lists it and sets it over its first paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Heading {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) clock: String,
    #[serde(skip)]
    start: Ms,
    /// Hundredths of a second from the start of the recording.
    pub(crate) start_cs: i64,
    pub(crate) url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Turn {
    /// The name in the line, or what is printed where there is none.
    pub(crate) name: String,
    /// The full name and the role, where they are known and say more than the name.
    pub(crate) full: Option<String>,
    /// The speaker's place in the cast, counted from 0.
    pub(crate) speaker: usize,
    /// Which of the style's colours, counted from 0.
    pub(crate) colour: usize,
    /// Runs of paragraphs that are read aloud from the same place, or from nowhere.
    pub(crate) passages: Vec<Passage>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Passage {
    pub(crate) quotation: Option<Source>,
    pub(crate) lines: Vec<Line>,
}

/// Where a quotation comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Source {
    pub(crate) author: Option<String>,
    /// Where it stands.
    pub(crate) work: Option<String>,
    pub(crate) url: Option<String>,
    /// Whether there is anything to print.
    pub(crate) credited: bool,
    /// Who reads it, where that is not the author.
    pub(crate) reader: Option<String>,
}

/// A paragraph.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) clock: String,
    /// Hundredths of a second from the start of the recording.
    pub(crate) start_cs: i64,
    /// Whether the speaker's name stands before it.
    pub(crate) opens_turn: bool,
    /// Whether the speaker is uncertain.
    pub(crate) unsure: bool,
    /// Whether that of single words is.
    pub(crate) dotted: bool,
    pub(crate) status: Status,
    /// The words, each a `span`. Fillers have class `f`, words of an uncertain speaker class `u`.
    /// Escaped.
    pub(crate) words_html: String,
    /// When each word starts: hundredths of a second from the paragraph's start, as `0,31,58`; one
    /// list, because an attribute at each word would make the page a third larger.
    pub(crate) words_cs: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SoundLine {
    pub(crate) id: String,
    pub(crate) clock: String,
    pub(crate) start_cs: i64,
    pub(crate) text: String,
}

/// The parts of the transcript in the order in which they are printed.
pub(crate) fn parts(context: &Context<'_>, cast: &Cast, words: &Words) -> Vec<Part> {
    let printed = |block: &&Block| match block {
        Block::Sound(_) => true,
        Block::Paragraph(paragraph) => paragraph.is_printed(),
    };
    let blocks: Vec<&Block> = context.edition.blocks.iter().filter(printed).collect();
    let mut headings = headings_before(&blocks, headings(context.chapters(), words));
    let mut anchors = Anchors::default();
    let mut parts: Vec<Part> = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        for heading in headings.remove(&index).unwrap_or_default() {
            parts.push(Part::Heading(heading));
        }
        match block {
            Block::Sound(sound) => parts.push(Part::Sound(SoundLine {
                id: anchors.next(sound.span.start()),
                clock: sound.span.start().clock(),
                start_cs: centiseconds(sound.span.start()),
                text: sound.text.clone(),
            })),
            Block::Paragraph(paragraph) => {
                let id = anchors.next(paragraph.span.start());
                push_paragraph(&mut parts, paragraph, id, cast);
            }
        }
    }
    parts
}

/// The chapters as the page lists them.
pub(crate) fn headings(chapters: &[Chapter], words: &Words) -> Vec<Heading> {
    let mut anchors = Anchors { prefix: "c", ..Anchors::default() };
    chapters
        .iter()
        .enumerate()
        .map(|(index, chapter)| Heading {
            id: anchors.next(chapter.start),
            title: match chapter.title.trim() {
                "" => words.fill("show.chapter", &[("n", &(index + 1).to_string())]),
                title => title.to_owned(),
            },
            clock: chapter.start.clock(),
            start: chapter.start,
            start_cs: centiseconds(chapter.start),
            url: chapter.url.as_deref().and_then(markup::link).map(str::to_owned),
        })
        .collect()
}

/// Each chapter goes before the block whose start is nearest, by the block's index; never before an
/// earlier chapter.
fn headings_before(blocks: &[&Block], headings: Vec<Heading>) -> BTreeMap<usize, Vec<Heading>> {
    let starts: Vec<Ms> = blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph(paragraph) => paragraph.span.start(),
            Block::Sound(sound) => sound.span.start(),
        })
        .collect();
    let mut placed: BTreeMap<usize, Vec<Heading>> = BTreeMap::new();
    let mut earliest = 0;
    for heading in headings {
        let distance = |index: &usize| (starts[*index] - heading.start).get().saturating_abs();
        if let Some(index) = (earliest..starts.len()).min_by_key(distance) {
            earliest = index;
            placed.entry(index).or_default().push(heading);
        }
    }
    placed
}

fn push_paragraph(parts: &mut Vec<Part>, paragraph: &Paragraph, id: String, cast: &Cast) {
    let speaker = cast.index_of(paragraph.speaker.as_ref());
    let goes_on = matches!(parts.last(), Some(Part::Turn(turn)) if turn.speaker == speaker);
    if !goes_on {
        parts.push(Part::Turn(Turn {
            name: cast.speakers.get(speaker).map(|one| one.name.clone()).unwrap_or_default(),
            full: cast.full_name(speaker),
            speaker,
            colour: cast.colour(speaker),
            passages: Vec::new(),
        }));
    }
    let Some(Part::Turn(turn)) = parts.last_mut() else { return };
    let reader = paragraph.speaker.as_ref().map(|name| name.0.as_str());
    let quotation = paragraph.quotation.as_ref().map(|quotation| source(quotation, reader));
    let line = line(paragraph, id, !goes_on);
    match turn.passages.last_mut() {
        Some(passage) if passage.quotation == quotation => passage.lines.push(line),
        _ => turn.passages.push(Passage { quotation, lines: vec![line] }),
    }
}

fn source(quotation: &Quotation, reader: Option<&str>) -> Source {
    let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let (author, work) = (said(&quotation.author), said(&quotation.source));
    Source {
        url: quotation.url.as_deref().and_then(markup::link).map(str::to_owned),
        credited: author.is_some() || work.is_some(),
        reader: reader.filter(|reader| Some(*reader) != author.as_deref()).map(str::to_owned),
        author,
        work,
    }
}

fn line(paragraph: &Paragraph, id: String, opens_turn: bool) -> Line {
    let start = paragraph.span.start();
    let sure: Vec<f32> = paragraph.printed().map(|word| word.speaker_confidence).collect();
    let unsure = is_unsure(median(sure.clone()));
    let dotted = !unsure && sure.iter().any(|confidence| is_unsure(*confidence));
    let (words_html, words_cs) = words(paragraph, unsure);
    Line {
        id,
        clock: start.clock(),
        start_cs: centiseconds(start),
        opens_turn,
        unsure,
        dotted,
        status: paragraph.status,
        words_html,
        words_cs,
    }
}

fn is_unsure(confidence: f32) -> bool {
    confidence < UNSURE_BELOW
}

fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(1.0)
}

fn words(paragraph: &Paragraph, paragraph_unsure: bool) -> (String, String) {
    let start = centiseconds(paragraph.span.start());
    let (mut html, mut times) = (String::new(), String::new());
    let mut latest = 0;
    for Printed { word, glued, speaker_confidence } in paragraph.printed() {
        if !html.is_empty() {
            times.push(',');
            html.push_str(if glued { "" } else { " " });
        }
        latest = latest.max(centiseconds(word.span.start()).saturating_sub(start));
        times.push_str(&latest.to_string());
        let unsure = !paragraph_unsure && is_unsure(speaker_confidence);
        html.push_str(match (word.disfluency.is_some(), unsure) {
            (true, true) => "<span class=\"f u\">",
            (true, false) => "<span class=f>",
            (false, true) => "<span class=u>",
            (false, false) => "<span>",
        });
        html.push_str(&markup::text(&word.text));
        html.push_str("</span>");
    }
    (html, times)
}

/// Hundredths of a second, rounded down; times before the recording are its start.
pub(crate) fn centiseconds(time: Ms) -> i64 {
    time.get().max(0) / 10
}

/// Anchors made of times, each given once: `t-00-18-39`, then `t-00-18-39-2`.
#[derive(Debug)]
struct Anchors {
    prefix: &'static str,
    given: BTreeMap<String, usize>,
}

impl Default for Anchors {
    fn default() -> Anchors {
        Anchors { prefix: "t", given: BTreeMap::new() }
    }
}

impl Anchors {
    fn next(&mut self, at: Ms) -> String {
        let anchor = format!("{}-{}", self.prefix, at.clock().replace(':', "-"));
        let times = self.given.entry(anchor.clone()).or_default();
        *times += 1;
        if *times == 1 { anchor } else { format!("{anchor}-{times}") }
    }
}
