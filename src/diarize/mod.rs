//! Recording + speech regions -> [`Diarization`]: who speaks when, under anonymous labels.
//!
//! Windows of ten seconds tell who of up to three local speakers speaks in each frame; units of one of
//! them alone, from pause to pause, become embeddings; these are clustered to the voices of the
//! episode, each unit goes to the voice that it is most like, and the windows laid over each other tell
//! how many speak at once.
//! Names are not this stage's: the labels are anonymous and valid within one episode.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use self::assign::HeardUnit;
use self::units::Unit;
use crate::decode::Recording;
use crate::detect::SpeechRegions;
use crate::progress::Progress;
use crate::segmentation::{WINDOW_FRAMES, Window, frame_count};
use crate::speech::{ModelId, SpeakerLabel, Turn};
use crate::stage::Stage;
use crate::time::{Ms, Span};

mod assign;
mod campplus;
mod clear;
mod cluster;
mod confidence;
mod embed;
mod fbank;
mod known;
pub mod oracle;
mod resegment;
mod spurious;
mod tuning;
mod turns;
mod units;
mod vectors;

pub use clear::{ClearSpeech, voice_of_track};
pub use confidence::UnsureStretch;
pub use embed::{EmbedError, NetworkEmbedder, ScriptedEmbedder, SpeakerEmbedder};
pub use known::{KnownMatch, KnownVoice};
pub use tuning::Tuning;

/// Who speaks when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diarization {
    /// Turns sorted by start; turns of different speakers may overlap, of one speaker they do not.
    pub turns: Vec<Turn>,
    /// What is known of each speaker's voice.
    pub voices: BTreeMap<SpeakerLabel, Voice>,
    /// Which voices are those of people whom the show remembers; those that are sure only.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub known: BTreeMap<SpeakerLabel, KnownMatch>,
    /// Stretches whose speaker is not quite sure, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsure: Vec<UnsureStretch>,
    /// The weights of the speaker embedding.
    pub embedder: ModelId,
}

impl Diarization {
    /// The turns without overlap, sorted: who spoke first keeps the floor until the turn ends, and
    /// the other has what is left.
    ///
    /// ```
    /// use linernotes::diarize::Diarization;
    /// use linernotes::speech::{ModelId, SpeakerLabel, Turn};
    /// use linernotes::time::{Ms, Span};
    /// let turn = |start, end, who| Turn {
    ///     span: Span::new(Ms::new(start), Ms::new(end)).unwrap(),
    ///     label: SpeakerLabel::from_index(who),
    /// };
    /// let diarization = Diarization {
    ///     turns: vec![turn(0, 500, 0), turn(400, 900, 1)],
    ///     voices: [].into(),
    ///     known: [].into(),
    ///     unsure: [].into(),
    ///     embedder: ModelId { name: "scripted".into(), sha256: "scripted".into() },
    /// };
    /// assert_eq!(diarization.exclusive(), [turn(0, 500, 0), turn(500, 900, 1)]);
    /// ```
    pub fn exclusive(&self) -> Vec<Turn> {
        let mut taken = Ms::new(i64::MIN);
        let mut exclusive = Vec::with_capacity(self.turns.len());
        for turn in &self.turns {
            if let Some(span) = Span::new(turn.span.start().max(taken), turn.span.end()) {
                taken = span.end();
                exclusive.push(Turn { span, label: turn.label.clone() });
            }
        }
        exclusive
    }
}

/// A speaker's voice within one episode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Voice {
    /// L2-normalised mean of the speaker's embeddings, shape (dim,); empty where no stretch was
    /// long enough to have one.
    pub centroid: Vec<f32>,
    /// How much speech of this person alone the mean rests on.
    pub speech: Ms,
    /// What of it is surely one person's, for a show to remember; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear: Option<ClearSpeech>,
}

/// How many people there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeakerCount {
    /// At least this many.
    pub min: usize,
    /// At most this many.
    pub max: usize,
}

impl SpeakerCount {
    /// As many as are heard.
    pub const AUTO: SpeakerCount = SpeakerCount { min: 1, max: usize::MAX };

    /// Exactly this many.
    pub const fn exactly(count: usize) -> SpeakerCount {
        SpeakerCount { min: count, max: count }
    }
}

/// How speakers are found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiarizeSettings {
    /// How many people there are.
    pub speakers: SpeakerCount,
    /// What nobody sets.
    pub tuning: Tuning,
}

impl Default for DiarizeSettings {
    fn default() -> DiarizeSettings {
        DiarizeSettings { speakers: SpeakerCount::AUTO, tuning: Tuning::default() }
    }
}

/// The person asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("interrupted")]
pub struct Interrupted;

/// What a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiarizeWarning {
    /// A speaker who says very little: perhaps not one, or somebody else.
    ShortVoice {
        /// Who.
        label: SpeakerLabel,
        /// How long all turns are together.
        speech: Ms,
    },
    /// Fewer voices were heard than were asked for.
    FewerSpeakers {
        /// How many were asked for.
        wanted: usize,
        /// How many there are.
        found: usize,
    },
}

