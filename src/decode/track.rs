//! The decoder of one track: each packet at its time, and silence where one is lost.

use std::path::Path;

use symphonia::core::codecs::audio::AudioDecoder;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_MP3, CODEC_ID_OPUS, CODEC_ID_VORBIS};
use symphonia::core::errors::Error;
use symphonia::core::formats::TrackType;
use symphonia::core::packet::Packet;
use symphonia::core::units::TimeBase;

use super::container::Opened;
use super::guard::guarded;
use super::outline::Outline;
use super::output::{Output, Shape, copy};
use super::{DecodeError, codecs, whole};
use crate::time::Ms;

/// A jump of the time stamps below this is rounding, above it something is missing, in seconds.
const GAP_S: f64 = 0.05;
/// The same behind a damaged place, where something is missing for certain.
const DAMAGE_GAP_S: f64 = 0.003;
/// A jump above this is a clock that was set anew, not a gap, in seconds.
pub(super) const MAX_GAP_S: f64 = 3600.0;
/// A first time stamp above this is not one behind lost packets, in seconds.
const MAX_LEAD_S: f64 = 60.0;
/// The longest packet that is believed, in seconds.
const MAX_PACKET_S: f64 = 5.0;

/// Where a packet stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// When it begins, in seconds; `None` where it follows without a pause.
    pub(super) start_s: Option<f64>,
    /// How long it lasts, in seconds, where the container tells it.
    pub(super) duration_s: Option<f64>,
    /// What came before it made no sense.
    pub(super) after_damage: bool,
    /// A pause before it is lost sound, and not one that was never there.
    pub(super) lost: bool,
}

/// The decoder of the track and where its next packet should begin.
pub(super) struct TrackDecoder {
    pub(super) id: u32,
    pub(super) decoder: Box<dyn AudioDecoder>,
    pub(super) time_base: Option<TimeBase>,
    /// Seconds at which the next packet begins if nothing is missing.
    pub(super) expected_s: Option<f64>,
    /// Earliest time stamp of any other track before the first packet of ours, in seconds.
    pub(super) others_start_s: Option<f64>,
    /// When the file says that it ends, in seconds.
    ends_s: Option<f64>,
    /// Where the demuxer passes over lost sound and how long that is, in seconds.
    gaps: Vec<(f64, f64)>,
    /// How long the last packet lasted, in seconds.
    last_s: f64,
    pub(super) interleaved: Vec<f32>,
    /// The decoder leaves in what comes before time 0.
    untrimmed: bool,
}

impl TrackDecoder {
    pub(super) fn new(opened: &Opened, path: &Path) -> Result<TrackDecoder, DecodeError> {
        let made = guarded(|| codecs::decoder(&opened.params));
        let made = made.unwrap_or(Err(Error::DecodeError("its description makes no sense")));
        let decoder = made.map_err(|error| match error {
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
            ends_s: whole::announced(opened).map(Ms::as_seconds),
            gaps: gaps(opened),
            last_s: 0.0,
            interleaved: Vec::new(),
            untrimmed: opened.params.codec != CODEC_ID_VORBIS,
        })
    }

    /// Goes on with the tracks of the next part of a chained file; false where there is none.
    pub(super) fn restart(&mut self, opened: &Opened) -> bool {
        let Some(track) = opened.format.default_track(TrackType::Audio) else { return false };
        let Some(params) = track.codec_params.as_ref().and_then(|params| params.audio()) else {
            return false;
        };
        let Some(Ok(decoder)) = guarded(|| codecs::decoder(params)) else { return false };
        self.id = track.id;
        self.decoder = decoder;
        self.time_base = track.time_base;
        self.expected_s = None;
        self.ends_s = None;
        true
    }

    /// Notes where another track (the picture) begins, as long as ours has not begun.
    pub(super) fn saw_other(&mut self, packet: &Packet, opened: &Opened) {
        if self.expected_s.is_some() {
            return;
        }
        let other = opened.format.tracks().iter().find(|track| track.id == packet.track_id);
        if let Some(time_base) = other.and_then(|track| track.time_base) {
            let start_s = seconds(packet.pts.get(), time_base);
            self.others_start_s = Some(self.others_start_s.map_or(start_s, |s| s.min(start_s)));
        }
    }

    /// Where a packet of the demuxer stands.
    pub(super) fn place(&self, packet: &Packet, after_damage: bool, lost: bool) -> Place {
        let duration_s = self.time_base.map(|base| block_seconds(packet, base));
        let start_s = self.time_base.map(|base| {
            let start_s = seconds(packet.pts.get(), base);
            let before = self.gaps.iter().filter(|(at, _)| *at <= start_s + DAMAGE_GAP_S);
            start_s + before.map(|(_, length)| length).sum::<f64>()
        });
        Place {
            start_s,
            duration_s: duration_s.filter(|s| (0.0..MAX_PACKET_S).contains(s)),
            after_damage,
            lost: lost || after_damage,
        }
    }

