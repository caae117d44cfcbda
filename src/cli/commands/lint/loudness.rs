//! How loud recordings are, told on request: of an episode as its run measured it, of another file by
//! decoding it now.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::bars::Bars;
use crate::cli::commands::finding;
use crate::cli::report;
use crate::decode::{DecodeLimits, Loudness, decode};
use crate::formats::Diagnostic;
use crate::library::folder::{EpisodeFolder, episodes_of};
use crate::pipeline::source_of_audio;
use crate::{lint, publish};

/// Tells the loudness of all recordings at a path; how many are away from the aim.
pub(super) fn check(path: &Path, common: &CommonArgs) -> anyhow::Result<usize> {
    let mut warnings = 0;
    for recording in recordings(path)? {
        let bars = Bars::new(common);
        let (loudness, channels) = match recording.measured {
            Some(known) => known,
            None => {
                let limits = DecodeLimits::default();
                let source = decode(&recording.file, &limits, &bars)?.0.source;
                (source.loudness, source.channels)
            }
        };
        warnings += tell(&recording.file, loudness, channels, common);
    }
    Ok(warnings)
}

struct Recording {
    file: PathBuf,
    /// What the episode's last run measured, and of how many channels.
    measured: Option<(Option<Loudness>, u16)>,
}

/// An episode's or a show's own audio; elsewhere the files of sound.
fn recordings(path: &Path) -> anyhow::Result<Vec<Recording>> {
    let file = |file: PathBuf| Recording { file, measured: None };
    if path.join("episode.toml").is_file() {
        return Ok(of_episode(&EpisodeFolder::open(path)?)?.into_iter().collect());
    }
    if path.join("show.toml").is_file() {
        let mut all = Vec::new();
        for folder in episodes_of(path)? {
            all.extend(of_episode(&folder)?);
        }
        return Ok(all);
    }
    if path.is_file() {
        return Ok(vec![file(path.to_path_buf())]);
    }
    let is_sound = |path: &PathBuf| {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        ending.is_some_and(|ending| publish::media_type(&ending, "").starts_with("audio/"))
    };
    Ok(lint::files_under(path)?.into_iter().filter(is_sound).map(file).collect())
}

/// The episode's audio, where it has any of its own.
fn of_episode(folder: &EpisodeFolder) -> anyhow::Result<Option<Recording>> {
    let episode = folder.read_episode()?;
    if episode.audio.trim().is_empty() {
        return Ok(None);
    }
    let file = folder.audio(&episode)?;
    let source = source_of_audio(folder, &file)?;
    // a run of an older version did not measure
    let measured = source.filter(|source| source.loudness.is_some());
    Ok(Some(Recording { file, measured: measured.map(|s| (s.loudness, s.channels)) }))
}

/// Says how loud a file is, and a finding for each thing that is away from the aim.
fn tell(file: &Path, loudness: Option<Loudness>, channels: u16, common: &CommonArgs) -> usize {
    let Some(loudness) = loudness else {
        let fix = "see that it is the right file";
        let silent = Diagnostic::warning("D1", 1, 0, "all of it is silence").fix(fix);
        finding::tell(file, &silent, common);
        return 1;
    };
    if common.json {
        report::json_line(&json!({
            "event": "loudness",
            "path": file,
            "channels": channels,
            "integrated_lufs": loudness.integrated_lufs,
            "true_peak_dbtp": loudness.true_peak_dbtp,
        }));
    } else if !common.quiet {
        report::note(&format!(
            "{}: {:.1} LUFS, true peak {:.1} dBTP",
            file.display(),
            loudness.integrated_lufs,
            loudness.true_peak_dbtp
        ));
    }
    let faults = loudness.faults(channels);
    for fault in &faults {
        let fix = "level it in an audio program; linernotes changes no sound";
        finding::tell(file, &Diagnostic::warning("D1", 1, 0, fault.as_str()).fix(fix), common);
    }
    faults.len()
}
