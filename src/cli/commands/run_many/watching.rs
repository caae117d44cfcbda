//! `--watch DIR`: new files become episodes as they come.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::cli::commands::add;
use crate::cli::{hints, interrupt, report, settings};
use crate::library::episode::Episode;
use crate::library::folder::EpisodeFolder;
use crate::library::numbered;
use crate::queue::Watch;

use super::planned::provide;
use super::{Ended, Queue, Summary, shown};

/// How often the folder is looked at.
const EVERY: Duration = Duration::from_millis(500);

/// How long a file has to stay as it is before it is taken: a copy over a network may pause so long.
const QUIET: Duration = Duration::from_secs(5);

/// Takes files until the person stops it. One that cannot be taken is told once, and again when it
/// has changed.
pub(super) fn watch(folder: &Path, queue: &Queue<'_>) -> anyhow::Result<ExitCode> {
    if !folder.is_dir() {
        return Err(hints::refusal(
            format!("`{}` is no folder to watch", folder.display()),
            "give `--watch` the folder that new files are put into",
        ));
    }
    let model = settings::resolve(&queue.args.stage, &Episode::default()).model;
    provide(&BTreeSet::from([model.as_str()]), queue.common)?;
    let show = show(queue);
    let mut files = Watch::new(folder, QUIET);
    let mut is_gone = false;
    report::note(&format!("waiting for files in `{}`; Ctrl-C ends it", folder.display()));
    while !interrupt::asked() {
        match files.settled(Instant::now()) {
            Ok(settled) => {
                is_gone = false;
                take(&settled, show.as_deref(), queue);
            }
            Err(fault) if !is_gone => {
                is_gone = true;
                let folder = folder.display();
                report::note(&format!(
                    "warning: cannot look into `{folder}`: {fault}; it is tried again"
                ));
            }
            Err(_) => {}
        }
        std::thread::sleep(EVERY);
    }
    report::interrupted();
    Ok(ExitCode::from(report::INTERRUPTED))
}

/// The show in which new episodes are made: that of `-o`, else the one that was named.
fn show(queue: &Queue<'_>) -> Option<PathBuf> {
    let named = || queue.args.stage.target.clone().filter(|target| numbered::is_show(target));
    queue.args.stage.output.clone().or_else(named)
}

fn take(files: &[PathBuf], show: Option<&Path>, queue: &Queue<'_>) {
    let mut failed = Vec::new();
    let mut folders: Vec<EpisodeFolder> = Vec::new();
    for file in files {
        match add::episode_of(file, show) {
            Ok(folder) => folders.push(folder),
            Err(error) => failed.push(Ended::failed(shown(file), &error)),
        }
    }
    if !folders.is_empty() {
        let names: Vec<String> = folders.iter().map(|folder| shown(folder.root())).collect();
        match queue.work_off(folders) {
            Ok(summary) => drop(summary.tell(false, queue.common)),
            Err(error) => failed.extend(names.into_iter().map(|name| Ended::failed(name, &error))),
        }
    }
    if !failed.is_empty() {
        Summary { ended: failed, seconds: 0.0 }.tell(false, queue.common);
    }
}
