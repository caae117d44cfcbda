//! Units + voices -> whose each unit is.

use super::cluster::Voice;
use super::units::Unit;
use super::vectors::nearest;

/// A unit as it was heard; units that are too short have no embedding.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HeardUnit {
    pub(super) unit: Unit,
    pub(super) embedding: Option<Vec<f32>>,
}

/// A stretch of one voice.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stretch {
    pub(super) unit: Unit,
    /// Of all of the stretch and no more, where there is one.
    pub(super) embedding: Option<Vec<f32>>,
    /// The number of its voice.
    pub(super) voice: usize,
    /// Whether it was cut off a stretch of another voice.
    pub(super) cut_off: bool,
}

/// Each unit goes to the voice that it is most like, those without an embedding to that of the nearest
/// that has one. None where there is no voice.
pub(super) fn stretches(heard: Vec<HeardUnit>, voices: &[Voice]) -> Vec<Stretch> {
    let means = || voices.iter().map(|voice| voice.mean.as_slice());
    let own: Vec<Option<usize>> =
        heard.iter().map(|heard| Some(nearest(heard.embedding.as_deref()?, means())?.0)).collect();
    let gap = |a: usize, b: usize| heard[a].unit.span().gap(heard[b].unit.span());
    let found: Vec<usize> = (0..heard.len())
        .map(|number| {
            let before = (0..=number).rev().find(|&n| own[n].is_some());
            let after = (number..heard.len()).find(|&n| own[n].is_some());
            let closest = before.into_iter().chain(after).min_by_key(|&n| gap(n, number));
            closest.and_then(|n| own[n]).unwrap_or(0)
        })
        .collect();
    if voices.is_empty() {
        return Vec::new();
    }
    let stretch =
        |(HeardUnit { unit, embedding }, voice)| Stretch { unit, embedding, voice, cut_off: false };
    heard.into_iter().zip(found).map(stretch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_goes_to_its_nearest_voice_and_a_short_one_to_the_nearest_in_time() {
        let voice = |mean: [f32; 2]| Voice { mean: mean.to_vec(), seconds: 10.0 };
        let voices = [voice([1.0, 0.0]), voice([0.0, 1.0])];
        let heard = |from: usize, to: usize, embedding: Option<[f32; 2]>| HeardUnit {
            unit: Unit { frames: from..to, track: 0 },
            embedding: embedding.map(|embedding| embedding.to_vec()),
        };
        let units = || {
            vec![
                heard(0, 9, None),
                heard(20, 100, Some([0.9, 0.4])),
                heard(110, 120, None),
                heard(125, 300, Some([0.3, 0.9])),
            ]
        };
        let found: Vec<usize> =
            stretches(units(), &voices).iter().map(|stretch| stretch.voice).collect();
        assert_eq!(found, [0, 0, 1, 1]);
        assert!(stretches(units(), &[]).is_empty());
        assert!(stretches(Vec::new(), &voices).is_empty());
        assert_eq!(stretches(vec![heard(0, 9, None)], &voices)[0].voice, 0);
    }
}
