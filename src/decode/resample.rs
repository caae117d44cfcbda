//! Any sample rate -> 16 kHz, in a stream: exact length, no delay, one copy of the result.

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler};

use crate::time::SAMPLE_RATE_HZ;

/// Input frames per block at least: a longer block makes a sharper filter. With about 2000 the pass
/// band is flat to about 7.8 kHz.
const BLOCK: usize = 2048;
/// Steps of the 16-bit grid.
const GRID: f32 = 32_768.0;
/// Samples beyond this, 36 dB over full scale, are no sound, and many of them together would exceed
/// what the transform can add up.
const LOUDEST: f32 = 64.0;

/// The nearest sample on the 16-bit grid; not-a-number becomes silence, and so does what rounds to
/// the negative zero, which a kept recording cannot tell from zero.
pub(super) fn on_grid(sample: f32) -> f32 {
    let steps = (sample * GRID).round().clamp(-GRID, GRID - 1.0);
    if steps.is_nan() || steps == 0.0 { 0.0 } else { steps / GRID }
}

/// Takes mono samples at one rate and appends them to the recording at 16 kHz.
pub(super) struct Resample {
    rate_hz: u32,
    /// `None` where the rate is 16 kHz already.
    fft: Option<Fft<f32>>,
    /// Input frames per step.
    chunk: usize,
    waiting: Vec<f32>,
    output: Vec<f32>,
    /// Output frames at the start that hold only the filter's delay.
    delay: usize,
    taken: u64,
    given: u64,
}

impl Resample {
    /// `None` for a rate that no resampler can be made for.
    pub(super) fn new(rate_hz: u32) -> Option<Resample> {
        let (mut fft, mut chunk) = (None, 0);
        if rate_hz != SAMPLE_RATE_HZ {
            let (from, to) = (usize::try_from(rate_hz).ok()?, SAMPLE_RATE_HZ as usize);
            chunk = chunk_frames(from, to)?;
            let window = rubato::WindowFunction::BlackmanHarris2;
            fft = Some(Fft::new_custom(from, to, chunk, 1, 1, window, FixedSync::Input).ok()?);
        }
        let delay = fft.as_ref().map_or(0, Resampler::output_delay);
        let output = vec![0.0; fft.as_ref().map_or(0, Resampler::output_frames_max)];
        let waiting = Vec::new();
        Some(Resample { rate_hz, fft, chunk, waiting, output, delay, taken: 0, given: 0 })
    }

    /// Takes `mono` and appends what is ready to `samples`.
    pub(super) fn push(&mut self, mono: &[f32], samples: &mut Vec<f32>) {
        self.taken += mono.len() as u64;
        if self.fft.is_none() {
            self.given += mono.len() as u64;
            samples.extend(mono.iter().copied().map(on_grid));
            return;
        }
        let sound = |x: &f32| if x.is_finite() { x.clamp(-LOUDEST, LOUDEST) } else { 0.0 };
        self.waiting.extend(mono.iter().map(sound));
        let mut used = 0;
        while let Some(chunk) = self.waiting.get(used..used + self.chunk) {
            let (fft, output) = (&mut self.fft, &mut self.output);
            let made = step(fft, chunk, output);
            used += self.chunk;
            self.give(made, u64::MAX, samples);
        }
        self.waiting.drain(..used);
    }

    /// Samples of the result that are taken but not yet given, rounded up.
    pub(super) fn pending(&self) -> usize {
        usize::try_from(self.wanted().saturating_sub(self.given)).unwrap_or(usize::MAX)
    }

    fn wanted(&self) -> u64 {
        (self.taken * u64::from(SAMPLE_RATE_HZ)).div_ceil(u64::from(self.rate_hz))
    }

    /// Appends the rest, so that the sound is exactly as long as what was taken, rounded up to a
    /// whole sample.
    pub(super) fn finish(mut self, samples: &mut Vec<f32>) {
        let wanted = self.wanted();
        let mut chunk = std::mem::take(&mut self.waiting);
        chunk.resize(self.chunk, 0.0);
        while self.given < wanted {
            let made = step(&mut self.fft, &chunk, &mut self.output);
            self.give(made, wanted - self.given, samples);
            chunk.fill(0.0);
        }
    }

