//! Pulls packets and decodes them into 16 kHz mono, with every sample at its true time.

use std::io;
use std::path::Path;

use symphonia::core::audio::{Channels, GenericAudioBufferRef, Position};
use symphonia::core::codecs::audio::AudioDecoder;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_MP3, CODEC_ID_OPUS};
use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;
use symphonia::core::units::TimeBase;

use super::container::{self, Opened};
use super::downmix::Downmix;
use super::resample::Resample;
use super::{DecodeError, DecodeLimits, DecodeWarning, codecs};
use crate::progress::Progress;
use crate::stage::Stage;
use crate::time::{Ms, SAMPLE_RATE_HZ, SampleIndex, Span};

/// Consecutive failures to find a packet after which the file counts as ended.
const MAX_FAILURES: usize = 256;
/// A jump of the time stamps below this is rounding, above it something is missing, in seconds.
const GAP_S: f64 = 0.05;
/// A jump above this is a clock that was set anew, not a gap, in seconds.
const MAX_GAP_S: f64 = 3600.0;
/// The longest packet that is believed, in seconds.
const MAX_PACKET_S: f64 = 5.0;
/// How much may be missing at the end before it is worth a word.
const MISSING: Ms = Ms::new(1000);

/// What came out of a file.
pub(super) struct Pulled {
    pub(super) samples: Vec<f32>,
    pub(super) sample_rate_hz: u32,
    pub(super) channels: u16,
    pub(super) skipped: Vec<Span>,
    pub(super) warnings: Vec<DecodeWarning>,
}

/// Decodes the whole track.
pub(super) fn pull(
    opened: &mut Opened,
    path: &Path,
    limits: &DecodeLimits,
    progress: &dyn Progress,
) -> Result<Pulled, DecodeError> {
    let mut track = TrackDecoder::new(opened, path)?;
    let mut out = Output::new(opened, path, limits);
    let mut failures = 0;
    let mut reported = 0;
    loop {
        if progress.cancelled() {
            return Err(DecodeError::Interrupted);
        }
        let packet = match opened.format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(Error::IoError(error)) => return Err(container::io_error(path, error)),
            Err(Error::ResetRequired) => {
                if !track.restart(opened) {
                    break;
                }
                continue;
            }
            Err(_) => {
                failures += 1;
                if failures > MAX_FAILURES {
                    break;
                }
                continue;
            }
        };
        failures = 0;
        if packet.track_id != track.id {
            track.saw_other(&packet, opened);
            continue;
        }
        track.packet(&packet, &mut out)?;
        if out.samples.len() - reported >= SAMPLE_RATE_HZ as usize {
            reported = out.samples.len();
            progress.advance(Stage::Decode, SampleIndex(reported).to_ms());
        }
    }
    out.finish(opened)
}

/// The decoder of the track and where its next packet should begin.
struct TrackDecoder {
    id: u32,
    decoder: Box<dyn AudioDecoder>,
    time_base: Option<TimeBase>,
    /// Seconds at which the next packet begins if nothing is missing.
    expected_s: Option<f64>,
    /// Earliest time stamp of any other track before the first packet of ours, in seconds.
    others_start_s: Option<f64>,
    interleaved: Vec<f32>,
}

impl TrackDecoder {
    fn new(opened: &Opened, path: &Path) -> Result<TrackDecoder, DecodeError> {
        let decoder = codecs::decoder(&opened.params).map_err(|error| match error {
            Error::Unsupported(_) => DecodeError::UnsupportedCodec {
                path: path.to_owned(),
                codec: codecs::detailed_name(&opened.params),
            },
            error => DecodeError::Malformed { path: path.to_owned(), reason: error.to_string() },
        })?;
        Ok(TrackDecoder {
            id: opened.track.id,
            decoder,
            time_base: opened.track.time_base,
            expected_s: None,
            others_start_s: None,
            interleaved: Vec::new(),
        })
    }

    /// Goes on with the tracks of the next part of a chained file; false where there is none.
    fn restart(&mut self, opened: &mut Opened) -> bool {
        let Some(track) = opened.format.default_track(symphonia::core::formats::TrackType::Audio)
        else {
            return false;
        };
        let Some(params) = track.codec_params.as_ref().and_then(|params| params.audio()) else {
            return false;
        };
        let Ok(decoder) = codecs::decoder(params) else { return false };
        self.id = track.id;
        self.decoder = decoder;
        self.time_base = track.time_base;
        self.expected_s = None;
        true
    }

    /// Notes where another track (the picture) begins, as long as ours has not begun.
    fn saw_other(&mut self, packet: &Packet, opened: &Opened) {
        if self.expected_s.is_some() {
            return;
        }
        let other = opened.format.tracks().iter().find(|track| track.id == packet.track_id);
        if let Some(time_base) = other.and_then(|track| track.time_base) {
            let start_s = seconds(packet.pts.get(), time_base);
            self.others_start_s = Some(self.others_start_s.map_or(start_s, |s| s.min(start_s)));
        }
    }

