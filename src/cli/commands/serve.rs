//! `linernotes serve`: what is published, in a browser on this machine.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::commands::publish::SITE_FOLDER;
use crate::cli::commands::review;
use crate::cli::{hints, interrupt, report};
use crate::library::folder::EpisodeFolder;
use crate::pipeline;
use crate::publish;
use crate::serve::{self, Folder, Server};

/// What to show, and where.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ServeArgs {
    /// A show's folder, an episode's, or one that was published
    #[arg(value_name = "SHOW|EPISODE", default_value = ".")]
    target: PathBuf,
    /// The port of this machine [0: any free one]
    #[arg(long, value_name = "N", default_value_t = serve::PORT)]
    port: u16,
    /// Correct the episode there, as `linernotes review` does
    #[arg(long)]
    edit: bool,
}

pub(super) fn serve(args: &ServeArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    if args.edit {
        return review::at_desk(&args.target, args.port, common);
    }
    let published = published(&args.target)?;
    let folder = Folder::open(&published)?;
    let server = Server::bind(args.port)?;
    tell(
        &server.address(),
        &format!("shows `{}`, for this machine only; Ctrl-C ends it", published.display()),
        common,
    );
    server.run(serve::preview(folder), interrupt::asked)?;
    Ok(ExitCode::from(report::INTERRUPTED))
}

/// Says where the server is, as the one thing on standard output.
pub(super) fn tell(address: &str, what: &str, common: &CommonArgs) {
    if common.json {
        report::json_line(&json!({"event": "serving", "address": address}));
        return;
    }
    if !common.quiet {
        report::note(what);
    }
    report::result(address);
}

/// The folder that is published of a show or an episode.
fn published(target: &Path) -> anyhow::Result<PathBuf> {
    let shown = target.display();
    if let Ok(folder) = EpisodeFolder::open(target) {
        if !folder.out().join("index.html").is_file() {
            return Err(hints::refusal(
                format!("`{shown}` has no page yet"),
                format!("`linernotes run {shown}` makes it"),
            ));
        }
        if let Some(changed) = pipeline::changed_since_edition(&folder, &folder.read_episode()?) {
            report::note(&format!(
                "warning: `{}` has changed since the last run; `linernotes run {shown}` brings that in",
                changed.display()
            ));
        }
        return Ok(folder.out());
    }
    if target.join("show.toml").is_file() {
        let site = target.join(SITE_FOLDER);
        if publish::is_ours(&site) {
            return Ok(site);
        }
        return Err(hints::refusal(
            format!("`{shown}` has no site yet"),
            format!(
                "`linernotes publish {shown}` makes it; one that was published elsewhere is named by its \
                 own folder"
            ),
        ));
    }
    if publish::is_ours(target) {
        return Ok(target.to_path_buf());
    }
    Err(hints::refusal(
        format!("`{shown}` is no show, no episode, and nothing that was published"),
        "give a folder with `show.toml` or `episode.toml`, or one that `linernotes publish` made",
    ))
}
