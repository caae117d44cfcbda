//! Sound -> the log-mel spectrogram that Whisper was trained on.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// Samples of one window: 25 ms at 16 kHz.
const WINDOW: usize = 400;
/// Samples from one frame to the next: 10 ms.
const HOP: usize = 160;
/// Samples of a whole input: 30 s.
pub(crate) const SAMPLES: usize = 480_000;
/// Frames of a whole input.
pub(crate) const FRAMES: usize = SAMPLES / HOP;

/// Makes spectrograms with one model's filters.
pub(crate) struct Mel {
    fft: Arc<dyn RealToComplex<f32>>,
    hann: Vec<f32>,
    /// Shape (mels, bins).
    filters: Vec<f32>,
    bins: usize,
    /// The bins of each filter that are not zero.
    spans: Vec<std::ops::Range<usize>>,
}

impl Mel {
    /// Takes filters of shape (mels, bins), with a bin for each frequency of the transform.
    pub(crate) fn new(filters: Vec<f32>, bins: usize) -> Option<Mel> {
        if bins != WINDOW / 2 + 1 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "below 400")]
        let hann = (0..WINDOW)
            .map(|n| {
                let angle = std::f64::consts::TAU * n as f64 / WINDOW as f64;
                narrow(0.5 - 0.5 * angle.cos())
            })
            .collect();
        let spans = filters
            .chunks_exact(bins)
            .map(|filter| {
                let first = filter.iter().position(|w| *w != 0.0).unwrap_or(0);
                first..filter.iter().rposition(|w| *w != 0.0).map_or(first, |last| last + 1)
            })
            .collect();
        let fft = RealFftPlanner::new().plan_fft_forward(WINDOW);
        Some(Mel { fft, hann, filters, bins, spans })
    }

    /// The spectrogram of at most 30 s, padded with silence; shape ([`FRAMES`], mels).
    pub(crate) fn of(&self, samples: &[f32]) -> Vec<f32> {
        let mels = self.spans.len();
        let mut to = vec![0.0; FRAMES * mels];
        let mut input = self.fft.make_input_vec();
        let mut output = self.fft.make_output_vec();
        let mut scratch = self.fft.make_scratch_vec();
        let mut power = vec![0.0; self.bins];
        for (frame, row) in to.chunks_exact_mut(mels).enumerate() {
            self.window(samples, frame, &mut input);
            self.fft
                .process_with_scratch(&mut input, &mut output, &mut scratch)
                .expect("the vectors were made for this transform");
            for (power, bin) in power.iter_mut().zip(&output) {
                *power = Complex::norm_sqr(bin);
            }
            let filters = self.filters.chunks_exact(self.bins).zip(&self.spans);
            for ((filter, span), to) in filters.zip(row) {
                let energy: f32 =
                    filter[span.clone()].iter().zip(&power[span.clone()]).map(|(a, b)| a * b).sum();
                *to = energy.max(1e-10).log10();
            }
        }
        let floor = to.iter().fold(f32::NEG_INFINITY, |a, b| a.max(*b)) - 8.0;
        for number in &mut to {
            *number = (number.max(floor) + 4.0) / 4.0;
        }
        to
    }

    /// One frame's samples, mirrored at the start of the sound.
    fn window(&self, samples: &[f32], frame: usize, to: &mut [f32]) {
        let middle = frame * HOP;
        for (index, (to, weight)) in to.iter_mut().zip(&self.hann).enumerate() {
            let at = (middle + index).abs_diff(WINDOW / 2);
            let sample = if at < SAMPLES { samples.get(at).copied() } else { None };
            *to = sample.unwrap_or(0.0) * weight;
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a weight needs no more")]
fn narrow(number: f64) -> f32 {
    number as f32
}
