//! `linernotes doubts EPISODE`: what an editor with little time should listen to first.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use crate::attribute::{UnsureWords, unsure_words};
use crate::cli::args::CommonArgs;
use crate::cli::{hints, report};
use crate::library::folder::EpisodeFolder;
use crate::pipeline;
use crate::time::{Ms, Span};
use crate::transcribe::Transcript;
use crate::transcribe::coverage::{Doubt, doubts};
use crate::transcribe::glossary::Glossary;

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
    let (show, episode) = (folder.read_show()?, folder.read_episode()?);
    // What somebody else wrote down is not doubted: where there is sound, the words that are heard in
    // it serve as a clock only, and stand nowhere.
    if let Some(transcript) = folder.transcript(&episode) {
        return Err(no_doubts(&folder, &transcript));
    }
    let mut transcript = pipeline::transcript_of(&folder)?;
    let terms = episode.glossary.iter().chain(&show.glossary);
    Glossary::new(terms, episode.people.iter().chain(&show.people)).correct(&mut transcript);
    let regions = pipeline::speech_of(&folder)?;
    let found = doubts(&transcript, &regions, Ms::stated_seconds(args.minutes * 60.0)?);
    for doubt in &found {
        tell(doubt, &heard(&transcript, doubt.span), common);
    }
    let conversation = pipeline::conversation_of(&folder)?;
    let speakers = conversation.as_ref().map(unsure_words).unwrap_or_default();
    for unsure in &speakers {
        tell_speaker(unsure, common);
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

fn tell_speaker(unsure: &UnsureWords, common: &CommonArgs) {
    let (start, end) = (unsure.span.start(), unsure.span.end());
    if common.json {
        report::json_line(&json!({
            "event": "unsure_speaker",
            "start_ms": start,
            "end_ms": end,
            "label": unsure.label,
            "confidence": unsure.confidence,
            "text": unsure.text,
        }));
        return;
    }
    let who = match &unsure.label {
        Some(label) => format!("perhaps not {label} ({:.0} %)", unsure.confidence * 100.0),
        None => "nobody could be said to speak".to_owned(),
    };
    report::result(&format!("{}–{}  {who}: “{}”", start.clock_ms(), end.clock_ms(), unsure.text));
}

/// The words that were written within a stretch.
fn heard(transcript: &Transcript, span: Span) -> String {
    let words: Vec<&str> = transcript
        .segments
        .iter()
        .flat_map(|segment| &segment.words)
        .filter(|word| span.contains(word.span.middle()))
        .map(|word| word.text.as_str())
        .collect();
    words.join(" ")
}
