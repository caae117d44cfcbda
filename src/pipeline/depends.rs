//! What each stage's result depends on.
//!
//! A stage depends on the records that it reads, on its own settings, on the weights that it uses
//! and on the version of its method, which is raised whenever the same input gives another result.

use crate::diarize::KnownVoice;
use crate::library::episode::{Episode, Person};
use crate::library::fingerprint::Dependency;
use crate::library::manifest::Manifest;
use crate::library::show::{Show, Term};
use crate::pipeline::engines::Network;
use crate::pipeline::picture::Picture;
use crate::pipeline::{Pipeline, PipelineError};
use crate::speech::ModelId;
use crate::stage::Stage;

/// How the audio file is called among what a result depends on.
const AUDIO: &str = "the audio file";

const fn method(stage: Stage) -> u32 {
    match stage {
        Stage::Decode | Stage::Detect => 2,
        Stage::Publish => 3,
        Stage::Attribute => 4,
        Stage::Edit => 6,
        Stage::Render => 8,
        Stage::Diarize => 8,
        Stage::Transcribe => 9,
    }
}

impl Pipeline<'_> {
    /// What a stage's result depends on, with the values of now.
    pub(super) fn depends_on(&mut self, stage: Stage) -> Result<Vec<Dependency>, PipelineError> {
        let mut list = vec![Dependency::new("the method", method(stage).to_string())];
        match stage {
            Stage::Decode => {
                // the mix that is made of the tracks is no source
                if !self.makes_mix() {
                    let audio = self.audio()?;
                    list.push(Dependency::new(AUDIO, self.sources.hash(&audio)?.to_string()));
                }
                list.push(Dependency::new(
                    "the longest duration",
                    self.settings.decode.max_duration.clock(),
                ));
                list.extend(self.track_dependencies()?);
            }
            Stage::Detect => {
                self.after(&mut list, &[Stage::Decode]);
                list.push(Dependency::hashed(
                    "the settings of `detect`",
                    &format!("{:?}", self.settings.detect),
                ));
                self.weights(&mut list, stage, "the segmentation network", Network::Segmentation);
            }
            Stage::Transcribe => {
                self.after(&mut list, &[Stage::Decode, Stage::Detect]);
                let model = self.settings.model.clone();
                self.weights(&mut list, stage, "the recognizer", Network::Recognition(&model));
                let engine = self.engines.recognition().to_string();
                list.push(Dependency::new("the engine", engine));
                list.push(Dependency::hashed(
                    "the settings of `transcribe`",
                    &self.transcribe_settings(),
                ));
            }
            Stage::Diarize => {
                self.after(&mut list, &[Stage::Decode, Stage::Detect]);
                self.weights(&mut list, stage, "the segmentation network", Network::Segmentation);
                self.weights(&mut list, stage, "the speaker network", Network::Embedding);
                let settings = &self.settings.diarize;
                list.push(Dependency::hashed("the settings of `diarize`", settings));
                let voices = self.remembered();
                if !voices.is_empty() {
                    list.push(Dependency::hashed("the remembered voices", &voices));
                }
            }
            Stage::Attribute if self.is_imported() => {
                if self.has_audio() {
                    self.after(&mut list, &[Stage::Decode, Stage::Transcribe]);
                }
                list.extend(self.transcript_dependencies());
            }
            Stage::Attribute => {
                self.after(&mut list, &[Stage::Detect, Stage::Transcribe, Stage::Diarize]);
                list.push(Dependency::hashed(
                    "the settings of `attribute`",
                    &format!("{:?}", self.settings.attribute),
                ));
                list.push(Dependency::hashed("the glossary", &self.glossary()));
            }
            Stage::Edit => {
                self.after(&mut list, &[Stage::Decode, Stage::Diarize, Stage::Attribute]);
                list.push(Dependency::hashed("`edits.toml`", &self.edits));
                list.push(Dependency::hashed("the list of people", &self.people()));
                if self.listens_again() {
                    let model = self.settings.model.clone();
                    self.weights(&mut list, stage, "the recognizer", Network::Recognition(&model));
                    let engine = self.engines.recognition().to_string();
                    list.push(Dependency::new("the engine", engine));
                }
                if self.has_tracks() {
                    let names: Vec<_> =
                        self.episode.tracks.iter().map(|track| &track.name).collect();
                    list.push(Dependency::hashed("the names of the tracks", &names));
                }
                list.push(Dependency::hashed(
                    "the list of music",
                    &(&self.episode.music, &self.show.theme),
                ));
                list.push(Dependency::hashed("the list of chapters", &self.episode.chapters));
            }
            Stage::Render => {
                self.after(
                    &mut list,
                    &[Stage::Decode, Stage::Transcribe, Stage::Diarize, Stage::Edit],
                );
                list.push(Dependency::hashed("`show.toml`", &self.show));
                list.push(Dependency::hashed("`episode.toml`", &self.episode));
                list.push(Dependency::hashed("the templates", &self.template_texts()));
                let picture = self.picture()?.map_or_else(String::new, |picture| picture.href());
                list.push(Dependency::new("the picture's name", picture));
                list.push(Dependency::new("linernotes", env!("CARGO_PKG_VERSION")));
            }
            Stage::Publish => {
                self.after(&mut list, &[Stage::Decode, Stage::Transcribe, Stage::Render]);
                list.push(Dependency::new(AUDIO, self.decoded_audio()));
                let picture = match self.picture()? {
                    Some(Picture::File(path, _)) => self.sources.hash(&path)?.to_string(),
                    Some(Picture::Address(address)) => address,
                    None => String::new(),
                };
                list.push(Dependency::new("the picture", picture));
            }
        }
        Ok(list)
    }

    fn after(&self, list: &mut Vec<Dependency>, stages: &[Stage]) {
        for stage in stages {
            let result = self
                .manifest
                .stages
                .get(stage)
                .map_or_else(String::new, |entry| entry.result.to_string());
            list.push(Dependency::new(format!("the result of `{stage}`"), result));
        }
    }

    /// A network by name and hash. Weights that are not in place count as those that were used.
    fn weights(&self, list: &mut Vec<Dependency>, stage: Stage, name: &str, network: Network<'_>) {
        let ModelId { name: model, sha256 } = self.engines.identify(network);
        let hash = format!("the weights of {name}");
        let used = self.manifest.stages.get(&stage).and_then(|entry| {
            entry
                .depends_on
                .iter()
                .find(|known| known.name == hash)
                .map(|known| known.value.clone())
        });
        let sha256 = if sha256.is_empty() { used.unwrap_or_default() } else { sha256 };
        list.push(Dependency::new(name, model));
        list.push(Dependency::new(hash, sha256));
    }

    /// The people of the episode and the show, the episode's first.
    pub(super) fn people(&self) -> Vec<Person> {
        people_of(&self.episode, &self.show)
    }

    /// The voices that the show remembers from other episodes, with the weights that made each.
    pub(super) fn remembered(&self) -> Vec<(ModelId, KnownVoice)> {
        let own = self.folder.name();
        self.voices
            .iter()
            .filter_map(|voice| Some((voice.model.clone(), voice.without(&own)?)))
            .collect()
    }

    /// The spellings to keep to: the glossaries of the episode and the show, and people's names.
    pub(super) fn glossary(&self) -> Vec<Term> {
        let names =
            self.people().into_iter().map(|person| Term { term: person.name, ..Term::default() });
        let terms = self.episode.glossary.iter().chain(&self.show.glossary).cloned();
        terms.chain(names).filter(|term| !term.term.trim().is_empty()).collect()
    }

    /// The hash of the audio file that was decoded; empty where there is none.
    pub(super) fn decoded_audio(&self) -> String {
        if self.has_audio() { decoded_audio(&self.manifest) } else { String::new() }
    }

    /// Name and text of each of the show's templates.
    fn template_texts(&self) -> Vec<(&str, &str)> {
        self.templates.iter().map(|(name, _, text)| (name.as_str(), text.as_str())).collect()
    }
}

/// The hash of the audio file that the last run decoded; empty where none did.
pub(super) fn decoded_audio(manifest: &Manifest) -> String {
    let entry = manifest.stages.get(&Stage::Decode);
    let mut known = entry.iter().flat_map(|entry| &entry.depends_on);
    known.find(|known| known.name == AUDIO).map_or_else(String::new, |known| known.value.clone())
}

/// The people of an episode and its show, the episode's first.
pub(super) fn people_of(episode: &Episode, show: &Show) -> Vec<Person> {
    let with_role = |person: &Person, role: &str| {
        let mut person = person.clone();
        if person.role.is_empty() {
            person.role = role.to_string();
        }
        person
    };
    let guests = episode.people.iter().map(|person| with_role(person, "guest"));
    let hosts = show.people.iter().map(|person| with_role(person, "host"));
    let mut people: Vec<Person> = guests.collect();
    for host in hosts {
        if people.iter().all(|known| known.name != host.name) {
            people.push(host);
        }
    }
    people
}
