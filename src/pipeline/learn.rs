//! Remembers the voices of a finished episode.
//!
//! One bad episode must not spoil what a show knows of somebody, so most of what could be learned is
//! not: only listed people, only names that a person confirmed or that are very sure, only speech
//! that is long and surely one person's, and nothing that is unlike what is remembered already.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::attribute::names::NameProposal;
use crate::diarize::{Diarization, Voice};
use crate::disk::is_there;
use crate::edit::edits::{Edits, Range};
use crate::library::LibraryError;
use crate::library::episode::Person;
use crate::library::folder::EpisodeFolder;
use crate::library::voices::{HeardIn, RememberedVoice, VoiceFolder};
use crate::library::written::read_toml;
use crate::pipeline::depends::people_of;
use crate::pipeline::records::{DIARIZATION, NAMES, left_by};
use crate::speech::{ModelId, SpeakerLabel, SpeakerName};
use crate::stage::Stage;
use crate::time::Ms;

/// The least clear speech that is worth remembering.
const MIN_SPEECH: Ms = Ms::new(10_000);
/// The least mean similarity of the speech to its own centroid: in development data one voice has
/// 0.7 and more, two voices under one label less than 0.6.
const MIN_CONSISTENCY: f32 = 0.6;
/// How sure a name must be that no person confirmed.
const MIN_CONFIDENCE: f32 = 0.85;
/// How alike a voice must be that has its name from nothing but its likeness.
const MIN_LIKENESS: f32 = 0.75;
/// The least similarity to what is remembered of the person.
const MIN_SIMILARITY: f32 = 0.5;
/// From here on it is like somebody else who is remembered.
const LIKE_ANOTHER: f32 = 0.75;
/// The share of a voice's speech that a person may have given to others.
const MAX_CORRECTED: f64 = 0.1;

/// What became of one of the episode's voices.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Which voice.
    pub label: SpeakerLabel,
    /// Whose it is, as far as that is known.
    pub name: Option<SpeakerName>,
    /// How much clear speech was learned, in milliseconds; `None` where nothing was.
    pub learned: Option<Ms>,
    /// Where the name comes from, or why nothing was learned.
    pub because: String,
}

/// What an episode tells of its voices.
struct EpisodeVoices {
    diarization: Diarization,
    names: Vec<NameProposal>,
    edits: Edits,
    people: Vec<Person>,
}

impl EpisodeVoices {
    fn read(folder: &EpisodeFolder) -> Result<EpisodeVoices, LibraryError> {
        let diarization = left_by(folder, Stage::Diarize, DIARIZATION)?
            .ok_or_else(|| LibraryError::NotDiarized { path: folder.root().to_path_buf() })?;
        let edits = folder.edits_toml();
        Ok(EpisodeVoices {
            diarization,
            names: left_by(folder, Stage::Edit, NAMES)?.unwrap_or_default(),
            edits: if is_there(&edits) { read_toml(&edits)? } else { Edits::default() },
            people: people_of(&folder.read_episode()?, &folder.read_show()?),
        })
    }

    /// Whose voice it is and how that is known, or why it is not known well enough.
    fn name(&self, label: &SpeakerLabel) -> Result<(&Person, String), (Option<String>, String)> {
        let heard = self.names.iter().find(|proposal| proposal.label == *label);
        let (name, because) = match (self.edits.names.get(&label.0), heard) {
            (Some(name), _) => (name, "named in `edits.toml`".to_owned()),
            (None, None) => return Err((None, "nobody says who it is".into())),
            (None, Some(heard)) => {
                let by_voice = heard.evidence.starts_with("a known voice");
                let likeness = heard.known.as_ref().map_or(1.0, |known| known.likeness);
                if heard.confidence < MIN_CONFIDENCE || by_voice && likeness < MIN_LIKENESS {
                    let why = format!(
                        "the name is not sure enough ({:.0} %); confirm it in `edits.toml`",
                        heard.confidence * 100.0
                    );
                    return Err((Some(heard.name.clone()), why));
                }
                let how = if by_voice {
                    heard.evidence.clone()
                } else {
                    format!("“{}”", heard.evidence)
                };
                (&heard.name, how)
            }
        };
        let is_meant = |person: &&Person| person.name == *name || person.short_name() == name;
        let mut meant = self.people.iter().filter(is_meant);
        match (meant.next(), meant.next()) {
            (Some(person), None) => Ok((person, because)),
            (Some(_), Some(_)) => Err((Some(name.clone()), "several people have that name".into())),
            (None, _) => Err((
                Some(name.clone()),
                "only people listed in `show.toml` or `episode.toml` are remembered".into(),
            )),
        }
    }

