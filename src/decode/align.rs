//! Where a track begins on another recording's time, by what both of them hear.
//!
//! First the loudness of the two is laid over each other, hundredths of a second at a time, for the
//! whole length; then the sound itself, around the place found. Only a place at which several
//! stretches of sound agree counts.

use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

use crate::time::{Ms, SAMPLE_RATE_HZ, SampleIndex};

/// Samples of a step of loudness: 10 ms.
const STEP: usize = SAMPLE_RATE_HZ as usize / 100;
/// The closer look: so many stretches of so many samples (4 s), the loudest ones.
const STRETCHES: usize = 9;
const STRETCH: usize = 4 * SAMPLE_RATE_HZ as usize;
/// How far from the first guess the sound is looked for, samples (60 ms).
const AROUND: usize = 960;
/// Stretches whose places differ by at most this agree, samples (3 ms).
const AGREE: i64 = 48;
/// The least correlation of a stretch that counts, 0 to 1.
const ALIKE: f32 = 0.1;
/// How many places of the first look are looked at closely.
const CANDIDATES: usize = 6;

/// How far `track` begins after `reference` begins; negative where it begins before. `None` where
/// the two share no sound.
pub fn offset(reference: &[f32], track: &[f32]) -> Option<Ms> {
    let candidates = by_loudness(reference, track);
    candidates
        .into_iter()
        .filter_map(|steps| by_sound(reference, track, steps * signed(STEP)))
        .max_by_key(|&(agreeing, _)| agreeing)
        .map(|(_, samples)| samples_to_ms(samples))
}

fn signed(samples: usize) -> i64 {
    i64::try_from(samples).unwrap_or(i64::MAX)
}

fn samples_to_ms(samples: i64) -> Ms {
    let ms = SampleIndex(usize::try_from(samples.unsigned_abs()).unwrap_or(usize::MAX)).to_ms();
    if samples < 0 { Ms::ZERO - ms } else { ms }
}

/// The most likely offsets in steps, the best first.
fn by_loudness(reference: &[f32], track: &[f32]) -> Vec<i64> {
    let (a, b) = (loudness(reference), loudness(track));
    let correlation = correlation(&a, &b);
    let count = correlation.len();
    let lag = |at: usize| if at > count / 2 { signed(at) - signed(count) } else { signed(at) };
    let overlapping = |at: &usize| (1 - signed(b.len())..signed(a.len())).contains(&lag(*at));
    let mut order: Vec<usize> = (0..count).filter(overlapping).collect();
    order.sort_by(|&x, &y| correlation[y].total_cmp(&correlation[x]).then(x.cmp(&y)));
    let mut best: Vec<i64> = Vec::new();
    // A track that begins with the recording is what to expect.
    for lag in order.into_iter().take(400).map(lag).chain([0]) {
        if best.iter().all(|known| (known - lag).abs() > 8) && best.len() < CANDIDATES || lag == 0 {
            best.push(lag);
        }
    }
    best
}

/// Loudness in steps, around its mean, without the loudest peaks: the root of the amplitude.
fn loudness(samples: &[f32]) -> Vec<f32> {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred samples")]
    let mut steps: Vec<f32> = samples
        .chunks(STEP)
        .map(|step| (step.iter().map(|x| x * x).sum::<f32>() / step.len() as f32).powf(0.25))
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "hours of hundredths of a second")]
    let mean = steps.iter().sum::<f32>() / steps.len().max(1) as f32;
    for step in &mut steps {
        *step -= mean;
    }
    steps
}

/// Circular cross-correlation, padded so that nothing wraps: element `n` is the sum over `i` of
/// `a[i + n] * b[i]`, negative `n` from the end backwards.
pub(crate) fn correlation(a: &[f32], b: &[f32]) -> Vec<f32> {
    let size = (a.len() + b.len()).next_power_of_two().max(2);
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
    let spectrum = |samples: &[f32]| {
        let mut padded = samples.to_vec();
        padded.resize(size, 0.0);
        let mut spectrum = forward.make_output_vec();
        forward.process(&mut padded, &mut spectrum).expect("the lengths are the planner's own");
        spectrum
    };
    let (left, right) = (spectrum(a), spectrum(b));
    let mut product: Vec<Complex<f32>> =
        left.iter().zip(&right).map(|(x, y)| x * y.conj()).collect();
    // The sums of real signals are real at both ends; rounding must not say otherwise.
    for end in [0, size / 2] {
        product[end].im = 0.0;
    }
    let mut out = inverse.make_output_vec();
    inverse.process(&mut product, &mut out).expect("the lengths are the planner's own");
    out
}

