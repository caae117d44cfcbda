//! What was typed, resolved: defaults, then `show.toml`, `episode.toml`, the environment, flags.

use std::num::NonZeroUsize;

use crate::cli::args::{CommonArgs, EngineChoice, StageArgs};
use crate::diarize::SpeakerCount;
use crate::library::episode::Episode;
use crate::models::{FetchOptions, FetchProgress, Purpose, Register, Store};
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
    let model = args
        .model
        .clone()
        .or_else(|| (!episode.model.is_empty()).then(|| episode.model.clone()))
        .unwrap_or_else(default_model);
    let mut settings = Settings { model, ..Settings::default() };
    settings.transcribe.language.clone_from(&args.language);
    settings.transcribe.translate = args.translate;
    settings.force = args.force;
    settings.diarize.speakers = speaker_count(args, episode);
    settings
}

/// The stages' settings where nothing was typed.
pub(super) fn of_episode(episode: &Episode) -> Settings {
    Settings {
        model: Some(episode.model.clone()).filter(|m| !m.is_empty()).unwrap_or_else(default_model),
        ..Settings::default()
    }
}

/// The installed weights.
pub(super) fn engines<'a>(common: &CommonArgs, notices: &'a dyn FetchProgress) -> Installed<'a> {
    Installed {
        store: Store::open(),
        options: FetchOptions { offline: common.offline, ..FetchOptions::default() },
        notices,
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

fn speaker_count(args: &StageArgs, episode: &Episode) -> SpeakerCount {
    let bounds = (args.min_speakers.map(usize::from), args.max_speakers.map(usize::from));
    match (args.speakers.map(usize::from), bounds) {
        (Some(count), _) => SpeakerCount::exactly(count),
        (None, (None, None)) => {
            episode.speakers.map_or_else(|| SpeakerCount::AUTO, SpeakerCount::exactly)
        }
        (None, (min, max)) => {
            SpeakerCount { min: min.unwrap_or(1), max: max.unwrap_or(usize::MAX) }
        }
    }
}
