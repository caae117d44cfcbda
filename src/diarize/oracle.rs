//! Diarization that is told a part of the truth, to see which part of it costs the errors.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Diarization, DiarizeSettings, Interrupted, ScriptedEmbedder, SpeakerCount, SpeakerEmbedder,
    diarize,
};
use crate::decode::Recording;
use crate::detect::SpeechRegions;
use crate::progress::Progress;
use crate::segmentation::{FrameIndex, ListenToWindows, Window};
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

/// Diarizes once for each of [`ORACLES`], in their order. `truth` are the true turns, `regions` and
/// `windows` what was found.
///
/// # Errors
/// As [`diarize`].
pub fn oracles(
    recording: &Recording,
    regions: &SpeechRegions,
    windows: &[Window],
    network: &mut dyn SpeakerEmbedder,
    truth: &[Turn],
    settings: &DiarizeSettings,
    progress: &dyn Progress,
) -> Result<Vec<Diarization>, Interrupted> {
    let people: BTreeSet<&SpeakerLabel> = truth.iter().map(|turn| &turn.label).collect();
    let number = |label| people.iter().position(|known| *known == label).unwrap_or_default();
    let script = truth.iter().map(|turn| (turn.span, number(&turn.label))).collect();
    let mut truly_spoken: Vec<Span> = truth.iter().map(|turn| turn.span).collect();
    truly_spoken.sort_unstable();
    let true_regions = SpeechRegions { regions: truly_spoken, sounds: Vec::new() };
    let truth = ScriptedEmbedder { script };
    let starts: Vec<FrameIndex> = windows.iter().map(|window| window.first).collect();
    let true_windows = truth.windows(&recording.samples, &starts);
    let with_true_speech: Vec<Window> =
        windows.iter().map(|window| with_true_speech(window, &truth)).collect();
    let mut embedder = Remembering { network, embeddings: BTreeMap::new() };
    let mut found = Vec::with_capacity(ORACLES.len());
    for told in ORACLES {
        let (regions, windows) = match told.activity {
            Activity::Found => (regions, windows),
            Activity::Speech => (&true_regions, with_true_speech.as_slice()),
            Activity::Turns => (&true_regions, true_windows.as_slice()),
        };
        let mut settings = settings.clone();
        if told.count {
            settings.speakers = SpeakerCount::exactly(people.len());
        }
        let (told, _) =
            diarize(recording, regions, windows, &mut embedder, &[], &settings, progress)?;
        found.push(told);
    }
    Ok(found)
}

/// The window with nobody where nobody speaks, and somebody where somebody does.
fn with_true_speech(window: &Window, truth: &ScriptedEmbedder) -> Window {
    let rows = (window.first.0..).zip(&window.classes).map(|(frame, row)| {
        if truth.speakers_at(FrameIndex(frame)).is_empty() {
            return std::array::from_fn(|class| if class == 0 { 1.0 } else { 0.0 });
        }
        let somebody: f32 = row[1..].iter().sum();
        let mut row = row.map(|p| p / somebody.max(f32::MIN_POSITIVE));
        row[0] = 0.0;
        row
    });
    Window { first: window.first, classes: rows.collect() }
}

/// The network, whose answers are kept, so that asking again costs nothing.
struct Remembering<'a> {
    network: &'a mut dyn SpeakerEmbedder,
    embeddings: BTreeMap<Span, Option<Vec<f32>>>,
}

impl SpeakerEmbedder for Remembering<'_> {
    fn batch(&self) -> usize {
        self.network.batch()
    }

    fn embed(&mut self, samples: &[f32], pieces: &[Span]) -> Vec<Option<Vec<f32>>> {
        let is_new = |piece: &&Span| !self.embeddings.contains_key(piece);
        let missing: Vec<Span> = pieces.iter().filter(is_new).copied().collect();
        if !missing.is_empty() {
            let embeddings = self.network.embed(samples, &missing);
            self.embeddings.extend(missing.into_iter().zip(embeddings));
        }
        pieces.iter().map(|piece| self.embeddings.get(piece).cloned().flatten()).collect()
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
    use crate::segmentation::window_starts;
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
        let windows = network.windows(&recording.samples, &window_starts(40 * 16_000, 3));
        let found =
            oracles(&recording, &regions, &windows, &mut network, truth, &settings, &Silent)
                .unwrap();
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
