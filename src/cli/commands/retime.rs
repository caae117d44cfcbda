//! `linernotes retime EPISODE AUDIO`: another cut of an episode's audio takes the place of the old one.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::bars::Bars;
use crate::cli::{report, settings};
use crate::library::folder::EpisodeFolder;
use crate::library::regular;
use crate::pipeline::{Pipeline, Request, Retimed};
use crate::stage::Stage;
use crate::time::Span;

/// Whose audio, and which.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RetimeArgs {
    /// The episode's folder
    episode: PathBuf,
    /// The new cut of its audio
    audio: PathBuf,
}

pub(super) fn retime(args: &RetimeArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let folder = EpisodeFolder::open(&args.episode)?;
    regular::check(&args.audio)?;
    let bars = Bars::new(common);
    let mut engines = settings::engines(common, &bars);
    let resolved = settings::of_episode(&folder.read_episode()?);
    let opened = Pipeline::open(folder.clone(), resolved.clone(), &mut engines, &bars);
    let retimed = opened?.retime(&args.audio)?;
    tell(&retimed, common);
    let request = Request { from: None, until: Stage::Publish };
    let done = Pipeline::open(folder.clone(), resolved, &mut engines, &bars)?.run(request)?;
    for (stage, warning) in &done.warnings {
        report::note(&format!("warning: {stage}: {warning}"));
    }
    let episode = folder.read_episode()?;
    if !episode.audio_url.trim().is_empty() {
        report::note(&format!(
            "warning: `audio_url` in `{}` may still be where the old audio is published",
            folder.episode_toml().display()
        ));
    }
    if let Some(page) = done.page.filter(|_| !common.json) {
        report::result(&page.display().to_string());
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(retimed: &Retimed, common: &CommonArgs) {
    if common.json {
        let spans = |stretches: &[(Span, String)]| -> Vec<_> {
            let of = |(span, words): &(Span, String)| json!({"start": span.start(), "end": span.end(), "words": words});
            stretches.iter().map(of).collect()
        };
        report::json_line(&json!({
            "event": "retimed",
            "gone": spans(&retimed.removed),
            "new": spans(&retimed.added),
            "before": retimed.before,
        }));
        return;
    }
    for line in retimed.lines() {
        report::note(&line);
    }
    if retimed.removed.is_empty() && retimed.added.is_empty() {
        report::note("the new audio has all of the old one, and nothing more");
    }
    if !common.quiet {
        for (path, file) in retimed.written.iter().filter(|(_, file)| file.moved > 0) {
            let entries = report::counted(file.moved, "entry", "entries");
            report::note(&format!("{entries} with times in `{}`", path.display()));
        }
        let before = retimed.before.display();
        report::note(&format!(
            "what was before is in `{before}`; to go back, put its files in place of the new ones"
        ));
    }
}
