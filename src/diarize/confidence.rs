//! How sure it is whose a stretch is: by how much it is more like its own voice than like any other.

use serde::{Deserialize, Serialize};

use super::assign::Stretch;
use super::cluster::Voice;
use super::vectors::{cosine, rival};
use crate::speech::SpeakerLabel;
use crate::time::Span;

/// A stretch whose speaker is not quite sure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnsureStretch {
    /// When.
    pub span: Span,
    /// Whose it was taken to be.
    pub label: SpeakerLabel,
    /// How sure that is, 0 to 1.
    pub confidence: f32,
}

/// Stretches at least this sure are not told.
const SURE: f32 = 0.9;
/// A margin of nothing is as good as a guess. In the development data 2 of 2 stretches with a margin
/// below 0 had the wrong voice, 1 of 29 between 0 and 0.3, none of 1,377 above.
const STEEPNESS: f32 = 20.0;
/// Stretches too short to have an embedding follow their neighbours: 4 of 23 were wrong.
const WITHOUT_EMBEDDING: f32 = 0.8;
/// What was cut off by the closer look goes to the neighbour on the word of a few windows.
const CUT_OFF: f32 = 0.7;

/// The stretches that are not sure, in order, with the numbers of their voices.
pub(super) fn unsure(stretches: &[Stretch], voices: &[Voice]) -> Vec<(Span, usize, f32)> {
    if voices.len() < 2 {
        return Vec::new();
    }
    stretches
        .iter()
        .map(|stretch| {
            let confidence = match &stretch.embedding {
                Some(embedding) => by_margin(embedding, stretch.voice, voices),
                None if stretch.cut_off => CUT_OFF,
                None => WITHOUT_EMBEDDING,
            };
            (stretch.unit.span(), stretch.voice, confidence)
        })
        .filter(|&(_, _, confidence)| confidence < SURE)
        .collect()
}

fn by_margin(embedding: &[f32], own: usize, voices: &[Voice]) -> f32 {
    let means = voices.iter().map(|voice| voice.mean.as_slice());
    let margin = cosine(embedding, &voices[own].mean) - rival(embedding, own, means);
    let confidence = 1.0 / (1.0 + (-STEEPNESS * margin).exp());
    (confidence * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::super::units::Unit;
    use super::*;

    #[test]
    fn a_stretch_between_two_voices_is_unsure() {
        let voice = |mean: [f32; 2]| Voice { mean: mean.to_vec(), seconds: 10.0 };
        let voices = [voice([1.0, 0.0]), voice([0.0, 1.0])];
        let stretch = |start: usize, embedding: Option<[f32; 2]>, cut_off| Stretch {
            unit: Unit { frames: start..start + 100, track: 0 },
            embedding: embedding.map(|embedding| embedding.to_vec()),
            voice: 0,
            cut_off,
        };
        let stretches = [
            stretch(0, Some([0.9, 0.4]), false),
            stretch(100, Some([0.7, 0.72]), false),
            stretch(200, None, false),
            stretch(300, None, true),
        ];
        let found = unsure(&stretches, &voices);
        let got: Vec<(usize, f32)> = found.iter().map(|(_, voice, sure)| (*voice, *sure)).collect();
        assert_eq!(got[0].0, 0);
        assert!(got[0].1 < 0.5);
        assert_eq!(got[1..], [(0, 0.8), (0, 0.7)]);
        assert!(unsure(&stretches, &voices[..1]).is_empty());
    }
}
