//! Pulls packets and decodes them, with every sample at its true time.

use std::io;
use std::path::Path;

use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

use super::blocks::Blocks;
use super::container::{self, Opened};
use super::frames::{self, Frames, Syntax};
use super::guard::guarded;
use super::outline::{Outline, Way};
use super::output::Output;
use super::own::Own;
use super::track::{MAX_GAP_S, Place, TrackDecoder, seconds};
use super::trim::Trim;
use super::view::{Piece, View, Window};
use super::whole::Ending;
use super::{DecodeError, DecodeLimits, DecodeWarning, flac, ogg};
use crate::progress::Progress;
use crate::stage::Stage;
use crate::time::{SAMPLE_RATE_HZ, SampleIndex, Span};

/// Consecutive failures to find a packet after which the file counts as ended.
const MAX_FAILURES: usize = 256;
/// What came out of a file.
pub(super) struct Pulled {
    pub(super) samples: Vec<f32>,
    pub(super) sample_rate_hz: u32,
    pub(super) channels: u16,
    pub(super) skipped: Vec<Span>,
    pub(super) own: Own,
    pub(super) warnings: Vec<DecodeWarning>,
}

/// Decodes the whole track.
pub(super) fn pull(
    opened: &mut Opened,
    trim: Trim,
    channel: Option<usize>,
    own: Own,
    path: &Path,
    limits: &DecodeLimits,
    progress: &dyn Progress,
) -> Result<Pulled, DecodeError> {
    let mut track = TrackDecoder::new(opened, path)?;
    let mut out = Output::new(opened, trim, channel, own, path, limits);
    out.silence(f64::from(u32::try_from(trim.silence_ms).unwrap_or(u32::MAX)) / 1000.0)?;
    let mut ending = match opened.way.clone() {
        Way::Packets => pull_packets(opened, &mut track, &mut out, path, progress)?,
        Way::Frames(syntax, pieces) => {
            pull_frames(syntax, &pieces, &mut track, &mut out, path, progress)?
        }
        Way::Blocks { from, delay_ns, whole } => {
            let blocks = Blocks::open(path, from, track.id);
            let mut blocks = blocks.map_err(|error| container::io_error(path, error))?;
            let mut ending =
                pull_blocks(&mut blocks, delay_ns, &mut track, &mut out, path, progress)?;
            if whole && blocks.unbroken {
                // All that there is was passed: another track may last longer than the sound.
                ending.furthest_s = f64::INFINITY;
            }
            ending
        }
    };
    ending.checksum = guarded(|| track.decoder.finalize().verify_ok).flatten();
    out.finish(opened, &ending)
}

fn pull_packets(
    opened: &mut Opened,
    track: &mut TrackDecoder,
    out: &mut Output<'_>,
    path: &Path,
    progress: &dyn Progress,
) -> Result<Ending, DecodeError> {
    let mut failures = 0;
    let mut reported = 0;
    let mut last = None;
    // The readers of these leave out what its checksum does not fit, and say nothing.
    let silent = matches!(opened.container, "ogg" | "flac");
    let mut damaged = false;
    loop {
        report(out, &mut reported, progress)?;
        let next = guarded(|| opened.format.next_packet());
        let packet = match next.unwrap_or(Err(Error::DecodeError("the reader panicked"))) {
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
                damaged = true;
                failures += 1;
                if failures > MAX_FAILURES {
                    break;
                }
                continue;
            }
        };
        failures = 0;
        if packet.track_id == track.id {
            let place = track.place(&packet, std::mem::take(&mut damaged), silent);
            track.packet(&packet, place, out)?;
            last = Some(packet);
        } else {
            track.saw_other(&packet, opened);
        }
    }
    let mut ending = Ending { cut: damaged, ..Ending::default() };
    if path.is_file() {
        let end = look_at_end(opened, track, last.as_ref(), path, &mut ending);
        end.map_err(|error| container::io_error(path, error))?;
    }
    Ok(ending)
}

