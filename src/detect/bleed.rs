//! One microphone a person: what of each track is its own person's speech, and what comes over from
//! somebody else's microphone.
//!
//! A microphone hears the others too, by an amount that hardly changes: how far apart people sit and
//! how loud the room is. That amount is measured for every pair of tracks where one person speaks
//! alone. Sound beyond it is the track's own person, also while others speak.

use crate::time::{Ms, SAMPLE_RATE_HZ, SampleIndex, Span};

/// Samples of a step: 0.1 s. Levels are taken over five of them, so that a room's echo and the gaps
/// between words do not count.
const STEP: usize = SAMPLE_RATE_HZ as usize / 10;
const AROUND: usize = 2;
/// The loudest steps tell how loud a person's own voice is on the track: 3 s of them.
const LOUDEST: usize = 30;
/// How much of a difference between tracks is a matter of gain, in dB.
const MAX_GAIN_DB: f32 = 12.0;
/// One person speaks alone where the own track is this much louder than the other, in dB.
const ALONE_DB: f32 = 6.0;
/// So many steps make a measurement.
const ENOUGH: usize = 10;
/// How far above what comes over a person's own speech is, in dB.
const ABOVE_BLEED_DB: f32 = 6.0;
/// Nobody speaks this much more softly than at other times, in dB.
const BELOW_OWN_DB: f32 = 30.0;
/// Gaps in own speech up to this are own speech, and own speech shorter than this is none.
const MIN_GAP: Ms = Ms::new(350);
const MIN_SPEECH: Ms = Ms::new(250);
/// Nothing is softer, in dB.
const SILENCE_DB: f32 = -100.0;

/// What of each track's regions is its own person's, sorted and disjoint. `tracks` are samples at
/// 16 kHz on one timeline, `regions` where anybody is heard on each.
pub fn own_speech(tracks: &[&[f32]], regions: &[Vec<Span>]) -> Vec<Vec<Span>> {
    let levels: Vec<Vec<f32>> = tracks.iter().map(|track| levels(track)).collect();
    let heard: Vec<Vec<bool>> =
        levels.iter().zip(regions).map(|(e, regions)| steps_of(regions, e.len())).collect();
    let voices = voice_levels(&levels, &heard);
    let loudest = voices.iter().copied().fold(SILENCE_DB, f32::max);
    let gains: Vec<f32> = voices.iter().map(|own| (loudest - own).min(MAX_GAIN_DB)).collect();
    (0..tracks.len())
        .map(|own| {
            let others: Vec<(usize, f32)> = (0..tracks.len())
                .filter(|&other| other != own)
                .filter_map(|other| {
                    let gain = gains[other] - gains[own];
                    Some((other, comes_over(&levels[other], &levels[own], &heard[other], gain)?))
                })
                .collect();
            let steps: Vec<bool> = heard[own]
                .iter()
                .zip(&levels[own])
                .enumerate()
                .map(|(at, (&heard, &level))| {
                    let bleed = others.iter().map(|&(other, share)| {
                        levels[other].get(at).map_or(SILENCE_DB, |level| level + share)
                    });
                    heard
                        && level >= voices[own] - BELOW_OWN_DB
                        && level >= bleed.fold(SILENCE_DB, f32::max) + ABOVE_BLEED_DB
                })
                .collect();
            let whole = spans_of(&steps);
            // The edges are where the speech was found to begin and end, not whole steps.
            let cut = whole.iter().flat_map(|span| {
                regions[own].iter().filter_map(|region| region.intersection(*span))
            });
            cut.filter(|span| span.duration() >= MIN_SPEECH).collect()
        })
        .collect()
}

/// How much softer `from`'s person is on the track `to` than on the own one, in dB (below 0): the
/// median of the steps in which that person speaks and, with `gain` added for the own track, is
/// clearly the louder one. `None` where there are too few.
fn comes_over(from: &[f32], to: &[f32], from_heard: &[bool], gain: f32) -> Option<f32> {
    let mut shares: Vec<f32> = from
        .iter()
        .zip(to)
        .zip(from_heard)
        .filter(|((from, to), heard)| **heard && **from + gain >= **to + ALONE_DB)
        .map(|((from, to), _)| to - from)
        .collect();
    shares.sort_by(f32::total_cmp);
    (shares.len() >= ENOUGH).then(|| shares[shares.len() / 2])
}

/// The level around each step, in dB of full scale.
#[expect(clippy::cast_precision_loss, reason = "a step has a few thousand samples")]
fn levels(track: &[f32]) -> Vec<f32> {
    let squares: Vec<f32> = track
        .chunks(STEP)
        .map(|step| step.iter().map(|x| x * x).sum::<f32>() / step.len() as f32)
        .collect();
    (0..squares.len())
        .map(|at| {
            let around = &squares[at.saturating_sub(AROUND)..squares.len().min(at + AROUND + 1)];
            let mean = around.iter().sum::<f32>() / around.len() as f32;
            (10.0 * mean.max(1e-10).log10()).max(SILENCE_DB)
        })
        .collect()
}

