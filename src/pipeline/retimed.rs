//! A new cut of an episode's audio takes the place of the old one: what was found and written is moved to
//! where it is now, and only what is new is listened to.
//!
//! Everything is made ready beside the old files, and put in place at once by [`Switch`]. What the stages
//! from `detect` to `diarize` would find is moved, not found again; the later ones run as ever.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::decode::Recording;
use crate::detect::{self, SpeechRegions};
use crate::diarize::{self, Diarization, DiarizeSettings, KnownVoice};
use crate::edit::edits::Edits;
use crate::formats::rttm;
use crate::library::artifact::{read_bounded, write_record};
use crate::library::edits;
use crate::library::episode::Episode;
use crate::library::fingerprint::Fingerprint;
use crate::library::folder::EpisodeFolder;
use crate::library::lock::EpisodeLock;
use crate::library::manifest::{Entry, Manifest};
use crate::library::sources::Sources;
use crate::library::switch::Switch;
use crate::library::written::parse_toml;
use crate::pipeline::records::{
    COVERAGE, DIARIZATION, NAMES, Names, SPEECH, TRANSCRIPT, TURNS_FILE, edition_of,
};
use crate::pipeline::stages::in_words;
use crate::pipeline::{Pipeline, PipelineError};
use crate::retime::written::{Mover, Rewritten, with_audio};
use crate::retime::{self, Map, records};
use crate::segmentation;
use crate::speech::{Segment, SpeakerName};
use crate::stage::Stage;
use crate::time::{Ms, Span};
use crate::transcribe::coverage::coverage;
use crate::transcribe::store::MemoryStore;
use crate::transcribe::{self, TranscribeError, Transcript};

mod report;

pub use report::{RetimeError, Retimed};

/// How much is heard around a new stretch: half of what the network hears at once.
const AROUND: Ms = Ms::new(5_000);

/// The stages whose results are moved.
const MOVED: [Stage; 3] = [Stage::Detect, Stage::Transcribe, Stage::Diarize];

/// What was found in the old audio.
struct Old {
    samples: Vec<f32>,
    speech: SpeechRegions,
    transcript: Transcript,
    diarization: Diarization,
    names: Names,
    /// When the paragraphs of the page begin.
    paragraphs: Vec<Ms>,
}

/// What was heard in the new stretches.
#[derive(Default)]
struct Heard {
    speech: SpeechRegions,
    segments: Vec<Segment>,
    diarizations: Vec<Diarization>,
}

