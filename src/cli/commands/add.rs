//! `linernotes add AUDIO`: an episode from an audio file's own tags; a feed's are `add_feed.rs`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::args::CommonArgs;
use crate::cli::commands::add_feed;
use crate::cli::{hints, report};
use crate::decode::tags;
use crate::library::edits::NEW_EDITS;
use crate::library::episode::Episode;
use crate::library::folder::{EpisodeFolder, folder_name};
use crate::library::{numbered, regular};

/// What to add.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AddArgs {
    /// An audio or video file, a feed, or the web address of either
    pub(super) target: PathBuf,
    /// The episode's folder, or a show's folder to make it in [default: in the show that you are in, else
    /// named after the file]
    #[arg(long, short, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Of a feed, the latest so many episodes
    #[arg(long, value_name = "N", conflicts_with = "all", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) latest: Option<u32>,
    /// Of a feed, the episodes from that day on, as `2026-01-31`
    #[arg(long, value_name = "DATE", conflicts_with = "all")]
    pub(super) since: Option<jiff::civil::Date>,
    /// Of a feed, all episodes
    #[arg(long)]
    pub(super) all: bool,
}

impl AddArgs {
    /// Whether a choice among a feed's episodes was made.
    pub(super) fn chooses(&self) -> bool {
        self.all || self.latest.is_some() || self.since.is_some()
    }
}

pub(super) fn add(args: &AddArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let audio = args.target.as_path();
    if add_feed::is_meant(audio) {
        return add_feed::add(args, common);
    }
    if args.chooses() {
        return Err(hints::refusal(
            format!("`{}` is no feed that episodes could be chosen from", audio.display()),
            "leave `--latest`, `--since` and `--all` out for an audio file",
        ));
    }
    let folder = episode_of(audio, args.output.as_deref())?;
    report::result(&folder.root().display().to_string());
    if !common.quiet && !common.json {
        report::note(&format!(
            "fill in `{}`, then run it with `linernotes run {}`; corrections go into `{}`",
            folder.episode_toml().display(),
            folder.root().display(),
            folder.edits_toml().display(),
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// The episode that is made of an audio file: made here where it is not there yet.
pub(super) fn episode_of(audio: &Path, output: Option<&Path>) -> anyhow::Result<EpisodeFolder> {
    regular::check(audio)?;
    let source = tags::read(audio)?;
    let episode = Episode::from_source(&source);
    let root = root(audio, output, episode.number)?;
    let mut folder = EpisodeFolder::for_audio(&root, audio, episode)?;
    if folder.is_new() {
        folder.add("edits.toml", NEW_EDITS.as_bytes())?;
    }
    Ok(folder)
}

/// The episode's folder: the one that was typed, or a numbered one in the show that was typed or
/// that we stand in.
fn root(audio: &Path, output: Option<&Path>, number: Option<u32>) -> anyhow::Result<PathBuf> {
    let here = Some(Path::new(".")).filter(|here| numbered::is_show(here));
    match output.or(here) {
        Some(show) if numbered::is_show(show) => match numbered::made_of(show, audio)? {
            Some(known) => Ok(known.root().to_path_buf()),
            None => Ok(numbered::new_folder(show, audio, number)?),
        },
        Some(root) => Ok(root.to_path_buf()),
        None => Ok(PathBuf::from(folder_name(audio))),
    }
}
