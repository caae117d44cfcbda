//! What each stage reads, calls and keeps.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use crate::attribute::{self, names};
use crate::decode::{self, Recording, SourceInfo};
use crate::detect::{self, SpeechRegions};
use crate::diarize::{self, Diarization, KnownVoice, SpeakerCount, SpeakerEmbedder};
use crate::draft::{self, Kept};
use crate::edit::Edition;
use crate::edit::edits::parse_clock;
use crate::formats::rttm;
use crate::library::LibraryError;
use crate::library::artifact::read_bounded;
use crate::library::chunks::ChunkLog;
use crate::library::episode::Person;
use crate::library::stated::Stated;
use crate::pipeline::picture::Picture;
use crate::pipeline::records::{
    ARTWORK_FILES, AUDIO_FILE, CHUNKS_FILE, CONVERSATION, COVERAGE, DIARIZATION, DRAFTS, EDITION,
    MIX_FILE, NAMES, Names, PUBLISHED_FILE, RECORDING, RENDERED, SPEECH, TRANSCRIPT, TURNS_FILE,
    known_people,
};
use crate::pipeline::tagged::front_of;
use crate::pipeline::worse;
use crate::pipeline::{Pipeline, PipelineError};
use crate::publish::{self, FileCopy};
use crate::render::{self, Artifact, Context, PageFacts};
use crate::segmentation::{self, Window};
use crate::speech::{Chapter, ModelId};
use crate::stage::Stage;
use crate::transcribe::consistency;
use crate::transcribe::coverage::coverage;
use crate::transcribe::glossary::Glossary;
use crate::transcribe::recognizer::Hypothesis;
use crate::transcribe::store::ChunkStore;
use crate::transcribe::{self, TranscribeError, TranscribeSettings, Transcript};

/// What a stage warns of.
pub(super) type Done = Result<Vec<String>, PipelineError>;

const NOBODY_SPEAKS: &str =
    "nobody was heard to speak, so the transcript is empty; check that this is the right file";

pub(super) fn in_words<W: ToString>(warnings: &[W]) -> Vec<String> {
    warnings.iter().map(ToString::to_string).collect()
}

