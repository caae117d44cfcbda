//! Runs the stages that are not fresh, in order, and keeps each one's record in `work/`.
//!
//! Comes in: an episode's folder, the settings and the engines (real or scripted). Goes out: the
//! records on disk, `out/`, and a [`Report`]. Each stage's function stays pure; this is the only
//! place that knows both the stages and the disk.

mod depends;
mod early;
mod edited;
mod engines;
mod imported;
mod learn;
mod material;
mod next;
mod picture;
mod records;
mod retimed;
mod said;
mod stages;
mod tagged;
mod tracks;
mod workpiece;
mod worse;

pub use early::Faults;
pub use engines::{EngineError, Engines, Installed, Network, Recognition};
pub use imported::{TimedImport, timed_import_of};
pub use learn::{Because, Outcome, learn};
pub use next::{Nameless, Next};
pub use records::{
    changed_since_edition, conversation_of, edition_file, edition_of, has_edition, known_people_of,
    source_of_audio, speech_of, transcript_of,
};
pub use retimed::{RetimeError, Retimed};
pub use tagged::{TaggedError, write_audio, write_tagged_audio, write_wav};
pub use tracks::TrackError;
pub use workpiece::{Doubtful, Workpiece};

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use serde::Serialize;

use crate::attribute::AttributeSettings;
use crate::attribute::names::NameProposal;
use crate::decode::{DecodeError, DecodeLimits, Recording};
use crate::detect::DetectSettings;
use crate::diarize::DiarizeSettings;
use crate::edit::Edition;
use crate::edit::edits::Edits;
use crate::import::ImportError;
use crate::library::LibraryError;
use crate::library::artifact::read_bounded;
use crate::library::edits;
use crate::library::episode::Episode;
use crate::library::fingerprint::Fingerprint;
use crate::library::folder::EpisodeFolder;
use crate::library::lock::EpisodeLock;
use crate::library::manifest::{Entry, Manifest};
use crate::library::mark::FileMark;
use crate::library::show::Show;
use crate::library::sources::Sources;
use crate::library::switch;
use crate::library::theme;
use crate::library::voices::{RememberedVoice, VoiceFolder};
use crate::pipeline::records::MANIFEST_FILE;
use crate::pipeline::stages::Done;
use crate::progress::Progress;
use crate::publish::PublishError;
use crate::render::RenderError;
use crate::render::values::{self, Unreadable};
use crate::segmentation::Window;
use crate::stage::Stage;
use crate::transcribe::{TranscribeError, TranscribeSettings};

/// How the stages work; what a person did not choose has its default.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// How much of a stranger's file is believed.
    pub decode: DecodeLimits,
    /// How speech is found.
    pub detect: DetectSettings,
    /// How speech becomes words.
    pub transcribe: TranscribeSettings,
    /// How speakers are found.
    pub diarize: DiarizeSettings,
    /// How words are given to speakers.
    pub attribute: AttributeSettings,
    /// The recognizer's weights, by their name in the register.
    pub model: String,
    /// Whether a result is taken that is plainly worse than the one before.
    pub force: bool,
}

/// Which stages to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// This stage and the later ones run even where nothing changed.
    pub from: Option<Stage>,
    /// The last stage to run.
    pub until: Stage,
}

