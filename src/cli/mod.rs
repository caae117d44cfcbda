//! The command line: the only code that knows clap, indicatif, colour and exit codes.

mod args;
mod bars;
mod commands;
mod interrupt;
mod report;
mod settings;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::args::Args;

/// Parses what was typed, runs the command, and returns the exit code: 0 done, 1 failed, 2 wrong
/// usage, 3 done with warnings under `--strict`, 130 interrupted.
pub fn main() -> ExitCode {
    let args = Args::parse();
    report::start_logging();
    match commands::run(args) {
        Ok(code) => code,
        Err(error) => report::failure(&error),
    }
}
