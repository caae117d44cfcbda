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
        if self.will_run(Stage::Detect, request) || self.will_run(Stage::Diarize, request) {
            faults.keep(self.engines.provide(Network::Segmentation));
        }
        if self.will_run(Stage::Transcribe, request) {
            let (model, language) = (&self.settings.model, self.transcribe_settings().language);
            let known = self.engines.check(model, language.as_deref());
            let is_known = known.is_ok();
            faults.keep(known);
            if is_known {
                faults.keep(self.engines.provide(Network::Recognition(model)));
            }
        }
        if self.will_run(Stage::Diarize, request) {
            faults.keep(self.engines.provide(Network::Embedding));
        }
        faults.told()
    }

    /// Whether a stage that listens has to run, as far as can be told before those before it have.
    fn will_run(&mut self, stage: Stage, request: Request) -> bool {
        let is_due = |pipeline: &mut Self, earlier| {
            request.from.is_some_and(|from| earlier >= from)
                || pipeline.why_stale(earlier).map_or(true, |why| why.is_some())
        };
        self.applies(stage)
            && stage <= request.until
            && [Stage::Decode, Stage::Detect, stage]
                .into_iter()
                .filter(|earlier| *earlier <= stage)
                .any(|earlier| self.applies(earlier) && is_due(self, earlier))
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