impl Pipeline<'_> {
    /// Takes another cut of the audio for the episode's. The stages from `attribute` on are to be run
    /// afterwards, with the episode opened again.
    ///
    /// # Errors
    /// If it is another recording, or anything cannot be moved; nothing is changed then.
    pub fn retime(&mut self, audio: &Path) -> Result<Retimed, PipelineError> {
        self.make_way("lock")?;
        let _lock = EpisodeLock::take(&self.folder)?;
        self.manifest = Manifest::read(&self.folder.work_file(super::records::MANIFEST_FILE))?;
        let old = self.old(audio)?;
        let folder = self.folder.clone();
        let switch = Switch::begin(&folder)?;
        let mut episode = self.episode.clone();
        episode.audio = folder.reference(audio);
        let named = episode.audio.clone();
        let before = std::mem::take(&mut self.manifest.stages);
        let mut new = self.beside(folder.working_in(switch.work()), episode);
        new.run_stage(Stage::Decode)?;
        let recording = new.recording()?;
        let map = retime::find(&old.samples, &recording.samples)
            .map_err(|cause| RetimeError::Another { path: audio.to_path_buf(), cause })?;
        let heard = new.hear(&recording, &old, &before, &map)?;
        let transcript = new.keep_moved(&old, heard, &before, &map)?;
        new.write_manifest()?;
        let told = |spans: Vec<Span>, said: &Transcript| -> Vec<(Span, String)> {
            spans.into_iter().map(|span| (span, records::first_words(said, span))).collect()
        };
        let (removed, added) =
            (told(map.removed(), &old.transcript), told(map.added(), &transcript));
        let written = moved_files(&folder, &old, &map, &named)?;
        for (path, file) in &written {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            switch.add(&name.unwrap_or_default(), file.text.as_bytes())?;
        }
        let mut retimed = Retimed { removed, added, written, before: PathBuf::new() };
        switch.note("what-was-moved.txt", &retimed.lines().join("\n"))?;
        retimed.before = switch.done()?;
        Ok(retimed)
    }

    /// What there is to move; refuses an episode or an audio with which that cannot be done.
    fn old(&mut self, audio: &Path) -> Result<Old, PipelineError> {
        let path = self.folder.root().to_path_buf();
        if self.is_imported() {
            return Err(RetimeError::Imported { path }.into());
        }
        if self.has_tracks() {
            return Err(RetimeError::Tracks { path }.into());
        }
        for stage in [Stage::Decode].into_iter().chain(MOVED) {
            if self.missing_file(stage, true).is_some()
                || !self.manifest.stages.contains_key(&stage)
            {
                return Err(RetimeError::NotRun { path, stage }.into());
            }
        }
        if Fingerprint::of_file(audio)?.to_string() == self.decoded_audio() {
            return Err(RetimeError::Same { path: audio.to_path_buf() }.into());
        }
        let paragraphs = edition_of(&self.folder)
            .map(|edition| edition.paragraphs().map(|p| p.span.start()).collect());
        Ok(Old {
            samples: self.recording()?.samples,
            speech: self.load(SPEECH)?,
            transcript: self.load(TRANSCRIPT)?,
            diarization: self.load(DIARIZATION)?,
            names: self.load(NAMES).unwrap_or_default(),
            paragraphs: paragraphs.unwrap_or_default(),
        })
    }

    /// The same episode with other audio, and another folder for what is found.
    fn beside(&mut self, folder: EpisodeFolder, episode: Episode) -> Pipeline<'_> {
        let sources = Sources::new(self.manifest.sources.clone());
        Pipeline {
            folder,
            show: self.show.clone(),
            episode,
            edits: Edits::default(),
            voices: self.voices.clone(),
            templates: Vec::new(),
            transcript: None,
            settings: self.settings.clone(),
            engines: &mut *self.engines,
            progress: self.progress,
            manifest: Manifest::default(),
            sources,
            replaced: None,
            left: BTreeMap::new(),
            recording: None,
            windows: None,
            names: Vec::new(),
        }
    }

    /// Listens to what is new.
    fn hear(
        &mut self,
        recording: &Recording,
        old: &Old,
        before: &BTreeMap<Stage, Entry>,
        map: &Map,
    ) -> Result<Heard, PipelineError> {
        let mut heard = Heard::default();
        for added in map.added().into_iter().filter(|span| !records::is_brief(*span)) {
            let around =
                Span::at_least_1ms((added.start() - AROUND).max(Ms::ZERO), added.end() + AROUND);
            let offset = around.start();
            let part = Recording {
                samples: recording.slice(around).to_vec(),
                source: recording.source.clone(),
            };
            let windows = self.windows(&part, Stage::Detect)?;
            let found = detect::detect_speech(&part, &windows, &self.settings.detect);
            let within = |spans: &[Span]| -> Vec<Span> {
                spans.iter().filter_map(|span| span.shift(offset).intersection(added)).collect()
            };
            let speech =
                SpeechRegions { regions: within(&found.regions), sounds: within(&found.sounds) };
            if !speech.regions.is_empty() {
                let here = |spans: &[Span]| -> Vec<Span> {
                    spans.iter().map(|span| span.shift(Ms::ZERO - offset)).collect()
                };
                let local = SpeechRegions { regions: here(&speech.regions), sounds: Vec::new() };
                let spoken = self.who_speaks(&part, &local, &windows, &old.diarization)?;
                heard.diarizations.push(shifted(spoken, offset, added));
            }
            heard.speech.regions.extend(speech.regions);
            heard.speech.sounds.extend(speech.sounds);
        }
        if !heard.speech.regions.is_empty() {
            heard.segments =
                self.what_is_said(recording, &heard.speech, &old.transcript, before)?;
        }
        Ok(heard)
    }

    /// Who speaks in a new stretch; the episode's own voices are known by their labels.
    fn who_speaks(
        &mut self,
        part: &Recording,
        regions: &SpeechRegions,
        windows: &[segmentation::Window],
        old: &Diarization,
    ) -> Result<Diarization, PipelineError> {
        let mut embedder = self.engines.embedder()?;
        let is_comparable = embedder.id().sha256 == old.embedder.sha256;
        let voices =
            old.voices.iter().filter(|(_, voice)| is_comparable && !voice.centroid.is_empty());
        let known: Vec<KnownVoice> = voices
            .map(|(label, voice)| KnownVoice {
                person: SpeakerName(label.0.clone()),
                centroid: voice.centroid.clone(),
                episodes: 1,
            })
            .collect();
        let settings = DiarizeSettings::default();
        let (found, _) = diarize::diarize(
            part,
            regions,
            windows,
            embedder.as_mut(),
            &known,
            &settings,
            self.progress,
        )
        .map_err(|diarize::Interrupted| PipelineError::Interrupted(Stage::Diarize))?;
        Ok(found)
    }

    /// What is said in the new stretches, by the recognizer that heard the others.
    fn what_is_said(
        &mut self,
        recording: &Recording,
        regions: &SpeechRegions,
        old: &Transcript,
        before: &BTreeMap<Stage, Entry>,
    ) -> Result<Vec<Segment>, PipelineError> {
        let known = before.get(&Stage::Transcribe).into_iter().flat_map(|entry| &entry.depends_on);
        let model =
            known.filter(|on| on.name == "the recognizer").map(|on| on.value.clone()).next();
        let mut recognizer =
            self.engines.recognizer(model.as_ref().unwrap_or(&self.settings.model))?;
        let mut settings = self.transcribe_settings();
        if old.language != "und" {
            settings.language = Some(old.language.clone());
        }
        let (transcript, _) = transcribe::transcribe(
            recording,
            regions,
            recognizer.as_mut(),
            &settings,
            &mut MemoryStore::default(),
            self.progress,
        )
        .map_err(|error| match error {
            TranscribeError::Interrupted => PipelineError::Interrupted(Stage::Transcribe),
            error @ TranscribeError::Recognizer(_) => PipelineError::Transcribe(error),
        })?;
        Ok(transcript.segments)
    }

    /// Keeps what the moved stages would have found, each under what its old result depended on.
    fn keep_moved(
        &mut self,
        old: &Old,
        heard: Heard,
        before: &BTreeMap<Stage, Entry>,
        map: &Map,
    ) -> Result<Transcript, PipelineError> {
        let speech = records::speech(&old.speech, heard.speech, map);
        self.left.clear();
        self.keep(SPEECH, &speech)?;
        self.entered(Stage::Detect, before, map);
        let transcript = records::transcript(&old.transcript, &heard.segments, map);
        self.keep(TRANSCRIPT, &transcript)?;
        let coverage = coverage(&transcript, &speech);
        self.keep(COVERAGE, &coverage)?;
        self.entered(Stage::Transcribe, before, map);
        if let Some(entry) = self.manifest.stages.get_mut(&Stage::Transcribe) {
            let is_of_coverage = |warning: &String| warning.contains("without words");
            entry.warnings.retain(|warning| !is_of_coverage(warning));
            entry.warnings.extend(in_words(&Vec::from_iter(coverage.warning())));
        }
        let diarization = records::diarization(&old.diarization, heard.diarizations, map);
        let turns = BTreeMap::from([(self.folder.name(), diarization.turns.clone())]);
        self.keep_bytes(TURNS_FILE, rttm::print(&turns).as_bytes())?;
        self.keep(DIARIZATION, &diarization)?;
        self.entered(Stage::Diarize, before, map);
        // what is known of names is no stage's result, and `edit` finds it there
        let names = Names { heard: Vec::new(), given: records::given(&old.names.given, map) };
        write_record(&self.make_way(NAMES.file)?, NAMES.schema, &names)?;
        Ok(transcript)
    }

    /// Enters a moved stage: it depends on what it depended on, but for the results before it.
    fn entered(&mut self, stage: Stage, before: &BTreeMap<Stage, Entry>, map: &Map) {
        let files = std::mem::take(&mut self.left);
        let Some(old) = before.get(&stage) else { return };
        let mut entry = old.clone();
        for on in &mut entry.depends_on {
            let is_of = |earlier: &&Stage| on.name == format!("the result of `{earlier}`");
            let result = Stage::ALL.iter().find(is_of).and_then(|s| self.manifest.stages.get(s));
            if let Some(result) = result {
                on.value = result.result.to_string();
            }
        }
        entry.result = Fingerprint::of_files(&files);
        entry.files = files;
        entry.warnings = old.warnings.iter().map(|said| records::told(said, map)).collect();
        self.manifest.stages.insert(stage, entry);
    }
}