    /// Appends at most `most` of the `made` frames in the output, less the filter's delay.
    fn give(&mut self, made: usize, most: u64, samples: &mut Vec<f32>) {
        let skip = self.delay.min(made);
        self.delay -= skip;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let ready = self.output.get(skip..made).unwrap_or_default();
        let ready = ready.get(..most.min(ready.len())).unwrap_or_default();
        self.given += ready.len() as u64;
        samples.extend(ready.iter().copied().map(on_grid));
    }
}

/// Input frames per block. Blocks are even on both sides, for the filter's middle must fall on a
/// frame: in an odd block the sound would come out half a frame late.
fn chunk_frames(from: usize, to: usize) -> Option<usize> {
    let (mut divisor, mut rest) = (from, to);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    let least = from.checked_div(divisor)?;
    Some(BLOCK.div_ceil(2 * least) * 2 * least)
}

/// Resamples one chunk into `output`; how many frames came out.
fn step(fft: &mut Option<Fft<f32>>, chunk: &[f32], output: &mut [f32]) -> usize {
    let Some(fft) = fft else { return 0 };
    let room = output.len();
    let input = SequentialSlice::new(chunk, 1, chunk.len()).expect("one channel of that length");
    let mut output = SequentialSlice::new_mut(output, 1, room).expect("one channel of that length");
    let (_, made) = fft
        .process_into_buffer(&input, &mut output, Some(&Indexing::new()))
        .expect("the chunk has the fixed input size and the output its maximum");
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resample(rate_hz: u32, mono: &[f32], pieces: usize) -> Vec<f32> {
        let mut samples = Vec::new();
        let mut resample = Resample::new(rate_hz).unwrap();
        for piece in mono.chunks(pieces) {
            resample.push(piece, &mut samples);
        }
        resample.finish(&mut samples);
        samples
    }

    fn tone(rate_hz: u32, hz: f32, frames: usize) -> Vec<f32> {
        let step = std::f64::consts::TAU * f64::from(hz) / f64::from(rate_hz);
        (0..frames).map(|n| 0.5 * (n as f64 * step).sin() as f32).collect()
    }

    #[test]
    fn length_is_exact_at_every_rate() {
        for rate in [4000, 8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 44_101] {
            for frames in [1, 100, 3_333, 12_345] {
                let wanted = (frames as u64 * 16_000).div_ceil(u64::from(rate));
                let got = resample(rate, &tone(rate, 440.0, frames), 777).len();
                assert_eq!(got as u64, wanted, "{frames} frames at {rate} Hz");
            }
        }
    }

    #[test]
    fn samples_that_are_no_sound_become_some_sound() {
        for value in [f32::MAX, f32::MIN, f32::INFINITY, f32::NAN] {
            let mono: Vec<f32> = (0..9_000).map(|n| if n % 3 == 0 { value } else { 0.1 }).collect();
            let samples = resample(8_000, &mono, 4_000);
            assert!(samples.iter().all(|sample| (-1.0..=1.0).contains(sample)), "{value}");
        }
    }

    #[test]
    fn a_tone_stays_in_place_and_keeps_its_level() {
        for rate in [8000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000] {
            let got = resample(rate, &tone(rate, 440.0, rate as usize), 1152);
            let wanted = tone(16_000, 440.0, 16_000);
            // The ends ring a little, as any filter does.
            for (n, (got, wanted)) in got.iter().zip(&wanted).enumerate().skip(400).take(15_200) {
                assert!((got - wanted).abs() < 2e-3, "sample {n} at {rate} Hz: {got} {wanted}");
            }
        }
    }

    #[test]
    fn the_pieces_do_not_matter() {
        let input = tone(44_100, 1000.0, 30_000);
        assert_eq!(resample(44_100, &input, 1), resample(44_100, &input, 30_000));
    }

    #[test]
    fn what_is_above_the_new_range_does_not_fold_back() {
        let got = resample(48_000, &tone(48_000, 12_000.0, 48_000), 4800);
        assert!(got[400..15_600].iter().all(|x| x.abs() < 1e-3));
    }

    #[test]
    fn samples_lie_on_the_grid() {
        assert_eq!(on_grid(2.0), 32_767.0 / 32_768.0);
        assert_eq!(on_grid(-2.0), -1.0);
        assert_eq!(on_grid(f32::NAN), 0.0);
        assert_eq!(on_grid(-0.3 / 32_768.0).to_bits(), 0);
        assert_eq!(on_grid(0.6 / 32_768.0), 1.0 / 32_768.0);
    }
}
