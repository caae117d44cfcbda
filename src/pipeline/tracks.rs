//! Episodes with a microphone a person: the tracks are laid on the episode's time, each is listened
//! to on its own, and whose a word is needs no finding out.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::attribute::names::{Evidence, NameProposal};
use crate::attribute::{Conversation, attribute_tracks, voices_in_order};
use crate::decode::{self, DecodeError, Recording, SourceInfo, align, cache};
use crate::detect::{self, SpeechRegions, binarize, bleed};
use crate::diarize::{Diarization, SpeakerEmbedder, voice_of_track};
use crate::library::LibraryError;
use crate::library::episode::TrackEntry;
use crate::library::fingerprint::Dependency;
use crate::pipeline::records::{MIX_FILE, TRACK_REGIONS, TRACK_TRANSCRIPTS, TRACKS, track_file};
use crate::pipeline::{Pipeline, PipelineError};
use crate::segmentation::listen;
use crate::speech::{SpeakerLabel, Turn};
use crate::stage::Stage;
use crate::time::{Ms, Span};
use crate::transcribe::store::ChunkStore;
use crate::transcribe::{self, TranscribeError, Transcript};

/// Tracks whose sound correlates by this much hold the same sound, -1 to 1.
const SAME_SOUND: f64 = 0.98;
/// A track whose loudest sample is below this is silent: -60 dBFS.
const SILENT: f32 = 0.001;
/// Sound that is kept on each side of a person's own speech; the rest of a track is made silent.
const AIR: Ms = Ms::new(150);

/// A track on the episode's time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct TrackFact {
    /// Whose it is.
    name: String,
    /// How far it begins after the episode's audio.
    offset: Ms,
}

/// Why tracks cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrackError {
    /// The file has fewer channels.
    #[error("`{}` has {channels} channel(s) and no channel {wanted} for {name}", path.display())]
    NoSuchChannel {
        /// The file.
        path: PathBuf,
        /// Its channels.
        channels: u16,
        /// The channel that was asked for, counted from 1.
        wanted: u16,
        /// Whose it would be.
        name: String,
    },
    /// Two tracks or channels are one and the same: a mono recording twice.
    #[error("the tracks of {first} and {second} hold the same sound")]
    SameSound {
        /// Whose the first is.
        first: String,
        /// Whose the second is.
        second: String,
    },
    /// Two tracks are said to be one person's.
    #[error("{name} has two tracks")]
    SameName {
        /// The name.
        name: String,
    },
}

impl TrackError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            TrackError::NoSuchChannel { .. } => {
                "channels are counted from 1; run it without channels to have the speakers found"
            }
            TrackError::SameSound { .. } => {
                "a mono recording on two channels tells nobody apart: run it without tracks or channels, and the speakers are found by their voices"
            }
            TrackError::SameName { .. } => "give each person one track, under one name",
        }
    }
}

