//! Samples -> log-mel features as Kaldi computes them, the input of the speaker network.
//!
//! Parameters of CAM++'s model card: 80 mels from 20 Hz to 8 kHz, frames of 25 ms every 10 ms, no
//! dither, each frame's mean removed, pre-emphasis 0.97, povey window, power spectrum of 512
//! points, natural logarithm. Samples are -1 to 1, as the network's own pipeline has them.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// Mel bands a frame.
pub(super) const MELS: usize = 80;
/// Samples from one feature frame to the next, 10 ms.
pub(super) const HOP_SAMPLES: usize = 160;
/// Samples in a feature frame, 25 ms.
pub(super) const FRAME_SAMPLES: usize = 400;

const FFT_SIZE: usize = 512;
const SAMPLE_RATE_HZ: f64 = 16_000.0;
const LOWEST_HZ: f64 = 20.0;
const PRE_EMPHASIS: f32 = 0.97;
const POVEY_POWER: f64 = 0.85;
/// The smallest power whose logarithm is taken: `f32::EPSILON`, as in Kaldi.
const POWER_FLOOR: f32 = f32::EPSILON;

/// A triangle of the mel bank: its first bin and its weights.
struct Band {
    first_bin: usize,
    weights: Vec<f32>,
}

/// Computes features; holds the tables.
pub(super) struct Fbank {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    bands: Vec<Band>,
}

impl Fbank {
    pub(super) fn new() -> Fbank {
        Fbank {
            fft: RealFftPlanner::new().plan_fft_forward(FFT_SIZE),
            window: povey_window(),
            bands: mel_bands(),
        }
    }

    /// The features of `samples`, shape (frames, 80); no frame where there are less than 25 ms.
    pub(super) fn features(&self, samples: &[f32]) -> Vec<[f32; MELS]> {
        let mut frame = self.fft.make_input_vec();
        let mut spectrum = self.fft.make_output_vec();
        let mut scratch = self.fft.make_scratch_vec();
        samples
            .windows(FRAME_SAMPLES)
            .step_by(HOP_SAMPLES)
            .map(|raw| {
                self.shape_frame(raw, &mut frame);
                self.fft
                    .process_with_scratch(&mut frame, &mut spectrum, &mut scratch)
                    .expect("the plan made these buffers");
                self.mels(&spectrum)
            })
            .collect()
    }

    /// Mean removed, pre-emphasised, windowed, padded with silence to the transform's size.
    fn shape_frame(&self, raw: &[f32], frame: &mut [f32]) {
        frame.fill(0.0);
        #[expect(clippy::cast_precision_loss, reason = "400 is exact")]
        let mean = raw.iter().sum::<f32>() / raw.len() as f32;
        let mut before = raw[0] - mean;
        for ((out, &sample), &weight) in frame.iter_mut().zip(raw).zip(&self.window) {
            let now = sample - mean;
            *out = (now - PRE_EMPHASIS * before) * weight;
            before = now;
        }
    }

    fn mels(&self, spectrum: &[Complex<f32>]) -> [f32; MELS] {
        let mut row = [0.0; MELS];
        for (out, band) in row.iter_mut().zip(&self.bands) {
            let bins = &spectrum[band.first_bin..];
            let power: f32 =
                bins.iter().zip(&band.weights).map(|(bin, weight)| bin.norm_sqr() * weight).sum();
            *out = power.max(POWER_FLOOR).ln();
        }
        row
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "indices below 400; window values fit f32"
)]
fn povey_window() -> Vec<f32> {
    let step = std::f64::consts::TAU / (FRAME_SAMPLES - 1) as f64;
    (0..FRAME_SAMPLES)
        .map(|n| (0.5 - 0.5 * (step * n as f64).cos()).powf(POVEY_POWER) as f32)
        .collect()
}

fn mel(hz: f64) -> f64 {
    1127.0 * (1.0 + hz / 700.0).ln()
}

/// Triangles equally wide on the mel scale, each half over the next; the bin at half the sample
/// rate is left out, as in Kaldi.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "indices below 512; weights are 0 to 1"
)]
fn mel_bands() -> Vec<Band> {
    let (low, high) = (mel(LOWEST_HZ), mel(SAMPLE_RATE_HZ / 2.0));
    let width = (high - low) / (MELS + 1) as f64;
    (0..MELS)
        .map(|band| {
            let left = low + band as f64 * width;
            let weights: Vec<f32> = (0..FFT_SIZE / 2)
                .map(|bin| {
                    let at = mel(bin as f64 * SAMPLE_RATE_HZ / FFT_SIZE as f64);
                    let rise = (at - left) / width;
                    rise.min(2.0 - rise).max(0.0) as f32
                })
                .collect();
            let first_bin = weights.iter().position(|&w| w > 0.0).unwrap_or(0);
            let end = weights.iter().rposition(|&w| w > 0.0).map_or(first_bin, |last| last + 1);
            Band { first_bin, weights: weights[first_bin..end].to_vec() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chirp with a hum and a step, made the same way in the script that made the golden numbers.
    fn signal() -> Vec<f32> {
        (0..8000_u16)
            .map(|n| {
                let t = f64::from(n) / 16_000.0;
                let chirp = 0.3 * (std::f64::consts::TAU * (200.0 + 3000.0 * t) * t).sin();
                let hum = 0.05 * (std::f64::consts::TAU * 50.0 * t).sin();
                let step = if n >= 4000 { 0.1 } else { 0.0 };
                #[expect(clippy::cast_possible_truncation, reason = "below 1")]
                let value = (chirp + hum + step) as f32;
                value
            })
            .collect()
    }

    #[test]
    fn equals_the_reference_on_a_synthetic_signal() {
        // tests/fixtures/diarize/README.md tells how the golden numbers were made.
        let golden = include_str!("../../tests/fixtures/diarize/fbank.txt");
        let features = Fbank::new().features(&signal());
        let rows: Vec<&str> = golden.lines().collect();
        assert_eq!(features.len(), 48);
        for line in rows {
            let mut numbers = line.split_whitespace();
            let frame: usize = numbers.next().unwrap().parse().unwrap();
            for (band, want) in numbers.enumerate() {
                let want: f32 = want.parse().unwrap();
                let got = features[frame][band];
                assert!((got - want).abs() < 1e-3, "frame {frame} band {band}: {got} not {want}");
            }
        }
    }

    #[test]
    fn too_little_sound_has_no_frame() {
        assert!(Fbank::new().features(&[0.1; 399]).is_empty());
        assert_eq!(Fbank::new().features(&[0.1; 400]).len(), 1);
    }
}
