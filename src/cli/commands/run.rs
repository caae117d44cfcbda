//! `linernotes run` and the stages' own verbs.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use crate::attribute::names::NameProposal;
use crate::cli::args::{CommonArgs, StageArgs};
use crate::cli::bars::Bars;
use crate::cli::{report, settings};
use crate::decode::tags;
use crate::library::episode::Episode;
use crate::library::folder::{EpisodeFolder, folder_name};
use crate::pipeline::{Pipeline, Report, Request};
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
    let resolved = settings::resolve(args, &folder.read_episode()?);
    let mut pipeline = Pipeline::open(folder, resolved, &mut engines, &bars)?;
    let request = Request { from, until };
    if explain {
        for (stage, why) in pipeline.explain(request)? {
            tell_plan(stage, why.as_deref(), common);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let report = pipeline.run(request)?;
    tell(&report, common);
    let warned = args.strict && !report.warnings.is_empty();
    Ok(if warned { ExitCode::from(report::WARNED) } else { ExitCode::SUCCESS })
}

/// The episode that is meant: a folder that is one, or the one made for an audio file.
fn folder(args: &StageArgs) -> anyhow::Result<EpisodeFolder> {
    if args.target.is_dir() {
        return Ok(EpisodeFolder::open(&args.target)?);
    }
    let source = tags::read(&args.target)?;
    let root = args.output.clone().unwrap_or_else(|| PathBuf::from(folder_name(&args.target)));
    let episode = Episode {
        language: args.language.clone().unwrap_or_default(),
        model: args.model.clone().unwrap_or_default(),
        speakers: args.speakers.map(usize::from),
        ..Episode::from_source(&source)
    };
    Ok(EpisodeFolder::for_audio(&root, &args.target, episode)?)
}

fn tell_plan(stage: Stage, why: Option<&str>, common: &CommonArgs) {
    if common.json {
        report::json_line(
            &json!({"event": "plan", "stage": stage, "runs": why.is_some(), "why": why}),
        );
    } else {
        let verb = stage.verb();
        report::result(&match why {
            Some(why) => format!("{verb:>12} runs: {why}"),
            None => format!("{verb:>12} is up to date"),
        });
    }
}

/// `SPEAKER_00 is Ada Brook (91 %): “My name is Ada Brook.” at 00:00:57`
fn name_line(name: &NameProposal) -> String {
    let (at, share) = (name.at.clock(), (name.confidence * 100.0).round());
    let heard = match &name.known {
        Some(known) if name.evidence.starts_with("a known voice") => {
            format!(
                "{} (likeness {:.2}, {:.2} more than the next)",
                name.evidence, known.likeness, known.margin
            )
        }
        Some(known) => {
            format!("“{}” at {at}, and a known voice ({:.2})", name.evidence, known.likeness)
        }
        None => format!("“{}” at {at}", name.evidence),
    };
    format!("{} is {} ({share} %): {heard}", name.label, name.name)
}

fn tell(report: &Report, common: &CommonArgs) {
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
        }
    }
    if let Some(page) = &report.page {
        report::result(&page.display().to_string());
    }
}
