//! Recording + speech regions -> [`Diarization`]: who speaks when, under anonymous labels.
//!
//! Windows of ten seconds tell who of up to three local speakers speaks in each frame; the sound of
//! each local speaker alone becomes an embedding; embeddings are clustered over the whole episode;
//! the windows, with clusters for local speakers, are laid over each other and read off as turns.
//! Names are not this stage's: the labels are anonymous and valid within one episode.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::decode::Recording;
use crate::detect::SpeechRegions;
use crate::progress::Progress;
use crate::segmentation::{LOCAL_SPEAKERS, Window, frame_count, window_starts};
use crate::speech::{ModelId, SpeakerLabel, Turn};
use crate::stage::Stage;
use crate::time::{Ms, Span};

mod cluster;
mod embed;
mod fbank;
mod turns;
mod windows;

pub use embed::{EmbedError, NetworkEmbedder, Piece, ScriptedEmbedder, SpeakerEmbedder};

/// Who speaks when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diarization {
    /// Turns sorted by start; turns of different speakers may overlap, of one speaker they do not.
    pub turns: Vec<Turn>,
    /// What is known of each speaker's voice.
    pub voices: BTreeMap<SpeakerLabel, Voice>,
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

/// What can be set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiarizeSettings {
    /// How many people there are.
    pub speakers: SpeakerCount,
    /// Mean cosine distance up to which two clusters are one voice, 0 to 2.
    pub cut: f32,
    /// Frames of 16.875 ms from one window to the next.
    pub step_frames: usize,
    /// Sound of one person alone below which an embedding is not trusted to make a new speaker.
    pub min_piece_ms: i64,
    /// Sound of one person alone that is embedded per window at most.
    pub max_piece_ms: i64,
    /// Pauses within one speaker below this are part of the turn.
    pub min_gap_ms: i64,
    /// Turns below this are left out.
    pub min_turn_ms: i64,
}

impl Default for DiarizeSettings {
    fn default() -> DiarizeSettings {
        DiarizeSettings {
            speakers: SpeakerCount::AUTO,
            cut: 0.5,         // first light; see docs/decisions/0006-speaker-clustering.md
            step_frames: 148, // 2.5 s: see the same record
            min_piece_ms: 1_500, // below, one voice differs from itself as from others
            max_piece_ms: 4_000, // what the time budget allows
            min_gap_ms: 300,  // pauses within a sentence
            min_turn_ms: 100, // shorter than any word
        }
    }
}

/// Why no diarization can be made.
#[derive(Debug, Error)]
pub enum DiarizeError {
    /// A network failed.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The person asked to stop.
    #[error("interrupted")]
    Interrupted,
}

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

/// Finds who speaks when.
pub fn diarize(
    recording: &Recording,
    regions: &SpeechRegions,
    embedder: &mut dyn SpeakerEmbedder,
    settings: &DiarizeSettings,
    progress: &dyn Progress,
) -> Result<(Diarization, Vec<DiarizeWarning>), DiarizeError> {
    let duration = recording.duration();
    progress.start(Stage::Diarize, duration);
    let samples = &recording.samples;
    let frames = frame_count(samples.len());
    let speech = windows::speech_frames(&regions.regions, Ms::ZERO, frames);

    let starts: Vec<_> = window_starts(samples.len(), settings.step_frames)
        .into_iter()
        .filter(|first| {
            let end = frames.min(first.0 + crate::segmentation::WINDOW_FRAMES);
            speech[first.0.min(end)..end].contains(&true)
        })
        .collect();
    let mut seen = Vec::with_capacity(starts.len());
    for batch in starts.chunks(embedder.batch().max(1)) {
        if progress.cancelled() {
            return Err(DiarizeError::Interrupted);
        }
        seen.extend(embedder.windows(samples, batch)?);
        let done = seen.last().map_or(Ms::ZERO, |window: &Window| window.first.start());
        progress.advance(Stage::Diarize, Ms::new(done.get() / 2));
    }

    let max_frames = usize::try_from(settings.max_piece_ms * 16 / 270).unwrap_or(0);
    let locals: Vec<windows::Local> = seen
        .iter()
        .enumerate()
        .flat_map(|(number, window)| {
            let active = windows::active_frames(window, &speech);
            windows::locals(number, window.first, &active, max_frames)
        })
        .collect();
    let mut embeddings = Vec::with_capacity(locals.len());
    for batch in locals.chunks(embedder.batch().max(1)) {
        if progress.cancelled() {
            return Err(DiarizeError::Interrupted);
        }
        let pieces: Vec<Piece> = batch.iter().map(|local| local.piece.clone()).collect();
        embeddings.extend(embedder.embed(samples, &pieces)?);
        let done = batch.last().map_or(0, |local| local.window);
        let done = seen.get(done).map_or(Ms::ZERO, |window| window.first.start());
        progress.advance(Stage::Diarize, Ms::new(i64::midpoint(duration.get(), done.get())));
    }

    let voices = clustered(&locals, &embeddings, settings);
    let mut activity = turns::Activity::new(frames, voices.means.len());
    let mut of_window = vec![[None; LOCAL_SPEAKERS]; seen.len()];
    for (local, cluster) in locals.iter().zip(&voices.of_local) {
        of_window[local.window][local.slot] = *cluster;
    }
    for (window, clusters) in seen.iter().zip(of_window) {
        activity.add(window, clusters);
    }
    let spans = turns::turns(
        &activity.speaking(&speech),
        Ms::new(settings.min_gap_ms),
        Ms::new(settings.min_turn_ms),
    );
    let (turns, order) = turns::labelled(&spans);
    let voices = order
        .iter()
        .enumerate()
        .map(|(index, &cluster)| {
            let (centroid, speech) = voices.means[cluster].clone();
            (SpeakerLabel::from_index(index), Voice { centroid, speech })
        })
        .collect();
    let diarization = Diarization { turns, voices, embedder: embedder.id() };
    let warnings = warnings(&diarization, settings);
    progress.finish(Stage::Diarize);
    Ok((diarization, warnings))
}

