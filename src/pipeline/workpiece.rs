//! An episode as it lies on a desk: everything that its edition and its page are made of, read once, so
//! that both can be made again after every stroke.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::attribute::unsure_words;
use crate::draft::{self, Drafts};
use crate::edit::edits::Edits;
use crate::edit::{EditWarning, Edition, Times};
use crate::library::LibraryError;
use crate::library::episode::{Episode, Person};
use crate::library::folder::EpisodeFolder;
use crate::library::show::Show;
use crate::library::stated::Stated;
use crate::pipeline::material::Material;
use crate::pipeline::picture::Picture;
use crate::pipeline::records::{CONVERSATION, IMPORTED, SPEECH, TRANSCRIPT, has_edition};
use crate::pipeline::{Pipeline, PipelineError};
use crate::publish;
use crate::render::outputs::OUTPUTS;
use crate::render::page::page;
use crate::render::{Artifact, Context, PageFacts, RenderError, Templates, markup};
use crate::time::{Ms, Span};
use crate::transcribe::coverage::doubts;

/// How much of the doubtful places is listed.
const MOST: Ms = Ms::new(3_600_000);

/// A stretch that is worth listening to.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubtful {
    /// The stretch.
    pub span: Span,
    /// Why.
    pub why: String,
    /// How many words that may put right.
    pub gain: f32,
}

/// An episode as it lies on a desk.
pub struct Workpiece {
    folder: EpisodeFolder,
    show: Show,
    episode: Episode,
    known: Vec<Person>,
    material: Material,
    /// The times that were found for corrections in earlier runs; what is corrected now gets its own in the next.
    times: Times,
    templates: Templates,
    facts: PageFacts,
    /// The files that are published beside the page, by their names.
    beside: Vec<Artifact>,
    /// The sound and the picture, by the names that the page has for them.
    named: Vec<(String, PathBuf)>,
    doubts: Vec<Doubtful>,
    /// The record of the words, and when it was written.
    record: (PathBuf, Option<SystemTime>),
}

impl Pipeline<'_> {
    /// The episode as its last run left it.
    ///
    /// # Errors
    /// If it was never run, or what a run left cannot be read.
    pub fn workpiece(&mut self) -> Result<Workpiece, PipelineError> {
        if !has_edition(&self.folder) {
            return Err(LibraryError::NotRun { path: self.folder.root().to_path_buf() }.into());
        }
        let material = self.material()?;
        let edits = self.edits.clone();
        let (times, _) = self.times(&material, &edits)?;
        let mut named = Vec::new();
        if self.has_audio() {
            let audio = self.audio()?;
            named.extend(publish::audio_name(&audio).map(|name| (name, audio)));
        }
        if let Some(Picture::File(file, name)) = self.picture()? {
            named.push((name, file));
        }
        let words = if self.is_imported() { IMPORTED } else { CONVERSATION };
        let record = self.folder.work_file(words.file);
        let out = self.folder.out();
        let is_published = |file: &str| !file.is_empty() && out.join(file).is_file();
        let beside = OUTPUTS.iter().filter(|output| is_published(output.file));
        Ok(Workpiece {
            known: if self.is_imported() { Vec::new() } else { self.known_people()? },
            material,
            times,
            templates: self.parsed_templates()?,
            facts: self.page_facts()?,
            beside: beside
                .map(|output| Artifact {
                    relative_path: output.file.to_owned(),
                    bytes: output.file.as_bytes().to_vec(),
                })
                .collect(),
            named,
            doubts: self.doubts()?,
            record: (record.clone(), written(&record)),
            folder: self.folder.clone(),
            show: self.show.clone(),
            episode: self.episode.clone(),
        })
    }

    /// The stretches that are worth listening to, the most worth first; of an imported transcript nobody
    /// knows.
    fn doubts(&self) -> Result<Vec<Doubtful>, LibraryError> {
        if self.is_imported() {
            return Ok(Vec::new());
        }
        let found = doubts(&self.load(TRANSCRIPT)?, &self.load(SPEECH)?, MOST);
        let mut all: Vec<Doubtful> = found
            .into_iter()
            .map(|doubt| Doubtful {
                span: doubt.span,
                why: doubt.reason.to_string(),
                gain: doubt.expected_gain,
            })
            .collect();
        let unsure = unsure_words(&self.load(CONVERSATION)?);
        all.extend(unsure.into_iter().map(|unsure| Doubtful {
            span: unsure.span,
            why: "it is not certain who speaks".to_owned(),
            gain: 1.0 - unsure.confidence,
        }));
        Ok(all)
    }
}

fn written(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

impl Workpiece {
    /// The episode's folder.
    pub fn folder(&self) -> &EpisodeFolder {
        &self.folder
    }

    /// The edition with a person's corrections.
    pub fn edited(&self, edits: &Edits) -> (Edition, Vec<EditWarning>) {
        let (edition, warnings, _) = self.material.edited(edits, &self.times);
        (edition, warnings)
    }

    /// Whether a run has made other words since.
    pub fn is_old(&self) -> bool {
        written(&self.record.0) != self.record.1
    }

    /// Everybody who is listed or known, by the names that the page uses.
    pub fn people(&self) -> Vec<String> {
        let name = self.folder.name();
        let listed = self.stated(&name).people();
        listed.into_iter().map(|listed| listed.person.short_name().to_owned()).collect()
    }

    /// What is proposed for the episode.
    pub fn drafts(&self, edition: &Edition) -> Drafts {
        let name = self.folder.name();
        draft::draft(edition, self.stated(&name))
    }

    /// The page as it would be published.
    ///
    /// # Errors
    /// If a template of the show has a fault.
    pub fn page(&self, edition: &Edition, drafts: &Drafts) -> Result<String, RenderError> {
        let name = self.folder.name();
        let context = Context::new(edition, self.stated(&name), drafts);
        page(&context, &self.facts, &self.templates, &self.beside)
    }

    /// Whether there is a sound to hear.
    pub fn has_audio(&self) -> bool {
        !self.facts.audio_href.is_empty()
    }

    /// The file that the page names so: its sound, or its picture.
    pub fn named(&self, address: &str) -> Option<&Path> {
        let is_it = |(name, _): &&(String, PathBuf)| markup::file_href(name) == address;
        self.named.iter().find(is_it).map(|(_, file)| file.as_path())
    }

    /// The stretches that are worth listening to, the most worth first.
    pub fn doubts(&self) -> &[Doubtful] {
        &self.doubts
    }

    fn stated<'w>(&'w self, name: &'w str) -> Stated<'w> {
        Stated { show: &self.show, episode: &self.episode, known: &self.known, folder: name }
    }
}
