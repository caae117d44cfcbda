//! One microphone a person: what of each track is its own person's speech, and what comes over from
//! somebody else's microphone.
//!
//! A microphone hears the others too, more softly and a little later. A moment of a track counts as
//! somebody else's where another track is far louder at it, or is louder and sounds the same. Two
//! people who speak at once are both loud and do not sound the same.

use crate::time::{Ms, SAMPLE_RATE_HZ, Span};

/// Samples of a frame: 20 ms.
const FRAME: usize = SAMPLE_RATE_HZ as usize / 50;
/// The loudest frames tell how loud a person's own voice is on the track: 3 s of them.
const LOUDEST: usize = 150;
/// How much of a difference between tracks is a matter of gain, in dB.
const MAX_GAIN_DB: f32 = 12.0;
/// Softer than another track by this is its bleed, in dB.
const FAR_BELOW_DB: f32 = 18.0;
/// Softer by this is bleed where it also sounds the same.
const BELOW_DB: f32 = 4.0;
/// The correlation from which on two tracks sound the same, 0 to 1.
const SAME_SOUND: f32 = 0.35;
/// Sounds are compared a block of frames at a time (0.1 s), over three blocks, at half the rate, and
/// may arrive this many samples of it apart (10 ms: 3 m).
const BLOCK: usize = 5;
const HALF_RATE: usize = 2;
const LAG: usize = 80;
/// Bleed within own speech is own speech up to this long, and own speech shorter than this is none.
const MIN_GAP: Ms = Ms::new(300);
const MIN_SPEECH: Ms = Ms::new(160);

/// What of each track's regions is its own person's, sorted and disjoint. `tracks` are samples at
/// 16 kHz on one timeline, `regions` where anybody is heard on each.
pub fn own_speech(tracks: &[&[f32]], regions: &[Vec<Span>]) -> Vec<Vec<Span>> {
    let energies: Vec<Vec<f32>> = tracks.iter().map(|track| energy_db(track)).collect();
    let heard: Vec<Vec<bool>> =
        energies.iter().zip(regions).map(|(e, regions)| frames_of(regions, e.len())).collect();
    let gains = gains(&energies, &heard);
    (0..tracks.len())
        .map(|own| {
            let mut frames = heard[own].clone();
            for (block, frames) in frames.chunks_mut(BLOCK).enumerate() {
                let others = (0..tracks.len()).filter(|&other| other != own);
                // How much louder each of the others is, frame by frame.
                let below: Vec<(usize, Vec<f32>)> = others
                    .map(|other| {
                        let from = block * BLOCK;
                        let differences = (from..from + frames.len()).map(|at| {
                            let level = |track: usize| {
                                energies[track].get(at).map_or(SILENCE_DB, |db| db + gains[track])
                            };
                            level(other) - level(own)
                        });
                        (other, differences.collect())
                    })
                    .collect();
                let contested = |differences: &[f32]| {
                    differences.iter().any(|below| (BELOW_DB..FAR_BELOW_DB).contains(below))
                };
                for (other, differences) in &below {
                    let same = frames.contains(&true)
                        && contested(differences)
                        && alike(tracks[own], tracks[*other], block) >= SAME_SOUND;
                    for (on, &below) in frames.iter_mut().zip(differences) {
                        *on &= below < FAR_BELOW_DB && !(same && below >= BELOW_DB);
                    }
                }
            }
            spans_of(&frames)
        })
        .collect()
}

/// Nothing is softer, in dB.
const SILENCE_DB: f32 = -100.0;

/// The energy of each frame with its neighbours, in dB of full scale.
#[expect(clippy::cast_precision_loss, reason = "a frame has a few hundred samples")]
fn energy_db(track: &[f32]) -> Vec<f32> {
    let squares: Vec<f32> = track
        .chunks(FRAME)
        .map(|frame| frame.iter().map(|x| x * x).sum::<f32>() / frame.len() as f32)
        .collect();
    (0..squares.len())
        .map(|at| {
            let around = &squares[at.saturating_sub(2)..squares.len().min(at + 3)];
            let mean = around.iter().sum::<f32>() / around.len() as f32;
            (10.0 * mean.max(1e-10).log10()).max(SILENCE_DB)
        })
        .collect()
}