/// How loud each track's own person is: its loudest steps are that person's, unless the person never
/// speaks.
fn voice_levels(levels: &[Vec<f32>], heard: &[Vec<bool>]) -> Vec<f32> {
    levels
        .iter()
        .zip(heard)
        .map(|(levels, heard)| {
            let mut loud: Vec<f32> =
                levels.iter().zip(heard).filter(|(_, on)| **on).map(|(db, _)| *db).collect();
            loud.sort_by(|a, b| b.total_cmp(a));
            loud.get(LOUDEST.min(loud.len() / 2)).copied().unwrap_or(SILENCE_DB)
        })
        .collect()
}

fn steps_of(regions: &[Span], count: usize) -> Vec<bool> {
    let mut steps = vec![false; count];
    for region in regions {
        let from = (region.start().to_sample().0 / STEP).min(count);
        let to = region.end().to_sample().0.div_ceil(STEP).min(count);
        steps[from..to.max(from)].fill(true);
    }
    steps
}

/// Runs of steps as spans, small gaps closed and crumbs left out.
fn spans_of(steps: &[bool]) -> Vec<Span> {
    let at = |step: usize| SampleIndex(step * STEP).to_ms();
    let mut spans: Vec<Span> = Vec::new();
    let mut step = 0;
    for run in steps.chunk_by(|a, b| a == b) {
        let (start, end) = (at(step), at(step + run.len()));
        step += run.len();
        if !run[0] {
            continue;
        }
        match spans.last_mut() {
            Some(last) if start - last.end() < MIN_GAP => {
                *last = Span::at_least_1ms(last.start(), end);
            }
            _ => spans.extend(Span::new(start, end)),
        }
    }
    spans.retain(|span| span.duration() >= MIN_SPEECH);
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start_ms: i64, end_ms: i64) -> Span {
        Span::new(Ms::new(start_ms), Ms::new(end_ms)).unwrap()
    }

    /// Noise that sounds in these spans, another for each seed.
    fn voice(seconds: usize, spans: &[Span], mut seed: u32) -> Vec<f32> {
        (0..seconds * 16_000)
            .map(|n| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = Ms::new(n as i64 / 16);
                let on = spans.iter().any(|span| span.contains(at));
                if on { (seed >> 8) as f32 / 16_777_216.0 - 0.5 } else { 0.0 }
            })
            .collect()
    }

    /// Two microphones: each hears its own person and, `bleed` times as loud and 3 ms late, the
    /// other. The second one is `gain` times as sensitive.
    fn check(first: &[Span], second: &[Span], bleed: f32, gain: f32, expected: [&[Span]; 2]) {
        let (a, b) = (voice(12, first, 1), voice(12, second, 2));
        let late = |voice: &[f32], n: usize| n.checked_sub(48).map_or(0.0, |at| voice[at]);
        let one: Vec<f32> = (0..a.len()).map(|n| a[n] + bleed * late(&b, n)).collect();
        let two: Vec<f32> = (0..b.len()).map(|n| gain * (b[n] + bleed * late(&a, n))).collect();
        let ends = first.iter().chain(second).map(|span| span.end());
        let all = vec![Span::new(Ms::new(1_000), ends.max().unwrap()).unwrap()];
        let own = own_speech(&[&one, &two], &[all.clone(), all]);
        for (own, expected) in own.iter().zip(expected) {
            assert_eq!(own.len(), expected.len(), "{own:?} is not {expected:?}");
            for (own, expected) in own.iter().zip(expected) {
                assert!((own.start() - expected.start()).get().abs() <= 250, "{own:?}");
                assert!((own.end() - expected.end()).get().abs() <= 250, "{own:?}");
            }
        }
    }

    #[test]
    fn bleed_goes_and_overlap_stays() {
        let (first, second) = ([span(1_000, 5_000)], [span(4_000, 9_000)]);
        for bleed in [0.01, 0.1, 0.3] {
            check(&first, &second, bleed, 1.0, [&first, &second]);
            check(&first, &second, bleed, 0.3, [&first, &second]);
        }
    }

    #[test]
    fn who_never_speaks_has_no_speech() {
        let first = [span(1_000, 9_000)];
        check(&first, &[], 0.1, 1.0, [&first, &[]]);
    }

    #[test]
    fn tracks_of_different_length_and_none_at_all_are_no_trouble() {
        assert!(own_speech(&[], &[]).is_empty());
        let long = voice(3, &[span(500, 2_500)], 1);
        let own = own_speech(&[&long, &[]], &[vec![span(500, 2_500)], vec![span(500, 2_500)]]);
        assert_eq!((own[0].len(), own[1].len()), (1, 0));
    }
}