impl Pipeline<'_> {
    pub(super) fn has_tracks(&self) -> bool {
        !self.episode.tracks.is_empty()
    }

    /// Whether the episode's audio is a mix of its tracks that is made here.
    pub(super) fn makes_mix(&self) -> bool {
        self.has_tracks() && self.episode.audio.trim().is_empty()
    }

    /// What the decoded tracks depend on.
    pub(super) fn track_dependencies(&mut self) -> Result<Vec<Dependency>, LibraryError> {
        if !self.has_tracks() {
            return Ok(Vec::new());
        }
        let mut files = Vec::new();
        for track in &self.episode.tracks {
            let hash = self.sources.hash(&self.folder.track(&self.episode, track)?)?;
            files.push((&track.audio, track.channel, track.offset_ms, hash));
        }
        Ok(vec![Dependency::hashed("the tracks", &files)])
    }

    /// Decodes the tracks, each as it is.
    fn decoded_tracks(&mut self) -> Result<(Vec<Recording>, Vec<String>), PipelineError> {
        let (mut tracks, mut warnings) = (Vec::new(), Vec::new());
        let entries: Vec<TrackEntry> = self.episode.tracks.clone();
        for (number, entry) in entries.iter().enumerate() {
            let name = &entry.name;
            if entries.iter().take(number).any(|earlier| earlier.name == *name) {
                return Err(TrackError::SameName { name: name.clone() }.into());
            }
            let path = self.folder.track(&self.episode, entry)?;
            let channel = entry.channel.map(|channel| usize::from(channel).saturating_sub(1));
            let limits = &self.settings.decode;
            let (track, found) = decode::decode_channel(&path, channel, limits, self.progress)
                .map_err(|error| match error {
                    DecodeError::Interrupted => PipelineError::Interrupted(Stage::Decode),
                    error => PipelineError::Decode(error),
                })?;
            let channels = track.source.channels;
            if let Some(wanted) = entry.channel.filter(|&wanted| wanted == 0 || wanted > channels) {
                let name = name.clone();
                return Err(TrackError::NoSuchChannel { path, channels, wanted, name }.into());
            }
            warnings.extend(found.iter().map(|warning| format!("the track of {name}: {warning}")));
            if track.samples.iter().all(|sample| sample.abs() < SILENT) {
                warnings.push(format!("the track of {name} is silent"));
            }
            tracks.push(track);
        }
        Ok((tracks, warnings))
    }

    /// Lays the tracks on the time of the episode's audio, or of a mix of them that is made where
    /// there is none, and keeps them.
    pub(super) fn lay_tracks(
        &mut self,
        mix: Option<&Recording>,
    ) -> Result<Vec<String>, PipelineError> {
        let (tracks, mut warnings) = self.decoded_tracks()?;
        let reference = mix.or(tracks.first()).map_or(&[][..], |first| first.samples.as_slice());
        let mut offsets: Vec<Ms> = Vec::new();
        for (number, (entry, track)) in self.episode.tracks.iter().zip(&tracks).enumerate() {
            let is_reference = mix.is_none() && number == 0 || entry.audio.trim().is_empty();
            offsets.push(match entry.offset_ms {
                Some(given) => Ms::new(given),
                None if is_reference => Ms::ZERO,
                None => align::offset(reference, &track.samples).unwrap_or_else(|| {
                    if mix.is_some() {
                        warnings.push(format!(
                            "nothing of the track of {} is heard in the audio: it is taken to begin with it; set `offset_ms` where it does not",
                            entry.name
                        ));
                    }
                    Ms::ZERO
                }),
            });
        }
        if mix.is_none() {
            let earliest = offsets.iter().copied().min().unwrap_or(Ms::ZERO);
            for offset in &mut offsets {
                *offset = *offset - earliest;
            }
        }
        let ends = tracks.iter().zip(&offsets).map(|(track, offset)| track.duration() + *offset);
        let end = mix.map_or_else(|| ends.max().unwrap_or(Ms::ZERO), Recording::duration);
        let length = mix.map_or(end.to_sample().0, |mix| mix.samples.len());
        let laid: Vec<Vec<f32>> = tracks
            .iter()
            .zip(&offsets)
            .map(|(track, &offset)| shifted(&track.samples, offset, length))
            .collect();
        self.refuse_same_sound(&laid)?;
        let facts: Vec<TrackFact> = self
            .episode
            .tracks
            .iter()
            .zip(&offsets)
            .map(|(entry, &offset)| TrackFact { name: entry.name.clone(), offset })
            .collect();
        self.keep(TRACKS, &facts)?;
        if mix.is_none() {
            self.keep_sound(MIX_FILE, &mixed(&laid, length))?;
        }
        for (number, samples) in laid.into_iter().enumerate() {
            self.keep_sound(&track_file(number), &samples)?;
        }
        Ok(warnings)
    }

    fn refuse_same_sound(&self, laid: &[Vec<f32>]) -> Result<(), TrackError> {
        for (second, samples) in laid.iter().enumerate() {
            for (first, earlier) in laid.iter().enumerate().take(second) {
                if correlation(earlier, samples).abs() >= SAME_SOUND {
                    let name = |number: usize| self.episode.tracks[number].name.clone();
                    return Err(TrackError::SameSound { first: name(first), second: name(second) });
                }
            }
        }
        Ok(())
    }

    fn track(&self, number: usize) -> Result<Recording, LibraryError> {
        let path = self.folder.work_file(&track_file(number));
        cache::read_wav(&path, SourceInfo::default()).map_err(LibraryError::io("read", path))
    }

    /// Where each track's own person speaks. `regions` is what was found on the mix: its sounds
    /// stay, and its speech becomes that of all tracks.
    pub(super) fn detect_on_tracks(
        &mut self,
        regions: SpeechRegions,
    ) -> Result<(SpeechRegions, Vec<String>), PipelineError> {
        let segmenter = self.engines.segmenter()?;
        let mut tracks = Vec::new();
        let mut heard = Vec::new();
        for number in 0..self.episode.tracks.len() {
            let track = self.track(number)?;
            let go_on = |_| !self.progress.cancelled();
            let windows = listen(segmenter.as_ref(), &track.samples, 1, go_on)
                .ok_or(PipelineError::Interrupted(Stage::Detect))?;
            heard.push(detect::detect_speech(&track, &windows, &self.settings.detect).regions);
            tracks.push(track.samples);
        }
        let views: Vec<&[f32]> = tracks.iter().map(Vec::as_slice).collect();
        let own = bleed::own_speech(&views, &heard);
        self.keep(TRACK_REGIONS, &own)?;
        let named = own.iter().zip(&self.episode.tracks);
        let quiet = named.filter(|(own, _)| own.is_empty());
        let warnings =
            quiet.map(|(_, entry)| format!("nobody speaks on the track of {}", entry.name));
        let warnings = warnings.collect();
        let mut all: Vec<Span> = own.into_iter().flatten().collect();
        all.sort_unstable();
        let joined = binarize::merge(all, Ms::new(1));
        Ok((SpeechRegions { regions: joined, sounds: regions.sounds }, warnings))
    }

    fn own_speech(&self) -> Result<Vec<Vec<Span>>, LibraryError> {
        self.load(TRACK_REGIONS)
    }

    /// Writes down each track's own speech; all words together in the order of time.
    pub(super) fn transcribe_tracks(
        &mut self,
        store: &mut dyn ChunkStore,
    ) -> Result<(Transcript, Vec<String>), PipelineError> {
        let mut recognizer = self.engines.recognizer(&self.settings.model)?;
        let mut settings = self.transcribe_settings();
        let mut transcripts: Vec<Transcript> = Vec::new();
        let mut warnings = Vec::new();
        for (number, own) in self.own_speech()?.into_iter().enumerate() {
            let mut track = self.track(number)?;
            silence_all_but(&mut track.samples, &own);
            let regions = SpeechRegions { regions: own, sounds: Vec::new() };
            let (transcript, found) = transcribe::transcribe(
                &track,
                &regions,
                recognizer.as_mut(),
                &settings,
                store,
                self.progress,
            )
            .map_err(|error| match error {
                TranscribeError::Interrupted => PipelineError::Interrupted(Stage::Transcribe),
                error @ TranscribeError::Recognizer(_) => PipelineError::Transcribe(error),
            })?;
            if !transcript.segments.is_empty() {
                // Everybody speaks the language of the first who speaks.
                settings.language.get_or_insert_with(|| transcript.language.clone());
            }
            let name = &self.episode.tracks[number].name;
            warnings.extend(found.iter().map(|warning| format!("the track of {name}: {warning}")));
            transcripts.push(transcript);
        }
        self.keep(TRACK_TRANSCRIPTS, &transcripts)?;
        let spoken = transcripts.iter().find(|transcript| !transcript.segments.is_empty());
        let language = spoken.or(transcripts.first()).map(|first| first.language.clone());
        let (mut segments, mut inaudible) = (Vec::new(), Vec::new());
        for transcript in transcripts {
            segments.extend(transcript.segments);
            inaudible.extend(transcript.inaudible);
        }
        segments.sort_by_key(|segment| segment.span);
        inaudible.sort();
        let all = Transcript {
            language: language.unwrap_or_default(),
            segments,
            inaudible,
            recognizer: recognizer.model().clone(),
            engine: recognizer.engine(),
        };
        Ok((all, warnings))
    }

    /// Turns straight from the tracks, and each person's voice.
    pub(super) fn diarize_tracks(
        &mut self,
        embedder: &mut dyn SpeakerEmbedder,
    ) -> Result<Diarization, LibraryError> {
        let own = self.own_speech()?;
        let mut turns = Vec::new();
        let mut voices = std::collections::BTreeMap::new();
        for (number, spans) in own.iter().enumerate() {
            let label = SpeakerLabel::from_index(number);
            turns.extend(spans.iter().map(|&span| Turn { span, label: label.clone() }));
            let others: Vec<Span> = own
                .iter()
                .enumerate()
                .filter(|&(other, _)| other != number)
                .flat_map(|(_, spans)| spans.iter().copied())
                .collect();
            let samples = self.track(number)?.samples;
            let voice = voice_of_track(&samples, spans, &others, embedder);
            voices.insert(label, voice);
        }
        turns.sort();
        let known = std::collections::BTreeMap::new();
        Ok(Diarization { turns, voices, known, unsure: Vec::new(), embedder: embedder.id() })
    }

    /// The words of the tracks, each its track's.
    pub(super) fn attribute_on_tracks(
        &self,
        correct: impl Fn(&mut Transcript),
        regions: &SpeechRegions,
        duration: Ms,
    ) -> Result<Conversation, LibraryError> {
        let mut transcripts: Vec<Transcript> = self.load(TRACK_TRANSCRIPTS)?;
        transcripts.iter_mut().for_each(correct);
        let labelled = (0..).map(SpeakerLabel::from_index).zip(transcripts).collect();
        Ok(attribute_tracks(labelled, regions, duration, &self.settings.attribute))
    }

    /// The people whose tracks they are.
    pub(super) fn names_of_tracks(
        &self,
        conversation: &Conversation,
        diarization: &Diarization,
    ) -> Vec<NameProposal> {
        let people = self.people();
        let order = voices_in_order(conversation, &diarization.turns);
        let entries = self.episode.tracks.iter().enumerate();
        entries
            .map(|(number, entry)| {
                let label = SpeakerLabel::from_index(number);
                let person = people
                    .iter()
                    .find(|person| person.name == entry.name || person.short_name() == entry.name);
                let place = order.iter().zip(1..).find(|(known, _)| **known == label);
                NameProposal {
                    short: person.map_or_else(
                        || entry.name.clone(),
                        |person| person.short_name().to_owned(),
                    ),
                    name: person.map_or_else(|| entry.name.clone(), |person| person.name.clone()),
                    confidence: 1.0,
                    evidence: Evidence::OwnTrack,
                    number: place.map_or(0, |(_, number)| number),
                    known: None,
                    label,
                }
            })
            .collect()
    }
}

