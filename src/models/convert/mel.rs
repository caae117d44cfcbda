//! The mel filter bank that Whisper was trained with: Slaney's scale and area normalisation, for
//! 400-sample windows at 16 kHz.
//!
//! A CTranslate2 file does not hold it and a ggml file must, so it is computed in f64 and rounded
//! once. Reference: M. Slaney, Auditory Toolbox, 1998.

/// Frequency bins of a 400-sample window.
pub(super) const BINS: usize = 201;
const NYQUIST_HZ: f64 = 8_000.0;
/// Below this the scale is linear, above it logarithmic.
const LINEAR_BELOW_HZ: f64 = 1_000.0;
const HZ_PER_MEL: f64 = 200.0 / 3.0;
const LINEAR_MELS: f64 = 15.0;
/// The logarithmic part goes up by a factor of 6.4 in 27 steps.
const LOG_STEPS: f64 = 27.0;
const LOG_FACTOR: f64 = 6.4;

/// The filters, shape (`n_mels`, [`BINS`]), row by row.
pub(super) fn filters(n_mels: usize) -> Vec<f32> {
    let edges_hz: Vec<f64> = edges_mel(n_mels).into_iter().map(mel_to_hz).collect();
    let bin_hz = NYQUIST_HZ / count(BINS - 1);
    let mut filters = Vec::with_capacity(n_mels * BINS);
    for edges in edges_hz.windows(3) {
        let &[low, centre, high] = edges else { continue };
        let area = 2.0 / (high - low);
        for bin in 0..BINS {
            let hz = count(bin) * bin_hz;
            let rising = -(low - hz) / (centre - low);
            let falling = (high - hz) / (high - centre);
            let height = rising.min(falling);
            filters.push(round(if height < 0.0 { 0.0 } else { height * area }));
        }
    }
    filters
}

/// `n_mels + 2` points, evenly spaced in mel from 0 to the Nyquist frequency.
fn edges_mel(n_mels: usize) -> Vec<f64> {
    let top = hz_to_mel(NYQUIST_HZ);
    let step = top / count(n_mels + 1);
    (0..n_mels + 2).map(|i| if i == n_mels + 1 { top } else { count(i) * step }).collect()
}

fn hz_to_mel(hz: f64) -> f64 {
    if hz < LINEAR_BELOW_HZ {
        return hz / HZ_PER_MEL;
    }
    LINEAR_MELS + (hz / LINEAR_BELOW_HZ).ln() / (LOG_FACTOR.ln() / LOG_STEPS)
}

fn mel_to_hz(mel: f64) -> f64 {
    if mel < LINEAR_MELS {
        return mel * 200.0 / 3.0;
    }
    LINEAR_BELOW_HZ * ((LOG_FACTOR.ln() / LOG_STEPS) * (mel - LINEAR_MELS)).exp()
}

#[expect(clippy::cast_precision_loss, reason = "counts here are below a thousand")]
fn count(value: usize) -> f64 {
    value as f64
}

#[expect(clippy::cast_possible_truncation, reason = "the format stores 32-bit floats")]
fn round(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_is_one_triangle() {
        for n_mels in [80, 128] {
            let filters = filters(n_mels);
            assert_eq!(filters.len(), n_mels * BINS);
            for row in filters.chunks(BINS) {
                let top = (0..BINS).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap();
                assert!(row[top] > 0.0);
                assert!(row[..top].is_sorted());
                assert!(row[top..].iter().rev().is_sorted());
            }
        }
    }

    #[test]
    fn scale_is_continuous_at_its_knee() {
        assert!((hz_to_mel(1_000.0) - 15.0).abs() < 1e-12);
        assert!((mel_to_hz(15.0) - 1_000.0).abs() < 1e-9);
        assert!((mel_to_hz(hz_to_mel(6_400.0)) - 6_400.0).abs() < 1e-9);
    }
}