impl fmt::Display for DiarizeWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DiarizeWarning::ShortVoice { label, speech } => write!(
                f,
                "{label} speaks for {:.1} s only and may be one of the others",
                speech.as_seconds()
            ),
            DiarizeWarning::FewerSpeakers { wanted, found } => {
                write!(f, "{found} voices were heard, not the {wanted} that were asked for")
            }
        }
    }
}

/// Finds who speaks when. `windows` are those of the recording; `known` are voices that the show
/// remembers, which must have been made by the embedder's own weights.
pub fn diarize(
    recording: &Recording,
    regions: &SpeechRegions,
    windows: &[Window],
    embedder: &mut dyn SpeakerEmbedder,
    known: &[KnownVoice],
    settings: &DiarizeSettings,
    progress: &dyn Progress,
) -> Result<(Diarization, Vec<DiarizeWarning>), Interrupted> {
    let tuning = &settings.tuning;
    progress.start(Stage::Diarize, recording.duration());
    let speech = units::speech_frames(regions, frame_count(recording.samples.len()), tuning);
    let holds_speech = |window: &&Window| {
        let end = speech.len().min(window.first.0 + WINDOW_FRAMES);
        speech[window.first.0.min(end)..end].contains(&true)
    };
    let windows: Vec<Window> = windows.iter().filter(holds_speech).cloned().collect();
    let mut ear = Ear { samples: &recording.samples, embedder, progress };
    let heard = ear.heard(units::units(&windows, &speech, tuning), tuning)?;
    let voices = voices(&heard, known, settings);
    let stretches = assign::stretches(heard, &voices);
    let clear = clear::clear_speech(&stretches, &voices);
    let embed = |pieces: &[Span]| ear.embed(pieces);
    let stretches = resegment::resegmented(stretches, &voices, tuning, embed)?;
    let speaking = turns::speaking(&windows, &stretches, voices.len(), &speech);
    let (turns, order) = turns::labelled(&turns::turns(&speaking, tuning));

    let label_of = |voice: usize| {
        let index = order.iter().position(|&known| known == voice)?;
        Some(SpeakerLabel::from_index(index))
    };
    let means: Vec<&[f32]> = order.iter().map(|&voice| voices[voice].mean.as_slice()).collect();
    let matches = (0..).map(SpeakerLabel::from_index).zip(known::matches(&means, known));
    let unsure = confidence::unsure(&stretches, &voices).into_iter();
    let voices = voices.iter().zip(clear).enumerate().filter_map(|(number, (voice, clear))| {
        let speech = Ms::from_seconds(f64::from(voice.seconds));
        Some((label_of(number)?, Voice { centroid: voice.mean.clone(), speech, clear }))
    });
    let diarization = Diarization {
        turns,
        voices: voices.collect(),
        known: matches.filter_map(|(label, found)| Some((label, found?))).collect(),
        unsure: unsure
            .filter_map(|(span, voice, confidence)| {
                Some(UnsureStretch { span, label: label_of(voice)?, confidence })
            })
            .collect(),
        embedder: ear.embedder.id(),
    };
    let warnings = warnings(&diarization, settings);
    progress.finish(Stage::Diarize);
    Ok((diarization, warnings))
}

/// The recording with the network that knows voices.
struct Ear<'a> {
    samples: &'a [f32],
    embedder: &'a mut dyn SpeakerEmbedder,
    progress: &'a dyn Progress,
}

impl Ear<'_> {
    /// The units with their embeddings, where they are long enough.
    fn heard(&mut self, units: Vec<Unit>, tuning: &Tuning) -> Result<Vec<HeardUnit>, Interrupted> {
        let min = Ms::new(tuning.min_embedded_ms);
        let is_long = |unit: &Unit| unit.span().duration() >= min;
        let long: Vec<Span> = units.iter().filter(|unit| is_long(unit)).map(Unit::span).collect();
        let mut embeddings = Vec::with_capacity(long.len());
        for batch in long.chunks(self.embedder.batch().max(1)) {
            embeddings.extend(self.embed(batch)?);
            let done = batch.last().map(|piece| piece.end());
            self.progress.advance(Stage::Diarize, done.unwrap_or(Ms::ZERO));
        }
        let mut embeddings = embeddings.into_iter();
        let mut heard = |unit: Unit| {
            let embedding = if is_long(&unit) { embeddings.next().flatten() } else { None };
            HeardUnit { unit, embedding }
        };
        Ok(units.into_iter().map(&mut heard).collect())
    }

    /// An embedding a piece, in order.
    fn embed(&mut self, pieces: &[Span]) -> Result<Vec<Option<Vec<f32>>>, Interrupted> {
        let mut embeddings = Vec::with_capacity(pieces.len());
        for batch in pieces.chunks(self.embedder.batch().max(1)) {
            if self.progress.cancelled() {
                return Err(Interrupted);
            }
            embeddings.extend(self.embedder.embed(self.samples, batch));
        }
        Ok(embeddings)
    }
}

