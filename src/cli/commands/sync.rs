//! `linernotes sync EPISODE FILE`: what a person changed in the transcript's text becomes corrections.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::bars::Bars;
use crate::cli::commands::finding;
use crate::cli::{hints, interrupt, report, settings};
use crate::edit::Edition;
use crate::edit::edits::Edits;
use crate::edit::text::corrections;
use crate::library::folder::EpisodeFolder;
use crate::library::lock::EpisodeLock;
use crate::library::{LibraryError, edits, input};
use crate::pipeline::{Pipeline, Request};
use crate::stage::Stage;
use crate::time::Ms;

/// The largest text that is read, in bytes.
const MAX_BYTES: usize = 64 << 20;
/// How often a file that is watched is looked at.
const LOOK: Duration = Duration::from_millis(400);
/// So many looks another run at the episode is waited for.
const PATIENCE: usize = 25;

/// What to read back.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SyncArgs {
    /// The episode's folder
    episode: PathBuf,
    /// The text, as `linernotes text` wrote it and you edited it
    file: PathBuf,
    /// Follow the file: take over every change as it is saved, until Ctrl-C
    #[arg(long)]
    watch: bool,
}

pub(super) fn sync(args: &SyncArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let folder = EpisodeFolder::open(&args.episode)?;
    if !args.watch {
        return once(&folder, &args.file, common);
    }
    let mut last = None;
    while !interrupt::asked() {
        let text = std::fs::read(&args.file).ok();
        if text.is_some() && text != last {
            // what is wrong with it now may be right when it is saved again
            if let Err(fault) = once(&folder, &args.file, common) {
                report::failure(&fault);
            }
            last = text;
        }
        thread::sleep(LOOK);
    }
    Ok(ExitCode::from(report::INTERRUPTED))
}

/// Makes the edition again where a person's files changed since, so that a text is held against it.
pub(super) fn bring_up_to_date(folder: &EpisodeFolder, common: &CommonArgs) -> anyhow::Result<()> {
    with_stages(folder, common, |stages| {
        let request = Request { from: None, until: Stage::Edit };
        let long = [Stage::Decode, Stage::Detect, Stage::Transcribe, Stage::Diarize];
        let plan = stages.explain(request)?;
        if let Some((stage, why)) = plan.iter().find(|(s, why)| long.contains(s) && why.is_some()) {
            let why = why.as_deref().unwrap_or_default();
            return Err(hints::refusal(
                format!("`{}` has to run first: `{stage}`: {why}", folder.root().display()),
                format!("`linernotes run {}`", folder.root().display()),
            ));
        }
        stages.run(request)?;
        Ok(())
    })
}

/// Does something with an episode as its files are now; nothing is typed that changes its settings.
pub(super) fn with_stages<T>(
    folder: &EpisodeFolder,
    common: &CommonArgs,
    work: impl FnOnce(&mut Pipeline<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let bars = Bars::new(common);
    let mut engines = settings::engines(common, &bars);
    let resolved = settings::of_episode(&folder.read_episode()?);
    work(&mut Pipeline::open(folder.clone(), resolved, &mut engines, &bars)?)
}

/// Reads a text back once.
pub(super) fn once(
    folder: &EpisodeFolder,
    file: &Path,
    common: &CommonArgs,
) -> anyhow::Result<ExitCode> {
    let bytes = input::read(file, MAX_BYTES)?;
    if bytes.len() > MAX_BYTES {
        return Err(hints::refusal(
            format!("`{}` is larger than any transcript", file.display()),
            "check that it is the right file; nothing was changed",
        ));
    }
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(hints::refusal(
            format!("`{}` is not UTF-8 text", file.display()),
            "save it as UTF-8; nothing was changed",
        ));
    };
    bring_up_to_date(folder, common)?;
    // nobody else's corrections come in between what is compared and what is written
    let lock = locked(folder)?;
    let made = with_stages(folder, common, |stages| made_of(stages, folder, &text, file, common))?;
    let count = count(&made);
    if count > 0 {
        edits::add(&folder.edits_toml(), &made)?;
    }
    drop(lock);
    with_stages(folder, common, |stages| {
        let done = stages.run(Request { from: None, until: Stage::Publish })?;
        for (stage, warning) in done.warnings.iter().filter(|(stage, _)| *stage == Stage::Edit) {
            report::note(&format!("warning: {stage}: {warning}"));
        }
        if common.json {
            report::json_line(&json!({"event": "synced", "corrections": count, "page": done.page}));
        } else if !common.quiet {
            report::note(&if count == 0 {
                "nothing is changed".to_owned()
            } else {
                let counted = report::counted(count, "correction", "corrections");
                format!("{counted} in `{}`", folder.edits_toml().display())
            });
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// The episode for this run alone; another one that is at it is waited for a while.
fn locked(folder: &EpisodeFolder) -> anyhow::Result<EpisodeLock> {
    for _ in 0..PATIENCE {
        match EpisodeLock::take(folder) {
            Err(LibraryError::Busy { .. }) => thread::sleep(LOOK),
            taken => return Ok(taken?),
        }
    }
    Ok(EpisodeLock::take(folder)?)
}

/// Tells which corrections of before the text undoes: it may have been written before they were made.
fn tell_undone(edition: &Edition, made: &Edits) {
    let same = |a: &str, b: &str| a.split_whitespace().eq(b.split_whitespace());
    let words = || edition.paragraphs().flat_map(|paragraph| &paragraph.words);
    for replace in &made.replace {
        let at = replace.at.map_or(Ms::ZERO, |time| time.0);
        let there = words().find(|edited| edited.word.span.start() == at);
        let heard = there.and_then(|edited| edited.word.heard.as_deref());
        if heard.is_some_and(|heard| same(heard, &replace.with)) {
            report::note(&format!(
                "warning: at {} “{}” is “{}” again, as it was heard; if somebody corrected it after this \
                 text was written, take that from `linernotes text`",
                at.clock(),
                replace.find,
                replace.with
            ));
        }
    }
}

/// The corrections that the text makes of the edition.
fn made_of(
    stages: &mut Pipeline<'_>,
    folder: &EpisodeFolder,
    text: &str,
    file: &Path,
    common: &CommonArgs,
) -> anyhow::Result<Edits> {
    // the page may be older than what another sync wrote just now
    let written = stages.edits().clone();
    let edition = stages.with_edits(&written)?;
    let failed = RefCell::new(None);
    let made = corrections(&edition, text, |more| {
        let mut all = stages.edits().clone();
        all.extend(more.clone());
        stages.with_edits(&all).unwrap_or_else(|fault| {
            failed.replace(Some(fault));
            edition.clone()
        })
    });
    if let Some(fault) = failed.into_inner() {
        return Err(fault.into());
    }
    if edits::read(&folder.edits_toml())? != *stages.edits() {
        return Err(hints::refusal(
            format!("`{}` was changed meanwhile", folder.edits_toml().display()),
            "run it again; nothing was changed",
        ));
    }
    if let Ok(made) = &made {
        tell_undone(&edition, made);
    }
    made.map_err(|findings| {
        for found in &findings {
            finding::tell(file, found, common);
        }
        let places = report::counted(findings.len(), "place", "places");
        hints::refusal(
            format!(
                "{places} in `{}` cannot be taken over, and nothing was changed",
                file.display()
            ),
            "mend them and sync again; docs/editing.md says what can be changed",
        )
    })
}

fn count(edits: &Edits) -> usize {
    edits.voice.len()
        + edits.replace.len()
        + edits.paragraph.len()
        + edits.speaker.len()
        + edits.join.len()
        + edits.cut.len()
}