/// The track on the episode's time: `length` samples, silence where it has none.
fn shifted(samples: &[f32], offset: Ms, length: usize) -> Vec<f32> {
    let mut laid = vec![0.0; length];
    let (lead, skip) = if offset < Ms::ZERO {
        (0, (Ms::ZERO - offset).to_sample().0)
    } else {
        (offset.to_sample().0, 0)
    };
    let from = samples.get(skip..).unwrap_or_default();
    if let Some(room) = laid.get_mut(lead..) {
        let count = room.len().min(from.len());
        room[..count].copy_from_slice(&from[..count]);
    }
    laid
}

/// The sum of the tracks, softer where it would be too loud.
fn mixed(tracks: &[Vec<f32>], length: usize) -> Vec<f32> {
    let mut mix = vec![0.0_f32; length];
    for track in tracks {
        for (sum, sample) in mix.iter_mut().zip(track) {
            *sum += sample;
        }
    }
    let loudest = mix.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
    if loudest > 0.98 {
        for sample in &mut mix {
            *sample *= 0.98 / loudest;
        }
    }
    mix
}

/// Pearson's correlation of two tracks without their means, -1 to 1; 0 where one is silent.
fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let (mut ab, mut aa, mut bb) = (0.0_f64, 0.0_f64, 0.0_f64);
    for (&x, &y) in a.iter().zip(b) {
        let (x, y) = (f64::from(x), f64::from(y));
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    let full = (aa * bb).sqrt();
    if full > 1e-6 { ab / full } else { 0.0 }
}