/// The voices of the episode, from units that are long enough to be trusted.
fn voices(
    heard: &[HeardUnit],
    known: &[KnownVoice],
    settings: &DiarizeSettings,
) -> Vec<cluster::Voice> {
    let embedded = heard.iter().filter(|heard| heard.embedding.is_some());
    let longest = embedded.map(|heard| heard.unit.seconds());
    // One breath or one word in all: take what there is.
    let least = tuning::seconds(settings.tuning.min_voice_ms).min(longest.fold(0.0, f32::max));
    let trusted: Vec<cluster::Sample<'_>> = heard
        .iter()
        .filter(|heard| heard.unit.seconds() >= least)
        .filter_map(|heard| {
            let embedding = heard.embedding.as_deref()?;
            Some(cluster::Sample { embedding, seconds: heard.unit.seconds() })
        })
        .collect();
    let voices = cluster::voices(&trusted, settings.speakers, known, &settings.tuning);
    if voices.is_empty() && !heard.is_empty() {
        // Somebody makes a sound, too short to know them by.
        return vec![cluster::Voice { mean: Vec::new(), seconds: 0.0 }];
    }
    voices
}

/// Below this a speaker is reported as doubtful.
const SHORT_VOICE: Ms = Ms::new(3_000);

fn warnings(diarization: &Diarization, settings: &DiarizeSettings) -> Vec<DiarizeWarning> {
    let mut speech: BTreeMap<&SpeakerLabel, Ms> = BTreeMap::new();
    for turn in &diarization.turns {
        let sum = speech.entry(&turn.label).or_default();
        *sum = *sum + turn.span.duration();
    }
    let mut warnings: Vec<_> = speech
        .iter()
        // Who speaks alone cannot be one of the others.
        .filter(|&(_, &own)| own < SHORT_VOICE && speech.len() > 1)
        .map(|(&label, &speech)| DiarizeWarning::ShortVoice { label: label.clone(), speech })
        .collect();
    let (wanted, found) = (settings.speakers.min, speech.len());
    if found < wanted && found > 0 {
        warnings.push(DiarizeWarning::FewerSpeakers { wanted, found });
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::SourceInfo;
    use crate::progress::Silent;
    use crate::segmentation::{ListenToWindows, window_starts};

    fn span(start_ms: i64, end_ms: i64) -> Span {
        Span::new(Ms::new(start_ms), Ms::new(end_ms)).unwrap()
    }

    /// Diarizes silence of that length in which the script tells who speaks.
    fn diarized(
        seconds: usize,
        script: &[(Span, usize)],
        settings: &DiarizeSettings,
    ) -> Diarization {
        let recording =
            Recording { samples: vec![0.0; seconds * 16_000], source: SourceInfo::default() };
        let mut embedder = ScriptedEmbedder { script: script.to_vec() };
        let starts = window_starts(recording.samples.len(), 3);
        let windows = embedder.windows(&recording.samples, &starts);
        let regions = SpeechRegions {
            regions: script.iter().map(|&(span, _)| span).collect(),
            sounds: Vec::new(),
        };
        diarize(&recording, &regions, &windows, &mut embedder, &[], settings, &Silent).unwrap().0
    }

    fn close(turns: &[Turn], expected: &[(Span, usize)]) {
        assert_eq!(turns.len(), expected.len(), "{turns:?}");
        for (turn, (span, who)) in turns.iter().zip(expected) {
            assert_eq!(turn.label, SpeakerLabel::from_index(*who));
            let near = |a: Ms, b: Ms| (a - b).get().abs() <= 20;
            assert!(near(turn.span.start(), span.start()), "{turn:?} is not {span:?}");
            assert!(near(turn.span.end(), span.end()), "{turn:?} is not {span:?}");
        }
    }

    #[test]
    fn three_people_keep_their_turns_and_overlap() {
        let script = [
            (span(1_000, 12_000), 0),
            (span(11_500, 18_000), 1),
            (span(18_500, 30_000), 2),
            (span(31_000, 40_000), 0),
        ];
        let diarization = diarized(42, &script, &DiarizeSettings::default());
        close(&diarization.turns, &script);
        assert_eq!(diarization.voices.len(), 3);
    }

    #[test]
    fn a_count_is_kept_where_it_can_be() {
        let script = [(span(1_000, 12_000), 0), (span(13_000, 24_000), 1)];
        let settings =
            DiarizeSettings { speakers: SpeakerCount::exactly(1), ..DiarizeSettings::default() };
        assert_eq!(diarized(25, &script, &settings).voices.len(), 1);
    }

    #[test]
    fn little_or_nothing_is_no_trouble() {
        let settings = DiarizeSettings::default();
        assert!(diarized(0, &[], &settings).turns.is_empty());
        assert!(diarized(5, &[], &settings).turns.is_empty());
        let word = [(span(1_000, 1_300), 3)];
        let alone = diarized(2, &word, &settings);
        assert_eq!(alone.turns.len(), 1);
        assert_eq!(warnings(&alone, &settings), []);
    }
}
