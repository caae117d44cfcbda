//! `linernotes import FILE`: a transcript that somebody else made becomes an episode.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::bars::Bars;
use crate::cli::commands::finding;
use crate::cli::{report, settings};
use crate::edit::Edition;
use crate::import::align::{Comparison, align};
use crate::import::{self, Imported};
use crate::library::LibraryError;
use crate::library::artifact::{write_atomic, write_record};
use crate::library::episode::{Episode, Person};
use crate::library::folder::{EpisodeFolder, folder_name};
use crate::models::{FetchOptions, Store};
use crate::pipeline::{self, Installed, Pipeline, Request};
use crate::publish;
use crate::render::{self, PageFacts, Templates};
use crate::speech::Word;
use crate::stage::Stage;
use crate::time::Ms;

/// The record of what was imported, in `work/`.
pub(super) const RECORD: &str = "imported.json";

/// What to import, and where to.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ImportArgs {
    /// The transcript: Rework text or page, Markdown, `WebVTT`, SRT, JSON, HTML, XML, plain text
    file: PathBuf,
    /// The episode's folder [default: named after the file]
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The episode's audio: the text is aligned with it, so that every word has its true time
    #[arg(long, value_name = "AUDIO")]
    audio: Option<PathBuf>,
    /// The language of the text, as `en`
    #[arg(long, value_name = "CODE", default_value = "en")]
    language: String,
    /// End with exit code 3 where there are warnings
    #[arg(long)]
    strict: bool,
}

pub(super) fn import(args: &ImportArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let name = args.file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let bytes = fs::read(&args.file).map_err(LibraryError::io("read", &args.file))?;
    let (imported, findings) = import::import(&bytes, &name)
        .with_context(|| format!("failed to import `{}`", args.file.display()))?;
    let root = args.output.clone().unwrap_or_else(|| PathBuf::from(folder_name(&args.file)));
    let folder = folder(&root, &imported, args)?;
    let episode = folder.read_episode()?;
    write_record(&folder.work_file(RECORD), import::SCHEMA, &imported)?;
    let duration = match episode.audio.trim() {
        "" => None,
        _ => Some(crate::decode::tags::read(&folder.audio(&episode)?)?.duration),
    };
    let edition = imported.to_edition(&args.language, duration.filter(|d| d.get() > 0));
    let (edition, comparisons) = match episode.audio.trim() {
        "" => (edition, Vec::new()),
        _ => aligned(&folder, &episode, &edition, args, common)?,
    };
    pipeline::keep_edition(&folder, &edition)?;
    let page = publish_page(&folder, &episode, &edition)?;
    for found in &findings {
        finding::tell(&args.file, found, common);
    }
    tell_times(&comparisons, common);
    if common.json {
        report::json_line(&json!({"event": "done", "page": page, "findings": findings.len()}));
    } else {
        if !common.quiet && !findings.is_empty() {
            report::note(&format!("{} places to look at; nothing was altered", findings.len()));
        }
        report::result(&page.display().to_string());
    }
    let warned = args.strict && findings.iter().any(finding::is_warning);
    Ok(if warned { ExitCode::from(report::WARNED) } else { ExitCode::SUCCESS })
}

/// The episode's folder: made here, or made by an earlier import. What people wrote stays.
fn folder(root: &Path, imported: &Imported, args: &ImportArgs) -> anyhow::Result<EpisodeFolder> {
    if let Ok(folder) = EpisodeFolder::open(root) {
        if !folder.work_file(RECORD).is_file() {
            return Err(LibraryError::Occupied { path: root.to_path_buf() }.into());
        }
        return Ok(folder);
    }
    let is_empty =
        fs::read_dir(root).map_or(!root.exists(), |mut entries| entries.next().is_none());
    if !is_empty {
        return Err(LibraryError::Occupied { path: root.to_path_buf() }.into());
    }
    let audio = match &args.audio {
        Some(audio) => {
            let full = fs::canonicalize(audio).map_err(LibraryError::io("read", audio))?;
            full.display().to_string()
        }
        None => String::new(),
    };
    let episode = Episode { audio, language: args.language.clone(), ..imported.episode() };
    let text = format!("{}{}", episode.to_toml(), people(&episode.people));
    write_atomic(&root.join("episode.toml"), text.as_bytes())?;
    let folder = EpisodeFolder::open(root)?;
    if folder.show_root().is_none() && !imported.head.show.is_empty() {
        let show = toml::to_string(&imported.show()).context("failed to write the show")?;
        write_atomic(&root.join("show.toml"), show.as_bytes())?;
    }
    Ok(folder)
}

/// The edition with the times of the sound, and how they compare with the stated ones.
fn aligned(
    folder: &EpisodeFolder,
    episode: &Episode,
    edition: &Edition,
    args: &ImportArgs,
    common: &CommonArgs,
) -> anyhow::Result<(Edition, Vec<Comparison>)> {
    let bars = Bars::new(common);
    let mut engines = Installed {
        store: Store::open(),
        options: FetchOptions { offline: common.offline, ..FetchOptions::default() },
        notices: &bars,
        threads: settings::threads(common),
    };
    let resolved = settings::of_episode(episode, &args.language);
    let again = EpisodeFolder::open(folder.root())?;
    let mut stages = Pipeline::open(again, resolved, &mut engines, &bars)?;
    stages.run(Request { from: None, until: Stage::Transcribe })?;
    let transcript = pipeline::transcript_of(folder)?;
    let words: Vec<Word> = transcript.segments.into_iter().flat_map(|s| s.words).collect();
    Ok(align(edition, &words))
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
        let difference = row.found.map(|found| (found - row.stated).as_seconds());
        if common.json {
            report::json_line(&json!({
                "event": "time",
                "stated": row.stated.as_seconds(),
                "found": row.found.map(Ms::as_seconds),
                "heard": row.heard,
                "words": row.words,
            }));
        } else if !common.quiet {
            let found = row.found.map_or_else(|| "not heard   ".to_owned(), Ms::clock_ms);
            let difference =
                difference.map_or_else(String::new, |seconds| format!("{seconds:+.1} s"));
            let (stated, heard, words) = (row.stated.clock(), row.heard, row.words);
            report::note(&format!("{stated}  {found}  {difference:>10}  {heard} of {words}"));
        }
    }
}

/// The people as tables of `episode.toml`.
fn people(people: &[Person]) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut out = String::new();
    for person in people {
        out.push_str("\n[[people]]\n");
        for (key, value) in
            [("name", &person.name), ("short", &person.short), ("role", &person.role)]
        {
            if !value.is_empty() {
                let _ = writeln!(out, "{key} = {}", quoted(value));
            }
        }
    }
    out
}

fn publish_page(
    folder: &EpisodeFolder,
    episode: &Episode,
    edition: &Edition,
) -> anyhow::Result<PathBuf> {
    let show = folder.read_show()?;
    let audio = match episode.audio.trim() {
        "" => None,
        _ => Some(folder.audio(episode)?),
    };
    let audio_name = audio.as_deref().and_then(publish::audio_name);
    let source = audio.as_deref().map(crate::decode::tags::read).transpose()?.unwrap_or_default();
    let facts = PageFacts {
        audio_href: audio_name.as_deref().map_or_else(String::new, render::markup::file_href),
        audio_media_type: publish::media_type(&source.container, &source.codec).to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        ..PageFacts::default()
    };
    let files = render::render(edition, &show, episode, &facts, &Templates::builtin())?;
    let copies: Vec<(PathBuf, String)> = audio.zip(audio_name).into_iter().collect();
    publish::publish(&files, &copies, &folder.out())?;
    Ok(folder.out().join("index.html"))
}
