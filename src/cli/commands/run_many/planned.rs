//! What of each episode is due, and how much memory that takes.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use crate::cli::args::{CommonArgs, StageArgs};
use crate::cli::bars::Bars;
use crate::cli::commands::run::{has_long_work, taken_back};
use crate::cli::settings;
use crate::decode::tags;
use crate::library::LibraryError;
use crate::library::episode::Episode;
use crate::library::folder::EpisodeFolder;
use crate::models::Store;
use crate::pipeline::{Engines, Network, Pipeline, PipelineError, Request};
use crate::queue::{alone_bytes, need_bytes};
use crate::stage::Stage;
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
        match plan_one(&folder, args, request, common) {
            Ok((_, job)) => planned.push(job),
            Err(fault) => {
                taken_back(&folder, &fault);
                failed.push(Ended::failed(shown(folder.root()), &fault.into()));
            }
        }
    }
    planned.sort_by_key(|job| Reverse(job.audio));
    (planned, failed)
}

/// The stages of an episode, with the reason where one would run.
pub(super) type Stages = Vec<(Stage, Option<String>)>;

/// What of one episode is due.
pub(super) fn plan_one(
    folder: &EpisodeFolder,
    args: &StageArgs,
    request: Request,
    common: &CommonArgs,
) -> Result<(Stages, Planned), PipelineError> {
    let bars = Bars::new(common);
    let mut engines = settings::engines(common, &bars);
    let episode = folder.read_episode().unwrap_or_default();
    let resolved = settings::resolve(args, &episode);
    let model = resolved.model.clone();
    let mut pipeline = Pipeline::open(folder.clone(), resolved, &mut engines, &bars)?;
    let stages = pipeline.explain(request)?;
    drop(pipeline);
    let hears = has_long_work(&stages);
    let audio = if hears { length(folder, &episode)? } else { Ms::ZERO };
    let weights = if hears { weights_bytes(&engines.store, &model) } else { 0 };
    let memory = need_bytes(audio, weights);
    let model = (audio > Ms::ZERO).then_some(model);
    Ok((stages, Planned { folder: folder.clone(), audio, memory, model }))
}

impl Planned {
    /// For those who hand the episodes out themselves: whether anything is due, and what it takes.
    pub(super) fn in_json(
        &self,
        name: &str,
        stages: &Stages,
        common: &CommonArgs,
    ) -> serde_json::Value {
        let is_due = stages.iter().any(|(_, why)| why.is_some());
        let memory = alone_bytes(self.memory, settings::threads(common));
        json!({
            "event": "episode", "episode": name, "state": if is_due { "due" } else { "fresh" },
            "audio_ms": self.audio, "memory_bytes": memory,
        })
    }
}

/// How much there is to hear: the episode's audio, and that of every track. Files have to be there;
/// what is in them that cannot be read is told when it runs.
fn length(folder: &EpisodeFolder, episode: &Episode) -> Result<Ms, LibraryError> {
    let mut files = BTreeSet::new();
    if episode.tracks.is_empty() || !episode.audio.trim().is_empty() {
        files.insert(folder.audio(episode)?);
    }
    for track in &episode.tracks {
        files.insert(folder.track(episode, track)?);
    }
    Ok(files.iter().fold(Ms::ZERO, |sum, file| sum + length_of(file)))
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
