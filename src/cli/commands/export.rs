//! `linernotes export FORMAT EPISODE`: one file of an episode to standard output.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{hints, report};
use crate::draft::{self, Drafts};
use crate::import::{self, Imported, Kind};
use crate::library::artifact::read_bounded;
use crate::library::folder::EpisodeFolder;
use crate::library::stated::Stated;
use crate::pipeline;
use crate::render::Context;
use crate::render::outputs::Output;

/// What to export.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ExportArgs {
    #[arg(value_parser = wanted, help = format!("The format: {}", names()))]
    format: Wanted,
    /// The episode's folder
    episode: PathBuf,
    /// Give an imported episode's file back byte for byte
    #[arg(long)]
    as_found: bool,
}

/// A file that can be asked for.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    /// One that is made of the edition.
    Made(&'static Output),
    /// The audio with title and chapters.
    Mp3,
}

fn wanted(name: &str) -> Result<Wanted, String> {
    if name == "mp3" {
        return Ok(Wanted::Mp3);
    }
    Output::named(name).map(Wanted::Made).ok_or_else(|| format!("the formats are {}", names()))
}

fn names() -> String {
    format!("{}, mp3", Output::names().join(", "))
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
    let (known, name) = (pipeline::known_people_of(&folder)?, folder.name());
    let stated = Stated { show: &show, episode: &episode, known: &known, folder: &name };
    let drafts =
        if format.lists_chapters() { draft::draft(&edition, stated) } else { Drafts::default() };
    let context = Context::new(&edition, stated, &drafts);
    if context.has_only_drafted_chapters() {
        report::note(&format!(
            "warning: the chapters are only drafted; `{}` has them, with the lines that take them over",
            folder.out().join("notes.md").display()
        ));
    }
    let mut bytes = format.print(&context);
    if let Some(imported) = imported.filter(|i| format.name == "rework" && i.kind == Kind::Rework) {
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