/// What the end of a file says, whose container says anything there.
fn look_at_end(
    opened: &Opened,
    track: &TrackDecoder,
    last: Option<&Packet>,
    path: &Path,
    ending: &mut Ending,
) -> io::Result<()> {
    match (&opened.outline, opened.container, last) {
        (Outline::Fragments(fragments), _, _) => ending.cut |= fragments.cut,
        (Outline::Caf(caf), _, _) => ending.cut |= caf.cut,
        (_, "ogg", _) => {
            let tail = ogg::tail(&mut Window::open(path)?)?;
            ending.cut |= tail.cut;
            if let (Some((stream, time)), Some(expected_s)) = (tail.last, track.expected_s)
                && stream == track.id
            {
                let ends_s = length_s(time, track.clock_hz());
                // A time behind all sense is none.
                ending.beyond_s =
                    Some(ends_s - expected_s).filter(|s| *s < 86_400.0).unwrap_or(0.0);
            }
        }
        (_, "flac", Some(last)) => {
            ending.cut |= !flac::ends_with(&mut Window::open(path)?, &last.data)?;
        }
        _ => {}
    }
    Ok(())
}

/// The same for a file of frames, which have no time stamps.
fn pull_frames(
    syntax: Syntax,
    pieces: &[Piece],
    track: &mut TrackDecoder,
    out: &mut Output<'_>,
    path: &Path,
    progress: &dyn Progress,
) -> Result<Ending, DecodeError> {
    let io = |error| container::io_error(path, error);
    let mut frames = Frames::new(View::open(path, pieces).map_err(io)?, syntax);
    let mut reported = 0;
    let mut rate_hz = track.decoder.codec_params().sample_rate.unwrap_or(44_100);
    while let Some(next) = frames.next().map_err(io)? {
        report(out, &mut reported, progress)?;
        match next {
            frames::Next::Gap { samples } => {
                let packets = usize::try_from(samples / 1152).unwrap_or(usize::MAX).max(1);
                out.lose(length_s(samples, rate_hz).min(MAX_GAP_S), packets)?;
            }
            frames::Next::Frame { bytes, samples } => {
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
    let outside_s = length_s(frames.outside(), rate_hz);
    Ok(Ending { cut: frames.is_cut(), outside_s, ..Ending::default() })
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn length_s(samples: u64, rate_hz: u32) -> f64 {
    samples as f64 / f64::from(rate_hz)
}

/// The same for the blocks of Matroska.
fn pull_blocks(
    blocks: &mut Blocks,
    delay_ns: u64,
    track: &mut TrackDecoder,
    out: &mut Output<'_>,
    path: &Path,
    progress: &dyn Progress,
) -> Result<Ending, DecodeError> {
    let Some(base) = track.time_base else { return Ok(Ending::default()) };
    #[expect(clippy::cast_precision_loss, reason = "less than a second")]
    let delay_s = delay_ns as f64 / 1e9;
    let mut reported = 0;
    while let Some(block) = blocks.next().map_err(|error| container::io_error(path, error))? {
        report(out, &mut reported, progress)?;
        if track.expected_s.is_none() {
            // Damage before the first packet took all that stood there.
            let start = if block.after_damage { Some(0) } else { blocks.earliest };
            track.others_start_s = start.map(|ticks| seconds(ticks, base) - delay_s);
        }
        let place = Place {
            start_s: block.ticks.map(|ticks| seconds(ticks, base) - delay_s),
            duration_s: None,
            after_damage: block.after_damage,
            lost: block.after_damage,
        };
        let packet = Packet::new(track.id, Timestamp::new(0), Duration::from(0_u64), block.bytes);
        track.packet(&packet, place, out)?;
    }
    let furthest_s = seconds(blocks.furthest, base);
    Ok(Ending { cut: blocks.cut, furthest_s, ..Ending::default() })
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
