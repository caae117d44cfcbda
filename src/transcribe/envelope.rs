//! The loudness of a recording in steps of 10 ms: where cuts and word edges are looked for.

use crate::decode::Recording;
use crate::time::{Ms, SAMPLE_RATE_HZ, Span};

/// Length of a frame and of a step.
pub(crate) const FRAME_MS: i64 = 10;

const FRAME_SAMPLES: usize = (SAMPLE_RATE_HZ / 100) as usize;

/// Level given to digital silence.
const FLOOR_DB: f32 = -100.0;

/// Frame levels in decibels relative to full scale. Shape (frames,); a four-hour recording
/// takes 6 MB.
#[derive(Debug, Clone, Default)]
pub(crate) struct Envelope {
    levels_db: Vec<f32>,
}

impl Envelope {
    /// Measures the whole recording; a last incomplete frame counts as a frame.
    #[expect(clippy::cast_precision_loss, reason = "a frame has 160 samples")]
    pub(crate) fn of(recording: &Recording) -> Envelope {
        let levels_db = recording
            .samples
            .chunks(FRAME_SAMPLES)
            .map(|frame| {
                let mean = frame.iter().sum::<f32>() / frame.len() as f32;
                let power =
                    frame.iter().map(|s| (s - mean) * (s - mean)).sum::<f32>() / frame.len() as f32;
                if power.is_finite() { (10.0 * power.log10()).max(FLOOR_DB) } else { FLOOR_DB }
            })
            .collect();
        Envelope { levels_db }
    }

    /// An envelope with these levels, for tests.
    #[cfg(test)]
    pub(crate) fn from_levels(levels_db: Vec<f32>) -> Envelope {
        Envelope { levels_db }
    }

    /// The frames of a span, cut to what exists, and the time of the first.
    pub(crate) fn frames(&self, span: Span) -> (Ms, &[f32]) {
        let end = frame_at(span.end() + Ms::new(FRAME_MS - 1)).min(self.levels_db.len());
        let start = frame_at(span.start()).min(end);
        (time_of(start), self.levels_db.get(start..end).unwrap_or_default())
    }
}

/// The frame in which a time lies.
fn frame_at(at: Ms) -> usize {
    usize::try_from(at.get().max(0) / FRAME_MS).unwrap_or(usize::MAX)
}

/// Where a frame starts.
pub(crate) fn time_of(frame: usize) -> Ms {
    Ms::new(i64::try_from(frame).unwrap_or(i64::MAX).saturating_mul(FRAME_MS))
}

/// The value below which `share` (0 to 1) of `levels` lie; `None` where there are none.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index into a slice, rounded"
)]
pub(crate) fn quantile(levels: &[f32], share: f32) -> Option<f32> {
    let mut sorted = levels.to_vec();
    let last = sorted.len().checked_sub(1)?;
    let (_, value, _) =
        sorted.select_nth_unstable_by((last as f32 * share).round() as usize, f32::total_cmp);
    Some(*value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::SourceInfo;

    #[test]
    fn a_loud_half_is_loud() {
        let mut samples = vec![0.0; 16_000];
        for (index, sample) in samples.iter_mut().enumerate().skip(8_000) {
            *sample = if index % 2 == 0 { 0.5 } else { -0.5 };
        }
        let envelope = Envelope::of(&Recording { samples, source: SourceInfo::default() });
        let span = Span::new(Ms::new(490), Ms::new(510)).unwrap();
        let (start, frames) = envelope.frames(span);
        assert_eq!(start, Ms::new(490));
        assert_eq!(frames.len(), 2);
        assert!((frames[0] - FLOOR_DB).abs() < 0.01 && (frames[1] + 6.02).abs() < 0.1);
    }

    #[test]
    fn quantiles_of_nothing_and_something() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[3.0, 1.0, 2.0], 0.5), Some(2.0));
    }
}
