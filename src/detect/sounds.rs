//! Loudness -> music, applause and other loud stretches in which nobody speaks. Pure.

use super::DetectSettings;
use super::binarize::merge;
use super::frames::{loudness_frame, loudness_start};
use crate::time::{Ms, Span};

/// Loud frames of 16 ms that are averaged: about a second, so that the beats of music join.
const AVERAGED: usize = 63;
/// How far above the noise floor (mean square of the quietest tenth) a sound must be: 10 dB.
const ABOVE_FLOOR: f32 = 10.0;
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
    let least = least(loudness, regions, settings);
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

/// The mean square that a sound must have: not quieter than the settings say, than the voices by
/// more than they say, and well above the noise that is always there.
fn least(loudness: &[f32], regions: &[Span], settings: &DetectSettings) -> f32 {
    let power = |db: f32| 10_f32.powf(db / 10.0);
    let absolute = power(settings.min_sound_dbfs);
    if regions.is_empty() {
        return absolute;
    }
    let spoken = regions.iter().flat_map(|region| {
        let frames = loudness_frame(region.start())..loudness_frame(region.end());
        loudness.get(frames.start..frames.end.min(loudness.len())).unwrap_or_default()
    });
    let (sum, count) =
        spoken.fold((0.0_f64, 0_u32), |(sum, count), x| (sum + f64::from(*x), count + 1));
    #[expect(clippy::cast_possible_truncation, reason = "a mean of f32 values")]
    let voices = (sum / f64::from(count.max(1))) as f32;
    // of single frames: where people talk without a rest, no second is free of voices
    let mut frames = loudness.to_vec();
    frames.sort_unstable_by(f32::total_cmp);
    let floor = frames.get(frames.len() / 10).copied().unwrap_or(0.0);
    absolute.max(voices * power(-settings.sound_below_voices_db)).max(floor * ABOVE_FLOOR)
}

fn mean(block: &[f32]) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a block's length")]
    let count = block.len().max(1) as f32;
    block.iter().sum::<f32>() / count
}

/// What lies between the regions.
fn gaps(regions: &[Span], duration: Ms) -> Vec<Span> {
    let ends = std::iter::once(Ms::ZERO).chain(regions.iter().map(|region| region.end()));
    let starts = regions.iter().map(|region| region.start()).chain(std::iter::once(duration));
    ends.zip(starts).filter_map(|(end, start)| Span::new(end, start)).collect()
}

/// The stretches of about a second within `gap` that are loud on average.
fn loud_within(loudness: &[f32], gap: Span, least: f32) -> Vec<Span> {
    let first = loudness_frame(gap.start());
    let last = loudness_frame(gap.end()).min(loudness.len());
    let mut loud = Vec::new();
    for start in (first..last).step_by(AVERAGED) {
        let end = (start + AVERAGED).min(last);
        if mean(loudness.get(start..end).unwrap_or_default()) >= least {
            loud.extend(Span::new(loudness_start(start), loudness_start(end).min(gap.end())));
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
        let duration = loudness_start(loudness.len());
        let found = sounds(loudness, regions, duration, &DetectSettings::default());
        assert_eq!(found.len(), expected, "{found:?}");
        for sound in &found {
            assert!(regions.iter().all(|region| region.intersection(*sound).is_none()));
            assert!(sound.end() <= duration);
        }
    }

    #[test]
    fn music_before_the_first_word_is_told() {
        let loud: Vec<f32> = (0..1000).map(|n| if n < 800 { 0.01 } else { 1e-6 }).collect();
        check(&loud, &[span(9000, 12_000)], 1);
        check(&loud, &[span(2000, 14_000)], 0);
        check(&loud, &[], 1);
    }

    #[test]
    fn noise_that_is_always_there_is_no_sound() {
        let noisy: Vec<f32> = (0..1000).map(|n| if n < 500 { 0.001 } else { 0.01 }).collect();
        check(&noisy, &[span(8000, 16_000)], 0);
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
    #[test]
    fn music_amid_talk_without_a_rest_is_told() {
        let talk = |n: usize| if n.is_multiple_of(6) { 1e-7 } else { 0.01 };
        let all: Vec<f32> = (0..4000).map(|n| if n < 3500 { talk(n) } else { 0.003 }).collect();
        check(&all, &[span(0, 56_000)], 1);
    }
}
