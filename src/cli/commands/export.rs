//! `linernotes export FORMAT EPISODE`: one file of an episode to standard output.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{hints, report};
use crate::import::{self, Imported, Kind};
use crate::library::artifact::read_bounded;
use crate::library::folder::EpisodeFolder;
use crate::pipeline;
use crate::render::exports::{self, Format};

/// What to export.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ExportArgs {
    /// The format: vtt, vtt-plain, srt, json, html, rework, markdown, podlove, docx, rttm, words,
    /// chapters, podlove-chapters, mp4chaps, soundbites, persons, mp3
    #[arg(value_parser = wanted)]
    format: Wanted,
    /// The episode's folder
    episode: PathBuf,
    /// Give an imported episode's file back byte for byte
    #[arg(long)]
    as_found: bool,
}

/// A file that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// One that is made of the edition.
    Made(Format),
    /// The audio with title and chapters.
    Mp3,
}

fn wanted(name: &str) -> Result<Wanted, String> {
    if name == "mp3" {
        return Ok(Wanted::Mp3);
    }
    Format::from_name(name).map(Wanted::Made).ok_or_else(|| {
        let names: Vec<&str> = Format::ALL.into_iter().map(Format::name).collect();
        format!("the formats are {}, mp3", names.join(", "))
    })
}

pub(super) fn export(args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let folder = EpisodeFolder::open(&args.episode)?;
    let format = match args.format {
        Wanted::Made(format) => format,
        Wanted::Mp3 => {
            let mut audio = Vec::new();
            pipeline::write_tagged_audio(&folder, &mut audio)?;
            report::bytes(&audio);
            return Ok(ExitCode::SUCCESS);
        }
    };
    let (show, episode) = (folder.read_show()?, folder.read_episode()?);
    let imported = folder.transcript(&episode).map(read).transpose()?;
    if args.as_found {
        let Some(transcript) = folder.transcript(&episode) else {
            return Err(hints::refusal(
                format!(
                    "`{}` was not imported, so there is no file to give back",
                    args.episode.display()
                ),
                "leave out `--as-found` to have the format made",
            ));
        };
        report::bytes(&read_bounded(&transcript)?);
        return Ok(ExitCode::SUCCESS);
    }
    let edition = pipeline::edition_of(&folder)?;
    if let Some(changed) = pipeline::changed_since_edition(&folder, &episode) {
        report::note(&format!(
            "warning: `{}` has changed since the last run; `linernotes run {}` brings that in",
            changed.display(),
            args.episode.display()
        ));
    }
    let mut bytes = exports::export(format, &edition, &show, &episode);
    if let Some(imported) = imported.filter(|i| format == Format::Rework && i.kind == Kind::Rework)
    {
        // A file that ended without a line end stays so.
        bytes.pop_if(|last| *last == b'\n' && !imported.source.ends_with(['\n', '\r']));
        for change in imported.changes(&String::from_utf8_lossy(&bytes)) {
            report::note(&format!(
                "line {}: `{}` is written `{}`",
                change.line,
                shorten(&change.found),
                shorten(&change.written)
            ));
        }
    }
    report::bytes(&bytes);
    Ok(ExitCode::SUCCESS)
}

fn read(transcript: PathBuf) -> anyhow::Result<Imported> {
    let bytes = read_bounded(&transcript)?;
    let name = transcript.file_name().map_or_else(String::new, |n| n.to_string_lossy().into());
    match import::import(&bytes, &name) {
        Ok((imported, _)) => Ok(imported),
        Err(cause) => Err(import::ImportError { path: transcript, cause }.into()),
    }
}

/// The start of a line, for people.
fn shorten(line: &str) -> String {
    let mut short: String = line.chars().take(48).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}
