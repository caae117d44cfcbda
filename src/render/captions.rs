//! The files beside the page, made by code from the edition: captions, transcripts, turns, words
//! and chapters.
//!
//! Words that the recognizer may have invented are left out of all of them; they stay in the
//! record. Nothing here reads or writes a file.

mod text;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::edit::{Block, Edition, Paragraph};
use crate::formats::names::UNKNOWN_SPEAKER;
use crate::formats::podcast_html::{self, HtmlPassage, PodcastHtml};
use crate::formats::podcast_json::{self, JsonSegment, PodcastJson};
use crate::formats::srt::{self, Srt, SrtCue};
use crate::formats::webvtt::{self, Flavour, VoicedText, VttBlock, VttCue, WebVtt};
use crate::formats::{chapters_json, clock, json, rttm};
use crate::library::episode::Episode;
use crate::library::show::Show;
use crate::render::Artifact;
use crate::render::cues::{Cue, CueSettings, cues};
use crate::speech::{SpeakerLabel, SpeakerName, Turn};
use crate::time::{Ms, Span};

pub use text::{markdown, rework};

/// All files that code makes from an edition, sorted by name.
///
/// `transcript.vtt`, `.srt`, `.json` and `.html` (podcast namespace), `.txt` (the form of the
/// Rework page), `.md`; `turns.rttm`; `words.json`; `chapters.json` where there are chapters.
///
/// `chapters_draft` says whether the chapters are only proposed.
pub fn captions(
    edition: &Edition,
    chapters_draft: bool,
    show: &Show,
    episode: &Episode,
) -> Vec<Artifact> {
    let cues = cues(&with_unknown(edition), &CueSettings::webvtt());
    let mut files = vec![
        ("transcript.html", html(edition)),
        ("transcript.json", podcast_json::print(&podcast_json_of(&cues))),
        ("transcript.md", markdown(edition, show, episode)),
        ("transcript.srt", srt(edition)),
        ("transcript.txt", rework(edition, show, episode)),
        ("transcript.vtt", webvtt::print(&webvtt_of(&cues), Flavour::Full)),
        ("turns.rttm", rttm(edition, episode)),
        ("words.json", words(edition)),
    ];
    if let Some(chapters) = chapters(edition, chapters_draft, show, episode) {
        files.insert(0, ("chapters.json", chapters));
    }
    files
        .into_iter()
        .map(|(name, text)| Artifact { relative_path: name.to_owned(), bytes: text.into_bytes() })
        .collect()
}

/// `transcript.vtt`.
pub fn vtt(edition: &Edition, flavour: Flavour) -> String {
    let cues = cues(&with_unknown(edition), &CueSettings::webvtt());
    webvtt::print(&webvtt_of(&cues), flavour)
}

/// `transcript.srt`.
pub fn srt(edition: &Edition) -> String {
    let cues = cues(&with_unknown(edition), &CueSettings::srt())
        .into_iter()
        .map(|cue| SrtCue { span: cue.span, lines: cue.lines })
        .collect();
    srt::print(&Srt { cues })
}

/// `transcript.json`.
pub fn json(edition: &Edition) -> String {
    podcast_json::print(&podcast_json_of(&cues(&with_unknown(edition), &CueSettings::webvtt())))
}

/// `transcript.html`: a paragraph for each paragraph, the name where a turn begins.
pub fn html(edition: &Edition) -> String {
    let passages = lines(&with_unknown(edition))
        .map(|line| HtmlPassage {
            cite: line.cite.map(|name| name.0),
            time: Some(line.start),
            text: if line.is_sound { format!("[{}]", line.text) } else { line.text },
        })
        .collect();
    podcast_html::print(&PodcastHtml { passages })
}

/// `words.json`, version 1: every word with times in seconds, speaker and confidence.
pub fn words(edition: &Edition) -> String {
    let mut out = String::from("{\"schema\":1,\"words\":[");
    let mut first = true;
    for paragraph in edition.paragraphs() {
        let speaker = paragraph.speaker.as_ref().map(|name| name.0.as_str());
        for edited in paragraph.words.iter().filter(|edited| edited.word.suspect.is_none()) {
            let word = &edited.word;
            let share = |value: f32| (f64::from(value.clamp(0.0, 1.0)) * 1000.0).round() / 1000.0;
            let confidence = share(word.probability);
            out.push_str(if first { "\n" } else { ",\n" });
            out.push_str(&json::print_object(&[
                ("start", clock::json_seconds(word.span.start())),
                ("end", clock::json_seconds(word.span.end())),
                ("text", Value::from(word.text.as_str())),
                ("speaker", Value::from(speaker)),
                ("confidence", Value::from(confidence)),
                ("speaker_confidence", Value::from(share(edited.speaker_confidence))),
            ]));
            first = false;
        }
    }
    out.push_str("\n]}\n");
    out
}

/// `chapters.json`, version 1.2.0; `None` without chapters. Chapters beyond the end are left out.
pub fn chapters(
    edition: &Edition,
    is_draft: bool,
    show: &Show,
    episode: &Episode,
) -> Option<String> {
    let within = |start: Ms| edition.duration == Ms::ZERO || start < edition.duration;
    let chapters: Vec<_> =
        edition.chapters.iter().filter(|chapter| within(chapter.start)).cloned().collect();
    if chapters.is_empty() {
        return None;
    }
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let mut file = chapters_json::ChaptersJson::from_chapters(&chapters);
    file.title = given(&episode.title);
    file.podcast_name = given(&show.name);
    file.description = is_draft.then(|| "A draft, made from what is said".to_owned());
    Some(chapters_json::print(&file))
}

