//! Diarization that is told a part of the truth, to see which part of it costs the errors.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Diarization, DiarizeError, DiarizeSettings, EmbedError, Piece, ScriptedEmbedder, SpeakerCount,
    SpeakerEmbedder, diarize,
};
use crate::decode::Recording;
use crate::detect::SpeechRegions;
use crate::progress::Progress;
use crate::segmentation::{FrameIndex, Window};
use crate::speech::{ModelId, SpeakerLabel, Turn};
use crate::time::Span;

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// What the networks are told.
    pub activity: Activity,
    /// Whether the number of people is told.
    pub count: bool,
}

/// What is told of who is active when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// Nothing: it is all found.
    Found,
    /// When anybody speaks. The network still says who of its local speakers it is.
    Speech,
    /// Every turn within a window of ten seconds. Whose voice it is, across windows, is still found.
    Turns,
}

/// Every combination, what is told least first.
pub const ORACLES: [Told; 6] = [
    Told { activity: Activity::Found, count: false },
    Told { activity: Activity::Found, count: true },
    Told { activity: Activity::Speech, count: false },
    Told { activity: Activity::Speech, count: true },
    Told { activity: Activity::Turns, count: false },
    Told { activity: Activity::Turns, count: true },
];

/// Diarizes once for each of [`ORACLES`], in their order. `truth` are the true turns, `regions` the
/// speech that was found.
///
/// # Errors
/// As [`diarize`].
pub fn oracles(
    recording: &Recording,
    regions: &SpeechRegions,
    network: &mut dyn SpeakerEmbedder,
    truth: &[Turn],
    settings: &DiarizeSettings,
    progress: &dyn Progress,
) -> Result<Vec<Diarization>, DiarizeError> {
    let people: BTreeSet<&SpeakerLabel> = truth.iter().map(|turn| &turn.label).collect();
    let number = |label| people.iter().position(|known| *known == label).unwrap_or_default();
    let script = truth.iter().map(|turn| (turn.span, number(&turn.label))).collect();
    let mut truly_spoken: Vec<Span> = truth.iter().map(|turn| turn.span).collect();
    truly_spoken.sort_unstable();
    let true_regions = SpeechRegions { regions: truly_spoken, sounds: Vec::new() };
    let mut embedder = OracleEmbedder {
        network,
        truth: ScriptedEmbedder { script },
        activity: Activity::Found,
        windows: BTreeMap::new(),
        embeddings: BTreeMap::new(),
    };
    let mut found = Vec::with_capacity(ORACLES.len());
    for told in ORACLES {
        embedder.activity = told.activity;
        let regions = if told.activity == Activity::Found { regions } else { &true_regions };
        let mut settings = settings.clone();
        if told.count {
            settings.speakers = SpeakerCount::exactly(people.len());
        }
        found.push(diarize(recording, regions, &mut embedder, &[], &settings, progress)?.0);
    }
    Ok(found)
}

/// The networks, told a part of the truth. What they said is kept, so that asking again costs
/// nothing.
struct OracleEmbedder<'a> {
    network: &'a mut dyn SpeakerEmbedder,
    truth: ScriptedEmbedder,
    activity: Activity,
    windows: BTreeMap<FrameIndex, Window>,
    embeddings: BTreeMap<Vec<Span>, Option<Vec<f32>>>,
}

impl OracleEmbedder<'_> {
    /// The window with nobody where nobody speaks, and somebody where somebody does.
    fn with_true_speech(&self, window: &Window) -> Window {
        let rows = (window.first.0..).zip(&window.classes).map(|(frame, row)| {
            if self.truth.speakers_at(FrameIndex(frame)).is_empty() {
                return std::array::from_fn(|class| if class == 0 { 1.0 } else { 0.0 });
            }
            let somebody: f32 = row[1..].iter().sum();
            let mut row = row.map(|p| p / somebody.max(f32::MIN_POSITIVE));
            row[0] = 0.0;
            row
        });
        Window { first: window.first, classes: rows.collect() }
    }
}