    pub(super) fn packet(
        &mut self,
        packet: &Packet,
        place: Place,
        out: &mut Output<'_>,
    ) -> Result<(), DecodeError> {
        // A time behind the end is no time.
        let latest_s = self.ends_s.map_or(f64::INFINITY, |end| end + MAX_PACKET_S);
        if let Some(start_s) = place.start_s.filter(|start| *start <= latest_s) {
            let began = self.expected_s.is_some();
            if !began && start_s < 0.0 && self.untrimmed {
                out.leave_out_first(-start_s);
            }
            // Pages that are lost at the start took their sound with them; a station's stream that
            // was joined midway says a later time.
            let joined = start_s > MAX_LEAD_S;
            let first_s = if place.lost && !joined { 0.0 } else { start_s };
            let expected_s = self.expected_s.or(self.others_start_s).unwrap_or(first_s);
            let gap_s = start_s - expected_s;
            let least_s = if place.after_damage { DAMAGE_GAP_S } else { GAP_S };
            if (least_s..MAX_GAP_S).contains(&gap_s) {
                if place.after_damage || place.lost && began {
                    out.lose(gap_s, 1)?;
                } else if began || place.lost {
                    out.miss(gap_s)?;
                } else {
                    out.silence(gap_s)?;
                }
            }
            self.expected_s = Some(start_s);
        }
        match self.decode(packet) {
            Some(shape) => {
                self.last_s = shape.seconds(&self.interleaved);
                out.push(&self.interleaved, &shape)?;
            }
            None => out.lose(place.duration_s.unwrap_or(self.last_s), 1)?,
        }
        let lasts_s = place.duration_s.filter(|s| *s > 0.0).unwrap_or(self.last_s);
        self.expected_s = self.expected_s.map(|s| s + lasts_s);
        Ok(())
    }

    /// How many of the units in which Ogg counts time make a second.
    pub(super) fn clock_hz(&self) -> u32 {
        let params = self.decoder.codec_params();
        // Opus counts in 48 kHz, whatever it was made of.
        let rate_hz = params.sample_rate.filter(|_| params.codec != CODEC_ID_OPUS);
        rate_hz.unwrap_or(48_000)
    }

    /// Decodes a packet; `None` where it is broken. A decoder that panics is made anew.
    pub(super) fn decode(&mut self, packet: &Packet) -> Option<Shape> {
        let params = self.decoder.codec_params();
        let codec = params.codec;
        if codecs::is_void(codec, &packet.data) {
            return None;
        }
        let (decoder, interleaved) = (&mut self.decoder, &mut self.interleaved);
        let first =
            guarded(|| decoder.decode(packet).ok().map(|decoded| copy(&decoded, interleaved)));
        let panicked = first.is_none();
        if let Some(Some(shape)) = first {
            return Some(shape);
        }
        // A spliced MP3 changes its rate or channels midway: its decoder does not take that, a new
        // one does.
        if !panicked && codec != CODEC_ID_MP3 {
            return None;
        }
        let params = self.decoder.codec_params().clone();
        let mut fresh = codecs::decoder(&params).ok()?;
        let interleaved = &mut self.interleaved;
        let again =
            guarded(|| fresh.decode(packet).ok().map(|decoded| copy(&decoded, interleaved)));
        let shape = again.flatten();
        if panicked || shape.is_some() {
            self.decoder = codecs::decoder(&params).ok()?;
        }
        shape
    }
}

/// What the demuxer passes over in a streamed MP4.
fn gaps(opened: &Opened) -> Vec<(f64, f64)> {
    let (Outline::Fragments(fragments), Some(base)) = (&opened.outline, opened.track.time_base)
    else {
        return Vec::new();
    };
    let gaps = fragments.tracks.get(&opened.track.id).map(|kept| kept.gaps.iter());
    let length = |ticks: u64| seconds(i64::try_from(ticks).unwrap_or(i64::MAX), base);
    gaps.into_iter().flatten().map(|(at, gap)| (length(*at), length(*gap))).collect()
}

#[expect(clippy::cast_precision_loss, reason = "exact to a sample for 285 years at 1 MHz")]
pub(super) fn seconds(ticks: i64, base: TimeBase) -> f64 {
    ticks as f64 * f64::from(base.numer.get()) / f64::from(base.denom.get())
}

fn block_seconds(packet: &Packet, base: TimeBase) -> f64 {
    seconds(i64::try_from(packet.block_dur().get()).unwrap_or(i64::MAX), base)
}
