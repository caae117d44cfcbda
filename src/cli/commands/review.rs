//! `linernotes review EPISODE`: the desk, in a browser on this machine.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use crate::cli::args::CommonArgs;
use crate::cli::commands::serve;
use crate::cli::commands::sync::with_stages;
use crate::cli::{hints, interrupt, report};
use crate::desk::{self, Desk, Key, Published};
use crate::library::LibraryError;
use crate::library::folder::EpisodeFolder;
use crate::pipeline::{Pipeline, PipelineError, Request};
use crate::serve::{PORT, Server};
use crate::stage::Stage;

/// What to correct, and where.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ReviewArgs {
    /// The episode's folder
    episode: PathBuf,
    /// The port of this machine [0: any free one]
    #[arg(long, value_name = "N", default_value_t = PORT)]
    port: u16,
}

pub(super) fn review(args: &ReviewArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    at_desk(&args.episode, args.port, common)
}

/// Puts an episode on the desk, and serves that until the person ends it.
pub(super) fn at_desk(episode: &Path, port: u16, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let folder = EpisodeFolder::open(episode)?;
    let server = Server::bind(port)?;
    // the desk never fetches weights
    let offline = CommonArgs { offline: true, ..common.clone() };
    let workpiece = with_stages(&folder, &offline, |stages| {
        if let Some((stage, why)) = early(stages)? {
            report::note(&format!(
                "warning: `{stage}` has to run again ({why}); this is the text of the last run, and \
                 corrections of it stay"
            ));
        }
        Ok(stages.workpiece()?)
    })?;
    let desk = Desk::open(workpiece).map_err(|fault| taken(fault, episode))?;
    let key = Key::new().context("the system gives no key that nobody can guess")?;
    serve::tell(
        &format!("{}{}", server.address(), key.query()),
        &format!(
            "corrects `{}`, for this machine only; open this address, whose key is yours alone; Ctrl-C ends it",
            episode.display()
        ),
        common,
    );
    let port = server.port();
    server
        .run(desk::routes(desk, key, port, publishing(folder, common.clone())), interrupt::asked)?;
    Ok(ExitCode::from(report::INTERRUPTED))
}

/// Says whose the episode is, where another desk has it.
fn taken(fault: PipelineError, episode: &Path) -> anyhow::Error {
    match fault {
        PipelineError::Library(LibraryError::Busy { .. }) => hints::refusal(
            format!("another desk has `{}` already", episode.display()),
            "open the address that it said, or end it with Ctrl-C where it was started",
        ),
        fault => fault.into(),
    }
}

/// Publishes the episode with its corrections, where nothing has to be heard again for it.
fn publishing(folder: EpisodeFolder, common: CommonArgs) -> Published {
    Box::new(move || {
        let quiet = CommonArgs { quiet: true, offline: true, ..common.clone() };
        let done = with_stages(&folder, &quiet, |stages| {
            if let Some((stage, why)) = early(stages)? {
                return Err(hints::refusal(
                    format!("`{stage}` has to run first ({why})"),
                    format!("`linernotes run {}`", folder.root().display()),
                ));
            }
            let report = stages.run(Request { from: None, until: Stage::Publish })?;
            report.page.context("the page was not made")
        });
        done.map_err(|fault| format!("{fault:#}: {}", hints::of(&fault)))
    })
}

/// The first stage that would have to listen again, and why.
fn early(stages: &mut Pipeline<'_>) -> Result<Option<(Stage, String)>, PipelineError> {
    let plan = stages.explain(Request { from: None, until: Stage::Edit })?;
    let mut stale = plan.into_iter().filter_map(|(stage, why)| Some((stage, why?)));
    Ok(stale.find(|(stage, _)| *stage < Stage::Edit))
}
