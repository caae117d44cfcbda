//! `linernotes extras DIR`: completions for shells, and man pages, made of the command line itself. It is
//! in the programs that `make install` and `make dist` build, and in no other.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::args::Args;
use crate::cli::report;
use crate::library::LibraryError;

const SHELLS: [Shell; 5] = [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh];

pub(super) fn extras(folder: &Path) -> anyhow::Result<ExitCode> {
    let (completions, pages) = (folder.join("completions"), folder.join("man"));
    for folder in [&completions, &pages] {
        fs::create_dir_all(folder).map_err(LibraryError::io("make", folder))?;
    }
    for shell in SHELLS {
        clap_complete::generate_to(shell, &mut Args::command(), "linernotes", &completions)
            .map_err(LibraryError::io("write into", &completions))?;
    }
    // `linernotes help run` needs no page beside that of `linernotes run`
    let command = Args::command().disable_help_subcommand(true);
    clap_mangen::generate_to(command, &pages).map_err(LibraryError::io("write into", &pages))?;
    report::result(&folder.display().to_string());
    Ok(ExitCode::SUCCESS)
}
