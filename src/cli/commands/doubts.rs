//! `linernotes doubts EPISODE`: what an editor with little time should listen to first.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use crate::attribute::{UNSURE_BELOW, UnsureWords, unsure_words};
use crate::cli::args::CommonArgs;
use crate::cli::{hints, report};
use crate::edit::{EditedWord, Edition, Paragraph};
use crate::library::folder::EpisodeFolder;
use crate::pipeline;
use crate::time::{Ms, Span};
use crate::transcribe::coverage::{Doubt, doubts};

/// What to look through, and how long.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DoubtsArgs {
    /// The episode's folder
    episode: PathBuf,
    /// How much there is time to listen to
    #[arg(long, default_value_t = 10.0, value_name = "MINUTES", value_parser = minutes)]
    minutes: f64,
}

fn minutes(text: &str) -> Result<f64, String> {
    text.parse::<f64>()
        .ok()
        .filter(|minutes| minutes.is_finite() && *minutes > 0.0)
        .ok_or_else(|| "write minutes, as 10 or 2.5".to_owned())
}

pub(super) fn list(args: &DoubtsArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let folder = EpisodeFolder::open(&args.episode)?;
    let episode = folder.read_episode()?;
    // What somebody else wrote down is not doubted: where there is sound, the words that are heard in
    // it serve as a clock only, and stand nowhere.
    if let Some(transcript) = folder.transcript(&episode) {
        return Err(no_doubts(&folder, &transcript));
    }
    let transcript = pipeline::transcript_of(&folder)?;
    let edition = pipeline::edition_of(&folder)?;
    let regions = pipeline::speech_of(&folder)?;
    let found = doubts(&transcript, &regions, Ms::stated_seconds(args.minutes * 60.0)?);
    for doubt in &found {
        tell(doubt, &printed(&edition, doubt.span), common);
    }
    let conversation = pipeline::conversation_of(&folder)?;
    let speakers = conversation.as_ref().map(unsure_words).unwrap_or_default();
    // who was named by a person there is no doubt any more
    for unsure in speakers.iter().filter(|unsure| is_unsure(&edition, unsure.span)) {
        tell_speaker(unsure, &edition, common);
    }
    if !common.json {
        let listening = found.iter().fold(Ms::ZERO, |sum, doubt| sum + doubt.span.duration());
        let gain: f32 = found.iter().map(|doubt| doubt.expected_gain).sum();
        report::note(&format!(
            "{}, {} of listening, about {gain:.0} words to put right; the most worth first",
            report::counted(found.len(), "stretch", "stretches"),
            listening.clock()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// Of an imported transcript nobody knows how sure its words are.
fn no_doubts(folder: &EpisodeFolder, transcript: &Path) -> anyhow::Error {
    hints::refusal(
        format!(
            "`{}` has an imported transcript, and doubts are about words that were heard here",
            folder.root().display()
        ),
        format!(
            "`linernotes lint {}` says what is wrong with the transcript's file",
            transcript.display()
        ),
    )
}

fn tell(doubt: &Doubt, text: &str, common: &CommonArgs) {
    if common.json {
        report::json_line(&json!({
            "event": "doubt",
            "start_ms": doubt.span.start(),
            "end_ms": doubt.span.end(),
            "reason": doubt.reason.to_string(),
            "expected_gain": doubt.expected_gain,
            "text": text,
        }));
        return;
    }
    let quoted = if text.is_empty() { "no words".to_owned() } else { format!("“{text}”") };
    report::result(&format!(
        "{}–{}  {} (about {:.1} words): {quoted}",
        doubt.span.start().clock_ms(),
        doubt.span.end().clock_ms(),
        doubt.reason,
        doubt.expected_gain
    ));
}

fn tell_speaker(unsure: &UnsureWords, edition: &Edition, common: &CommonArgs) {
    let (start, end) = (unsure.span.start(), unsure.span.end());
    let speaker = paragraph_at(edition, unsure.span).and_then(|p| p.speaker.as_ref());
    let text = printed(edition, unsure.span);
    if common.json {
        report::json_line(&json!({
            "event": "unsure_speaker",
            "start_ms": start,
            "end_ms": end,
            "label": unsure.label,
            "speaker": speaker,
            "confidence": unsure.confidence,
            "text": text,
        }));
        return;
    }
    let who = match speaker {
        Some(name) => format!("perhaps not {name} ({:.0} %)", unsure.confidence * 100.0),
        None => "nobody could be said to speak".to_owned(),
    };
    report::result(&format!("{}–{}  {who}: “{text}”", start.clock_ms(), end.clock_ms()));
}

/// Whether the page, too, is unsure of who says something.
fn is_unsure(edition: &Edition, span: Span) -> bool {
    words_in(edition, span).any(|word| word.speaker_confidence < UNSURE_BELOW)
}

fn words_in(edition: &Edition, span: Span) -> impl Iterator<Item = &EditedWord> {
    let words = edition.paragraphs().flat_map(|paragraph| &paragraph.words);
    words.filter(move |word| span.contains(word.word.span.middle()))
}

fn paragraph_at(edition: &Edition, span: Span) -> Option<&Paragraph> {
    edition.paragraphs().max_by_key(|paragraph| paragraph.span.overlap(span))
}

/// The words of the page within a stretch.
fn printed(edition: &Edition, span: Span) -> String {
    let words: Vec<&str> = words_in(edition, span).map(|word| word.word.text.as_str()).collect();
    words.join(" ")
}
