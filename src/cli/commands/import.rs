//! `linernotes import FILE`: a transcript that somebody else made becomes an episode.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::bars::Bars;
use crate::cli::commands::finding;
use crate::cli::commands::run::taken_back;
use crate::cli::{report, settings};
use crate::formats::source::MAX_BYTES;
use crate::import::align::Comparison;
use crate::import::{self, Imported};
use crate::library::episode::Episode;
use crate::library::folder::{EpisodeFolder, folder_name};
use crate::library::{input, regular};
use crate::pipeline::{self, Pipeline, Request};
use crate::stage::Stage;
use crate::time::Ms;

/// What to import, and where to.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ImportArgs {
    /// The transcript: Rework text or page, Markdown, `WebVTT`, SRT, HTML, XML, plain text, a Word
    /// document, or the JSON of a transcription service
    file: PathBuf,
    /// The episode's folder, or a show's folder to make it in [default: named after the file]
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The episode's audio: the text is aligned with it, so that every word has its true time
    #[arg(long, value_name = "AUDIO")]
    audio: Option<PathBuf>,
    /// The language of the text, as `en` [default: the show's, or listened for]
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// End with exit code 3 where there are warnings
    #[arg(long)]
    strict: bool,
}

pub(super) fn import(args: &ImportArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let name = args.file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    // An episode names its transcript, which has to be there again.
    regular::check(&args.file)?;
    let bytes = input::read(&args.file, MAX_BYTES)?;
    let (imported, findings) = import::import(&bytes, &name)
        .map_err(|cause| import::ImportError { path: args.file.clone(), cause })?;
    let folder = folder(&imported, &bytes, args)?;
    let bars = Bars::new(common);
    let mut engines = settings::engines(common, &bars);
    let resolved = settings::of_episode(&folder.read_episode()?);
    let mut stages = Pipeline::open(folder.clone(), resolved, &mut engines, &bars)?;
    let done = stages
        .run(Request { from: None, until: Stage::Publish })
        .inspect_err(|fault| taken_back(&folder, fault))?;
    for found in &findings {
        finding::tell(&args.file, found, common);
    }
    // The attribute stage only counts what was just listed.
    let others = done.warnings.iter().filter(|(stage, _)| *stage != Stage::Attribute);
    let mut warned = findings.iter().any(finding::is_warning);
    for (stage, warning) in others {
        warned = true;
        report::note(&format!("warning: {stage}: {warning}"));
    }
    tell_times(&pipeline::timed_import_of(&folder)?.times, common);
    let page = folder.out().join("index.html");
    if common.json {
        report::json_line(&json!({"event": "done", "page": page, "findings": findings.len()}));
    } else {
        if !common.quiet && !findings.is_empty() {
            let count: usize = findings.iter().map(|finding| 1 + finding.more).sum();
            report::note(&format!(
                "{} to look at; nothing was altered",
                report::counted(count, "place", "places")
            ));
        }
        report::result(&page.display().to_string());
    }
    Ok(if args.strict && warned { ExitCode::from(report::WARNED) } else { ExitCode::SUCCESS })
}

/// The episode's folder: made here, or made by an earlier import. What people wrote stays.
fn folder(imported: &Imported, bytes: &[u8], args: &ImportArgs) -> anyhow::Result<EpisodeFolder> {
    let root = args.output.clone().unwrap_or_else(|| PathBuf::from(folder_name(&args.file)));
    let stated = imported.episode();
    let language = args.language.clone().unwrap_or_else(|| stated.language.clone());
    let episode = Episode { language, ..stated };
    let audio = args.audio.as_deref();
    let mut folder = EpisodeFolder::for_transcript(&root, (&args.file, bytes), audio, episode)?;
    if folder.show_root().is_none() && !imported.head.show.is_empty() {
        let show = toml::to_string(&imported.show()).context("failed to write the show")?;
        folder.add("show.toml", show.as_bytes())?;
    }
    Ok(folder)
}

/// The table of stated and found times, one line a paragraph.
fn tell_times(comparisons: &[Comparison], common: &CommonArgs) {
    if comparisons.is_empty() {
        return;
    }
    if !common.json && !common.quiet {
        report::note("stated    found         difference  words heard");
    }
    for row in comparisons {
        let difference =
            row.found.zip(row.stated).map(|(found, stated)| (found - stated).as_seconds());
        if common.json {
            report::json_line(&json!({
                "event": "time",
                "stated": row.stated.map(Ms::as_seconds),
                "found": row.found.map(Ms::as_seconds),
                "heard": row.heard,
                "words": row.words,
            }));
        } else if !common.quiet {
            let found = row.found.map_or_else(|| "not heard   ".to_owned(), Ms::clock_ms);
            let difference =
                difference.map_or_else(String::new, |seconds| format!("{seconds:+.1} s"));
            let stated = row.stated.map_or_else(|| "no time ".to_owned(), Ms::clock);
            let (heard, words) = (row.heard, row.words);
            report::note(&format!("{stated}  {found}  {difference:>10}  {heard} of {words}"));
        }
    }
}