impl SpeakerEmbedder for OracleEmbedder<'_> {
    fn batch(&self) -> usize {
        self.network.batch()
    }

    fn windows(
        &mut self,
        samples: &[f32],
        starts: &[FrameIndex],
    ) -> Result<Vec<Window>, EmbedError> {
        if self.activity == Activity::Turns {
            return self.truth.windows(samples, starts);
        }
        let missing: Vec<FrameIndex> =
            starts.iter().copied().filter(|first| !self.windows.contains_key(first)).collect();
        if !missing.is_empty() {
            let heard = self.network.windows(samples, &missing)?;
            self.windows.extend(heard.into_iter().map(|window| (window.first, window)));
        }
        let heard = starts.iter().filter_map(|first| self.windows.get(first));
        Ok(match self.activity {
            Activity::Speech => heard.map(|window| self.with_true_speech(window)).collect(),
            Activity::Found | Activity::Turns => heard.cloned().collect(),
        })
    }

    fn embed(
        &mut self,
        samples: &[f32],
        pieces: &[Piece],
    ) -> Result<Vec<Option<Vec<f32>>>, EmbedError> {
        let is_new = |piece: &&Piece| !self.embeddings.contains_key(&piece.spans);
        let missing: Vec<Piece> = pieces.iter().filter(is_new).cloned().collect();
        if !missing.is_empty() {
            let embeddings = self.network.embed(samples, &missing)?;
            let spans = missing.into_iter().map(|piece| piece.spans);
            self.embeddings.extend(spans.zip(embeddings));
        }
        Ok(pieces
            .iter()
            .map(|piece| self.embeddings.get(&piece.spans).cloned().flatten())
            .collect())
    }

    fn id(&self) -> ModelId {
        self.network.id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::SourceInfo;
    use crate::progress::Silent;
    use crate::score::der;
    use crate::time::Ms;

    fn turn(start: i64, end: i64, who: usize) -> Turn {
        let span = Span::new(Ms::new(start), Ms::new(end)).unwrap();
        Turn { span, label: SpeakerLabel::from_index(who) }
    }

    /// Speech missed and confused in the order of [`ORACLES`], where the networks hear `heard`.
    fn errors(truth: &[Turn], heard: &[(Turn, usize)]) -> Vec<(Ms, Ms)> {
        let recording =
            Recording { samples: vec![0.0; 40 * 16_000], source: SourceInfo::default() };
        let script: Vec<(Span, usize)> =
            heard.iter().map(|(turn, who)| (turn.span, *who)).collect();
        let regions = SpeechRegions {
            regions: script.iter().map(|&(span, _)| span).collect(),
            sounds: Vec::new(),
        };
        let mut network = ScriptedEmbedder { script };
        let settings = DiarizeSettings::default();
        let found = oracles(&recording, &regions, &mut network, truth, &settings, &Silent).unwrap();
        let score = |found: Diarization| der::score(truth, &found.turns, Ms::new(100), None).errors;
        found.into_iter().map(score).map(|errors| (errors.missed, errors.confusion)).collect()
    }

    #[test]
    fn each_part_of_the_truth_takes_away_the_errors_of_its_stage() {
        let truth = [turn(0, 10_000, 0), turn(10_000, 20_000, 1), turn(20_000, 30_000, 0)];
        let heard = |spans: &[(Turn, usize)]| errors(&truth, spans);
        let none = (Ms::ZERO, Ms::ZERO);
        assert_eq!(heard(&truth.clone().map(|turn| (turn.clone(), own(&turn)))), [none; 6]);

        // What nobody heard is missed until the turns are told.
        let deaf = heard(&[(truth[0].clone(), 0), (truth[1].clone(), 1)]);
        assert!(deaf[..2].iter().all(|(missed, _)| missed.get() > 9_000), "{deaf:?}");
        assert!(deaf[4..].iter().all(|(missed, _)| *missed == Ms::ZERO), "{deaf:?}");

        // A voice that changes is confused until the number is told, whatever else is.
        let voices = heard(&[(truth[0].clone(), 0), (truth[1].clone(), 1), (truth[2].clone(), 2)]);
        assert!(voices.iter().all(|(missed, _)| *missed == Ms::ZERO), "{voices:?}");
        assert!([0, 2, 4].iter().all(|&n| voices[n].1.get() > 9_000), "{voices:?}");
    }

    fn own(turn: &Turn) -> usize {
        usize::from(turn.label == SpeakerLabel::from_index(1))
    }
}