impl Pipeline<'_> {
    pub(super) fn decode(&mut self) -> Done {
        let mut notes = Vec::new();
        if self.makes_mix() {
            notes = self.lay_tracks(None)?;
        }
        let audio = self.audio()?;
        let (recording, warnings) = decode::decode(&audio, &self.settings.decode, self.progress)
            .map_err(|error| match error {
                decode::DecodeError::Interrupted => PipelineError::Interrupted(Stage::Decode),
                error => PipelineError::Decode(error),
            })?;
        self.keep_sound(AUDIO_FILE, &recording.samples)?;
        if let Some(artwork) = &recording.source.tags.artwork {
            let [jpg, png] = ARTWORK_FILES;
            let name = if artwork.media_type == "image/png" { png } else { jpg };
            self.keep_bytes(name, &artwork.bytes)?;
        }
        if self.has_tracks() && !self.makes_mix() {
            notes = self.lay_tracks(Some(&recording))?;
        }
        self.keep(RECORDING, &recording.source)?;
        self.recording = Some(recording);
        self.windows = None;
        notes.extend(in_words(&warnings));
        Ok(notes)
    }

    /// The episode's audio: its own file, or the mix of its tracks.
    pub(super) fn audio(&self) -> Result<PathBuf, LibraryError> {
        if self.makes_mix() {
            Ok(self.folder.work_file(MIX_FILE))
        } else {
            self.folder.audio(&self.episode)
        }
    }

    pub(super) fn detect(&mut self) -> Done {
        let recording = self.recording()?;
        self.progress.start(Stage::Detect, recording.duration());
        let windows = self.windows(&recording, Stage::Detect)?;
        let regions = detect::detect_speech(&recording, &windows, &self.settings.detect);
        self.progress.finish(Stage::Detect);
        self.recording = Some(recording);
        self.windows = Some(windows);
        let (regions, mut warnings) =
            if self.has_tracks() { self.detect_on_tracks(regions)? } else { (regions, Vec::new()) };
        if regions.regions.is_empty() {
            warnings.push(NOBODY_SPEAKS.into());
        }
        self.keep(SPEECH, &regions)?;
        Ok(warnings)
    }

    /// What the segmentation network says of the recording; it is listened to now where it was not
    /// yet.
    pub(super) fn windows(
        &mut self,
        recording: &Recording,
        stage: Stage,
    ) -> Result<Vec<Window>, PipelineError> {
        if let Some(windows) = self.windows.take() {
            return Ok(windows);
        }
        // where each person has a track nobody's voice is looked for in the mix
        let density = if self.has_tracks() { 1 } else { segmentation::DENSITY };
        let segmenter = self.engines.segmenter()?;
        let progress = self.progress;
        let go_on = |done| {
            if stage == Stage::Detect {
                progress.advance(stage, done);
            }
            !progress.cancelled()
        };
        segmentation::listen(segmenter.as_ref(), &recording.samples, density, go_on)
            .ok_or(PipelineError::Interrupted(stage))
    }

    /// The person's settings, with the language of the episode or the show where none was chosen.
    pub(super) fn transcribe_settings(&self) -> TranscribeSettings {
        let mut settings = self.settings.transcribe.clone();
        let known =
            [&self.episode.language, &self.show.language].into_iter().find(|code| !code.is_empty());
        let wanted = settings.language.as_ref().or(known);
        settings.language = wanted.map(|tag| primary(tag));
        settings.glossary = self.glossary();
        settings
    }

    pub(super) fn transcribe(&mut self) -> Done {
        let regions: SpeechRegions = self.load(SPEECH)?;
        let mut chunks = Chunks(ChunkLog::open(&self.make_way(CHUNKS_FILE)?)?);
        let (transcript, mut warnings) = if self.has_tracks() {
            self.transcribe_tracks(&mut chunks)?
        } else {
            self.transcribe_mix(&regions, &mut chunks)?
        };
        self.must_not_be_worse(Stage::Transcribe, TRANSCRIPT, &transcript, worse::transcript)?;
        self.keep(TRANSCRIPT, &transcript)?;
        chunks.0.keep_used()?;
        let coverage = coverage(&transcript, &regions);
        warnings.extend(coverage.warning());
        self.keep(COVERAGE, &coverage)?;
        Ok(warnings)
    }

    fn transcribe_mix(
        &mut self,
        regions: &SpeechRegions,
        chunks: &mut Chunks,
    ) -> Result<(Transcript, Vec<String>), PipelineError> {
        let recording = self.recording()?;
        let mut recognizer = self.engines.recognizer(&self.settings.model)?;
        let settings = self.transcribe_settings();
        let (transcript, warnings) = transcribe::transcribe(
            &recording,
            regions,
            recognizer.as_mut(),
            &settings,
            chunks,
            self.progress,
        )
        .map_err(|error| match error {
            TranscribeError::Interrupted => PipelineError::Interrupted(Stage::Transcribe),
            error @ TranscribeError::Recognizer(_) => PipelineError::Transcribe(error),
        })?;
        self.recording = Some(recording);
        Ok((transcript, in_words(&warnings)))
    }

    pub(super) fn diarize(&mut self) -> Done {
        let mut embedder = self.engines.embedder()?;
        let (diarization, warnings) = if self.has_tracks() {
            (self.diarize_tracks(embedder.as_mut())?, Vec::new())
        } else {
            self.diarize_mix(embedder.as_mut())?
        };
        if self.settings.diarize.speakers == SpeakerCount::AUTO {
            self.must_not_be_worse(Stage::Diarize, DIARIZATION, &diarization, worse::diarization)?;
        }
        let turns = BTreeMap::from([(self.folder.name(), diarization.turns.clone())]);
        self.keep_bytes(TURNS_FILE, rttm::print(&turns).as_bytes())?;
        self.keep(DIARIZATION, &diarization)?;
        Ok(warnings)
    }

    fn diarize_mix(
        &mut self,
        embedder: &mut dyn SpeakerEmbedder,
    ) -> Result<(Diarization, Vec<String>), PipelineError> {
        let recording = self.recording()?;
        let windows = self.windows(&recording, Stage::Diarize)?;
        let regions: SpeechRegions = self.load(SPEECH)?;
        let (known, refused) = comparable(self.remembered(), &embedder.id());
        let (diarization, warnings) = diarize::diarize(
            &recording,
            &regions,
            &windows,
            embedder,
            &known,
            &self.settings.diarize,
            self.progress,
        )
        .map_err(|diarize::Interrupted| PipelineError::Interrupted(Stage::Diarize))?;
        Ok((diarization, refused.into_iter().chain(in_words(&warnings)).collect()))
    }

    pub(super) fn attribute(&mut self) -> Done {
        self.recording = None;
        let glossary = Glossary::new(&self.glossary(), []);
        let regions: SpeechRegions = self.load(SPEECH)?;
        let source: SourceInfo = self.load(RECORDING)?;
        let conversation = if self.has_tracks() {
            let correct = |transcript: &mut Transcript| {
                glossary.correct(transcript);
                consistency::unify(transcript);
            };
            self.attribute_on_tracks(correct, &regions, source.duration)?
        } else {
            let mut transcript: Transcript = self.load(TRANSCRIPT)?;
            glossary.correct(&mut transcript);
            consistency::unify(&mut transcript);
            let diarization: Diarization = self.load(DIARIZATION)?;
            attribute::attribute(
                &transcript,
                &diarization,
                &regions,
                source.duration,
                &self.settings.attribute,
            )
        };
        self.progress.start(Stage::Attribute, source.duration);
        self.progress.finish(Stage::Attribute);
        self.keep(CONVERSATION, &conversation)?;
        Ok(Vec::new())
    }

    /// The chapters of `episode.toml`, or the file's own.
    pub(super) fn chapters(&self, source: &SourceInfo) -> Result<Vec<Chapter>, LibraryError> {
        if self.episode.chapters.is_empty() {
            return Ok(source.chapters.clone());
        }
        self.stated_chapters()
    }

    /// The chapters of `episode.toml`.
    pub(super) fn stated_chapters(&self) -> Result<Vec<Chapter>, LibraryError> {
        let wrong = |start: &str| LibraryError::Written {
            path: self.folder.episode_toml(),
            message: format!(
                "at `chapters`: `{start}` is not a time; write `hh:mm:ss` or `hh:mm:ss.mmm`"
            ),
        };
        self.episode
            .chapters
            .iter()
            .map(|entry| {
                Ok(Chapter {
                    start: parse_clock(&entry.start).ok_or_else(|| wrong(&entry.start))?,
                    title: entry.title.clone(),
                    url: (!entry.url.is_empty()).then(|| entry.url.clone()),
                })
            })
            .collect()
    }

    /// Those whose voices the show remembers and who speak in this episode.
    pub(super) fn known_people(&self) -> Result<Vec<Person>, LibraryError> {
        if self.is_imported() { Ok(Vec::new()) } else { Ok(known_people(&self.heard_names()?)) }
    }

    /// The names that were heard when the edition was made.
    pub(super) fn heard_names(&self) -> Result<Vec<names::NameProposal>, LibraryError> {
        if self.names.is_empty() {
            return Ok(self.load::<Names>(NAMES)?.heard);
        }
        Ok(self.names.clone())
    }

    pub(super) fn render(&mut self) -> Done {
        let edition: Edition = self.load(EDITION)?;
        self.progress.start(Stage::Render, edition.duration);
        let templates = self.parsed_templates()?;
        let facts = self.page_facts()?;
        let (known, name) = (self.known_people()?, self.folder.name());
        let (show, episode) = (&self.show, &self.episode);
        let stated = Stated { show, episode, known: &known, folder: &name };
        let drafts = draft::draft(&edition, stated);
        let context = Context::new(&edition, stated, &drafts);
        let files = render::render(&context, &facts, &templates)?;
        let mut words = edition.paragraphs().flat_map(|paragraph| &paragraph.words);
        let nobody_speaks = words.all(|edited| edited.word.suspect.is_some());
        let (files, empty): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| !nobody_speaks || !file.is_empty());
        let kept: Vec<(String, String)> = files
            .into_iter()
            .map(|file| (file.relative_path, String::from_utf8_lossy(&file.bytes).into_owned()))
            .collect();
        self.progress.finish(Stage::Render);
        let missing = drafts.promises.iter().filter(|promise| promise.kept == Kept::Missing);
        let mut warnings: Vec<String> = missing.map(ToString::to_string).collect();
        warnings.extend(templates.told().iter().cloned());
        if !empty.is_empty() {
            let names: Vec<_> =
                empty.iter().map(|file| format!("`{}`", file.relative_path)).collect();
            warnings.push(format!(
                "nobody speaks, so there is nothing to put into these files, and they are not made: {}",
                names.join(", ")
            ));
        }
        self.keep(DRAFTS, &drafts)?;
        self.keep(RENDERED, &kept)?;
        Ok(warnings)
    }

    pub(super) fn page_facts(&self) -> Result<PageFacts, PipelineError> {
        let source = self.source()?;
        let audio = if self.has_audio() { Some(self.audio()?) } else { None };
        let recognizer = if self.is_imported() {
            None
        } else {
            Some(self.load::<Transcript>(TRANSCRIPT)?.recognizer)
        };
        let embedder = if self.is_imported() {
            None
        } else {
            Some(self.load::<Diarization>(DIARIZATION)?.embedder)
        };
        let base = self.show.base_url.trim_end_matches('/');
        Ok(PageFacts {
            audio_href: audio
                .as_deref()
                .and_then(publish::audio_name)
                .map_or_else(String::new, |name| render::markup::file_href(&name)),
            audio_media_type: publish::media_type(&source.container, &source.codec).to_string(),
            artwork_href: self.picture()?.map_or_else(String::new, |picture| picture.href()),
            page_url: if base.is_empty() {
                String::new()
            } else {
                format!("{base}/{}/", render::markup::file_href(&self.folder.name()))
            },
            recognizer,
            embedder,
            tool_version: env!("CARGO_PKG_VERSION").to_string(),
        })
    }

    /// What the file says of itself; nothing where an imported episode has none.
    pub(super) fn source(&self) -> Result<SourceInfo, LibraryError> {
        if self.has_audio() { self.load(RECORDING) } else { Ok(SourceInfo::default()) }
    }

    pub(super) fn publish(&mut self) -> Done {
        let rendered: Vec<(String, String)> = self.load(RENDERED)?;
        self.progress.start(Stage::Publish, self.source()?.duration);
        let files: Vec<Artifact> = rendered
            .into_iter()
            .map(|(relative_path, text)| Artifact { relative_path, bytes: text.into_bytes() })
            .collect();
        let mut warnings = Vec::new();
        let mut copies = Vec::new();
        if self.has_audio() {
            let from = self.audio()?;
            if !self.makes_mix() && self.sources.hash(&from)?.to_string() != self.decoded_audio() {
                return Err(PipelineError::Changed { path: from });
            }
            let edition: Edition = self.load(EDITION)?;
            let source = self.source()?;
            let front = front_of(&from, &self.episode, &edition, &source).unwrap_or_else(|fault| {
                warnings.push(format!(
                    "the copy of `{}` has no title and chapters from here: {fault}",
                    from.display()
                ));
                None
            });
            let name = publish::audio_name(&from);
            copies.extend(name.map(|name| FileCopy { from, name, front }));
        }
        if let Some(Picture::File(from, name)) = self.picture()? {
            copies.push(FileCopy { from, name, front: None });
        }
        if self.has_left(Stage::Transcribe, COVERAGE.file) {
            let name = "coverage.json".to_string();
            let from = self.folder.work_file(COVERAGE.file);
            copies.push(FileCopy { from, name, front: None });
        }
        let last = read_bounded(&self.make_way(PUBLISHED_FILE)?).ok();
        let last = last.as_deref().map(String::from_utf8_lossy);
        let may_go = || self.must_be_unchanged();
        let listing =
            publish::publish(&files, &copies, &self.folder.out(), last.as_deref(), may_go)?;
        self.keep_bytes(PUBLISHED_FILE, listing.as_bytes())?;
        self.progress.finish(Stage::Publish);
        Ok(warnings)
    }
}

