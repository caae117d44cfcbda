//! `linernotes export FORMAT EPISODE`: one file of an episode to standard output.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use crate::cli::{hints, report};
use crate::draft::{self, Drafts};
use crate::import::{self, Imported, Kind};
use crate::library::artifact::read_bounded;
use crate::library::episode::Episode;
use crate::library::folder::EpisodeFolder;
use crate::library::stated::Stated;
use crate::pipeline;
use crate::render::Context;
use crate::render::description::{Place, description};
use crate::render::outputs::Output;
use crate::retime::edition::without_cuts;
use crate::site;

/// What to export.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ExportArgs {
    #[arg(value_parser = wanted, help = format!("The format: {}", names()))]
    format: Wanted,
    /// The episode's folder
    episode: PathBuf,
    /// Where the text of `description` goes, with the limits of that place [default: youtube]
    #[arg(long = "for", value_name = "PLACE", value_enum)]
    place: Option<PlaceChoice>,
    /// Give an imported episode's file back byte for byte
    #[arg(long)]
    as_found: bool,
    /// Without what `[[cut]]` in `edits.toml` leaves out: of the sound, or on its time
    #[arg(long, conflicts_with = "as_found")]
    cut: bool,
}

/// Where a description goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum PlaceChoice {
    /// Below a video: 5000 characters
    #[default]
    Youtube,
    /// Into Spotify for Creators: 4000 characters, times in brackets
    Spotify,
    /// Into a podcast host's form: 4000 characters
    Host,
}

impl From<PlaceChoice> for Place {
    fn from(choice: PlaceChoice) -> Place {
        match choice {
            PlaceChoice::Youtube => Place::YouTube,
            PlaceChoice::Spotify => Place::Spotify,
            PlaceChoice::Host => Place::Host,
        }
    }
}

/// A file that can be asked for.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    /// One that is made of the edition.
    Made(&'static Output),
    /// The text below an episode on other sites.
    Description,
    /// The audio with title and chapters.
    Mp3,
    /// The audio: an mp3 as its frames are, anything else as WAV.
    Audio,
    /// What the stages heard, as WAV.
    Wav,
}

fn wanted(name: &str) -> Result<Wanted, String> {
    match name {
        "mp3" => Ok(Wanted::Mp3),
        "audio" => Ok(Wanted::Audio),
        "wav" => Ok(Wanted::Wav),
        "description" => Ok(Wanted::Description),
        _ => Output::named(name)
            .map(Wanted::Made)
            .ok_or_else(|| format!("the formats are {}", names())),
    }
}

fn names() -> String {
    format!("{}, description, mp3, audio, wav", Output::names().join(", "))
}

/// The audio, where that is asked for.
fn audio(args: &ExportArgs, folder: &EpisodeFolder) -> anyhow::Result<Option<Vec<u8>>> {
    let mut audio = Vec::new();
    match args.format {
        Wanted::Mp3 => pipeline::write_tagged_audio(folder, args.cut, &mut audio)?,
        Wanted::Audio => pipeline::write_audio(folder, args.cut, &mut audio)?,
        Wanted::Wav => pipeline::write_wav(folder, args.cut, &mut audio)?,
        Wanted::Made(_) | Wanted::Description => return Ok(None),
    }
    Ok(Some(audio))
}

pub(super) fn export(args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let folder = EpisodeFolder::open(&args.episode)?;
    if args.place.is_some() && !matches!(args.format, Wanted::Description) {
        return Err(hints::refusal(
            "`--for` says where a description goes, and another format was asked for",
            "leave it out, or write `export description`",
        ));
    }
    if let Some(audio) = audio(args, &folder)? {
        report::bytes(&audio);
        return Ok(ExitCode::SUCCESS);
    }
    let (show, episode) = (folder.read_show()?, folder.read_episode()?);
    let imported = folder.transcript(&episode).map(read).transpose()?;
    if args.as_found {
        return as_found(args, &folder, &episode);
    }
    let edition = pipeline::edition_of(&folder)?;
    let edition = if args.cut { without_cuts(&edition) } else { edition };
    if let Some(changed) = pipeline::changed_since_edition(&folder, &episode) {
        report::note(&format!(
            "warning: `{}` has changed since the last run; `linernotes run {}` brings that in",
            changed.display(),
            args.episode.display()
        ));
    }
    let (known, name) = (pipeline::known_people_of(&folder)?, folder.name());
    let stated = Stated { show: &show, episode: &episode, known: &known, folder: &name };
    let wants_drafts = matches!(args.format, Wanted::Made(format) if format.lists_chapters());
    let drafts = if wants_drafts { draft::draft(&edition, stated) } else { Drafts::default() };
    let context = Context::new(&edition, stated, &drafts);
    let Wanted::Made(format) = args.format else {
        describe(args, &context);
        return Ok(ExitCode::SUCCESS);
    };
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

/// The text below an episode on other sites; what did not fit goes to standard error.
fn describe(args: &ExportArgs, context: &Context<'_>) {
    let page = site::page_address(context.stated);
    let place = args.place.unwrap_or_default().into();
    let made = description(context, page.as_deref(), place);
    if context.edition.chapters.is_empty() {
        let notes = args.episode.join("out/notes.md");
        report::note(&format!(
            "warning: nobody has written chapters; `{}` may offer some to take over",
            notes.display()
        ));
    }
    for told in made.told {
        report::note(&format!("warning: {told}"));
    }
    report::bytes(made.text.as_bytes());
}

/// An imported episode's file, byte for byte.
fn as_found(
    args: &ExportArgs,
    folder: &EpisodeFolder,
    episode: &Episode,
) -> anyhow::Result<ExitCode> {
    let Some(transcript) = folder.transcript(episode) else {
        return Err(hints::refusal(
            format!(
                "`{}` was not imported, so there is no file to give back",
                args.episode.display()
            ),
            "leave out `--as-found` to have the format made",
        ));
    };
    report::bytes(&read_bounded(&transcript)?);
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
