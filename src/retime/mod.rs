//! Another cut of a recording: what of the old one is where in the new one, found from the sound alone.
//!
//! Comes in: the samples of both. Goes out: a [`Map`] of the stretches that both have, exact to some
//! milliseconds, and by it the records and the people's files on the new time. What differs in loudness,
//! encoder or filter is the same sound; what was cut, put in or exchanged is told.
//!
//! [`prints`] make the sound comparable, [`matching`] finds the stretches, [`exact`] their edges;
//! [`records`] moves what machines found, [`written`] what people wrote.

pub mod edition;
mod exact;
mod map;
mod matching;
mod prints;
pub mod records;
pub mod written;

pub use map::{Map, Piece};

use crate::time::{Ms, SampleIndex};

/// What both recordings have has to be this part of the shorter one.
const LEAST: f64 = 0.5;

/// The new recording is another one.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("only {percent} % of the sound is that of the episode", percent = (share * 100.0).floor())]
pub struct Another {
    /// Which part of the shorter recording both have.
    pub share: f64,
}

/// Where the stretches of `old` are in `new`; both mono, 16 kHz.
///
/// # Errors
/// If the new recording is plainly another one.
pub fn find(old: &[f32], new: &[f32]) -> Result<Map, Another> {
    let runs = matching::runs(&prints::Prints::of(old), &prints::Prints::of(new));
    let pieces = exact::pieces(old, new, &runs);
    let length = |samples: &[f32]| SampleIndex(samples.len()).to_ms();
    let map = Map::new(pieces, length(old), length(new));
    let shorter = length(old).min(length(new)).max(Ms::new(1));
    let share = map.kept().as_seconds() / shorter.as_seconds();
    if share < LEAST { Err(Another { share }) } else { Ok(map) }
}

#[cfg(test)]
mod tests;
