//! What is said at the end: results, warnings, errors with their hints.

use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

use crate::catalogue::CatalogueError;
use crate::cli::{console, hints};
use crate::library::LibraryError;
use crate::models::ModelError;
use crate::pipeline::PipelineError;

/// Exit code of a run that the person stopped.
pub(super) const INTERRUPTED: u8 = 130;
/// Exit code of a run that ended well but has warnings, under `--strict`.
pub(super) const WARNED: u8 = 3;

/// The variables that choose log lines, the first that is set; ours and the usual one.
const LOG_VARIABLES: [&str; 2] = ["LINERNOTES_LOG", "RUST_LOG"];

/// Exit code where another run is at work on the same thing.
pub(super) const BUSY: u8 = 4;

/// Starts logging to standard error: what a variable asks for, else more with each `-v`, else
/// nothing, as what went wrong is told by us and not by a library.
pub(super) fn start_logging(verbose: u8) {
    let levels = ["off", "info", "debug", "trace"];
    let level = levels.get(usize::from(verbose)).unwrap_or(&"trace");
    let asked = LOG_VARIABLES.into_iter().find_map(|name| {
        let text = std::env::var(name).ok().filter(|text| !text.trim().is_empty())?;
        Some((name, text))
    });
    let filter = match asked.filter(|_| verbose == 0) {
        Some((name, text)) => EnvFilter::try_new(&text).unwrap_or_else(|fault| {
            note(&format!("warning: `{name}` is ignored: {fault}; write it as `debug`"));
            EnvFilter::new(level)
        }),
        None => EnvFilter::new(level),
    };
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(console::Log)
        .with_ansi(false)
        .without_time()
        .try_init();
    debug_assert!(started.is_ok(), "logging is started once");
}

/// A message to standard error.
pub(super) fn note(message: &str) {
    console::say(message);
}

/// A line to standard output.
pub(super) fn result(line: &str) {
    console::result(line);
}

/// A whole file to standard output, as it is.
pub(super) fn bytes(bytes: &[u8]) {
    console::file(bytes);
}

/// A JSON line to standard output.
pub(super) fn json_line(value: &impl serde::Serialize) {
    match serde_json::to_string(value) {
        Ok(line) => console::result_in_json(&line),
        Err(fault) => note(&format!("warning: a line of JSON could not be written: {fault}")),
    }
}

/// `1 file`, `2 files`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Says what is wrong with what was typed, or gives the help that was asked for.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        console::say_as_it_stands(error.render().to_string().trim_end());
    } else if let Err(fault) = error.print()
        && fault.kind() != std::io::ErrorKind::BrokenPipe
    {
        note(&format!("error: cannot write to standard output: {fault}"));
        return ExitCode::FAILURE;
    }
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// The exit code in the end. Where standard output was all that there is to have, a part of it that
/// was lost is a failure; files that were made are there all the same.
pub(super) fn ended(code: ExitCode, makes_files: bool) -> ExitCode {
    let Some(fault) = console::lost_output() else { return code };
    if makes_files {
        note(&format!(
            "warning: cannot write to standard output: {fault}; the files are made all the same"
        ));
        return code;
    }
    note(&format!("error: cannot write to standard output: {fault}"));
    note("hint: make room where the output goes, or send it elsewhere");
    ExitCode::FAILURE
}

/// Says that the person's wish to stop was followed, and how to go on.
pub(super) fn interrupted() {
    note("interrupted; finished work is kept: run the same command again to go on");
}

/// Says what went wrong, why, and what to do next; returns the exit code.
pub(super) fn failure(error: &anyhow::Error) -> ExitCode {
    if is_interruption(error) {
        interrupted();
        return ExitCode::from(INTERRUPTED);
    }
    note(&format!("error: {}", chain(error)));
    note(&format!("hint: {}", hints::of(error)));
    if is_busy(error) { ExitCode::from(BUSY) } else { ExitCode::FAILURE }
}

/// Whether another run is at work on the same thing, so that it may go well later.
fn is_busy(error: &anyhow::Error) -> bool {
    let of_library = |cause: &LibraryError| matches!(cause, LibraryError::Busy { .. });
    error.chain().any(|cause| match cause.downcast_ref::<PipelineError>() {
        Some(PipelineError::Library(cause)) => of_library(cause),
        _ => cause.downcast_ref::<LibraryError>().is_some_and(of_library),
    })
}

/// The causes in one line, those left out that the one before repeats.
pub(super) fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if text.is_empty() {
            text = cause;
        } else if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// Whether the person asked to stop.
pub(super) fn is_interruption(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(PipelineError::Interrupted(_)))
            || matches!(cause.downcast_ref(), Some(ModelError::Interrupted))
            || matches!(cause.downcast_ref(), Some(CatalogueError::Interrupted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        assert_eq!(
            [0, 1, 2].map(|n| counted(n, "file", "files")),
            ["0 files", "1 file", "2 files"]
        );
    }
}