/// What a run did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// The stages that ran, with the seconds they took.
    pub ran: Vec<(Stage, f64)>,
    /// The stages whose results were still good.
    pub fresh: Vec<Stage>,
    /// What all stages up to the last one warn of, fresh ones too.
    pub warnings: Vec<(Stage, String)>,
    /// The names that were heard, with their evidence.
    pub names: Vec<NameProposal>,
    /// The page, once it is published.
    pub page: Option<PathBuf>,
    /// What is left for a person to do, once it is published.
    pub next: Next,
}

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The person asked to stop; finished work is kept.
    #[error("interrupted while it was at the stage `{0}`")]
    Interrupted(Stage),
    /// A file is another one than it was when a stage began to read it.
    #[error("`{}` changed while it was read", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// Several things, found before anything ran.
    #[error("{0}")]
    Faults(Faults),
    /// A stage's new result is plainly worse than the one before, which is kept.
    #[error("the new result of `{stage}` is worse than the one before, which is kept: {how}")]
    Worse {
        /// The stage.
        stage: Stage,
        /// In what.
        how: String,
    },
    /// A folder or a file of the library.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The audio.
    #[error("failed to decode")]
    Decode(#[source] DecodeError),
    /// The words.
    #[error("failed to transcribe")]
    Transcribe(#[source] TranscribeError),
    /// The transcript that somebody else made.
    #[error(transparent)]
    Import(ImportError),
    /// The tracks.
    #[error(transparent)]
    Tracks(#[from] TrackError),
    /// Another cut of the audio.
    #[error(transparent)]
    Retime(#[from] RetimeError),
    /// The weights.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The page.
    #[error("failed to render")]
    Render(#[from] RenderError),
    /// The folder that is published.
    #[error("failed to publish")]
    Publish(#[from] PublishError),
}

impl PipelineError {
    /// Whether what was given to listen to is no good, so that there is nothing to go on with.
    pub fn refuses_audio(&self) -> bool {
        match self {
            PipelineError::Faults(faults) => faults.0.iter().any(PipelineError::refuses_audio),
            PipelineError::Decode(_)
            | PipelineError::Tracks(_)
            | PipelineError::Library(LibraryError::NotRegular { .. }) => true,
            _ => false,
        }
    }

    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            PipelineError::Changed { .. } => {
                Some("run again once it is written to its end; nothing was published".into())
            }
            PipelineError::Faults(_) => {
                Some("put these right and run again; nothing was done yet".into())
            }
            PipelineError::Worse { .. } => Some(
                "`--force` takes the new one; with the settings of before, nothing runs again"
                    .into(),
            ),
            PipelineError::Library(fault) => fault.hint(),
            PipelineError::Render(_) => Some(
                "mend that template in the show's `templates/`, or move it away for the built-in one"
                    .into(),
            ),
            PipelineError::Engine(fault) => fault.hint(),
            PipelineError::Tracks(fault) => Some(fault.hint().into()),
            PipelineError::Retime(fault) => Some(fault.hint()),
            _ => None,
        }
    }
}

/// One episode with everything its stages need.
pub struct Pipeline<'a> {
    folder: EpisodeFolder,
    show: Show,
    episode: Episode,
    edits: Edits,
    voices: Vec<RememberedVoice>,
    /// Name, path and text of each of the show's templates.
    templates: Vec<(String, String, String)>,
    /// The transcript that somebody else made.
    transcript: Option<Vec<u8>>,
    settings: Settings,
    engines: &'a mut dyn Engines,
    progress: &'a dyn Progress,
    manifest: Manifest,
    sources: Sources,
    /// What was known of the stage at work before.
    replaced: Option<Entry>,
    /// The files that the stage at work has left so far.
    left: BTreeMap<String, FileMark>,
    recording: Option<Recording>,
    /// What the segmentation network said of the recording.
    windows: Option<Vec<Window>>,
    names: Vec<NameProposal>,
}

impl<'a> Pipeline<'a> {
    /// Reads what people wrote about the episode, once for the whole run, and what the machine knows
    /// of it.
    pub fn open(
        folder: EpisodeFolder,
        settings: Settings,
        engines: &'a mut dyn Engines,
        progress: &'a dyn Progress,
    ) -> Result<Pipeline<'a>, PipelineError> {
        // what a killed run made ready is put in place before anything is read
        switch::finish(&folder)?;
        let mut faults = Faults::default();
        let show = faults.keep(folder.read_show());
        let episode = faults.keep(folder.read_episode());
        let edits = faults.keep(edits::read(&folder.edits_toml()));
        let (voices, templates) = match folder.show_root() {
            Some(show) => (
                faults.keep(VoiceFolder::of_show(&show).read_all()),
                faults.keep(theme::sources(&show)),
            ),
            None => (Vec::new(), Vec::new()),
        };
        let transcript = folder
            .transcript_file(&episode)
            .and_then(|path| path.map(|path| read_bounded(&path)).transpose());
        let transcript = faults.keep(transcript);
        faults.told()?;
        let manifest = Manifest::read(&folder.work_file(MANIFEST_FILE))?;
        let sources = Sources::new(manifest.sources.clone());
        Ok(Pipeline {
            folder,
            show,
            episode,
            edits,
            voices,
            templates,
            transcript,
            settings,
            engines,
            progress,
            manifest,
            sources,
            replaced: None,
            left: BTreeMap::new(),
            recording: None,
            windows: None,
            names: Vec::new(),
        })
    }

    /// What people wrote about the episode and cannot be read, as sentences; to be told before the
    /// long work, too.
    pub fn unreadable(&self) -> Vec<String> {
        let of_show = self.folder.show_root().map(|root| root.join("show.toml"));
        let files = [
            (of_show.unwrap_or_default(), values::of_show(&self.show)),
            (self.folder.episode_toml(), values::of_episode(&self.episode)),
            (self.folder.edits_toml(), values::of_edits(&self.edits)),
        ];
        let said = |(path, values): (PathBuf, Vec<Unreadable>)| {
            values.into_iter().map(move |value| format!("`{}`: {value}", path.display()))
        };
        files.into_iter().flat_map(said).collect()
    }

    /// The edition with other corrections than those that are written down; nothing is kept of it.
    pub fn with_edits(&mut self, edits: &Edits) -> Result<Edition, PipelineError> {
        let material = self.material()?;
        let (times, _) = self.times(&material, edits)?;
        Ok(material.edited(edits, &times).0)
    }

    /// The corrections that are written down.
    pub fn edits(&self) -> &Edits {
        &self.edits
    }

    /// Runs what is asked for and not fresh.
    pub fn run(&mut self, request: Request) -> Result<Report, PipelineError> {
        self.make_way("lock")?;
        let _lock = EpisodeLock::take(&self.folder)?;
        self.refuse_early(request)?;
        // another run may have ended since
        self.manifest = Manifest::read(&self.folder.work_file(MANIFEST_FILE))?;
        let before = self.manifest.clone();
        let mut report = Report::default();
        for stage in self.stages(request) {
            let forced = request.from.is_some_and(|from| stage >= from);
            if !forced && self.why_stale(stage)?.is_none() {
                report.fresh.push(stage);
                continue;
            }
            if self.needs_sound_again(stage) {
                report.fresh.retain(|fresh| *fresh != Stage::Decode);
                report.ran.push((Stage::Decode, self.run_stage(Stage::Decode)?));
            }
            let seconds = self.run_stage(stage)?;
            report.ran.push((stage, seconds));
        }
        if request.until == Stage::Publish {
            self.sources.keep_used();
        }
        self.manifest.sources.clone_from(self.sources.known());
        if self.manifest != before {
            self.write_manifest()?;
        }
        self.tell(request, report)
    }

    /// The report with what the stages warn of, and what was heard.
    fn tell(&self, request: Request, mut report: Report) -> Result<Report, PipelineError> {
        for stage in self.stages(request) {
            let entry = self.manifest.stages.get(&stage);
            let warnings = entry.iter().flat_map(|entry| &entry.warnings);
            report.warnings.extend(warnings.map(|warning| (stage, warning.clone())));
        }
        if request.until >= Stage::Render {
            report.warnings.extend(self.unreadable().into_iter().map(|said| (Stage::Render, said)));
        }
        let listens = request.until >= Stage::Edit && !self.is_imported();
        report.names = if listens { self.heard_names()? } else { Vec::new() };
        let page = self.folder.out().join("index.html");
        report.page = (request.until == Stage::Publish && page.is_file()).then_some(page);
        if report.page.is_some() {
            report.next = self.next()?;
        }
        Ok(report)
    }

    /// Which stages would run, and why, without running any.
    pub fn explain(
        &mut self,
        request: Request,
    ) -> Result<Vec<(Stage, Option<String>)>, PipelineError> {
        let mut upstream: Option<Stage> = None;
        let mut reasons = BTreeMap::new();
        for stage in self.stages(request) {
            let why = if request.from.is_some_and(|from| stage >= from) {
                Some("it was asked for with `--from`".to_string())
            } else {
                let own = match self.why_stale(stage) {
                    // what an earlier stage makes again may be what is missing
                    Err(_) if upstream.is_some() => None,
                    own => own?,
                };
                own.or_else(|| {
                    upstream
                        .map(|before| format!("`{before}` runs before it and may change its input"))
                })
            };
            if why.is_some() && upstream.is_none() {
                upstream = Some(stage);
            }
            reasons.insert(stage, why);
        }
        Ok(reasons.into_iter().collect())
    }

    /// The stages that this episode has, up to the last that is asked for.
    fn stages(&self, request: Request) -> Vec<Stage> {
        let all = Stage::ALL.into_iter();
        all.filter(|stage| *stage <= request.until && self.applies(*stage)).collect()
    }

    /// Why a stage has to run; `None` where its result is still good.
    fn why_stale(&mut self, stage: Stage) -> Result<Option<String>, PipelineError> {
        // of what never ran the sources need not be read
        if !self.manifest.stages.contains_key(&stage) {
            return Ok(self.manifest.why_stale(stage, &[]));
        }
        self.sources.begin();
        let depends_on = self.depends_on(stage)?;
        let changed = self.manifest.why_stale(stage, &depends_on);
        Ok(changed.or_else(|| {
            let missing = self.missing_file(stage, false)?;
            Some(format!("`{}` is missing or was changed", missing.display()))
        }))
    }

    /// Whether the stage listens to sound that is kept, and that is damaged although nothing seemed
    /// to have happened to it.
    fn needs_sound_again(&mut self, stage: Stage) -> bool {
        let listens = match stage {
            Stage::Detect | Stage::Transcribe | Stage::Diarize => true,
            Stage::Edit => self.listens_again(),
            _ => false,
        };
        listens && self.recording.is_none() && self.missing_file(Stage::Decode, true).is_some()
    }

    /// Runs one stage, keeps what it leaves, and returns the seconds it took.
    fn run_stage(&mut self, stage: Stage) -> Result<f64, PipelineError> {
        // a stage that fails half way must not look fresh
        self.replaced = self.manifest.stages.remove(&stage);
        if self.replaced.is_some() {
            self.write_manifest()?;
        }
        self.sources.begin();
        self.depends_on(stage)?;
        self.left.clear();
        let begun = Instant::now();
        let span = tracing::info_span!("stage", stage = stage.verb(), episode = self.folder.name());
        let worked = span.in_scope(|| self.work(stage));
        // a file that changes while it is read may look damaged
        self.must_be_unchanged()?;
        let warnings = match worked {
            Err(worse @ PipelineError::Worse { .. }) => {
                self.put_back(stage)?;
                return Err(worse);
            }
            worked => worked?,
        };
        self.delete_older(stage)?;
        // weights that were missing are in place now, and their hash is known; files are as they
        // were before the stage
        let depends_on = self.depends_on(stage)?;
        let seconds = (begun.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        let version = env!("CARGO_PKG_VERSION").to_string();
        let files = std::mem::take(&mut self.left);
        let result = Fingerprint::of_files(&files);
        let entry = Entry { version, depends_on, result, files, seconds, warnings };
        self.manifest.stages.insert(stage, entry);
        self.manifest.sources.clone_from(self.sources.known());
        self.write_manifest()?;
        Ok(seconds)
    }

    /// What a stage read has to be what its result is said to depend on.
    fn must_be_unchanged(&self) -> Result<(), PipelineError> {
        match self.sources.changed() {
            Some(path) => Err(PipelineError::Changed { path: path.to_path_buf() }),
            None => Ok(()),
        }
    }

    fn work(&mut self, stage: Stage) -> Done {
        match stage {
            Stage::Decode => self.decode(),
            Stage::Detect => self.detect(),
            Stage::Transcribe => self.transcribe(),
            Stage::Diarize => self.diarize(),
            Stage::Attribute if self.is_imported() => self.attribute_imported(),
            Stage::Attribute => self.attribute(),
            Stage::Edit => self.edit(),
            Stage::Render => self.render(),
            Stage::Publish => self.publish(),
        }
    }

    fn write_manifest(&self) -> Result<(), LibraryError> {
        self.manifest.write(&self.make_way(MANIFEST_FILE)?)
    }
}
