//! Pulls packets and decodes them, with every sample at its true time.

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use symphonia::core::codecs::audio::AudioDecoder;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_MP3, CODEC_ID_VORBIS};
use symphonia::core::errors::Error;
use symphonia::core::formats::TrackType;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, TimeBase, Timestamp};

use super::container::{self, Opened};
use super::mpeg::{self, Frames};
use super::output::{Output, Shape, copy};
use super::trim::Trim;
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
    trim: Trim,
    channel: Option<usize>,
    path: &Path,
    limits: &DecodeLimits,
    progress: &dyn Progress,
) -> Result<Pulled, DecodeError> {
    let mut track = TrackDecoder::new(opened, path)?;
    let mut out = Output::new(opened, trim, channel, path, limits);
    out.silence(f64::from(u32::try_from(trim.silence_ms).unwrap_or(u32::MAX)) / 1000.0)?;
    // What cannot be read twice, a pipe, goes through the demuxer.
    if opened.container == "mp3" && path.is_file() {
        pull_frames(&mut track, &mut out, path, progress)?;
    } else {
        pull_packets(opened, &mut track, &mut out, path, progress)?;
    }
    out.finish(opened)
}

fn pull_packets(
    opened: &mut Opened,
    track: &mut TrackDecoder,
    out: &mut Output<'_>,
    path: &Path,
    progress: &dyn Progress,
) -> Result<(), DecodeError> {
    let mut failures = 0;
    let mut reported = 0;
    loop {
        report(out, &mut reported, progress)?;
        let next = catch_unwind(AssertUnwindSafe(|| opened.format.next_packet()));
        let packet = match next.unwrap_or(Ok(None)) {
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
        if packet.track_id == track.id {
            track.packet(&packet, out)?;
        } else {
            track.saw_other(&packet, opened);
        }
    }
    Ok(())
}

/// The same for an MP3 file, which has no time stamps.
fn pull_frames(
    track: &mut TrackDecoder,
    out: &mut Output<'_>,
    path: &Path,
    progress: &dyn Progress,
) -> Result<(), DecodeError> {
    let file = File::open(path).map_err(|error| container::io_error(path, error))?;
    let mut frames = Frames::new(file);
    let mut reported = 0;
    let mut rate_hz = track.decoder.codec_params().sample_rate.unwrap_or(44_100);
    while let Some(next) = frames.next().map_err(|error| container::io_error(path, error))? {
        report(out, &mut reported, progress)?;
        match next {
            mpeg::Next::Gap { samples } => {
                #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
                let length_s = samples as f64 / f64::from(rate_hz);
                let packets = usize::try_from(samples / 1152).unwrap_or(usize::MAX).max(1);
                out.lose(length_s.min(MAX_GAP_S), packets)?;
            }
            mpeg::Next::Frame { bytes, samples } => {
                let duration = Duration::from(u64::from(samples));
                let packet = Packet::new(track.id, Timestamp::new(0), duration, bytes);
                match track.decode(&packet) {
                    Some(shape) => {
                        rate_hz = shape.rate_hz;
                        out.push(&track.interleaved, &shape)?;
                    }
                    None => out.lose(f64::from(samples) / f64::from(rate_hz), 1)?,
                }
            }
        }
    }
    Ok(())
}

/// Reports the progress about once a second of sound, and asks whether to go on.
fn report(
    out: &Output<'_>,
    reported: &mut usize,
    progress: &dyn Progress,
) -> Result<(), DecodeError> {
    if progress.cancelled() {
        return Err(DecodeError::Interrupted);
    }
    if out.samples.len() - *reported >= SAMPLE_RATE_HZ as usize {
        *reported = out.samples.len();
        progress.advance(Stage::Decode, SampleIndex(*reported).to_ms());
    }
    Ok(())
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
    /// The decoder leaves in what comes before time 0.
    untrimmed: bool,
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
            untrimmed: opened.params.codec != CODEC_ID_VORBIS,
        })
    }

    /// Goes on with the tracks of the next part of a chained file; false where there is none.
    fn restart(&mut self, opened: &Opened) -> bool {
        let Some(track) = opened.format.default_track(TrackType::Audio) else { return false };
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
            let began = self.expected_s.is_some();
            if !began && start_s < 0.0 && self.untrimmed {
                out.leave_out_first(-start_s);
            }
            let expected_s = self.expected_s.or(self.others_start_s).unwrap_or(start_s);
            let gap_s = start_s - expected_s;
            if (GAP_S..MAX_GAP_S).contains(&gap_s) {
                if began { out.lose(gap_s, 1)? } else { out.silence(gap_s)? }
            }
            self.expected_s = Some(start_s + duration_s.unwrap_or(0.0));
        }
        match self.decode(packet) {
            Some(shape) => out.push(&self.interleaved, &shape),
            None => out.lose(duration_s.unwrap_or(0.0), 1),
        }
    }

    /// Decodes a packet; `None` where it is broken. A decoder that panics is made anew.
    fn decode(&mut self, packet: &Packet) -> Option<Shape> {
        let (decoder, interleaved) = (&mut self.decoder, &mut self.interleaved);
        let first = catch_unwind(AssertUnwindSafe(|| {
            decoder.decode(packet).ok().map(|decoded| copy(&decoded, interleaved))
        }));
        let panicked = first.is_err();
        if let Ok(Some(shape)) = first {
            return Some(shape);
        }
        let params = self.decoder.codec_params().clone();
        // A spliced MP3 changes its rate or channels midway: its decoder does not take that, a new
        // one does.
        if !panicked && params.codec != CODEC_ID_MP3 {
            return None;
        }
        let mut fresh = codecs::decoder(&params).ok()?;
        let interleaved = &mut self.interleaved;
        let again = catch_unwind(AssertUnwindSafe(|| {
            fresh.decode(packet).ok().map(|decoded| copy(&decoded, interleaved))
        }));
        let shape = again.ok().flatten();
        if panicked || shape.is_some() {
            self.decoder = codecs::decoder(&params).ok()?;
        }
        shape
    }
}

/// How long the file plays as far as can be told beforehand, for progress only.
pub(super) fn expected(opened: &Opened) -> Option<Ms> {
    let (base, duration) = (opened.track.time_base?, opened.track.duration?);
    let length = seconds(i64::try_from(duration.get()).ok()?, base);
    length.is_finite().then(|| Ms::from_seconds(length))
}

/// How long the file says that it plays; `None` where it could only be estimated.
pub(super) fn announced(opened: &Opened) -> Option<Ms> {
    let track = &opened.track;
    let estimated = opened.params.codec == CODEC_ID_MP3 && track.delay.is_none();
    if estimated { None } else { expected(opened) }
}

#[expect(clippy::cast_precision_loss, reason = "exact to a sample for 285 years at 1 MHz")]
fn seconds(ticks: i64, base: TimeBase) -> f64 {
    ticks as f64 * f64::from(base.numer.get()) / f64::from(base.denom.get())
}

fn block_seconds(packet: &Packet, base: TimeBase) -> f64 {
    seconds(i64::try_from(packet.block_dur().get()).unwrap_or(i64::MAX), base)
}
