//! `linernotes add AUDIO`: an episode from an audio file's own tags.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::args::CommonArgs;
use crate::cli::report;
use crate::decode::tags;
use crate::library::episode::Episode;
use crate::library::folder::{EpisodeFolder, folder_name};
use crate::library::regular;

pub(super) fn add(
    audio: &Path,
    output: Option<&Path>,
    common: &CommonArgs,
) -> anyhow::Result<ExitCode> {
    regular::check(audio)?;
    let source = tags::read(audio)?;
    let root = output.map_or_else(|| PathBuf::from(folder_name(audio)), Path::to_path_buf);
    let folder = EpisodeFolder::for_audio(&root, audio, Episode::from_source(&source))?;
    report::result(&folder.root().display().to_string());
    if !common.quiet && !common.json {
        report::note(&format!(
            "fill in `{}`, then run it with `linernotes run {}`",
            folder.episode_toml().display(),
            folder.root().display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}