/// The voices that the network `model` made, and a sentence about each that another one made.
fn comparable(
    voices: Vec<(ModelId, KnownVoice)>,
    model: &ModelId,
) -> (Vec<KnownVoice>, Vec<String>) {
    let mut known = Vec::new();
    let mut refused = Vec::new();
    for (made_by, voice) in voices {
        if made_by.sha256 == model.sha256 {
            known.push(voice);
        } else {
            refused.push(format!(
                "the remembered voice of {} is not used: it was made by {} ({:.8}), and {} ({:.8}) cannot be compared with it; `linernotes voices learn EPISODE` makes it anew",
                voice.person, made_by.name, made_by.sha256, model.name, model.sha256
            ));
        }
    }
    (known, refused)
}

/// `pt` of `pt-BR`: recognizers know languages, not regions.
fn primary(tag: &str) -> String {
    tag.trim().split(['-', '_']).next().unwrap_or_default().to_lowercase()
}

/// The chunk store on disk.
struct Chunks(ChunkLog);

impl ChunkStore for Chunks {
    fn get(&mut self, key: &str) -> Option<Hypothesis> {
        self.0.get(key).and_then(|value| serde_json::from_value(value.clone()).ok())
    }

    fn put(&mut self, key: &str, hypothesis: &Hypothesis) -> io::Result<()> {
        let value = serde_json::to_value(hypothesis)?;
        self.0.put(key, value).map_err(|fault| match fault {
            LibraryError::Io { cause, .. } => cause,
            other => io::Error::other(other.to_string()),
        })
    }
}
