//! `linernotes text EPISODE`: the transcript as text, to read and to edit.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::cli::args::CommonArgs;
use crate::cli::commands::sync;
use crate::cli::{hints, report};
use crate::draft::Drafts;
use crate::edit::text::with_doubts;
use crate::library::artifact::write_atomic;
use crate::library::folder::EpisodeFolder;
use crate::library::stated::Stated;
use crate::pipeline;
use crate::render;
use crate::render::outputs::Output;

/// What to write, and where.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TextArgs {
    /// The episode's folder
    episode: PathBuf,
    /// The file to write [default: standard output]
    #[arg(long, short, value_name = "FILE", conflicts_with = "edit")]
    output: Option<PathBuf>,
    /// Open it in $VISUAL or $EDITOR, and take over what was changed when the editor ends
    #[arg(long)]
    edit: bool,
}

pub(super) fn text(args: &TextArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let folder = EpisodeFolder::open(&args.episode)?;
    if args.edit {
        sync::bring_up_to_date(&folder, common)?;
    }
    let (show, episode) = (folder.read_show()?, folder.read_episode()?);
    let edition = pipeline::edition_of(&folder)?;
    let edition = with_doubts(&edition);
    let (known, name) = (pipeline::known_people_of(&folder)?, folder.name());
    let stated = Stated { show: &show, episode: &episode, known: &known, folder: &name };
    let drafts = Drafts::default();
    let context = render::Context::new(&edition, stated, &drafts);
    let plain = Output::named("rework").context("the plain transcript is no output")?;
    let text = String::from_utf8_lossy(&plain.print(&context)).into_owned();
    if args.edit {
        return edit(&folder, &text, common);
    }
    if let Some(changed) = pipeline::changed_since_edition(&folder, &episode) {
        report::note(&format!(
            "warning: `{}` has changed since the last run; `linernotes run {}` brings that in",
            changed.display(),
            args.episode.display()
        ));
    }
    match &args.output {
        Some(path) => {
            must_be_free(path)?;
            write_atomic(path, text.as_bytes())?;
            report::note(&format!(
                "edit `{}`, then `linernotes sync {} {}`",
                path.display(),
                args.episode.display(),
                path.display()
            ));
        }
        None => report::bytes(text.as_bytes()),
    }
    Ok(ExitCode::SUCCESS)
}

/// A text that a person may have edited is not written over.
fn must_be_free(path: &Path) -> anyhow::Result<()> {
    if !path.exists() {
        return Ok(());
    }
    Err(hints::refusal(
        format!("`{}` is there already, and may be edited", path.display()),
        "choose another name with `-o FILE`, or delete it first",
    ))
}

/// Lets a person edit the text, and takes over what they changed. A text that is refused is kept.
fn edit(folder: &EpisodeFolder, text: &str, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let editor = ["VISUAL", "EDITOR"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|editor| !editor.trim().is_empty()));
    let Some(editor) = editor else {
        return Err(hints::refusal(
            "no editor is known",
            "set EDITOR, as in `EDITOR=nano linernotes text EPISODE --edit`; or write the text with \
             `-o FILE`, edit it, and `linernotes sync EPISODE FILE`",
        ));
    };
    let file = tempfile::Builder::new()
        .prefix(&format!("linernotes-{}-", folder.name()))
        .suffix(".txt")
        .tempfile()
        .context("cannot make a file to edit")?;
    let (_, path) = file.keep().context("cannot keep the file to edit")?;
    write_atomic(&path, text.as_bytes())?;
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or_default();
    let ended = Command::new(program).args(words).arg(&path).status();
    let went_well = ended.with_context(|| format!("cannot start the editor `{editor}`"))?.success();
    if !went_well {
        return Err(hints::refusal(
            format!("the editor `{editor}` ended with an error, and nothing was taken over"),
            format!("the text is kept in `{}`", path.display()),
        ));
    }
    let code = sync::once(folder, &path, common).inspect_err(|_| {
        report::note(&format!("your text is kept in `{}`", path.display()));
    })?;
    if let Err(fault) = std::fs::remove_file(&path) {
        tracing::debug!("`{}` stays: {fault}", path.display());
    }
    Ok(code)
}
