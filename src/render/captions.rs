//! The files beside the page, made by code from the edition: captions, transcripts, turns, words
//! and chapters.
//!
//! Words that the recognizer may have invented are left out of all of them; they stay in the
//! record. Nothing here reads or writes a file.

mod text;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::edit::{Block, Edition};
use crate::formats::podcast_html::{self, HtmlPassage, PodcastHtml};
use crate::formats::podcast_json::{self, JsonSegment, PodcastJson};
use crate::formats::srt::{self, Srt, SrtCue};
use crate::formats::webvtt::{self, Flavour, VoicedText, VttBlock, VttCue, WebVtt};
use crate::formats::{Passage, chapters_json, clock, json, podlove, rttm};
use crate::render::Context;
use crate::render::cues::{CueSettings, cues};
use crate::speech::{SpeakerLabel, SpeakerName, Turn};
use crate::time::{Ms, Span};

pub(super) use text::{markdown, rework};

/// `transcript.vtt`.
pub(super) fn vtt(context: &Context<'_>, flavour: Flavour) -> String {
    let blocks = context
        .cues()
        .iter()
        .map(|cue| {
            let voice = cue.speaker.as_ref().map(|name| name.0.clone());
            let parts = vec![VoicedText { voice, text: cue.lines.join("\n") }];
            VttBlock::Cue(VttCue { id: None, span: cue.span, settings: String::new(), parts })
        })
        .collect();
    webvtt::print(&WebVtt { header: String::new(), blocks }, flavour)
}

/// `transcript.srt`.
pub(super) fn srt(context: &Context<'_>) -> String {
    let cues = cues(context.named(), &CueSettings::srt())
        .into_iter()
        .map(|cue| SrtCue { span: cue.span, lines: cue.lines })
        .collect();
    srt::print(&Srt { cues })
}

/// `transcript.json`.
pub(super) fn json(context: &Context<'_>) -> String {
    let segments = context
        .cues()
        .iter()
        .map(|cue| JsonSegment {
            speaker: cue.speaker.as_ref().map(|name| name.0.clone()),
            start: cue.span.start(),
            end: Some(cue.span.end()),
            body: cue.text(),
        })
        .collect();
    podcast_json::print(&PodcastJson { segments })
}

/// Podlove's JSON.
pub(super) fn podlove(context: &Context<'_>) -> String {
    let passages: Vec<Passage> = context
        .cues()
        .iter()
        .map(|cue| Passage {
            start: Some(cue.span.start()),
            end: Some(cue.span.end()),
            speaker: cue.speaker.as_ref().map(|name| name.0.clone()),
            is_sound: cue.is_sound,
            text: cue.text(),
            line: 0,
        })
        .collect();
    podlove::print_json(&passages)
}

/// `transcript.html`: a paragraph for each paragraph, the name where a turn begins.
pub(super) fn html(context: &Context<'_>) -> String {
    let passages = text_lines(context)
        .map(|line| HtmlPassage {
            cite: line.cite.map(|name| name.0),
            time: Some(line.start),
            text: if line.is_sound { format!("[{}]", line.text) } else { line.text },
        })
        .collect();
    podcast_html::print(&PodcastHtml { passages })
}

/// `words.json`, version 1: every word with times in seconds, speaker and confidence.
pub(super) fn words(context: &Context<'_>) -> String {
    let mut out = String::from("{\"schema\":1,\"words\":[");
    let mut first = true;
    for paragraph in context.edition.paragraphs() {
        let speaker = paragraph.speaker.as_ref().map(|name| name.0.as_str());
        for printed in paragraph.printed() {
            let word = printed.word;
            let share = |value: f32| (f64::from(value.clamp(0.0, 1.0)) * 1000.0).round() / 1000.0;
            out.push_str(if first { "\n" } else { ",\n" });
            out.push_str(&json::print_object(&[
                ("start", clock::json_seconds(word.span.start())),
                ("end", clock::json_seconds(word.span.end())),
                ("text", Value::from(word.text.as_str())),
                ("speaker", Value::from(speaker)),
                ("confidence", Value::from(share(word.probability))),
                ("speaker_confidence", Value::from(share(printed.speaker_confidence))),
            ]));
            first = false;
        }
    }
    out.push_str("\n]}\n");
    out
}

/// `chapters.json`, version 1.2.0; `None` without chapters. Chapters beyond the end are left out.
pub(super) fn chapters(context: &Context<'_>) -> Option<String> {
    let end = context.edition.duration;
    let within = |start: Ms| end == Ms::ZERO || start < end;
    let chapters: Vec<_> =
        context.chapters().iter().filter(|chapter| within(chapter.start)).cloned().collect();
    if chapters.is_empty() {
        return None;
    }
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let mut file = chapters_json::ChaptersJson::from_chapters(&chapters);
    file.title = given(&context.stated.episode.title);
    file.podcast_name = given(&context.show().name);
    file.description =
        context.chapters_are_drafts().then(|| "A draft, made from what is said".to_owned());
    Some(chapters_json::print(&file))
}

/// `turns.rttm`: who speaks when, with underscores for the spaces of names.
pub(super) fn rttm(context: &Context<'_>) -> String {
    let edition = context.edition;
    let audio = std::path::Path::new(&context.stated.episode.audio);
    let file = audio.file_stem().and_then(|stem| stem.to_str());
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
        let mut printed = paragraph.printed();
        let Some(first) = printed.next() else { continue };
        let last = printed.last().unwrap_or(first);
        let span = Span::at_least_1ms(first.word.span.start(), last.word.span.end());
        turns.push(Turn { span, label: SpeakerLabel(name.0.clone()) });
    }
    turns
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

/// The paragraphs with words and the sounds, in order, with a name for those who have none where
/// others have one.
pub(crate) fn text_lines<'c>(context: &'c Context<'_>) -> impl Iterator<Item = TextLine> + 'c {
    let mut latest: Option<&SpeakerName> = None;
    context.named().blocks.iter().filter_map(move |block| match block {
        Block::Paragraph(paragraph) => {
            let text = paragraph.text();
            if text.is_empty() {
                return None;
            }
            let first = paragraph.printed().find(|printed| !printed.word.text.trim().is_empty())?;
            let speaker = paragraph.speaker.as_ref();
            let cite = speaker.filter(|_| speaker != latest).cloned();
            latest = speaker;
            let is_quotation = paragraph.quotation.is_some();
            let start = first.word.span.start();
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
