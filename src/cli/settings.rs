//! What was typed, resolved: defaults, then `show.toml`, `episode.toml`, the environment, flags.

use std::num::NonZeroUsize;

use crate::cli::args::{CommonArgs, EngineChoice, StageArgs};
use crate::cli::bars::Bars;
use crate::diarize::SpeakerCount;
use crate::library::episode::Episode;
use crate::models::{FetchOptions, Purpose, Register, Store};
use crate::pipeline::{Installed, Recognition, Settings};

/// Processor threads: those asked for, else all.
pub(super) fn threads(common: &CommonArgs) -> usize {
    common.threads.map_or_else(
        || std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
        usize::from,
    )
}

/// The stages' settings.
pub(super) fn resolve(args: &StageArgs, episode: &Episode) -> Settings {
    let mut settings = of_episode(episode);
    if let Some(model) = &args.model {
        settings.model.clone_from(model);
    }
    settings.transcribe.language.clone_from(&args.language);
    settings.transcribe.translate = args.translate;
    settings.force = args.force;
    if let Some(typed) = speaker_count(args) {
        settings.diarize.speakers = typed;
    }
    settings
}

/// The stages' settings where nothing was typed.
pub(super) fn of_episode(episode: &Episode) -> Settings {
    let stated = Some(episode.model.clone()).filter(|model| !model.is_empty());
    let mut settings =
        Settings { model: stated.unwrap_or_else(default_model), ..Settings::default() };
    settings.diarize.speakers = episode.speakers.map_or(SpeakerCount::AUTO, SpeakerCount::exactly);
    settings
}

/// The installed weights.
pub(super) fn engines<'a>(common: &CommonArgs, bars: &'a Bars) -> Installed<'a> {
    Installed {
        store: Store::open(),
        options: FetchOptions { offline: common.offline, ..FetchOptions::default() },
        notices: bars,
        threads: threads(common),
        recognition: recognition(common),
        segmenter: None,
    }
}

/// What computes the words: what was asked for, else the graphics card where the program is built
/// for one, else the program itself.
pub(super) fn recognition(common: &CommonArgs) -> Recognition {
    match common.engine {
        EngineChoice::Auto
            if cfg!(any(feature = "cuda", feature = "metal", feature = "vulkan")) =>
        {
            Recognition::WhisperCpp
        }
        EngineChoice::Auto | EngineChoice::Linernotes => Recognition::Own,
        EngineChoice::WhisperCpp => Recognition::WhisperCpp,
    }
}

fn default_model() -> String {
    let register = Register::built_in();
    register
        .default_for(Purpose::Recognize)
        .map_or_else(|| "base".into(), |model| model.name.clone())
}

/// How many people speak, where that was typed.
fn speaker_count(args: &StageArgs) -> Option<SpeakerCount> {
    let bounds = (args.min_speakers.map(usize::from), args.max_speakers.map(usize::from));
    match (args.speakers.map(usize::from), bounds) {
        (Some(count), _) => Some(SpeakerCount::exactly(count)),
        (None, (None, None)) => None,
        (None, (min, max)) => {
            Some(SpeakerCount { min: min.unwrap_or(1), max: max.unwrap_or(usize::MAX) })
        }
    }
}
