//! `linernotes models`: list, get, verify and import the weights, and say where they are.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::bars::Bars;
use crate::cli::report;
use crate::models::{FetchOptions, Listing, Located, ModelError, Source, State, Store};

/// What to do with the weights.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ModelsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the models that are known and those in place
    List,
    /// Download models that are not in place
    Get {
        /// The models [default: those that `run` uses]
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Hash the files in place and compare
    Verify {
        /// The models [default: all that are in place]
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Take in a CTranslate2 (faster-whisper) model from a folder
    Import {
        /// The folder with `model.bin` and `vocabulary.json` or `vocabulary.txt`
        dir: PathBuf,
        /// The name by which `--model` finds it [default: the folder's name]
        #[arg(long)]
        name: Option<String>,
    },
    /// Say where a model's file is
    Path {
        /// The model
        name: String,
    },
}

pub(super) fn run(args: &ModelsArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let store = Store::open();
    match &args.action {
        Action::List => list(&store, common),
        Action::Get { names } => return Ok(get(&store, names, common)),
        Action::Verify { names } => return Ok(verify(&store, names, common)),
        Action::Import { dir, name } => import(&store, dir, name.as_deref(), common)?,
        Action::Path { name } => {
            let located = store.identify(name)?;
            if common.json {
                report::json_line(&described(&located));
            } else {
                report::result(&located.path.display().to_string());
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(store: &Store, common: &CommonArgs) {
    let listings = store.list();
    if common.json {
        report::json_line(&listings);
        return;
    }
    let width = listings.iter().map(|listing| listing.name.len()).max().unwrap_or(0);
    for listing in &listings {
        report::result(&list_line(listing, width));
    }
    report::note(&format!("the weights are kept in `{}`", store.dir().display()));
    if !common.quiet && listings.iter().any(|listing| listing.state == State::Unchanged) {
        report::note(
            "unchanged: size and times are those with which the sha256 was right; `linernotes models \
             verify` reads every byte",
        );
    }
}

fn list_line(listing: &Listing, width: usize) -> String {
    let state = match listing.state {
        State::Missing => "-",
        State::Unchecked => "unchecked",
        State::Unchanged => "unchanged",
        State::Damaged => "damaged",
    };
    format!(
        "{:width$}  {:9}  {:9}  {:>8}  {:10}  {}",
        listing.name,
        state,
        listing.purpose.to_string(),
        megabytes(listing.size),
        listing.license.as_deref().unwrap_or("unknown"),
        listing.about,
    )
}

/// Fetches one model after the other; one that cannot be had does not keep the others away.
fn get(store: &Store, names: &[String], common: &CommonArgs) -> ExitCode {
    let defaults = store.register().models.iter().filter(|model| model.default);
    let names: Vec<String> = if names.is_empty() {
        defaults.map(|model| model.name.clone()).collect()
    } else {
        names.to_vec()
    };
    let bars = Bars::new(common);
    announce(store, &names, &bars);
    let options = FetchOptions { offline: common.offline, ..FetchOptions::default() };
    each(&names, common, |name| store.fetch(name, &options, &bars))
}

/// Says what will be downloaded before it is.
fn announce(store: &Store, names: &[String], bars: &Bars) {
    let listings = store.list();
    let wanted = |name: &str| {
        names.iter().any(|wanted| wanted == name)
            && listings.iter().any(|listing| {
                listing.name == name && matches!(listing.state, State::Missing | State::Damaged)
            })
    };
    let missing: Vec<_> =
        store.register().models.iter().filter(|model| wanted(&model.name)).collect();
    if missing.is_empty() {
        return;
    }
    let download: u64 =
        missing.iter().filter_map(|model| model.sources.first()).map(Source::download_bytes).sum();
    let size: u64 = missing.iter().map(|model| model.size()).sum();
    bars.say(&format!(
        "{} to download for {}; {} will stay in `{}`",
        megabytes(download),
        if missing.len() == 1 { "1 model".to_owned() } else { format!("{} models", missing.len()) },
        megabytes(size),
        store.dir().display()
    ));
}

fn verify(store: &Store, names: &[String], common: &CommonArgs) -> ExitCode {
    let present = store.list().into_iter().filter(|listing| listing.state != State::Missing);
    let names: Vec<String> = if names.is_empty() {
        present.map(|listing| listing.name).collect()
    } else {
        names.to_vec()
    };
    if names.is_empty() {
        report::note(&format!("no weights are in `{}`", store.dir().display()));
    }
    let bars = Bars::new(common);
    let code = each(&names, common, |name| store.verify(name, &bars));
    if !names.is_empty() && code == ExitCode::SUCCESS && !common.quiet && !common.json {
        report::note("every byte was read; each sha256 is right");
    }
    code
}

fn import(
    store: &Store,
    dir: &Path,
    name: Option<&str>,
    common: &CommonArgs,
) -> anyhow::Result<()> {
    let located = store.import(dir, name, &Bars::new(common))?;
    show(&located, common);
    if !common.quiet && !common.json {
        report::note(&format!("`--model {}` uses it", located.id.name));
    }
    Ok(())
}

/// Does something with each model, shows the results, and fails in the end if one failed.
fn each(
    names: &[String],
    common: &CommonArgs,
    act: impl Fn(&str) -> Result<Located, ModelError>,
) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for name in names {
        match act(name) {
            Ok(located) => show(&located, common),
            Err(error) => {
                let stopped = matches!(error, ModelError::Interrupted);
                code = report::failure(&error.into());
                if stopped {
                    break;
                }
            }
        }
    }
    code
}

fn show(located: &Located, common: &CommonArgs) {
    if common.json {
        report::json_line(&described(located));
    } else {
        report::result(&format!("{}  {}", located.id.name, located.path.display()));
    }
}

fn described(located: &Located) -> serde_json::Value {
    json!({"name": located.id.name, "sha256": located.id.sha256, "path": located.path})
}

/// `148 MB`; small files have one digit behind the point.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    if tenths < 100 {
        return format!("{}.{} MB", tenths / 10, tenths % 10);
    }
    format!("{} MB", tenths.div_ceil(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_up() {
        for (bytes, text) in
            [(0, "0.0 MB"), (5_986_908, "6.0 MB"), (147_951_465, "148 MB"), (9_999_999, "10 MB")]
        {
            assert_eq!(megabytes(bytes), text);
        }
    }
}
