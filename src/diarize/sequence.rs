//! Units + voices -> whose each unit is: the best sequence for the whole episode.
//!
//! A unit goes to the voice that it is most like, but a change of voice costs something: less where
//! the segmentation network heard a change as well, and less over a pause.

use super::cluster::{Voice, cosine};
use super::units::Unit;

/// What a change costs, in seconds of similarity, where the same local speaker goes on.
const CHANGE_COST: f32 = 0.5;
/// The part of it where another local speaker begins.
const OTHER_TRACK: f32 = 0.3;
/// The pause over which the cost falls to a third, seconds.
const PAUSE_SECONDS: f32 = 1.0;
/// Units weigh by their length up to this.
const FULL_WEIGHT_SECONDS: f32 = 3.0;

/// The number of each unit's voice. Without an embedding a unit follows its neighbours.
pub(super) fn best_sequence(
    units: &[Unit],
    embeddings: &[Option<Vec<f32>>],
    voices: &[Voice],
) -> Vec<usize> {
    if voices.is_empty() || units.is_empty() {
        return Vec::new();
    }
    let mut scores = vec![0.0_f32; voices.len()];
    let mut before: Vec<Vec<usize>> = Vec::with_capacity(units.len());
    for (number, (unit, embedding)) in units.iter().zip(embeddings).enumerate() {
        if let Some(earlier) = number.checked_sub(1).map(|n| &units[n]) {
            let best = best_of(&scores);
            let change = change_cost(earlier, unit);
            let from: Vec<usize> = (0..voices.len())
                .map(|voice| if scores[voice] >= scores[best] - change { voice } else { best })
                .collect();
            scores = from
                .iter()
                .enumerate()
                .map(|(voice, &from)| scores[from] - if from == voice { 0.0 } else { change })
                .collect();
            before.push(from);
        }
        if let Some(embedding) = embedding {
            let weight = unit.seconds().min(FULL_WEIGHT_SECONDS);
            for (score, voice) in scores.iter_mut().zip(voices) {
                *score += weight * cosine(embedding, &voice.mean);
            }
        }
    }
    let mut path = vec![best_of(&scores)];
    for from in before.iter().rev() {
        path.push(from[path[path.len() - 1]]);
    }
    path.reverse();
    path
}

fn best_of(scores: &[f32]) -> usize {
    let mut best = 0;
    for (voice, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = voice;
        }
    }
    best
}

fn change_cost(earlier: &Unit, unit: &Unit) -> f32 {
    let pause = (unit.span().start() - earlier.span().end()).as_seconds().max(0.0);
    #[expect(clippy::cast_possible_truncation, reason = "a pause in seconds")]
    let falling = (-pause as f32 / PAUSE_SECONDS).exp();
    let same = if earlier.track == unit.track { 1.0 } else { OTHER_TRACK };
    CHANGE_COST * same * falling
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(start: usize, end: usize, track: usize) -> Unit {
        Unit { frames: start..end, track }
    }

    fn voice(mean: [f32; 2]) -> Voice {
        Voice { mean: mean.to_vec(), seconds: 10.0 }
    }

    #[test]
    fn doubtful_units_stay_with_their_neighbours_and_clear_ones_change() {
        let voices = [voice([1.0, 0.0]), voice([0.0, 1.0])];
        let units = [unit(0, 100, 0), unit(101, 200, 0), unit(201, 300, 0), unit(301, 310, 0)];
        let embeddings = [Some(vec![1.0, 0.0]), Some(vec![0.65, 0.75]), Some(vec![0.9, 0.1]), None];
        assert_eq!(best_sequence(&units, &embeddings, &voices), [0, 0, 0, 0]);
        let clear = [Some(vec![1.0, 0.0]), Some(vec![0.1, 0.9]), Some(vec![0.9, 0.1]), None];
        assert_eq!(best_sequence(&units, &clear, &voices), [0, 1, 0, 0]);
    }

    #[test]
    fn nothing_gives_nothing() {
        assert!(best_sequence(&[], &[], &[voice([1.0, 0.0])]).is_empty());
        assert!(best_sequence(&[unit(0, 9, 0)], &[None], &[]).is_empty());
    }
}