    fn packet(&mut self, packet: &Packet, out: &mut Output<'_>) -> Result<(), DecodeError> {
        let duration_s = self
            .time_base
            .map(|base| block_seconds(packet, base))
            .filter(|s| (0.0..MAX_PACKET_S).contains(s));
        if let Some(base) = self.time_base {
            let start_s = seconds(packet.pts.get(), base);
            let expected_s = self.expected_s.or(self.others_start_s).unwrap_or(start_s);
            let gap_s = start_s - expected_s;
            if (GAP_S..MAX_GAP_S).contains(&gap_s) {
                let lost = self.expected_s.is_some();
                out.silence(gap_s, usize::from(lost), lost)?;
            }
            self.expected_s = Some(start_s + duration_s.unwrap_or(0.0));
        }
        let decoded = match self.decoder.decode(packet) {
            Ok(decoded) => Some(copy(&decoded, &mut self.interleaved)),
            Err(_) => self.retry(packet),
        };
        match decoded {
            Some(shape) => out.push(&self.interleaved, &shape),
            None => out.silence(duration_s.unwrap_or(0.0), 1, true),
        }
    }

    /// A spliced MP3 changes its rate or channels midway, which its decoder does not take: a new
    /// one does.
    fn retry(&mut self, packet: &Packet) -> Option<Shape> {
        let params = self.decoder.codec_params();
        if params.codec != CODEC_ID_MP3 {
            return None;
        }
        let mut decoder = codecs::decoder(&params.clone()).ok()?;
        let shape = match decoder.decode(packet) {
            Ok(decoded) => copy(&decoded, &mut self.interleaved),
            Err(_) => return None,
        };
        self.decoder = decoder;
        Some(shape)
    }
}

/// What the samples of a decoded packet mean.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shape {
    rate_hz: u32,
    channels: usize,
    low_frequency: Option<usize>,
}

fn copy(decoded: &GenericAudioBufferRef<'_>, interleaved: &mut Vec<f32>) -> Shape {
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

/// The recording as it grows.
struct Output<'a> {
    path: &'a Path,
    samples: Vec<f32>,
    max_samples: usize,
    shape: Option<Shape>,
    stream: Option<(Downmix, Resample)>,
    mono: Vec<f32>,
    /// Frames still to drop at the start: what the encoder put in front.
    lead: u64,
    /// Frames decoded in all, those dropped included.
    frames: u64,
    skipped: Vec<Span>,
    broken_packets: usize,
}

impl<'a> Output<'a> {
    fn new(opened: &Opened, path: &'a Path, limits: &DecodeLimits) -> Output<'a> {
        let max_samples = limits.max_duration.to_sample().0;
        let mut samples = Vec::new();
        if let Some(expected) = announced(opened) {
            // Where the system has not so much to give, the vector grows step by step.
            let wanted = expected.to_sample().0.min(max_samples).saturating_add(16_000);
            let _ = samples.try_reserve_exact(wanted);
        }
        let lead = lead(opened);
        Output {
            path,
            samples,
            max_samples,
            shape: None,
            stream: None,
            mono: Vec::new(),
            lead,
            frames: 0,
            skipped: Vec::new(),
            broken_packets: 0,
        }
    }

    /// Takes the samples of one packet.
    fn push(&mut self, interleaved: &[f32], shape: &Shape) -> Result<(), DecodeError> {
        if shape.channels == 0 {
            return Err(DecodeError::NoChannels { path: self.path.to_owned() });
        }
        if self.shape.as_ref() != Some(shape) {
            self.change(shape)?;
        }
        let frames = interleaved.len() / shape.channels;
        self.frames += frames as u64;
        let skip = usize::try_from(self.lead).unwrap_or(usize::MAX).min(frames);
        self.lead -= skip as u64;
        let kept = interleaved.get(skip * shape.channels..).unwrap_or_default();
        if let Some((downmix, resample)) = &mut self.stream {
            self.mono.clear();
            downmix.push(kept, &mut self.mono);
            resample.push(&self.mono, &mut self.samples);
        }
        self.check_length()
    }

    /// Puts silence where something is missing.
    fn silence(&mut self, length_s: f64, packets: usize, lost: bool) -> Result<(), DecodeError> {
        self.broken_packets += packets;
        let rate_hz = self.shape.as_ref().map_or(SAMPLE_RATE_HZ, |shape| shape.rate_hz);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative and at most an hour"
        )]
        let mut frames = (length_s * f64::from(rate_hz)).round() as u64;
        self.frames += frames;
        let skip = self.lead.min(frames);
        self.lead -= skip;
        frames -= skip;
        let start = self.now();
        match &mut self.stream {
            Some((_, resample)) => {
                self.mono.clear();
                self.mono.resize(4096, 0.0);
                while frames > 0 {
                    let block = usize::try_from(frames).unwrap_or(usize::MAX).min(4096);
                    resample.push(self.mono.get(..block).unwrap_or_default(), &mut self.samples);
                    frames -= block as u64;
                }
            }
            None => {
                let length = usize::try_from(frames).unwrap_or(usize::MAX);
                let length = length.min(self.max_samples.saturating_add(1));
                self.samples.resize(self.samples.len().saturating_add(length), 0.0);
            }
        }
        if lost && let Some(span) = Span::new(start, self.now()) {
            match self.skipped.last_mut() {
                Some(last) if last.end() >= span.start() => {
                    *last = Span::at_least_1ms(last.start(), span.end());
                }
                _ => self.skipped.push(span),
            }
        }
        self.check_length()
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
        let downmix = Downmix::new(shape.channels, shape.low_frequency, shape.rate_hz);
        self.stream = Some((downmix, resample));
        self.shape.get_or_insert_with(|| shape.clone());
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

