//! `linernotes new DIR`: an empty show.

use std::path::Path;
use std::process::ExitCode;

use crate::cli::report;
use crate::library::folder::new_show;

pub(super) fn new(dir: &Path) -> anyhow::Result<ExitCode> {
    let path = new_show(dir)?;
    report::result(&path.display().to_string());
    report::note(&format!(
        "fill in `{}`, then add an episode with `linernotes add AUDIO -o {}`",
        path.display(),
        dir.display()
    ));
    Ok(ExitCode::SUCCESS)
}
