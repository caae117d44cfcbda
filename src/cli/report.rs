//! What is said at the end: results, warnings, errors with their hints.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::decode::DecodeError;
use crate::library::LibraryError;
use crate::models::ModelError;
use crate::pipeline::{EngineError, PipelineError};
use crate::publish::PublishError;
use crate::site::SiteError;

/// Exit code of a run that the person stopped.
pub(super) const INTERRUPTED: u8 = 130;
/// Exit code of a run that ended well but has warnings, under `--strict`.
pub(super) const WARNED: u8 = 3;

/// Logging to standard error, as `LINERNOTES_LOG` asks; warnings only by default.
pub(super) fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("LINERNOTES_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error,whisper_rs=off"));
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .without_time()
        .try_init();
    debug_assert!(started.is_ok(), "logging is started once");
}

/// A line to standard error.
#[expect(clippy::print_stderr, reason = "this is where people are spoken to")]
pub(super) fn note(line: &str) {
    eprintln!("{line}");
}

/// A line to standard output. A reader that has gone away ends the program quietly.
pub(super) fn result(line: &str) {
    if let Err(fault) = writeln!(io::stdout().lock(), "{line}") {
        end_on(&fault);
    }
}

/// A whole file to standard output, as it is.
pub(super) fn bytes(bytes: &[u8]) {
    let mut out = io::stdout().lock();
    if let Err(fault) = out.write_all(bytes).and_then(|()| out.flush()) {
        end_on(&fault);
    }
}

/// A JSON line to standard output.
pub(super) fn json_line(value: &impl serde::Serialize) {
    match serde_json::to_string(value) {
        Ok(line) => result(&line),
        Err(fault) => note(&format!("warning: a line of JSON could not be written: {fault}")),
    }
}

#[expect(clippy::exit, reason = "nobody reads what would follow")]
fn end_on(fault: &io::Error) {
    if fault.kind() != io::ErrorKind::BrokenPipe {
        note(&format!("error: cannot write to standard output: {fault}"));
        std::process::exit(1);
    }
    std::process::exit(0);
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
    if let Some(hint) = error.chain().find_map(hint_of) {
        note(&format!("hint: {hint}"));
    }
    ExitCode::FAILURE
}

/// The causes in one line, those left out that the one before repeats.
fn chain(error: &anyhow::Error) -> String {
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

fn is_interruption(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(PipelineError::Interrupted(_)))
            || matches!(cause.downcast_ref(), Some(ModelError::Interrupted))
    })
}

fn hint_of(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(error) = cause.downcast_ref::<DecodeError>() {
        return error.hint().map(str::to_string);
    }
    if let Some(error) = cause.downcast_ref::<LibraryError>() {
        return error.hint();
    }
    if let Some(error) = cause.downcast_ref::<ModelError>() {
        return error.hint();
    }
    if let Some(error) = cause.downcast_ref::<EngineError>() {
        return error.hint();
    }
    if let Some(error) = cause.downcast_ref::<PublishError>() {
        return Some(error.hint().into());
    }
    if let Some(error) = cause.downcast_ref::<SiteError>() {
        return error.hint();
    }
    cause.downcast_ref::<PipelineError>().and_then(PipelineError::hint)
}
