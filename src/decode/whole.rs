//! Whether what was decoded is what the file holds or promises.

use std::path::Path;

use symphonia::core::codecs::audio::well_known::CODEC_ID_MP3;

use super::container::Opened;
use super::outline::Outline;
use super::{DecodeError, DecodeWarning, track};
use crate::time::{Ms, Span};

/// How much may be missing at the end before it is worth a word, in seconds.
const MISSING_S: f64 = 1.0;

/// What was seen of the file's end.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// The file ends in the middle of something.
    pub(super) cut: bool,
    /// The latest time of any of the file's tracks, in seconds.
    pub(super) furthest_s: f64,
    /// By how many seconds the file's last time stamp is behind its last packet.
    pub(super) beyond_s: f64,
    /// How much sound the bytes before the first packet and behind the last may have held.
    pub(super) outside_s: f64,
    /// Whether the sound fits the checksum of it, where the file has one.
    pub(super) checksum: Option<bool>,
}

/// What was decoded.
#[derive(Debug)]
pub(super) struct Found<'a> {
    /// How long it is, with silence for what was lost.
    pub(super) length_s: f64,
    /// How much of it was lost.
    pub(super) lost_s: f64,
    /// Packets that were broken or missing.
    pub(super) broken_packets: usize,
    /// Where.
    pub(super) skipped: &'a [Span],
}

/// What to tell about a file; an error where less than half of it could be decoded.
pub(super) fn check(
    opened: &Opened,
    ending: &Ending,
    found: &Found<'_>,
    path: &Path,
) -> Result<Vec<DecodeWarning>, DecodeError> {
    let announced = announced(opened);
    let reached_s = found.length_s.max(ending.furthest_s);
    let short_s = announced.map_or(0.0, |length| length.as_seconds() - reached_s);
    let short_s = short_s.max(ending.beyond_s);
    let outside_s = if ending.outside_s > MISSING_S { ending.outside_s } else { 0.0 };
    let missing_s = short_s.max(outside_s).max(0.0);
    let held_s = found.length_s - found.lost_s;
    if held_s < found.lost_s + missing_s {
        return Err(DecodeError::MostlyLost {
            path: path.to_owned(),
            held: Ms::from_seconds(held_s.max(0.0)),
            promised: Ms::from_seconds(found.length_s + missing_s),
        });
    }
    let mut warnings = Vec::new();
    if found.broken_packets > 0 {
        let (packets, spans) = (found.broken_packets, found.skipped.to_vec());
        warnings.push(DecodeWarning::Skipped { packets, spans });
    }
    let decoded = Ms::from_seconds(found.length_s);
    // What is known from the pages or fragments that are there promises nothing, and neither does
    // the length that a cut file was given.
    let found_out = opened.container == "ogg"
        || matches!(opened.outline, Outline::Fragments(_) | Outline::Caf(_));
    if short_s > MISSING_S {
        let announced = Ms::from_seconds(reached_s + short_s);
        warnings.push(DecodeWarning::Truncated { announced, decoded });
    } else if ending.cut && (announced.is_none() || found_out) {
        warnings.push(DecodeWarning::BreaksOff { at: decoded });
    } else if outside_s > 0.0 {
        warnings.push(DecodeWarning::Outside { length: Ms::from_seconds(outside_s) });
    }
    if ending.checksum == Some(false) && warnings.is_empty() {
        warnings.push(DecodeWarning::Checksum);
    }
    if opened.other_tracks > 0 {
        warnings.push(DecodeWarning::OtherTracks { count: opened.other_tracks });
    }
    Ok(warnings)
}

/// How long the file plays as far as can be told beforehand, for progress only.
pub(super) fn expected(opened: &Opened) -> Option<Ms> {
    let (base, duration) = (opened.track.time_base?, opened.track.duration?);
    let length = track::seconds(i64::try_from(duration.get()).ok()?, base);
    (length.is_finite() && length > 0.0).then(|| Ms::from_seconds(length))
}

/// How long the file says that it plays; `None` where it does not, or could only be estimated.
pub(super) fn announced(opened: &Opened) -> Option<Ms> {
    let estimated = opened.params.codec == CODEC_ID_MP3 && opened.track.delay.is_none();
    match (&opened.outline, opened.container) {
        (Outline::Matroska(matroska), _) => matroska.duration_s().map(Ms::from_seconds),
        (Outline::Wave(wave), _) => wave.promised_s().map(Ms::from_seconds),
        (Outline::Caf(caf), _) => {
            caf.promised_s().map(Ms::from_seconds).or_else(|| expected(opened))
        }
        (Outline::Fragments(fragments), _) => {
            let kept = fragments.tracks.get(&opened.track.id);
            let ticks = kept.and_then(|kept| i64::try_from(kept.length).ok()).unwrap_or(0);
            let base = opened.track.time_base?;
            expected(opened).max(Some(Ms::from_seconds(track::seconds(ticks, base))))
        }
        (_, "adts") => None,
        _ if estimated => None,
        _ => expected(opened),
    }
}
