//! `linernotes run` and the stages' own verbs.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;

use crate::attribute::names::{Evidence, NameProposal};
use crate::cli::args::{CommonArgs, StageArgs};
use crate::cli::bars::Bars;
use crate::cli::{hints, next, report, settings};
use crate::decode::tags;
use crate::library::episode::{Episode, TrackEntry};
use crate::library::folder::{EpisodeFolder, folder_name};
use crate::library::{LibraryError, named, regular};
use crate::pipeline::{Pipeline, PipelineError, Report, Request};
use crate::speech::Speaker;
use crate::stage::Stage;

pub(super) fn run(
    args: &StageArgs,
    from: Option<Stage>,
    until: Stage,
    explain: bool,
    common: &CommonArgs,
) -> anyhow::Result<ExitCode> {
    let folder = folder(args)?;
    let bars = Bars::new(common);
    let mut engines = settings::engines(common, &bars);
    // what is wrong with the files is told by the pipeline, all of it at once
    let resolved = settings::resolve(args, &folder.read_episode().unwrap_or_default());
    let mut pipeline = Pipeline::open(folder.clone(), resolved, &mut engines, &bars)?;
    let request = Request { from, until };
    if explain {
        for (stage, why) in pipeline.explain(request)? {
            tell_plan(None, stage, why.as_deref(), common);
        }
        return Ok(ExitCode::SUCCESS);
    }
    if !common.json && has_long_work(&pipeline.explain(request).unwrap_or_default()) {
        for said in pipeline.unreadable() {
            report::note(&format!("warning: {said}"));
        }
    }
    let report = pipeline.run(request).inspect_err(|fault| taken_back(&folder, fault))?;
    tell(&report, &folder, common);
    let warned = args.strict && !report.warnings.is_empty();
    Ok(if warned { ExitCode::from(report::WARNED) } else { ExitCode::SUCCESS })
}

/// Whether something takes so long that a person should hear of a slip before it.
pub(super) fn has_long_work(plan: &[(Stage, Option<String>)]) -> bool {
    let long = [Stage::Decode, Stage::Detect, Stage::Transcribe, Stage::Diarize];
    plan.iter().any(|(stage, why)| why.is_some() && long.contains(stage))
}

/// An episode that was just made is not left behind where its audio turns out to be no good, or where
/// nothing was done for it yet.
pub(super) fn taken_back(folder: &EpisodeFolder, fault: &PipelineError) {
    let is_early = matches!(fault, PipelineError::Faults(_) | PipelineError::Engine(_))
        && !folder.work_file("manifest.json").is_file();
    if fault.refuses_audio() || is_early {
        folder.take_back();
    }
}

/// The episode that is meant: a folder that is one, or the one made for an audio file or tracks.
pub(super) fn folder(args: &StageArgs) -> anyhow::Result<EpisodeFolder> {
    let tracks = tracks(args)?;
    let settings = Episode {
        language: args.language.clone().unwrap_or_default(),
        model: args.model.clone().unwrap_or_default(),
        speakers: args.speakers.map(usize::from),
        tracks: tracks.clone(),
        ..Episode::default()
    };
    let folder = match &args.target {
        Some(target) if target.is_dir() => EpisodeFolder::open(target)?,
        Some(target) => {
            regular::check(target)?;
            let source = tags::read(target)?;
            let root = args.output.clone().unwrap_or_else(|| PathBuf::from(folder_name(target)));
            let from_tags = Episode::from_source(&source);
            let Episode { language, model, speakers, tracks, .. } = settings;
            let episode = Episode { language, model, tracks, speakers, ..from_tags };
            EpisodeFolder::for_audio(&root, target, episode)?
        }
        None => {
            let first = args.track.first().context("there is neither a file nor a track")?;
            let root = args.output.clone().unwrap_or_else(|| PathBuf::from(folder_name(&first.1)));
            EpisodeFolder::for_tracks(&root, settings)?
        }
    };
    if !tracks.is_empty() && !has_tracks(&folder, &tracks)? {
        return Err(hints::refusal(
            format!("`{}` is there already and has other tracks", folder.episode_toml().display()),
            "change its `[[tracks]]`, or make another episode with `-o DIR`",
        ));
    }
    Ok(folder)
}