    /// The share of a voice's turns that a person gave to somebody else, 0 to 1.
    fn corrected(&self, label: &SpeakerLabel, person: &Person) -> f64 {
        let turns = self.diarization.turns.iter().filter(|turn| turn.label == *label);
        let others = self
            .edits
            .speaker
            .iter()
            .filter(|change| change.name != person.name && change.name != person.short_name());
        let spans: Vec<_> =
            others.filter_map(|change| Range { from: change.from, to: change.to }.span()).collect();
        let (mut all, mut gone) = (Ms::ZERO, Ms::ZERO);
        for turn in turns {
            all = all + turn.span.duration();
            gone = spans.iter().fold(gone, |sum, span| sum + span.overlap(turn.span));
        }
        gone.as_seconds() / all.as_seconds().max(0.001)
    }
}

/// Learns the voices of an episode into its show's folder; a outcome a voice, in the labels' order.
pub fn learn(folder: &EpisodeFolder) -> Result<(VoiceFolder, Vec<Outcome>), LibraryError> {
    let show = folder
        .show_root()
        .ok_or_else(|| LibraryError::NoShow { path: folder.root().to_path_buf() })?;
    let voices = VoiceFolder::of_show(&show);
    let episode = EpisodeVoices::read(folder)?;
    let mut remembered: BTreeMap<String, RememberedVoice> =
        voices.read_all()?.into_iter().map(|voice| (voice.name.0.clone(), voice)).collect();
    let mut outcomes = Vec::new();
    for (label, voice) in &episode.diarization.voices {
        let outcome = match episode.name(label) {
            Err((name, why)) => Err((name, why)),
            Ok((person, because)) => {
                let corrected = episode.corrected(label, person);
                let model = &episode.diarization.embedder;
                enroll(voice, person, corrected, &folder.name(), model, &remembered)
                    .map(|enrolled| (enrolled, because))
                    .map_err(|why| (Some(person.name.clone()), why))
            }
        };
        outcomes.push(match outcome {
            Ok((voice, because)) => {
                let speech = voice.episodes.iter().find(|heard| heard.episode == folder.name());
                let learned = speech.map(|heard| heard.speech);
                voices.write(&voice)?;
                let name = Some(voice.name.clone());
                remembered.insert(voice.name.0.clone(), voice);
                Outcome { label: label.clone(), name, learned, because }
            }
            Err((name, because)) => {
                let name = name.map(SpeakerName);
                Outcome { label: label.clone(), name, learned: None, because }
            }
        });
    }
    Ok((voices, outcomes))
}

/// What is remembered of the person after this episode, or why nothing was learned.
fn enroll(
    voice: &Voice,
    person: &Person,
    corrected: f64,
    episode: &str,
    model: &ModelId,
    remembered: &BTreeMap<String, RememberedVoice>,
) -> Result<RememberedVoice, String> {
    let Some(clear) = voice.clear.as_ref().filter(|clear| clear.speech >= MIN_SPEECH) else {
        let speech = voice.clear.as_ref().map_or(Ms::ZERO, |clear| clear.speech);
        return Err(format!(
            "only {:.1} s are long and clear enough, of {:.0} s that are needed",
            speech.as_seconds(),
            MIN_SPEECH.as_seconds()
        ));
    };
    if clear.consistency < MIN_CONSISTENCY {
        return Err(format!(
            "the speech under this label is unlike itself ({:.2}): perhaps several people",
            clear.consistency
        ));
    }
    if corrected > MAX_CORRECTED {
        return Err(format!("{:.0} % of it was given to others", corrected * 100.0));
    }
    let mut own = remembered.get(&person.name).cloned().unwrap_or_else(|| RememberedVoice {
        name: SpeakerName(person.name.clone()),
        model: model.clone(),
        episodes: Vec::new(),
    });
    if own.model.sha256 != model.sha256 {
        return Err(format!(
            "what is remembered was made by {} ({:.8}) and cannot be joined with {} ({:.8}); `linernotes voices forget` first",
            own.model.name, own.model.sha256, model.name, model.sha256
        ));
    }
    let similarity = |voice: &RememberedVoice| {
        let known = voice.without(episode)?;
        Some(known.centroid.iter().zip(&clear.centroid).map(|(x, y)| x * y).sum::<f32>())
    };
    if let Some(alike) = similarity(&own).filter(|&alike| alike < MIN_SIMILARITY) {
        return Err(format!(
            "it is unlike the voice that is remembered ({alike:.2}); if it is the same person, `linernotes voices forget` first"
        ));
    }
    let another = remembered.values().filter(|voice| voice.name != own.name).find(|voice| {
        voice.model.sha256 == model.sha256
            && similarity(voice).is_some_and(|alike| alike > LIKE_ANOTHER)
    });
    if let Some(another) = another {
        return Err(format!("it is like the remembered voice of {}", another.name));
    }
    own.hear(HeardIn {
        episode: episode.to_owned(),
        speech: clear.speech,
        centroid: clear.centroid.clone(),
    });
    Ok(own)
}

#[cfg(test)]
mod tests;
