//! One file a command.

pub(super) mod add;
mod add_feed;
pub(super) mod check_quotes;
mod doctor;
pub(super) mod doubts;
pub(super) mod export;
#[cfg(feature = "extras")]
mod extras;
mod finding;
pub(super) mod import;
pub(super) mod lint;
pub(super) mod models;
mod new;
pub(super) mod publish;
pub(super) mod quote;
pub(super) mod retime;
pub(super) mod review;
mod run;
mod run_many;
pub(super) mod score;
pub(super) mod search;
pub(super) mod serve;
mod spoken;
pub(super) mod sync;
pub(super) mod text;
pub(super) mod voices;

use std::process::ExitCode;

use crate::cli::args::{Args, Command};
use crate::cli::interrupt;
use crate::stage::Stage;

/// Runs what was typed.
pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let common = args.common;
    interrupt::listen();
    match args.command {
        Command::Run(run) if run_many::is_meant(&run) => run_many::run_all(&run, &common),
        Command::Run(run) => run::run(&run.stage, run.from, Stage::Publish, run.explain, &common),
        Command::New { dir } => new::new(&dir),
        Command::Add(args) => add::add(&args, &common),
        Command::Decode(stage) => run::run(&stage, None, Stage::Decode, false, &common),
        Command::Detect(stage) => run::run(&stage, None, Stage::Detect, false, &common),
        Command::Transcribe(stage) => run::run(&stage, None, Stage::Transcribe, false, &common),
        Command::Diarize(stage) => run::run(&stage, None, Stage::Diarize, false, &common),
        Command::Attribute(stage) => run::run(&stage, None, Stage::Attribute, false, &common),
        Command::Edit(stage) => run::run(&stage, None, Stage::Edit, false, &common),
        Command::Render(stage) => run::run(&stage, None, Stage::Render, false, &common),
        Command::Publish(args) => publish::publish(&args, &common),
        Command::Import(args) => import::import(&args, &common),
        Command::Retime(args) => retime::retime(&args, &common),
        Command::Export(args) => export::export(&args),
        Command::Doubts(args) => doubts::list(&args, &common),
        Command::Text(args) => text::text(&args, &common),
        Command::Sync(args) => sync::sync(&args, &common),
        Command::Review(args) => review::review(&args, &common),
        Command::Serve(args) => serve::serve(&args, &common),
        Command::Search(args) => search::search(&args, &common),
        Command::Quote(args) => quote::quote(&args, &common),
        Command::CheckQuotes(args) => check_quotes::check(&args, &common),
        Command::Lint(args) => lint::lint(&args, &common),
        Command::Models(args) => models::run(&args, &common),
        Command::Score(args) => score::run(&args, &common),
        Command::Voices(args) => voices::run(&args, &common),
        #[cfg(feature = "extras")]
        Command::Extras { folder } => extras::extras(&folder),
        Command::Doctor => Ok(doctor::doctor(&common)),
    }
}
