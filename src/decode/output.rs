//! The recording as it grows, packet by packet.

use std::path::Path;

use symphonia::core::audio::{Channels, GenericAudioBufferRef, Position};

use super::container::{self, Opened};
use super::downmix::Downmix;
use super::own::Own;
use super::pull::Pulled;
use super::resample::Resample;
use super::trim::Trim;
use super::whole::{self, Ending, Found, announced};
use super::{DecodeError, DecodeLimits};
use crate::time::{Ms, SAMPLE_RATE_HZ, SampleIndex, Span};

/// Frames of silence made at a time.
const BLOCK: usize = 4096;
/// Seconds reserved at once where the file announces more: an announcement may be a lie.
const MOST_RESERVED: Ms = Ms::new(6 * 3_600_000);

/// What the samples of a decoded packet mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) rate_hz: u32,
    channels: usize,
    low_frequency: Option<usize>,
}

impl Shape {
    /// So many channels without a low-frequency one.
    #[cfg(test)]
    pub(super) const fn plain(rate_hz: u32, channels: usize) -> Shape {
        Shape { rate_hz, channels, low_frequency: None }
    }

    /// How many channels there are.
    pub(super) const fn channels(&self) -> usize {
        self.channels
    }

    /// How long so many interleaved samples last.
    #[expect(clippy::cast_precision_loss, reason = "a packet's samples")]
    pub(super) fn seconds(&self, interleaved: &[f32]) -> f64 {
        (interleaved.len() / self.channels.max(1)) as f64 / f64::from(self.rate_hz.max(1))
    }
}

/// Copies the decoded samples; what they mean.
pub(super) fn copy(decoded: &GenericAudioBufferRef<'_>, interleaved: &mut Vec<f32>) -> Shape {
    decoded.copy_to_vec_interleaved(interleaved);
    let spec = decoded.spec();
    let low_frequency = match spec.channels() {
        Channels::Positioned(_) => {
            spec.channels().get_canonical_index_for_positioned_channel(Position::LFE1)
        }
        _ => None,
    };
    Shape { rate_hz: spec.rate(), channels: spec.channels().count(), low_frequency }
}

/// The recording so far.
pub(super) struct Output<'a> {
    path: &'a Path,
    pub(super) samples: Vec<f32>,
    max_samples: usize,
    /// The one channel that is wanted.
    channel: Option<usize>,
    shape: Option<Shape>,
    stream: Option<(Downmix, Resample)>,
    own: Own,
    mono: Vec<f32>,
    trim: Trim,
    /// Frames still to drop at the start; `None` before the first packet, when the rate is unknown.
    lead: Option<u64>,
    /// Frames decoded in all, those dropped included.
    frames: u64,
    skipped: Vec<Span>,
    broken_packets: usize,
    /// How much sound was lost for certain, in seconds.
    lost_s: f64,
}

