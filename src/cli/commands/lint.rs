//! `linernotes lint PATH…`: files and folders checked by their formats' rules.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::commands::finding;
use crate::cli::report;
use crate::formats::source::MAX_BYTES;
use crate::library::LibraryError;
use crate::lint;

/// What to check.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct LintArgs {
    /// Files, or folders to go through
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// End with exit code 3 where there are warnings
    #[arg(long)]
    strict: bool,
}

pub(super) fn lint(args: &LintArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let (mut checked, mut errors, mut warnings) = (0_usize, 0_usize, 0_usize);
    for path in &args.paths {
        for file in lint::files_under(path).map_err(LibraryError::io("read", path))? {
            let size = fs::metadata(&file).map_err(LibraryError::io("read", &file))?.len();
            let is_named = path == &file;
            // A folder's recordings are no text; a file that was named is always looked at.
            if size > MAX_BYTES as u64 && !is_named {
                continue;
            }
            let bytes = fs::read(&file).map_err(LibraryError::io("read", &file))?;
            let name = file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into());
            let Some(found) = lint::lint(&name, &bytes) else {
                if is_named {
                    report::note(&format!("{}: no format that has rules", file.display()));
                }
                continue;
            };
            checked += 1;
            errors += usize::from(found.has_errors());
            for finding in &found.findings {
                warnings += usize::from(finding::is_warning(finding));
                finding::tell(&file, finding, common);
            }
        }
    }
    if common.json {
        report::json_line(
            &json!({"event": "done", "checked": checked, "files_with_errors": errors}),
        );
    } else if !common.quiet {
        report::note(&format!("{checked} files checked, {errors} with errors"));
    }
    Ok(if errors > 0 {
        ExitCode::FAILURE
    } else if args.strict && warnings > 0 {
        ExitCode::from(report::WARNED)
    } else {
        ExitCode::SUCCESS
    })
}
