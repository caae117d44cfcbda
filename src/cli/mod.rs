//! The command line: the only code that knows clap, indicatif, colour and exit codes.

mod args;
mod bars;
mod commands;
mod console;
mod hints;
mod interrupt;
mod next;
mod queue_bars;
mod report;
mod settings;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::args::Args;

/// Parses what was typed, runs the command, and returns the exit code: 0 done, 1 failed, 2 wrong
/// usage, 3 done with warnings under `--strict`, 4 another run is at work on it, 130 interrupted.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return report::usage(&error),
    };
    report::start_logging(args.common.verbose);
    let makes_files = args.command.makes_files();
    match commands::run(args) {
        Ok(code) => report::ended(code, makes_files),
        Err(error) => report::failure(&error),
    }
}