/// Whether these are the episode's tracks, however it names their files.
fn has_tracks(folder: &EpisodeFolder, tracks: &[TrackEntry]) -> anyhow::Result<bool> {
    let episode = folder.read_episode()?;
    let file = |track: &TrackEntry| -> Result<_, LibraryError> {
        let path = folder.track(&episode, track)?;
        Ok(std::fs::canonicalize(&path).unwrap_or(path))
    };
    if episode.tracks.len() != tracks.len() {
        return Ok(false);
    }
    for (known, typed) in episode.tracks.iter().zip(tracks) {
        let same = (&known.name, known.channel) == (&typed.name, typed.channel)
            && file(known)? == file(typed)?;
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The tracks that were typed, with whole paths.
fn tracks(args: &StageArgs) -> anyhow::Result<Vec<TrackEntry>> {
    let of_file = |(name, file): &(String, PathBuf)| {
        std::fs::metadata(file)
            .with_context(|| format!("cannot read the track of {name}, `{}`", file.display()))?;
        regular::check(file)?;
        let audio = named::absolute(file);
        Ok(TrackEntry { name: name.clone(), audio, ..TrackEntry::default() })
    };
    let of_channel = |(name, channel): (&String, u16)| TrackEntry {
        name: name.trim().to_owned(),
        channel: Some(channel),
        ..TrackEntry::default()
    };
    if args.channels.is_empty() {
        return args.track.iter().map(of_file).collect();
    }
    Ok(args.channels.iter().zip(1..).map(of_channel).collect())
}

/// Says whether a stage would run and why, of the episode of that name where there are many.
pub(super) fn tell_plan(
    episode: Option<&str>,
    stage: Stage,
    why: Option<&str>,
    common: &CommonArgs,
) {
    if common.json {
        let mut line = json!({"event": "plan", "stage": stage, "runs": why.is_some(), "why": why});
        if let (Some(episode), Some(fields)) = (episode, line.as_object_mut()) {
            fields.insert("episode".to_owned(), episode.into());
        }
        report::json_line(&line);
        return;
    }
    let verb = stage.verb();
    let of = episode.map_or_else(String::new, |episode| format!("{episode}: "));
    report::result(&match why {
        Some(why) => format!("{of}{verb:>12} runs: {why}"),
        None => format!("{of}{verb:>12} is up to date"),
    });
}

/// `Speaker 1 is Ada Brook (91 %): “My name is Ada Brook.” at 00:00:57`
fn name_line(name: &NameProposal) -> String {
    let share = (name.confidence * 100.0).round();
    let because = match (&name.evidence, &name.known) {
        (Evidence::Said { text, at }, None) => format!("“{text}” at {}", at.clock()),
        (Evidence::Said { text, at }, Some(known)) => {
            format!("“{text}” at {}, and a known voice ({:.2})", at.clock(), known.likeness)
        }
        (Evidence::KnownVoice(known), _) => format!(
            "a known voice, from {} (likeness {:.2}, {:.2} more than the next)",
            report::counted(known.episodes, "episode", "episodes"),
            known.likeness,
            known.margin
        ),
        (Evidence::OwnTrack, _) => "a microphone of their own".to_owned(),
    };
    format!("{} is {} ({share} %): {because}", Speaker::Numbered(name.number), name.name)
}

fn tell(report: &Report, folder: &EpisodeFolder, common: &CommonArgs) {
    if common.json {
        report::json_line(&json!({"event": "done", "report": report}));
        return;
    }
    for (stage, warning) in &report.warnings {
        report::note(&format!("warning: {stage}: {warning}"));
    }
    if !common.quiet {
        for name in report
            .names
            .iter()
            .filter(|_| report.ran.iter().any(|(stage, _)| *stage == Stage::Edit))
        {
            report::note(&format!("{:>12} {}", "name", name_line(name)));
        }
        if report.ran.is_empty() {
            report::note("everything is up to date");
        } else if report.page.is_some() {
            if let Some(line) = next::loudness(&report.next) {
                report::note(&format!("{:>12} {line}", "loudness"));
            }
            for line in next::lines(&report.next, folder) {
                report::note(&format!("{:>12} {line}", "next"));
            }
        }
    }
    if let Some(page) = &report.page {
        report::result(&page.display().to_string());
    }
}