/// Makes everything silent that is farther than a little air from the spans.
fn silence_all_but(samples: &mut [f32], spans: &[Span]) {
    let mut at = 0;
    for span in spans {
        let from = (span.start() - AIR).to_sample().0.min(samples.len());
        let to = (span.end() + AIR).to_sample().0.min(samples.len());
        if from > at {
            samples[at..from].fill(0.0);
        }
        at = at.max(to);
    }
    samples[at..].fill(0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_is_laid_wherever_it_begins() {
        let track: Vec<f32> = (1..=48).map(|n| n as f32).collect();
        let laid = |offset| shifted(&track, Ms::new(offset), 64);
        assert_eq!((laid(0)[0], laid(0)[47], laid(0)[48]), (1.0, 48.0, 0.0));
        assert_eq!((laid(1)[15], laid(1)[16], laid(1)[63]), (0.0, 1.0, 48.0));
        assert_eq!((laid(-1)[0], laid(-1)[31], laid(-1)[32]), (17.0, 48.0, 0.0));
        assert!(laid(9_000).iter().chain(&laid(-9_000)).all(|sample| *sample == 0.0));
    }

    #[test]
    fn dual_mono_correlates_however_loud_or_turned_over() {
        let a: Vec<f32> = (0..999).map(|n| (n as f32 * 0.7).sin()).collect();
        let quiet: Vec<f32> = a.iter().map(|x| x * -0.2).collect();
        let other: Vec<f32> = (0..999).map(|n| (n as f32 * 1.3).sin()).collect();
        assert!(correlation(&a, &quiet) < -SAME_SOUND);
        assert!(correlation(&a, &other).abs() < 0.1);
        assert!(correlation(&a, &[0.0; 999]).abs() < 1e-9);
    }

    #[test]
    fn only_own_speech_with_a_little_air_is_left() {
        let mut samples = vec![1.0; 16_000];
        let span = |start, end| Span::new(Ms::new(start), Ms::new(end)).unwrap();
        silence_all_but(&mut samples, &[span(300, 400), span(450, 500)]);
        let at = |ms: usize| samples[ms * 16];
        assert_eq!([100, 160, 420, 640, 660, 999].map(at), [0.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
        silence_all_but(&mut samples, &[]);
        assert!(samples.iter().all(|sample| *sample == 0.0));
    }
}
