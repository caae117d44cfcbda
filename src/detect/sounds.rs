//! Loudness -> music, applause and other loud stretches in which nobody speaks. Pure.

use super::DetectSettings;
use super::binarize::merge;
use super::frames::{frame_at, frame_start};
use crate::time::{Ms, Span};

/// Loud frames of 16 ms that are averaged: about a second, so that the beats of music join.
const AVERAGED: usize = 63;
/// Pauses within music that are shorter than this do not part it.
const MAX_PAUSE: Ms = Ms::new(1500);

/// The loud stretches of at least `min_sound` between the regions; `loudness` is the mean square
/// per 16 ms frame. Sorted and disjoint.
pub(super) fn sounds(
    loudness: &[f32],
    regions: &[Span],
    duration: Ms,
    settings: &DetectSettings,
) -> Vec<Span> {
    let least = 10_f32.powf(settings.min_sound_dbfs / 10.0);
    let mut found = Vec::new();
    for gap in gaps(regions, duration) {
        if gap.duration() < settings.min_sound {
            continue;
        }
        let loud = merge(loud_within(loudness, gap, least), MAX_PAUSE);
        found.extend(loud.into_iter().filter(|span| span.duration() >= settings.min_sound));
    }
    found
}

/// What lies between the regions.
fn gaps(regions: &[Span], duration: Ms) -> Vec<Span> {
    let ends = std::iter::once(Ms::ZERO).chain(regions.iter().map(|region| region.end()));
    let starts = regions.iter().map(|region| region.start()).chain(std::iter::once(duration));
    ends.zip(starts).filter_map(|(end, start)| Span::new(end, start)).collect()
}

/// The stretches of about a second within `gap` that are loud on average.
fn loud_within(loudness: &[f32], gap: Span, least: f32) -> Vec<Span> {
    let first = frame_at(gap.start());
    let last = frame_at(gap.end()).min(loudness.len());
    let mut loud = Vec::new();
    for start in (first..last).step_by(AVERAGED) {
        let end = (start + AVERAGED).min(last);
        let block = loudness.get(start..end).unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "a block's length")]
        let mean = block.iter().sum::<f32>() / block.len().max(1) as f32;
        if mean >= least {
            loud.extend(Span::new(frame_start(start), frame_start(end).min(gap.end())));
        }
    }
    loud
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: i64, end: i64) -> Span {
        Span::new(Ms::new(start), Ms::new(end)).unwrap()
    }

    fn check(loudness: &[f32], regions: &[Span], expected: usize) {
        let duration = frame_start(loudness.len());
        let found = sounds(loudness, regions, duration, &DetectSettings::default());
        assert_eq!(found.len(), expected, "{found:?}");
        for sound in &found {
            assert!(regions.iter().all(|region| region.intersection(*sound).is_none()));
            assert!(sound.end() <= duration);
        }
    }

    #[test]
    fn music_before_the_first_word_is_told() {
        let loud = vec![0.01; 1000];
        check(&loud, &[span(9000, 12_000)], 2);
        check(&loud, &[span(2000, 14_000)], 0);
        check(&loud, &[], 1);
    }

    #[test]
    fn silence_and_room_noise_are_not() {
        check(&[0.0; 1000], &[], 0);
        check(&[1e-6; 1000], &[], 0);
        check(&[], &[], 0);
    }

    #[test]
    fn beats_with_short_pauses_are_one_sound() {
        let beats: Vec<f32> = (0..1000).map(|n| if n % 60 < 10 { 0.1 } else { 0.0 }).collect();
        check(&beats, &[], 1);
    }
}