/// `turns.rttm`: who speaks when, with underscores for the spaces of names.
pub fn rttm(edition: &Edition, episode: &Episode) -> String {
    let file = std::path::Path::new(&episode.audio).file_stem().and_then(|stem| stem.to_str());
    let turn = |span, name: &SpeakerName| Turn { span, label: SpeakerLabel(name.0.clone()) };
    let mut turns: Vec<Turn> =
        edition.turns.iter().map(|named| turn(named.span, &named.speaker)).collect();
    if turns.is_empty() {
        turns = paragraph_turns(edition);
    }
    for turn in turns.iter_mut().filter(|turn| turn.label.0.trim().is_empty()) {
        "unknown".clone_into(&mut turn.label.0);
    }
    turns.sort();
    rttm::print(&BTreeMap::from([(file.unwrap_or("episode").to_owned(), turns)]))
}

/// The paragraphs' certain words as turns, for an edition that knows no others.
fn paragraph_turns(edition: &Edition) -> Vec<Turn> {
    let mut turns = Vec::new();
    for paragraph in edition.paragraphs() {
        let Some(name) = &paragraph.speaker else { continue };
        let mut kept = paragraph.words.iter().filter(|edited| edited.word.suspect.is_none());
        let Some(first) = kept.next() else { continue };
        let last = kept.next_back().unwrap_or(first);
        let span = Span::at_least_1ms(first.word.span.start(), last.word.span.end());
        turns.push(Turn { span, label: SpeakerLabel(name.0.clone()) });
    }
    turns
}

fn webvtt_of(cues: &[Cue]) -> WebVtt {
    let blocks = cues
        .iter()
        .map(|cue| {
            let voice = cue.speaker.as_ref().map(|name| name.0.clone());
            let parts = vec![VoicedText { voice, text: cue.lines.join("\n") }];
            VttBlock::Cue(VttCue { id: None, span: cue.span, settings: String::new(), parts })
        })
        .collect();
    WebVtt { header: String::new(), blocks }
}

fn podcast_json_of(cues: &[Cue]) -> PodcastJson {
    let segments = cues
        .iter()
        .map(|cue| JsonSegment {
            speaker: cue.speaker.as_ref().map(|name| name.0.clone()),
            start: cue.span.start(),
            end: Some(cue.span.end()),
            body: cue.text(),
        })
        .collect();
    PodcastJson { segments }
}

/// The edition with a name for those who have none, where others have one: readers carry a name
/// on until the next.
fn with_unknown(edition: &Edition) -> Edition {
    let mut edition = edition.clone();
    if edition.paragraphs().any(|paragraph| paragraph.speaker.is_some()) {
        for block in &mut edition.blocks {
            if let Block::Paragraph(paragraph) = block {
                paragraph.speaker.get_or_insert_with(|| SpeakerName(UNKNOWN_SPEAKER.to_owned()));
            }
        }
    }
    edition
}

/// A paragraph or sound as the text formats print it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextLine {
    /// When its first certain word is said.
    pub(crate) start: Ms,
    /// Set where a turn begins.
    pub(crate) cite: Option<SpeakerName>,
    pub(crate) is_sound: bool,
    pub(crate) is_quotation: bool,
    pub(crate) text: String,
}

/// The lines of the transcript as text, with a name for those who have none where others have one.
pub(crate) fn text_lines(edition: &Edition) -> Vec<TextLine> {
    lines(&with_unknown(edition)).collect()
}

/// The paragraphs with words and the sounds, in order.
fn lines(edition: &Edition) -> impl Iterator<Item = TextLine> {
    let mut latest: Option<&SpeakerName> = None;
    edition.blocks.iter().filter_map(move |block| match block {
        Block::Paragraph(paragraph) => {
            let (start, text) = text_of(paragraph)?;
            let speaker = paragraph.speaker.as_ref();
            let cite = speaker.filter(|_| speaker != latest).cloned();
            latest = speaker;
            let is_quotation = paragraph.quotation.is_some();
            Some(TextLine { start, cite, is_sound: false, is_quotation, text })
        }
        Block::Sound(sound) => {
            latest = None;
            let text = sound.text.split_whitespace().collect::<Vec<_>>().join(" ");
            let start = sound.span.start();
            Some(TextLine { start, cite: None, is_sound: true, is_quotation: false, text })
        }
    })
}

/// When a paragraph's first certain word is said, and its certain words; `None` without any.
fn text_of(paragraph: &Paragraph) -> Option<(Ms, String)> {
    let mut out = String::new();
    let mut start = None;
    let mut gap = false;
    for word in paragraph.words.iter().map(|edited| &edited.word) {
        if word.suspect.is_some() || word.text.trim().is_empty() {
            gap |= word.suspect.is_some();
            continue;
        }
        if !out.is_empty() && (!word.glued || gap) {
            out.push(' ');
        }
        gap = false;
        out.push_str(&word.text.split_whitespace().collect::<Vec<_>>().join(" "));
        start.get_or_insert(word.span.start());
    }
    start.map(|start| (start, out))
}