impl<'a> Output<'a> {
    pub(super) fn new(
        opened: &Opened,
        trim: Trim,
        channel: Option<usize>,
        own: Own,
        path: &'a Path,
        limits: &DecodeLimits,
    ) -> Output<'a> {
        let max_samples = limits.max_duration.to_sample().0;
        let mut samples = Vec::new();
        if let Some(expected) = announced(opened) {
            let wanted = expected.min(MOST_RESERVED).to_sample().0.min(max_samples);
            // Where the system has not so much to give, the vector grows step by step. The margin
            // is for a last packet that is cut again.
            let _ = samples.try_reserve_exact(wanted.saturating_add(2 * SAMPLE_RATE_HZ as usize));
        }
        Output {
            path,
            samples,
            max_samples,
            channel,
            shape: None,
            stream: None,
            own,
            mono: Vec::new(),
            trim,
            lead: None,
            frames: 0,
            skipped: Vec::new(),
            broken_packets: 0,
            lost_s: 0.0,
        }
    }

    /// The first `length_s` seconds lie before time 0, unless the file has told it otherwise.
    pub(super) fn leave_out_first(&mut self, length_s: f64) {
        self.trim.lead_if_none(length_s);
    }

    /// Takes the samples of one packet.
    pub(super) fn push(&mut self, interleaved: &[f32], shape: &Shape) -> Result<(), DecodeError> {
        if shape.channels == 0 {
            return Err(DecodeError::NoChannels { path: self.path.to_owned() });
        }
        if self.shape.as_ref() != Some(shape) {
            self.change(shape)?;
        }
        let frames = interleaved.len() / shape.channels;
        let skip = self.skip(frames as u64, shape.rate_hz);
        let skip = usize::try_from(skip).unwrap_or(frames);
        let kept = interleaved.get(skip * shape.channels..).unwrap_or_default();
        self.own.push(kept);
        if let Some((downmix, resample)) = &mut self.stream {
            self.mono.clear();
            downmix.push(kept, &mut self.mono);
            resample.push(&self.mono, &mut self.samples);
        }
        self.check_length()
    }

    /// Puts silence where nothing could be decoded; `packets` is how many packets that were.
    pub(super) fn lose(&mut self, length_s: f64, packets: usize) -> Result<(), DecodeError> {
        self.lost_s += length_s;
        self.replace(length_s, packets)
    }

    /// Puts silence where the time stamps jump and nothing is damaged: it may be that nobody was
    /// heard there.
    pub(super) fn miss(&mut self, length_s: f64) -> Result<(), DecodeError> {
        self.replace(length_s, 1)
    }

    fn replace(&mut self, length_s: f64, packets: usize) -> Result<(), DecodeError> {
        self.broken_packets = self.broken_packets.saturating_add(packets);
        let start = self.now();
        self.silence(length_s)?;
        if let Some(span) = Span::new(start, self.now()) {
            match self.skipped.last_mut() {
                Some(last) if last.end() >= span.start() => {
                    *last = Span::at_least_1ms(last.start(), span.end());
                }
                _ => self.skipped.push(span),
            }
        }
        Ok(())
    }

    /// Puts silence where there is no sound.
    pub(super) fn silence(&mut self, length_s: f64) -> Result<(), DecodeError> {
        // Before the first packet no rate is known, and the lead is yet to come.
        let known_rate = self.shape.as_ref().map(|shape| shape.rate_hz);
        let rate_hz = known_rate.unwrap_or(SAMPLE_RATE_HZ);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative and at most some hours"
        )]
        let frames = (length_s.clamp(0.0, 86_400.0) * f64::from(rate_hz)).round() as u64;
        let lead = known_rate.map_or(0, |rate_hz| self.skip(frames, rate_hz));
        let frames = frames - lead;
        let mut frames = usize::try_from(frames).unwrap_or(usize::MAX);
        self.own.silence(frames);
        if let Some((_, resample)) = &mut self.stream {
            self.mono.clear();
            self.mono.resize(BLOCK, 0.0);
            while frames > 0 && self.samples.len() <= self.max_samples {
                let block = frames.min(BLOCK);
                resample.push(self.mono.get(..block).unwrap_or_default(), &mut self.samples);
                frames -= block;
            }
        } else {
            let most = self.max_samples.saturating_add(1) - self.samples.len();
            self.samples.resize(self.samples.len() + frames.min(most), 0.0);
        }
        self.check_length()
    }

    /// Counts `frames` decoded; how many of them belong to the lead and are dropped.
    fn skip(&mut self, frames: u64, rate_hz: u32) -> u64 {
        self.frames = self.frames.saturating_add(frames);
        let lead = self.lead.get_or_insert_with(|| self.trim.lead.frames(rate_hz));
        let skip = frames.min(*lead);
        *lead -= skip;
        skip
    }

    /// The next sample's time, counting what still waits in the resampler.
    fn now(&self) -> Ms {
        let waiting = self.stream.as_ref().map_or(0, |(_, resample)| resample.pending());
        SampleIndex(self.samples.len() + waiting).to_ms()
    }

    fn change(&mut self, shape: &Shape) -> Result<(), DecodeError> {
        container::check_rate(self.path, shape.rate_hz)?;
        if let Some((_, resample)) = self.stream.take() {
            resample.finish(&mut self.samples);
        }
        let resample = Resample::new(shape.rate_hz).ok_or_else(|| DecodeError::SampleRate {
            path: self.path.to_owned(),
            rate_hz: shape.rate_hz,
        })?;
        let downmix = match self.channel {
            Some(channel) => Downmix::only(channel, shape.channels),
            None => Downmix::new(shape.channels, shape.low_frequency, shape.rate_hz),
        };
        self.own.change(shape);
        self.stream = Some((downmix, resample));
        self.shape = Some(shape.clone());
        Ok(())
    }

    fn check_length(&self) -> Result<(), DecodeError> {
        if self.samples.len() > self.max_samples {
            let limit = SampleIndex(self.max_samples).to_ms();
            return Err(DecodeError::TooLong { path: self.path.to_owned(), limit });
        }
        Ok(())
    }

    pub(super) fn finish(
        mut self,
        opened: &Opened,
        ending: &Ending,
    ) -> Result<Pulled, DecodeError> {
        if let Some((_, resample)) = self.stream.take() {
            resample.finish(&mut self.samples);
        }
        let Some(shape) = self.shape.take().filter(|_| !self.samples.is_empty()) else {
            return Err(DecodeError::NoSamples { path: self.path.to_owned() });
        };
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let found = Found {
            length_s: self.samples.len() as f64 / f64::from(SAMPLE_RATE_HZ),
            lost_s: self.lost_s,
            broken_packets: self.broken_packets,
            skipped: &self.skipped,
        };
        let warnings = whole::check(opened, ending, &found, self.path)?;
        if let Some(samples) = self.trim.keep(self.frames, shape.rate_hz) {
            let silence =
                usize::try_from(self.trim.silence_ms.saturating_mul(16)).unwrap_or(usize::MAX);
            self.samples.truncate(samples.saturating_add(silence));
        }
        Ok(Pulled {
            samples: self.samples,
            sample_rate_hz: shape.rate_hz,
            channels: u16::try_from(shape.channels).unwrap_or(u16::MAX),
            skipped: self.skipped,
            own: self.own,
            warnings,
        })
    }
}