    fn finish(mut self, opened: &Opened) -> Result<Pulled, DecodeError> {
        if let Some((_, resample)) = self.stream.take() {
            resample.finish(&mut self.samples);
        }
        let Some(shape) = self.shape.take().filter(|_| !self.samples.is_empty()) else {
            return Err(DecodeError::NoSamples { path: self.path.to_owned() });
        };
        if let Some(frames) = frames_to_keep(opened, self.frames) {
            let samples = (frames * u64::from(SAMPLE_RATE_HZ)).div_ceil(u64::from(shape.rate_hz));
            self.samples.truncate(usize::try_from(samples).unwrap_or(usize::MAX));
        }
        let mut warnings = Vec::new();
        if self.broken_packets > 0 {
            let (packets, spans) = (self.broken_packets, self.skipped.clone());
            warnings.push(DecodeWarning::Skipped { packets, spans });
        }
        let decoded = SampleIndex(self.samples.len()).to_ms();
        if let Some(announced) = announced(opened).filter(|length| *length > decoded + MISSING) {
            warnings.push(DecodeWarning::Truncated { announced, decoded });
        }
        if opened.other_tracks > 0 {
            warnings.push(DecodeWarning::OtherTracks { count: opened.other_tracks });
        }
        Ok(Pulled {
            samples: self.samples,
            sample_rate_hz: shape.rate_hz,
            channels: u16::try_from(shape.channels).unwrap_or(u16::MAX),
            skipped: self.skipped,
            warnings,
        })
    }
}

/// How long the file says that it plays; `None` where it only could be estimated.
pub(super) fn announced(opened: &Opened) -> Option<Ms> {
    let track = &opened.track;
    let estimated = opened.params.codec == CODEC_ID_MP3 && track.delay.is_none();
    if estimated {
        return None;
    }
    let (base, duration) = (track.time_base?, track.duration?);
    let length = seconds(i64::try_from(duration.get()).ok()?, base);
    length.is_finite().then(|| Ms::from_seconds(length))
}

/// How many frames at the start the encoder put there, which a gapless player leaves out.
fn lead(opened: &Opened) -> u64 {
    let frames = match opened.params.codec {
        CODEC_ID_MP3 => opened.track.delay.unwrap_or(0),
        CODEC_ID_OPUS => opened.track.delay.or_else(|| opus_pre_skip(opened)).unwrap_or(0),
        _ => 0,
    };
    u64::from(frames)
}

/// The pre-skip of the Opus header, which Matroska keeps as private data.
fn opus_pre_skip(opened: &Opened) -> Option<u32> {
    let header = opened.params.extra_data.as_deref()?;
    let &[low, high] = header.strip_prefix(b"OpusHead")?.get(2..4)? else { return None };
    Some(u32::from(u16::from_le_bytes([low, high])))
}

/// How many frames a gapless player plays of an MP3 whose header tells it, where the header fits
/// what was decoded: in a spliced file it describes the first part only.
fn frames_to_keep(opened: &Opened, decoded: u64) -> Option<u64> {
    let track = &opened.track;
    if opened.params.codec != CODEC_ID_MP3 {
        return None;
    }
    let (delay, frames) = (u64::from(track.delay?), track.num_frames?);
    let told = frames.checked_add(delay)?.checked_add(u64::from(track.padding.unwrap_or(0)))?;
    (told.abs_diff(decoded) <= 1152).then_some(frames)
}

#[expect(clippy::cast_precision_loss, reason = "exact to a sample for 285 years at 1 MHz")]
fn seconds(ticks: i64, base: TimeBase) -> f64 {
    ticks as f64 * f64::from(base.numer.get()) / f64::from(base.denom.get())
}

fn block_seconds(packet: &Packet, base: TimeBase) -> f64 {
    seconds(i64::try_from(packet.block_dur().get()).unwrap_or(i64::MAX), base)
}