/// A diarization of a part, on the recording's time and within a stretch.
fn shifted(mut found: Diarization, offset: Ms, within: Span) -> Diarization {
    found.turns.retain_mut(|turn| {
        let span = turn.span.shift(offset).intersection(within);
        turn.span = span.unwrap_or(turn.span);
        span.is_some()
    });
    found.unsure.retain_mut(|unsure| {
        let span = unsure.span.shift(offset).intersection(within);
        unsure.span = span.unwrap_or(unsure.span);
        span.is_some()
    });
    let speaks = |label: &_| found.turns.iter().any(|turn| turn.label == *label);
    found.voices.retain(|label, _| speaks(label));
    found
}

/// The people's files with the new times, and with the new audio.
fn moved_files(
    folder: &EpisodeFolder,
    old: &Old,
    map: &Map,
    audio: &str,
) -> Result<Vec<(PathBuf, Rewritten)>, PipelineError> {
    let mover = Mover { map, paragraphs: &old.paragraphs };
    let mut files = Vec::new();
    for path in [folder.episode_toml(), folder.edits_toml()] {
        if !crate::disk::is_there(&path) {
            continue;
        }
        let fault = |message| RetimeError::Written { path: path.clone(), message };
        let text = String::from_utf8_lossy(&read_bounded(&path)?).into_owned();
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut moved = mover.rewritten(text).map_err(fault)?;
        if path == folder.episode_toml() {
            moved.text = with_audio(&moved.text, audio).map_err(fault)?;
            parse_toml::<Episode>(&moved.text).map_err(fault)?;
        } else {
            edits::parse(&moved.text).map_err(fault)?;
        }
        files.push((path, moved));
    }
    Ok(files)
}