/// The clusters of an episode.
struct Voices {
    /// Mean embedding and how much sound it rests on, per cluster.
    means: Vec<(Vec<f32>, Ms)>,
    /// The cluster of each local speaker.
    of_local: Vec<Option<usize>>,
}

fn clustered(
    locals: &[windows::Local],
    embeddings: &[Option<Vec<f32>>],
    settings: &DiarizeSettings,
) -> Voices {
    let min_piece = Ms::new(settings.min_piece_ms);
    let longest = locals.iter().map(|local| local.piece.duration()).max().unwrap_or(Ms::ZERO);
    // One breath or one word in all: take what there is.
    let min_piece = min_piece.min(longest);
    let trusted: Vec<usize> = (0..locals.len())
        .filter(|&n| embeddings[n].is_some() && locals[n].piece.duration() >= min_piece)
        .collect();
    let views: Vec<&[f32]> = trusted.iter().filter_map(|&n| embeddings[n].as_deref()).collect();
    let bounds = cluster::Bounds { min: settings.speakers.min, max: settings.speakers.max.max(1) };
    let clusters = cluster::average_linkage(&views, settings.cut, bounds);
    let count = clusters.iter().max().map_or(0, |&last| last + 1);
    let dim = views.first().map_or(0, |view| view.len());
    let mut sums = vec![(vec![0.0_f32; dim], Ms::ZERO); count];
    for ((view, &cluster), &n) in views.iter().zip(&clusters).zip(&trusted) {
        let (sum, speech) = &mut sums[cluster];
        for (total, x) in sum.iter_mut().zip(*view) {
            *total += x;
        }
        *speech = *speech + locals[n].piece.duration();
    }
    let means: Vec<(Vec<f32>, Ms)> = sums
        .into_iter()
        .map(|(sum, speech)| (embed::normalised(sum).unwrap_or_else(|| vec![0.0; dim]), speech))
        .collect();
    let centroids: Vec<Vec<f32>> = means.iter().map(|(mean, _)| mean.clone()).collect();
    let mut of_local: Vec<Option<usize>> = embeddings
        .iter()
        .map(|embedding| {
            embedding
                .as_ref()
                .filter(|_| !centroids.is_empty())
                .map(|embedding| cluster::nearest(embedding, &centroids).0)
        })
        .collect();
    for (&n, &cluster) in trusted.iter().zip(&clusters) {
        of_local[n] = Some(cluster);
    }
    Voices { means, of_local }
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
        .filter(|&(_, &speech)| speech < SHORT_VOICE)
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
        let regions = SpeechRegions {
            regions: script.iter().map(|&(span, _)| span).collect(),
            sounds: Vec::new(),
        };
        diarize(&recording, &regions, &mut embedder, settings, &Silent).unwrap().0
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
        assert_eq!(diarized(2, &word, &settings).turns.len(), 1);
    }
}
