//! What listens to a file's own channels at its own rate, beside the mono that everything else hears.

use super::loudness::{Loudness, Meter};
use super::output::Shape;
use crate::time::{SAMPLE_RATE_HZ, Span};

/// The listener.
pub(super) enum Own {
    /// Nobody listens.
    Nobody,
    /// How loud it is.
    Loudness(Box<Meter>),
    /// A stretch of it.
    Stretch(Stretch),
}

impl Own {
    /// The stream begins, or goes on in another shape.
    pub(super) fn change(&mut self, shape: &Shape) {
        match self {
            Own::Nobody => {}
            Own::Loudness(meter) => meter.change(shape),
            Own::Stretch(stretch) => stretch.change(shape),
        }
    }

    /// Takes interleaved samples.
    pub(super) fn push(&mut self, interleaved: &[f32]) {
        match self {
            Own::Nobody => {}
            Own::Loudness(meter) => meter.push(interleaved),
            Own::Stretch(stretch) => stretch.push(interleaved),
        }
    }

    /// Takes frames of silence, which stand for what is not there.
    pub(super) fn silence(&mut self, frames: usize) {
        if let Own::Stretch(stretch) = self {
            stretch.silence(frames);
        }
    }

    pub(super) fn loudness(self) -> Option<Loudness> {
        if let Own::Loudness(meter) = self { meter.finish() } else { None }
    }
}

/// A stretch of a file's own sound, 16 bits or not as the file has it.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnSound {
    /// Interleaved samples, shape (frames x channels,).
    pub samples: Vec<f32>,
    /// Samples a second.
    pub sample_rate_hz: u32,
    /// How many channels there are.
    pub channels: u16,
}

/// Keeps what is heard in a stretch.
pub(super) struct Stretch {
    span: Span,
    /// Frames that have gone by, at the rate of now.
    frames: u64,
    rate_hz: u32,
    channels: usize,
    samples: Vec<f32>,
    /// Whether it changed its shape in the stretch: then there is no one sound of it.
    is_mixed: bool,
}

impl Stretch {
    pub(super) fn new(span: Span) -> Stretch {
        Stretch {
            span,
            frames: 0,
            rate_hz: SAMPLE_RATE_HZ,
            channels: 0,
            samples: Vec::new(),
            is_mixed: false,
        }
    }

    fn change(&mut self, shape: &Shape) {
        let (old, new) = (u128::from(self.rate_hz.max(1)), u128::from(shape.rate_hz));
        self.frames = u64::try_from(u128::from(self.frames) * new / old).unwrap_or(u64::MAX);
        self.is_mixed |= !self.samples.is_empty();
        (self.rate_hz, self.channels) = (shape.rate_hz, shape.channels());
    }

    /// The frames of the stretch among the next `count`, from and to.
    fn within(&mut self, count: usize) -> (usize, usize) {
        let frame = |ms: i64| {
            u64::try_from(ms).unwrap_or(0).saturating_mul(u64::from(self.rate_hz)) / 1_000
        };
        let inside = |frame: u64| {
            usize::try_from(frame.saturating_sub(self.frames)).unwrap_or(usize::MAX).min(count)
        };
        let found = (inside(frame(self.span.start().get())), inside(frame(self.span.end().get())));
        self.frames = self.frames.saturating_add(count as u64);
        found
    }

    fn push(&mut self, interleaved: &[f32]) {
        let channels = self.channels.max(1);
        let (from, to) = self.within(interleaved.len() / channels);
        self.samples
            .extend_from_slice(interleaved.get(from * channels..to * channels).unwrap_or_default());
    }

    fn silence(&mut self, frames: usize) {
        let (from, to) = self.within(frames);
        // before the first packet nobody knows how many channels there are
        let channels = self.channels.max(1);
        self.samples.resize(self.samples.len() + (to - from) * channels, 0.0);
    }

    /// The sound; `None` where nothing of it was heard, or it has no one shape.
    pub(super) fn finish(self) -> Option<OwnSound> {
        let is_whole = !self.is_mixed && !self.samples.is_empty() && self.channels > 0;
        is_whole.then_some(OwnSound {
            samples: self.samples,
            sample_rate_hz: self.rate_hz,
            channels: u16::try_from(self.channels).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Ms;

    fn stretch(from: i64, to: i64) -> Stretch {
        Stretch::new(Span::new(Ms::new(from), Ms::new(to)).unwrap())
    }

    #[test]
    fn a_stretch_is_exact_to_the_frame_over_packets_and_silence() {
        let mut stretch = stretch(100, 400);
        stretch.change(&Shape::plain(1_000, 2));
        let sound: Vec<f32> = (0..600).map(|n| n as f32).collect();
        stretch.push(&sound[..220]);
        stretch.push(&sound[220..300]);
        stretch.silence(200);
        stretch.push(&sound[300..]);
        let found = stretch.finish().unwrap();
        assert_eq!((found.sample_rate_hz, found.channels), (1_000, 2));
        assert_eq!(found.samples.len(), 600);
        assert_eq!(&found.samples[..100], &sound[200..300]);
        assert!(found.samples[100..500].iter().all(|sample| *sample == 0.0));
        assert_eq!(&found.samples[500..], &sound[300..400]);
    }

    #[test]
    fn time_goes_on_where_the_rate_changes_and_a_mixed_stretch_is_none() {
        let rates = |from: i64, to: i64| {
            let mut stretch = stretch(from, to);
            stretch.silence(16_000);
            stretch.change(&Shape::plain(1_000, 1));
            stretch.push(&[0.1; 1_000]);
            stretch.change(&Shape::plain(2_000, 1));
            stretch.push(&[0.2; 2_000]);
            stretch.finish().map(|sound| (sound.samples.len(), sound.sample_rate_hz))
        };
        assert_eq!(rates(2_500, 2_750), Some((500, 2_000)));
        assert_eq!(rates(1_500, 2_500), None);
        assert_eq!(rates(9_000, 9_500), None);
    }
}
