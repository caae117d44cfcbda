//! Remembers the voices of a finished episode.
//!
//! One bad episode must not spoil what a show knows of somebody, so most of what could be learned is
//! not: only listed people, only names that a person confirmed or that are very sure, only speech
//! that is long and surely one person's, and nothing that is unlike what is remembered already.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::attribute::names::{Evidence, NameProposal};
use crate::diarize::{Diarization, Voice};
use crate::edit::given_away;
use crate::edit::naming::{Naming, Voices};
use crate::library::LibraryError;
use crate::library::edits;
use crate::library::episode::Person;
use crate::library::folder::EpisodeFolder;
use crate::library::voices::{HeardIn, RememberedVoice, VoiceFolder};
use crate::pipeline::depends::people_of;
use crate::pipeline::records::{DIARIZATION, NAMES, Names, conversation_of, left_by};
use crate::speech::{ModelId, SpeakerLabel, SpeakerName};
use crate::stage::Stage;
use crate::time::{Ms, Span};

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
    /// Its place in the order in which the voices first speak, counted from 1.
    pub number: u32,
    /// Whose it is, as far as that is known.
    pub name: Option<SpeakerName>,
    /// How much clear speech was learned, in milliseconds; `None` where nothing was.
    pub learned: Option<Ms>,
    /// Where the name comes from, or why nothing was learned.
    pub because: Because,
}

/// Why a voice was learned, or was not.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// A person named it in `edits.toml`.
    Confirmed,
    /// Its name was heard.
    Heard(Evidence),
    /// Nobody says who it is.
    Nobody,
    /// The name that was heard is not sure enough.
    Unsure {
        /// How sure it is, 0 to 1.
        confidence: f32,
    },
    /// Several of the people who are listed have the name.
    SeveralPeople,
    /// Nobody who is listed has it.
    Unlisted,
    /// Too little of it is long and clear.
    TooShort {
        /// How much is.
        clear: Ms,
        /// How much is needed.
        needed: Ms,
    },
    /// It is unlike itself: perhaps several people.
    Mixed {
        /// The mean similarity to itself, -1 to 1.
        consistency: f32,
    },
    /// A person gave a part of it to others.
    Corrected {
        /// The part, 0 to 1.
        share: f64,
    },
    /// What is remembered was made by other weights.
    OtherWeights {
        /// Those.
        remembered: ModelId,
        /// These.
        heard: ModelId,
    },
    /// It is unlike the voice that is remembered.
    Unlike {
        /// The similarity, -1 to 1.
        similarity: f32,
    },
    /// It is like the remembered voice of somebody else.
    LikeAnother {
        /// Whose.
        person: SpeakerName,
    },
}

/// What an episode tells of its voices.
struct EpisodeVoices {
    diarization: Diarization,
    names: Vec<NameProposal>,
    people: Vec<Person>,
    naming: Naming,
    /// The stretches that a person gave to others than their voice's own.
    given_away: Vec<(Span, SpeakerName)>,
}

impl EpisodeVoices {
    fn read(folder: &EpisodeFolder) -> Result<EpisodeVoices, LibraryError> {
        let diarization: Diarization = left_by(folder, Stage::Diarize, DIARIZATION)?
            .ok_or_else(|| LibraryError::NotDiarized { path: folder.root().to_path_buf() })?;
        let edits = edits::read(&folder.edits_toml())?;
        let people = people_of(&folder.read_episode()?, &folder.read_show()?);
        let conversation = conversation_of(folder)?.unwrap_or_default();
        let voices = Voices { conversation: &conversation, turns: &diarization.turns };
        let names: Names = left_by(folder, Stage::Edit, NAMES)?.unwrap_or_default();
        let (naming, _) = Naming::new(voices, &edits, &[], &people, &names.given);
        let given_away = given_away(&conversation, &naming, &edits);
        Ok(EpisodeVoices { diarization, names: names.heard, people, naming, given_away })
    }

