//! Which part of the decoded sound a gapless player plays.
//!
//! Encoders put up to a tenth of a second before the sound and fill the last packet. MP3 tells it
//! in the LAME note, MP4 in its edit list or in Apple's `iTunSMPB` tag, Opus in its header.

use std::path::Path;

use symphonia::core::codecs::audio::well_known::{CODEC_ID_MP3, CODEC_ID_OPUS};
use symphonia::core::meta::{MetadataRevision, RawValue};

use super::container::Opened;
use super::mp4;
use crate::time::SAMPLE_RATE_HZ;

/// A length in ticks of some clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length {
    ticks: u64,
    per_s: u32,
}

impl Length {
    const ZERO: Length = Length { ticks: 0, per_s: 1 };

    /// The nearest number of frames at this rate.
    pub(super) fn frames(self, rate_hz: u32) -> u64 {
        let per_s = u128::from(self.per_s.max(1));
        let frames = (u128::from(self.ticks) * u128::from(rate_hz) + per_s / 2) / per_s;
        u64::try_from(frames).unwrap_or(u64::MAX)
    }
}

/// What to cut from the decoded sound and what to put before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trim {
    /// Silence before the sound: the track begins later than the film.
    pub(super) silence_ms: u64,
    /// Left out at the start.
    pub(super) lead: Length,
    /// How long the played part is, where the file tells it.
    keep: Option<Keep>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// This long.
    Length(Length),
    /// This many frames, if all that was decoded is this many: in a spliced MP3 the note describes
    /// the first part only.
    IfWhole { frames: u64, decoded: u64 },
}

impl Trim {
    /// What the file says.
    pub(super) fn of(opened: &Opened, movie: &mp4::Movie) -> Trim {
        let track = &opened.track;
        let rate = opened.params.sample_rate.unwrap_or(SAMPLE_RATE_HZ);
        let none = Trim { silence_ms: 0, lead: Length::ZERO, keep: None };
        let lead = |ticks: u32, per_s: u32| Length { ticks: u64::from(ticks), per_s };
        if opened.params.codec == CODEC_ID_MP3 {
            let Some(delay) = track.delay else { return none };
            let padding = u64::from(track.padding.unwrap_or(0));
            let keep = track.num_frames.map(|frames| Keep::IfWhole {
                frames,
                decoded: frames.saturating_add(u64::from(delay)).saturating_add(padding),
            });
            return Trim { lead: lead(delay, rate), keep, ..none };
        }
        if opened.params.codec == CODEC_ID_OPUS && opened.container != "mp4" {
            let delay = track.delay.or_else(|| opus_pre_skip(opened)).unwrap_or(0);
            return Trim { lead: lead(delay, 48_000), ..none };
        }
        if let Some(edit) = movie.edit(track.id) {
            let length = Length { ticks: edit.length, per_s: edit.movie_ticks_per_s };
            return Trim {
                silence_ms: edit.silence_ms,
                lead: Length { ticks: edit.start, per_s: edit.ticks_per_s },
                keep: (edit.length > 0).then_some(Keep::Length(length)),
            };
        }
        if let Some((delay, frames)) = opened.apple_gapless {
            let keep = Some(Keep::Length(Length { ticks: frames, per_s: rate }));
            return Trim { lead: lead(delay, rate), keep, ..none };
        }
        none
    }

    /// Leaves out the first `length_s` seconds, at most one, where nothing else is known.
    pub(super) fn lead_if_none(&mut self, length_s: f64) {
        if self.lead == Length::ZERO {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0 and a million"
            )]
            let ticks = (length_s.clamp(0.0, 1.0) * 1e6).round() as u64;
            self.lead = Length { ticks, per_s: 1_000_000 };
        }
    }

    /// How many samples at 16 kHz to keep after the lead is gone; `decoded` frames at `rate_hz`
    /// came out of the decoder, the lead counted.
    pub(super) fn keep(&self, decoded: u64, rate_hz: u32) -> Option<usize> {
        let frames = match self.keep? {
            Keep::Length(length) => length.frames(SAMPLE_RATE_HZ),
            Keep::IfWhole { frames, decoded: whole } => {
                if whole.abs_diff(decoded) > 1152 {
                    return None;
                }
                (frames.checked_mul(u64::from(SAMPLE_RATE_HZ))?).div_ceil(u64::from(rate_hz))
            }
        };
        usize::try_from(frames).ok()
    }
}

/// The pre-skip of the Opus header, which Matroska keeps as private data.
fn opus_pre_skip(opened: &Opened) -> Option<u32> {
    let header = opened.params.extra_data.as_deref()?;
    let &[low, high] = header.strip_prefix(b"OpusHead")?.get(2..4)? else { return None };
    Some(u32::from(u16::from_le_bytes([low, high])))
}

/// Delay and length in frames of Apple's gapless tag: ` 00000000 00000840 000001CA 0000…003F31F6`.
pub(super) fn apple_gapless(revision: &MetadataRevision) -> Option<(u32, u64)> {
    let tag = revision.media.tags.iter().find(|tag| tag.raw.key.ends_with("iTunSMPB"))?;
    let RawValue::String(text) = &tag.raw.value else { return None };
    let mut fields = text.split_whitespace().skip(1);
    let delay = u32::from_str_radix(fields.next()?, 16).ok()?;
    let frames = u64::from_str_radix(fields.nth(1)?, 16).ok()?;
    (delay < 1 << 16 && frames > 0).then_some((delay, frames))
}

/// The MP4 description of a file that is one, empty for any other.
pub(super) fn movie(opened: &Opened, path: &Path) -> mp4::Movie {
    if opened.container == "mp4" {
        mp4::read(path).unwrap_or_default()
    } else {
        mp4::Movie::default()
    }
}
