//! `linernotes publish`: an episode's `out/`, or a show's site.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use crate::cli::args::{CommonArgs, StageArgs};
use crate::cli::bars::Bars;
use crate::cli::commands::run;
use crate::cli::{hints, report, settings};
use crate::library::folder::{EpisodeFolder, episodes_of};
use crate::pipeline::{Pipeline, Request};
use crate::site::{self, Built};
use crate::stage::Stage;

/// The site's folder in the show's, where no other is named.
pub(super) const SITE_FOLDER: &str = "site";

/// What to publish.
#[derive(Debug, clap::Args)]
// made anew: what the stages require of it cannot be taken back
#[command(mut_arg("target", |_| clap::Arg::new("target")
    .value_name("TARGET")
    .value_parser(clap::value_parser!(PathBuf))
    .default_value(".")
    .help("A show's folder, an episode's folder, or an audio file")))]
#[command(mut_arg("output", |arg| arg.help(
    "The site's folder [default: `site` in the show's]; for an audio file, the episode's"
)))]
pub(in crate::cli) struct PublishArgs {
    #[command(flatten)]
    stage: StageArgs,
    /// Add the podcast namespace's tags to this feed, which stays as it is, and make the result the
    /// site's `feed.xml`
    #[arg(long, value_name = "FILE")]
    into_feed: Option<PathBuf>,
}

pub(super) fn publish(args: &PublishArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let target = args.stage.target.as_deref().unwrap_or(Path::new("."));
    // a show of one episode may keep both files in one folder
    if !target.join("show.toml").is_file() || target.join("episode.toml").is_file() {
        if args.into_feed.is_some() {
            return Err(hints::refusal(
                format!("`--into-feed` is for a show, and `{}` is none", target.display()),
                "give the show's folder, the one with `show.toml`",
            ));
        }
        return run::run(&args.stage, None, Stage::Publish, false, common);
    }
    let mut warnings = Vec::new();
    for folder in episodes_of(target)? {
        warnings.extend(refresh(&folder, &args.stage, common)?);
    }
    let out = args.stage.output.clone().unwrap_or_else(|| target.join(SITE_FOLDER));
    let built = site::build(target, &out, args.into_feed.as_deref())?;
    warnings.extend(built.warnings.iter().map(ToString::to_string));
    tell(&built, &warnings, common);
    let warned = args.stage.strict && !warnings.is_empty();
    Ok(if warned { ExitCode::from(report::WARNED) } else { ExitCode::SUCCESS })
}

/// Brings an episode's page up to date with what people wrote. Nothing is heard again for it: where
/// an earlier stage would run, the page stays as it is.
fn refresh(
    folder: &EpisodeFolder,
    args: &StageArgs,
    common: &CommonArgs,
) -> anyhow::Result<Option<String>> {
    if !folder.work_file("manifest.json").is_file() {
        return Ok(None);
    }
    let bars = Bars::new(common);
    let mut engines = settings::engines(common, &bars);
    engines.options.offline = true;
    let resolved = settings::resolve(args, &folder.read_episode()?);
    let mut pipeline = Pipeline::open(folder.clone(), resolved, &mut engines, &bars)?;
    let request = Request { from: None, until: Stage::Publish };
    let plan = pipeline.explain(request)?;
    let early = plan.iter().find_map(|(stage, why)| {
        why.as_ref().filter(|_| *stage < Stage::Edit).map(|why| (*stage, why))
    });
    if let Some((stage, why)) = early {
        return Ok(Some(format!(
            "`{0}` is published as it was, for `{stage}` has to run again ({why}); \
             `linernotes run {0}` brings it up to date",
            folder.root().display()
        )));
    }
    pipeline.run(request)?;
    Ok(None)
}

fn tell(built: &Built, warnings: &[String], common: &CommonArgs) {
    if common.json {
        report::json_line(&json!({
            "event": "done",
            "page": built.page,
            "episodes": built.episodes,
            "files": built.files,
            "written": built.written,
            "removed": built.removed,
            "warnings": warnings,
        }));
        return;
    }
    for warning in warnings {
        report::note(&format!("warning: {warning}"));
    }
    if !common.quiet {
        let Built { episodes, files, written, removed, .. } = built;
        report::note(&format!(
            "{}, {}: {written} written, {removed} removed, the rest as before",
            report::counted(*episodes, "episode", "episodes"),
            report::counted(*files, "file", "files"),
        ));
    }
    report::result(&shown(&built.page).display().to_string());
}

/// `./site/index.html` as `site/index.html`.
fn shown(path: &Path) -> PathBuf {
    path.strip_prefix(".").unwrap_or(path).to_path_buf()
}