/// How many stretches agree on an offset near `guess` (in samples), and that offset; `None` where
/// fewer than two and less than a third do.
fn by_sound(reference: &[f32], track: &[f32], guess: i64) -> Option<(usize, i64)> {
    let mut places: Vec<i64> = loudest(track)
        .into_iter()
        .filter_map(|start| place(reference, track, start, guess))
        .collect();
    places.sort_unstable();
    let looked_at = places.len();
    let around = |middle: i64| places.iter().filter(|&&p| (p - middle).abs() <= AGREE).count();
    let &best = places.iter().max_by_key(|&&middle| around(middle))?;
    let agreeing: Vec<i64> =
        places.iter().copied().filter(|place| (place - best).abs() <= AGREE).collect();
    let enough = agreeing.len() >= looked_at.div_ceil(2).max(STRETCHES.min(looked_at) / 3).max(1);
    enough.then(|| (agreeing.len(), agreeing[agreeing.len() / 2]))
}

/// The beginnings of the loudest stretches, spread over the track.
fn loudest(track: &[f32]) -> Vec<usize> {
    let energy = |start: usize| -> f32 {
        track[start..track.len().min(start + STRETCH)].iter().map(|x| x * x).sum()
    };
    let part = track.len().div_ceil(STRETCHES).max(STRETCH);
    (0..track.len())
        .step_by(part)
        .filter_map(|from| {
            let starts = (from..track.len().min(from + part)).step_by(STRETCH);
            starts.max_by(|&x, &y| energy(x).total_cmp(&energy(y)).then(y.cmp(&x)))
        })
        .collect()
}

/// The offset at which the stretch of the track fits the reference best, where it fits.
fn place(reference: &[f32], track: &[f32], start: usize, guess: i64) -> Option<i64> {
    let stretch = &track[start..track.len().min(start + STRETCH)];
    let from = signed(start) + guess - signed(AROUND);
    let to = from + signed(stretch.len() + 2 * AROUND);
    let from = usize::try_from(from.max(0)).ok()?;
    let to = usize::try_from(to).ok()?.min(reference.len());
    let there = reference.get(from..to).filter(|there| there.len() > STEP)?;
    let fits = correlation(there, stretch);
    let norm = |samples: &[f32]| samples.iter().map(|x| x * x).sum::<f32>().sqrt();
    let full = norm(there) * norm(stretch);
    let most = there.len().min(2 * AROUND + 1);
    let at = (0..most).max_by(|&x, &y| fits[x].total_cmp(&fits[y]).then(y.cmp(&x)))?;
    let alike = fits[at] / full;
    (full.is_normal() && alike >= ALIKE).then(|| signed(from + at) - signed(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bursts of noise of uneven length and distance.
    fn talk(seconds: usize, mut seed: u32) -> Vec<f32> {
        let mut random = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as f32 / 16_777_216.0 - 0.5
        };
        let mut samples = Vec::new();
        while samples.len() < seconds * 16_000 {
            let length = 3_000 + ((random() + 0.5) * 12_000.0) as usize;
            let loud = if samples.len() % 2 == 0 { 0.3 } else { 0.004 };
            samples.extend((0..length | 1).map(|_| loud * random()));
        }
        samples.truncate(seconds * 16_000);
        samples
    }

    fn check(shift_ms: i64) {
        let track = talk(40, 7);
        let other = talk(60, 99);
        // A mix in which the track is one voice of two.
        let shift = shift_ms * 16;
        let mix: Vec<f32> = (0..60 * 16_000_i64)
            .map(|n| {
                let own = usize::try_from(n - shift).ok().and_then(|at| track.get(at));
                0.7 * own.copied().unwrap_or(0.0) + other[n as usize]
            })
            .collect();
        assert_eq!(offset(&mix, &track).map(Ms::get), Some(shift_ms));
    }

    #[test]
    fn a_track_is_found_in_the_mix_wherever_it_begins() {
        check(0);
        check(12_345);
        check(-8_003);
    }

    #[test]
    fn sounds_that_share_nothing_have_no_offset() {
        assert_eq!(offset(&talk(30, 1), &talk(30, 2)), None);
        assert_eq!(offset(&talk(30, 1), &vec![0.0; 160_000]), None);
        assert_eq!(offset(&[], &[]), None);
    }
}
