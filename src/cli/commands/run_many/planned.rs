//! What of each episode is due, and how much memory that takes.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::args::{CommonArgs, StageArgs};
use crate::cli::bars::Bars;
use crate::cli::commands::run::{has_long_work, taken_back};
use crate::cli::settings;
use crate::decode::tags;
use crate::library::episode::Episode;
use crate::library::folder::EpisodeFolder;
use crate::models::Store;
use crate::pipeline::{Engines, Network, Pipeline, PipelineError, Request};
use crate::queue::need_bytes;
use crate::time::Ms;

use super::ended::Ended;
use super::shown;

/// How fast the sound of a file goes by that does not tell its length, in bytes a second; 64 kbit/s,
/// below what most episodes have, so that rather too much memory is kept free.
const SLOW_BYTES_A_SECOND: u64 = 8_000;

/// An episode in the queue.
pub(super) struct Planned {
    pub(super) folder: EpisodeFolder,
    /// How much has to be heard; nothing where only its page is made, if that.
    pub(super) audio: Ms,
    /// The memory that it takes, in bytes.
    pub(super) memory: u64,
    /// The recognizer's weights, where it has to hear.
    model: Option<String>,
}

/// Looks what is due, so that what cannot be run is told before the long work. The longest come
/// first, as a long one at the end would keep one thread busy and the others idle.
pub(super) fn plan(
    folders: Vec<EpisodeFolder>,
    args: &StageArgs,
    request: Request,
    common: &CommonArgs,
) -> (Vec<Planned>, Vec<Ended>) {
    let (mut planned, mut failed) = (Vec::new(), Vec::new());
    for folder in folders {
        match plan_one(folder.clone(), args, request, common) {
            Ok(job) => planned.push(job),
            Err(fault) => {
                taken_back(&folder, &fault);
                failed.push(Ended::failed(shown(folder.root()), &fault.into()));
            }
        }
    }
    planned.sort_by_key(|job| Reverse(job.audio));
    (planned, failed)
}

fn plan_one(
    folder: EpisodeFolder,
    args: &StageArgs,
    request: Request,
    common: &CommonArgs,
) -> Result<Planned, PipelineError> {
    let bars = Bars::new(common);
    let mut engines = settings::engines(common, &bars);
    let episode = folder.read_episode().unwrap_or_default();
    let resolved = settings::resolve(args, &episode);
    let model = resolved.model.clone();
    let mut pipeline = Pipeline::open(folder.clone(), resolved, &mut engines, &bars)?;
    // of one that never ran the plan is known, and its sound need not be read for it
    let is_new = !folder.work_file("manifest.json").is_file();
    let hears = is_new || has_long_work(&pipeline.explain(request)?);
    drop(pipeline);
    let audio = if hears { length(&folder, &episode) } else { Ms::ZERO };
    let weights = if hears { weights_bytes(&engines.store, &model) } else { 0 };
    let memory = need_bytes(audio, weights);
    Ok(Planned { folder, audio, memory, model: (audio > Ms::ZERO).then_some(model) })
}

/// How much there is to hear: the episode's audio, and that of every track. What cannot be read is
/// told when it runs.
fn length(folder: &EpisodeFolder, episode: &Episode) -> Ms {
    let tracks = episode.tracks.iter().map(|track| folder.track(episode, track).ok());
    let files: BTreeSet<_> = std::iter::once(folder.audio(episode).ok()).chain(tracks).flatten().collect();
    files.iter().fold(Ms::ZERO, |sum, file| sum + length_of(file))
}

fn length_of(file: &Path) -> Ms {
    let Ok(source) = tags::read(file) else { return Ms::ZERO };
    let bytes = std::fs::metadata(file).map_or(0, |data| data.len());
    let guessed = i64::try_from(bytes / SLOW_BYTES_A_SECOND * 1_000).unwrap_or(i64::MAX);
    if source.duration > Ms::ZERO { source.duration } else { Ms::new(guessed) }
}

fn weights_bytes(store: &Store, model: &str) -> u64 {
    let found = store.identify(model).ok().and_then(|found| std::fs::metadata(found.path).ok());
    found.map_or(0, |data| data.len())
}

/// The recognizers' weights that are needed.
pub(super) fn models(planned: &[Planned]) -> BTreeSet<&str> {
    planned.iter().filter_map(|job| job.model.as_deref()).collect()
}

/// Puts all weights in place that are missing, once for all episodes. A model that nobody knows is
/// for the episode that names it.
pub(super) fn provide(models: &BTreeSet<&str>, common: &CommonArgs) -> anyhow::Result<()> {
    if models.is_empty() {
        return Ok(());
    }
    let bars = Bars::new(common);
    let engines = settings::engines(common, &bars);
    engines.provide(Network::Segmentation)?;
    engines.provide(Network::Embedding)?;
    for model in models {
        if engines.check(model, None).is_ok() {
            engines.provide(Network::Recognition(model))?;
        }
    }
    Ok(())
}