/// What to add to each track's level so that everybody's own voice is about as loud: the loudest
/// frames of a track are its own person's, unless that person never speaks.
fn gains(energies: &[Vec<f32>], heard: &[Vec<bool>]) -> Vec<f32> {
    let own: Vec<f32> = energies
        .iter()
        .zip(heard)
        .map(|(energies, heard)| {
            let mut loud: Vec<f32> =
                energies.iter().zip(heard).filter(|(_, on)| **on).map(|(db, _)| *db).collect();
            loud.sort_by(|a, b| b.total_cmp(a));
            loud.get(LOUDEST.min(loud.len() / 2)).copied().unwrap_or(SILENCE_DB)
        })
        .collect();
    let loudest = own.iter().copied().fold(SILENCE_DB, f32::max);
    own.iter().map(|own| (loudest - own).min(MAX_GAIN_DB)).collect()
}

fn frames_of(regions: &[Span], count: usize) -> Vec<bool> {
    let mut frames = vec![false; count];
    for region in regions {
        let from = (region.start().to_sample().0 / FRAME).min(count);
        let to = region.end().to_sample().0.div_ceil(FRAME).min(count);
        frames[from..to.max(from)].fill(true);
    }
    frames
}

/// How alike two tracks sound around a block, whichever hears it first: the greatest correlation, 0
/// to 1.
fn alike(a: &[f32], b: &[f32], block: usize) -> f32 {
    let (from, to) = (block.saturating_sub(1) * BLOCK * FRAME, (block + 2) * BLOCK * FRAME);
    let half = |track: &[f32]| -> Vec<f32> {
        let there = &track[from.min(track.len())..to.min(track.len())];
        there.chunks_exact(HALF_RATE).map(|pair| pair.iter().sum()).collect()
    };
    let (a, b) = (half(a), half(b));
    let count = a.len().min(b.len());
    let middle = LAG..count.saturating_sub(LAG);
    if middle.is_empty() {
        return 0.0;
    }
    let own = &a[middle.clone()];
    let norm = |samples: &[f32]| samples.iter().map(|x| x * x).sum::<f32>();
    let own_norm = norm(own);
    (0..=2 * LAG)
        .map(|lag| {
            let other = &b[lag..lag + middle.len()];
            let product: f32 = own.iter().zip(other).map(|(x, y)| x * y).sum();
            let full = (own_norm * norm(other)).sqrt();
            if full.is_normal() { product.abs() / full } else { 0.0 }
        })
        .fold(0.0, f32::max)
}

/// Runs of frames as spans, small gaps closed and crumbs left out.
fn spans_of(frames: &[bool]) -> Vec<Span> {
    let at = |frame: usize| crate::time::SampleIndex(frame * FRAME).to_ms();
    let mut spans: Vec<Span> = Vec::new();
    let mut frame = 0;
    for run in frames.chunk_by(|a, b| a == b) {
        let (start, end) = (at(frame), at(frame + run.len()));
        frame += run.len();
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
        let mut all: Vec<Span> = first.iter().chain(second).copied().collect();
        all.sort_unstable();
        let own = own_speech(&[&one, &two], &[all.clone(), all]);
        for (own, expected) in own.iter().zip(expected) {
            assert_eq!(own.len(), expected.len(), "{own:?} is not {expected:?}");
            for (own, expected) in own.iter().zip(expected) {
                assert!((own.start() - expected.start()).get().abs() <= 120, "{own:?}");
                assert!((own.end() - expected.end()).get().abs() <= 120, "{own:?}");
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
