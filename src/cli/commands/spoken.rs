//! What the commands share that look in what was said: the show, its index, and how a place is told.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::cli::report;
use crate::library::LibraryError;
use crate::spoken::{Place, SpokenIndex, SpokenWarning};

/// Which show is looked in.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ShowArgs {
    /// The show's folder, or an episode's [default: the one that this folder lies in]
    #[arg(long, value_name = "DIR")]
    show: Option<PathBuf>,
}

impl ShowArgs {
    /// The show that was named; else the one that the current folder or `beside` lies in.
    pub(super) fn place(&self, beside: Option<&Path>) -> Result<Place, LibraryError> {
        if let Some(show) = &self.show {
            return Place::of(show);
        }
        let here = Place::of(Path::new("."));
        match (here, beside.and_then(Path::parent)) {
            (Err(LibraryError::NotAShow { path }), Some(folder)) => {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                Place::of(folder).map_err(|_| LibraryError::NotAShow { path })
            }
            (here, _) => here,
        }
    }
}

/// Opens the index and tells what is left out of it.
pub(super) fn open(place: &Place) -> anyhow::Result<SpokenIndex> {
    let (index, warnings) = SpokenIndex::open(place)?;
    for warning in warnings {
        warn(&warning);
    }
    if index.episodes().is_empty() {
        report::note("warning: no episode has a transcript yet; `linernotes run AUDIO` makes one");
    }
    Ok(index)
}

/// Tells which of these episodes are not as their last run left them.
pub(super) fn tell_older<'n>(place: &Place, names: impl Iterator<Item = &'n str>) {
    for name in names.collect::<BTreeSet<_>>() {
        if let Some(warning) = place.older(name) {
            warn(&warning);
        }
    }
}

fn warn(warning: &SpokenWarning) {
    report::note(&format!("warning: {warning}"));
}

/// The start of a text on one line, for people.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let mut short: String = line.chars().take(most - 1).collect();
    short.push('…');
    short
}