    /// Whose voice it is and how that is known, or why it is not known well enough.
    fn name(&self, label: &SpeakerLabel) -> Result<(&Person, Because), (Option<String>, Because)> {
        let heard = self.names.iter().find(|proposal| proposal.label == *label);
        let (name, because) = match (self.naming.chosen(label), heard) {
            (Some(name), _) => (&name.0, Because::Confirmed),
            (None, None) => return Err((None, Because::Nobody)),
            (None, Some(heard)) => {
                let likeness = match &heard.evidence {
                    Evidence::KnownVoice(known) => known.likeness,
                    Evidence::Said { .. } | Evidence::OwnTrack => 1.0,
                };
                if heard.confidence < MIN_CONFIDENCE || likeness < MIN_LIKENESS {
                    let unsure = Because::Unsure { confidence: heard.confidence };
                    return Err((Some(heard.name.clone()), unsure));
                }
                (&heard.name, Because::Heard(heard.evidence.clone()))
            }
        };
        let is_meant = |person: &&Person| person.name == *name || person.short_name() == name;
        let mut meant = self.people.iter().filter(is_meant);
        match (meant.next(), meant.next()) {
            (Some(person), None) => Ok((person, because)),
            (Some(_), Some(_)) => Err((Some(name.clone()), Because::SeveralPeople)),
            (None, _) => Err((Some(name.clone()), Because::Unlisted)),
        }
    }

    /// The share of a voice's turns that a person gave to somebody else, 0 to 1.
    fn corrected(&self, label: &SpeakerLabel, person: &Person) -> f64 {
        let turns = self.diarization.turns.iter().filter(|turn| turn.label == *label);
        let is_other = |name: &SpeakerName| name.0 != person.name && name.0 != person.short_name();
        let others = self.given_away.iter().filter(|(_, name)| is_other(name));
        let spans: Vec<Span> = others.map(|(span, _)| *span).collect();
        let (mut all, mut gone) = (Ms::ZERO, Ms::ZERO);
        for turn in turns {
            all = all + turn.span.duration();
            gone = spans.iter().fold(gone, |sum, span| sum + span.overlap(turn.span));
        }
        gone.as_seconds() / all.as_seconds().max(0.001)
    }
}

/// Learns the voices of an episode into its show's folder; an outcome a voice, in the labels' order.
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
        let number = episode.naming.number(label);
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
                Outcome { label: label.clone(), number, name, learned, because }
            }
            Err((name, because)) => {
                let name = name.map(SpeakerName);
                Outcome { label: label.clone(), number, name, learned: None, because }
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
) -> Result<RememberedVoice, Because> {
    let Some(clear) = voice.clear.as_ref().filter(|clear| clear.speech >= MIN_SPEECH) else {
        let clear = voice.clear.as_ref().map_or(Ms::ZERO, |clear| clear.speech);
        return Err(Because::TooShort { clear, needed: MIN_SPEECH });
    };
    if clear.consistency < MIN_CONSISTENCY {
        return Err(Because::Mixed { consistency: clear.consistency });
    }
    if corrected > MAX_CORRECTED {
        return Err(Because::Corrected { share: corrected });
    }
    let mut own = remembered.get(&person.name).cloned().unwrap_or_else(|| RememberedVoice {
        name: SpeakerName(person.name.clone()),
        model: model.clone(),
        episodes: Vec::new(),
    });
    if own.model.sha256 != model.sha256 {
        return Err(Because::OtherWeights { remembered: own.model.clone(), heard: model.clone() });
    }
    let similarity = |voice: &RememberedVoice| {
        let known = voice.without(episode)?;
        Some(known.centroid.iter().zip(&clear.centroid).map(|(x, y)| x * y).sum::<f32>())
    };
    if let Some(alike) = similarity(&own).filter(|&alike| alike < MIN_SIMILARITY) {
        return Err(Because::Unlike { similarity: alike });
    }
    let another = remembered.values().filter(|voice| voice.name != own.name).find(|voice| {
        voice.model.sha256 == model.sha256
            && similarity(voice).is_some_and(|alike| alike > LIKE_ANOTHER)
    });
    if let Some(another) = another {
        return Err(Because::LikeAnother { person: another.name.clone() });
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
