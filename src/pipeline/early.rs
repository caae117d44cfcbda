//! What would end a run later, found before the long work, and all of it at once.

use std::error::Error;
use std::fmt;

use crate::library::LibraryError;
use crate::library::placeholders;
use crate::pipeline::engines::Network;
use crate::pipeline::{Pipeline, PipelineError, Request};
use crate::render::{TemplateSource, Templates};
use crate::stage::Stage;

/// Several things that have to be put right.
#[derive(Debug, Default)]
pub struct Faults(pub(super) Vec<PipelineError>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} things have to be put right first", self.0.len())?;
        for fault in &self.0 {
            write!(f, "\n- {}", chain(fault))?;
            if let Some(hint) = fault.hint() {
                write!(f, "; {hint}")?;
            }
        }
        Ok(())
    }
}

/// An error and its causes, those left out that the one before repeats.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}

impl Faults {
    /// The value, or its default where there is a fault, which is kept.
    pub(super) fn keep<T: Default, E: Into<PipelineError>>(&mut self, found: Result<T, E>) -> T {
        found.unwrap_or_else(|fault| {
            self.0.push(fault.into());
            T::default()
        })
    }

    /// An error where there is a fault.
    pub(super) fn told(mut self) -> Result<(), PipelineError> {
        match self.0.len() {
            0 => Ok(()),
            1 => Err(self.0.remove(0)),
            _ => Err(PipelineError::Faults(self)),
        }
    }
}

impl Pipeline<'_> {
    /// Refuses what would end the run later: files that are not there, values that cannot be meant,
    /// templates with faults, a model or a language that nobody knows, weights that cannot be had.
    pub(super) fn refuse_early(&mut self, request: Request) -> Result<(), PipelineError> {
        let mut faults = Faults::default();
        if self.has_audio() && !self.makes_mix() {
            faults.keep(self.folder.audio(&self.episode));
        }
        for track in &self.episode.tracks {
            faults.keep(self.folder.track(&self.episode, track));
        }
        faults.keep(self.stated_chapters());
        if request.until >= Stage::Render {
            faults.keep(self.picture());
            faults.keep(self.parsed_templates().map(drop));
        }
        if request.until == Stage::Publish {
            faults.keep(self.nothing_left_to_fill_in());
        }
        let due = self.due(request);
        if due.contains(&Stage::Detect) || due.contains(&Stage::Diarize) {
            faults.keep(self.engines.provide(Network::Segmentation));
        }
        if due.contains(&Stage::Transcribe) {
            let (model, language) = (&self.settings.model, self.transcribe_settings().language);
            let known = self.engines.check(model, language.as_deref());
            let is_known = known.is_ok();
            faults.keep(known);
            if is_known {
                faults.keep(self.engines.provide(Network::Recognition(model)));
            }
        }
        if due.contains(&Stage::Diarize) {
            faults.keep(self.engines.provide(Network::Embedding));
        }
        faults.told()
    }

    /// The stages that listen and have to run, as far as can be told before those before them have.
    fn due(&mut self, request: Request) -> Vec<Stage> {
        let mut due = Vec::new();
        let mut all_after = false;
        for stage in [Stage::Decode, Stage::Detect, Stage::Transcribe, Stage::Diarize] {
            if stage > request.until || !self.applies(stage) {
                continue;
            }
            let is_due = all_after
                || request.from.is_some_and(|from| stage >= from)
                || self.why_stale(stage).map_or(true, |why| why.is_some());
            if is_due {
                due.push(stage);
            }
            // transcription and diarization both listen to what the first two leave
            all_after |= is_due && stage <= Stage::Detect;
        }
        due
    }

    /// The built-in templates with the show's own.
    pub(super) fn parsed_templates(&self) -> Result<Templates, PipelineError> {
        let own = self.templates.iter().cloned();
        let overrides = own.map(|(name, path, text)| TemplateSource { name, path, text });
        Ok(Templates::with_overrides(overrides)?)
    }

    /// Refuses to publish what a new file says by way of example.
    fn nothing_left_to_fill_in(&self) -> Result<(), LibraryError> {
        let of_show = self.folder.show_root().map(|root| root.join("show.toml"));
        placeholders::refuse(&of_show.unwrap_or_default(), &self.show)?;
        placeholders::refuse(&self.folder.episode_toml(), &self.episode)
    }
}
