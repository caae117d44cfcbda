//! What of each voice is surely one person's: long stretches that are far from every other voice.

use serde::{Deserialize, Serialize};

use super::assign::Stretch;
use super::cluster::Voice;
use super::embed::SpeakerEmbedder;
use super::vectors::{cosine, normalised, rival};
use crate::time::{Ms, Span};

/// Shorter units hold more of the room and of the words than of the voice.
const MIN_SECONDS: f32 = 2.0;
/// By how much a unit must be more like its own voice than like any other.
const MIN_MARGIN: f32 = 0.2;

/// Speech that is surely one person's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClearSpeech {
    /// L2-normalised mean of the stretches, weighed by length; shape (dim,).
    pub centroid: Vec<f32>,
    /// How long they are together.
    pub speech: Ms,
    /// Their mean cosine similarity to the centroid, -1 to 1: low where several people, or several
    /// microphones, are under one label.
    pub consistency: f32,
}

/// The clear speech of each voice, in the voices' order.
pub(super) fn clear_speech(stretches: &[Stretch], voices: &[Voice]) -> Vec<Option<ClearSpeech>> {
    (0..voices.len())
        .map(|own| {
            let own_stretches = stretches.iter().filter(|stretch| stretch.voice == own);
            let clear: Vec<(&[f32], f32)> = own_stretches
                .map(|stretch| (stretch.embedding.as_deref(), stretch.unit.seconds()))
                .filter(|(_, seconds)| *seconds >= MIN_SECONDS)
                .filter_map(|(embedding, seconds)| Some((embedding?, seconds)))
                .filter(|(embedding, _)| margin(embedding, own, voices) >= MIN_MARGIN)
                .collect();
            mean_of(&clear)
        })
        .collect()
}

fn margin(embedding: &[f32], own: usize, voices: &[Voice]) -> f32 {
    let means = voices.iter().map(|voice| voice.mean.as_slice());
    cosine(embedding, &voices[own].mean) - rival(embedding, own, means).max(0.0)
}

fn mean_of(clear: &[(&[f32], f32)]) -> Option<ClearSpeech> {
    let mut sum = vec![0.0_f32; clear.first()?.0.len()];
    let mut seconds = 0.0_f32;
    for (embedding, weight) in clear {
        for (sum, x) in sum.iter_mut().zip(*embedding) {
            *sum += x * weight;
        }
        seconds += weight;
    }
    let centroid = normalised(sum)?;
    let alike: f32 = clear.iter().map(|(own, weight)| cosine(own, &centroid) * weight).sum();
    Some(ClearSpeech {
        speech: Ms::from_seconds(f64::from(seconds)),
        consistency: alike / seconds,
        centroid,
    })
}

/// How much of a track its person's voice is taken from, at most.
const MAX_TRACK_SPEECH: Ms = Ms::new(120_000);
/// The longest stretch that is embedded at once.
const MAX_PIECE: Ms = Ms::new(4_000);

/// The voice of the person whose track it is: from where `own` is long and nobody else (`others`)
/// speaks meanwhile.
pub fn voice_of_track(
    samples: &[f32],
    own: &[Span],
    others: &[Span],
    embedder: &mut dyn SpeakerEmbedder,
) -> super::Voice {
    let alone = |span: &Span| others.iter().all(|other| span.overlap(*other) == Ms::ZERO);
    let mut pieces = Vec::new();
    let mut taken = Ms::ZERO;
    for &span in own {
        let mut from = span.start();
        while span.end() - from >= Ms::new(2_000) && taken < MAX_TRACK_SPEECH {
            let piece = Span::at_least_1ms(from, span.end().min(from + MAX_PIECE));
            from = piece.end();
            if alone(&piece) {
                taken = taken + piece.duration();
                pieces.push(piece);
            }
        }
    }
    let embedded = embedder.embed(samples, &pieces);
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a few")]
    let clear: Vec<(&[f32], f32)> = embedded
        .iter()
        .zip(&pieces)
        .filter_map(|(embedding, piece)| {
            Some((embedding.as_deref()?, piece.duration().as_seconds() as f32))
        })
        .collect();
    let clear = mean_of(&clear);
    super::Voice {
        centroid: clear.as_ref().map(|clear| clear.centroid.clone()).unwrap_or_default(),
        speech: clear.as_ref().map_or(Ms::ZERO, |clear| clear.speech),
        clear,
    }
}

#[cfg(test)]
mod tests {
    use super::super::units::Unit;
    use super::*;

    #[test]
    fn only_long_units_far_from_other_voices_count() {
        let voice = |mean: [f32; 2]| Voice { mean: mean.to_vec(), seconds: 10.0 };
        let voices = [voice([1.0, 0.0]), voice([0.0, 1.0])];
        let stretch = |frames, embedding: [f32; 2], voice| Stretch {
            unit: Unit { frames, track: 0 },
            embedding: Some(embedding.to_vec()),
            voice,
            cut_off: false,
        };
        // Long and clear; short; long and between the two; nobody of the second voice is clear.
        let stretches = [
            stretch(0..200, [0.99, 0.14], 0),
            stretch(210..260, [1.0, 0.0], 0),
            stretch(300..500, [0.72, 0.69], 0),
            stretch(600..640, [0.0, 1.0], 1),
        ];
        let clear = clear_speech(&stretches, &voices);
        let first = clear[0].as_ref().unwrap();
        assert_eq!(first.speech.get(), stretches[0].unit.span().duration().get());
        assert!(first.consistency > 0.99);
        assert_eq!(clear[1], None);
    }
}
