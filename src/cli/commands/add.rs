//! `linernotes add AUDIO`: an episode from an audio file's own tags.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::args::CommonArgs;
use crate::cli::report;
use crate::decode::tags;
use crate::library::edits::NEW_EDITS;
use crate::library::episode::Episode;
use crate::library::folder::{EpisodeFolder, folder_name};
use crate::library::{numbered, regular};

pub(super) fn add(
    audio: &Path,
    output: Option<&Path>,
    common: &CommonArgs,
) -> anyhow::Result<ExitCode> {
    regular::check(audio)?;
    let source = tags::read(audio)?;
    let episode = Episode::from_source(&source);
    let root = root(audio, output, episode.number)?;
    let mut folder = EpisodeFolder::for_audio(&root, audio, episode)?;
    if folder.is_new() {
        folder.add("edits.toml", NEW_EDITS.as_bytes())?;
    }
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
