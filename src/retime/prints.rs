//! Samples -> prints: 32 bits for every hundredth of a second, by which a place is known again whatever
//! encoder, loudness or filter the sound went through.
//!
//! A bit says whether the difference between two neighbouring bands of the spectrum rises or falls
//! (Haitsma and Kalker, “A Highly Robust Audio Fingerprinting System”, 2002).

use realfft::RealFftPlanner;

use crate::time::SAMPLE_RATE_HZ;

/// Samples between two prints: 10 ms.
pub(super) const STEP: usize = SAMPLE_RATE_HZ as usize / 100;
/// Samples that a print is made of: 128 ms.
const FRAME: usize = 2_048;
/// Prints between the two whose bands are compared: 40 ms, in which speech changes.
const LAG: usize = 4;
/// Bits of a print.
pub(super) const BITS: usize = 32;
/// Between which frequencies the bands lie: what every encoder and every line keeps of a voice.
const LOWEST_HZ: f64 = 250.0;
const HIGHEST_HZ: f64 = 3_300.0;
/// How far below the loud parts a place is that says nothing, in dB.
const QUIET_DB: f32 = 38.0;

/// The prints of a recording.
#[derive(Debug, Clone, Default)]
pub(super) struct Prints {
    pub(super) bits: Vec<u32>,
    /// Whether there is anything to hear.
    pub(super) is_loud: Vec<bool>,
}

impl Prints {
    /// Listens to a recording. The print at `n` is about the samples around `n * STEP`.
    pub(super) fn of(samples: &[f32]) -> Prints {
        let bands = bands();
        let mut planner = RealFftPlanner::<f32>::new();
        let transform = planner.plan_fft_forward(FRAME);
        let mut spectrum = transform.make_output_vec();
        let mut scratch = transform.make_scratch_vec();
        let window = window();
        let count = samples.len().div_ceil(STEP);
        let mut energies: Vec<[f32; BITS + 1]> = Vec::with_capacity(count);
        let mut levels = Vec::with_capacity(count);
        let mut frame = vec![0.0; FRAME];
        for index in 0..count {
            copy_around(samples, index * STEP, &mut frame);
            levels.push(level(samples, index));
            for (sample, weight) in frame.iter_mut().zip(&window) {
                *sample *= weight;
            }
            transform
                .process_with_scratch(&mut frame, &mut spectrum, &mut scratch)
                .expect("the lengths are the planner's own");
            let mut row = [0.0; BITS + 1];
            for (to, band) in row.iter_mut().zip(&bands) {
                *to = spectrum[band.clone()]
                    .iter()
                    .map(realfft::num_complex::Complex::norm_sqr)
                    .sum();
            }
            energies.push(row);
        }
        let bits = (0..count).map(|at| print(&energies[at.saturating_sub(LAG)], &energies[at]));
        Prints { bits: bits.collect(), is_loud: loud(&levels) }
    }
}

/// The bins of each band, as wide as the ear has them.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bins of a spectrum")]
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn bands() -> Vec<std::ops::Range<usize>> {
    let width = f64::from(SAMPLE_RATE_HZ) / FRAME as f64;
    let edge = |band: usize| {
        let share = band as f64 / (BITS + 1) as f64;
        (LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ).powf(share) / width).round() as usize
    };
    (0..=BITS).map(|band| edge(band)..edge(band + 1).max(edge(band) + 1)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn window() -> Vec<f32> {
    let turn = std::f32::consts::TAU / FRAME as f32;
    (0..FRAME).map(|n| 0.5 - 0.5 * (turn * n as f32).cos()).collect()
}

/// The samples around one, with silence beyond both ends.
fn copy_around(samples: &[f32], middle: usize, frame: &mut [f32]) {
    let before = (FRAME / 2).saturating_sub(middle);
    let from = middle.saturating_sub(FRAME / 2);
    let there = &samples[from.min(samples.len())..];
    let count = there.len().min(FRAME - before);
    frame.fill(0.0);
    frame[before..before + count].copy_from_slice(&there[..count]);
}

fn print(before: &[f32; BITS + 1], now: &[f32; BITS + 1]) -> u32 {
    let mut bits = 0;
    for band in 0..BITS {
        let rises = now[band] - now[band + 1] > before[band] - before[band + 1];
        bits = bits << 1 | u32::from(rises);
    }
    bits
}

/// The loudness of a step, in dB.
#[expect(clippy::cast_precision_loss, reason = "a few hundred samples")]
fn level(samples: &[f32], index: usize) -> f32 {
    let step = &samples[index * STEP..samples.len().min((index + 1) * STEP)];
    let power = step.iter().map(|x| x * x).sum::<f32>() / step.len().max(1) as f32;
    10.0 * power.max(1e-10).log10()
}

/// Which steps are not far quieter than the loud ones.
fn loud(levels: &[f32]) -> Vec<bool> {
    let mut sorted = levels.to_vec();
    sorted.sort_by(f32::total_cmp);
    let Some(loudest) = sorted.get(sorted.len().saturating_sub(1) * 19 / 20) else {
        return Vec::new();
    };
    levels.iter().map(|level| *level > (loudest - QUIET_DB).max(-80.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quieter_filtered_copy_has_almost_the_same_prints() {
        let sound = crate::retime::tests::talk(4, 3);
        let copy: Vec<f32> = sound.windows(2).map(|w| 0.2 * (0.7 * w[0] + 0.3 * w[1])).collect();
        let (a, b) = (Prints::of(&sound), Prints::of(&copy));
        let other = Prints::of(&crate::retime::tests::talk(4, 4));
        let far = |x: &Prints, y: &Prints| -> u32 {
            x.bits.iter().zip(&y.bits).map(|(x, y)| (x ^ y).count_ones()).sum()
        };
        assert!(far(&a, &b) * 8 < far(&a, &other), "{} {}", far(&a, &b), far(&a, &other));
    }

    #[test]
    fn bands_follow_each_other() {
        let bands = bands();
        assert_eq!(bands.len(), BITS + 1);
        assert!(bands.iter().all(|band| band.start < band.end && band.end < FRAME / 2));
        assert_eq!(Prints::of(&[]).bits.len(), 0);
        assert_eq!(Prints::of(&[0.1; 5]).bits.len(), 1);
    }
}
