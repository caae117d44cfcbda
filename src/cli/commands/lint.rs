//! `linernotes lint PATH…`: files and folders checked by their formats' rules.

mod loudness;

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::commands::finding;
use crate::cli::report;
use crate::formats::source::MAX_BYTES;
use crate::formats::{id3, signature};
use crate::library::LibraryError;
use crate::library::{input, regular};
use crate::lint::{self, Beside};

/// What to check.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct LintArgs {
    /// Files, or folders to go through
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// End with exit code 3 where there are warnings
    #[arg(long)]
    strict: bool,
    /// Also say how loud the recordings are, in LUFS, and how far from what podcasts aim at
    #[arg(long)]
    loudness: bool,
}

/// How much of a picture is read: its size stands behind what a camera wrote.
const PICTURE_HEAD: u64 = 1 << 20;

pub(super) fn lint(args: &LintArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let (mut checked, mut errors, mut warnings) = (0_usize, 0_usize, 0_usize);
    for path in &args.paths {
        if args.loudness {
            warnings += loudness::check(path, common)?;
        }
        for file in lint::files_under(path).map_err(LibraryError::io("read", path))? {
            let size = fs::metadata(&file).map_err(LibraryError::io("read", &file))?.len();
            let is_named = path == &file;
            let name = file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into());
            // A folder's recordings are no text; a file that was named is always looked at.
            if size > MAX_BYTES as u64 && !is_named && !lint::is_mp3(&name) {
                continue;
            }
            let bytes = read(&file, &name)?;
            let kind = signature::kind_of(&bytes);
            let Some(found) = lint::lint_beside(&name, bytes, &|path| beside(&file, path)) else {
                if is_named {
                    let what = kind.map_or_else(String::new, |kind| format!("{}, ", kind.name));
                    report::note(&format!("{}: {what}no format that has rules", file.display()));
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
        report::note(&format!(
            "{} checked, {errors} with errors",
            report::counted(checked, "file", "files")
        ));
    }
    Ok(if errors > 0 {
        ExitCode::FAILURE
    } else if args.strict && warnings > 0 {
        ExitCode::from(report::WARNED)
    } else {
        ExitCode::SUCCESS
    })
}

/// A file in the folder of the one that is checked. Only the beginning of a picture is read.
fn beside(checked: &Path, path: &str) -> Option<Beside> {
    let path = checked.parent()?.join(path);
    regular::check(&path).ok()?;
    let file = File::open(&path).ok()?;
    let bytes = file.metadata().ok()?.len();
    let mut head = Vec::new();
    file.take(PICTURE_HEAD).read_to_end(&mut head).ok()?;
    Some(Beside { bytes, head })
}

/// A file's bytes: of an mp3 only the tag at its front.
fn read(path: &Path, name: &str) -> Result<Vec<u8>, LibraryError> {
    if !lint::is_mp3(name) {
        return input::read(path, MAX_BYTES);
    }
    regular::check(path)?;
    let file = File::open(path).map_err(LibraryError::io("read", path))?;
    let mut bytes = Vec::new();
    let mut header = file.take(id3::HEADER as u64);
    header.read_to_end(&mut bytes).map_err(LibraryError::io("read", path))?;
    let rest = id3::length(&bytes).saturating_sub(bytes.len() as u64).min(MAX_BYTES as u64);
    let mut file = header.into_inner().take(rest);
    file.read_to_end(&mut bytes).map_err(LibraryError::io("read", path))?;
    Ok(bytes)
}
