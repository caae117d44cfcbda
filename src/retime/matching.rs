//! Which stretches of a new recording are stretches of the old one, to some hundredths of a second.
//!
//! Prints that are exactly alike propose how much later the new recording is (the shift); where the sound
//! stops being alike, shifts a few seconds away are tried too, as trimmed pauses have them. The likeliest way
//! through all blocks of the new recording is then found: on a shift, or in new sound, with a price for
//! every change, and never back in the old recording.

use std::collections::HashMap;

use crate::retime::prints::{BITS, Prints};

/// Prints of a block: a quarter of a second.
const BLOCK: usize = 25;
/// Prints that are compared to judge a block: most of a second.
const WINDOW: usize = 80;
/// How far around a block prints propose shifts, in prints.
const VOTERS: usize = 150;
/// A print that stands in more places than this proposes nothing.
const COMMON: usize = 12;
/// So many shifts are proposed for a block.
const PROPOSED: usize = 5;
/// How many of those that lead to a block are followed on.
const FOLLOWED: usize = 12;
/// How far from a known shift others are tried, in prints: a pause of three seconds.
const NEARBY: i64 = 300;
/// The share of bits that differ where the sound is the same, at most; of others, half do.
const ALIKE: f64 = 0.30;
/// What a block of new sound costs: as a share of bits that differ.
const NEW: f64 = 0.36;
/// What a change of the shift costs: some blocks.
const CHANGE: f64 = 0.8;
/// What a quiet print counts, that is quiet in both.
const QUIET: f64 = 0.2;

/// A stretch of the new recording that is one of the old one's, in prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) from: usize,
    pub(super) to: usize,
    /// How much later it is in the new recording.
    pub(super) shift: i64,
}

/// The stretches that both have, in order.
pub(super) fn runs(old: &Prints, new: &Prints) -> Vec<Run> {
    Search { old, new }.runs()
}

/// A way to a block.
#[derive(Debug, Clone, Copy)]
struct Way {
    /// The shift that it is on, or was on last.
    shift: i64,
    /// Since which block it has been in new sound.
    new_since: Option<usize>,
    cost: f64,
    /// The way to the block before.
    before: Option<usize>,
}

struct Search<'p> {
    old: &'p Prints,
    new: &'p Prints,
}

impl Search<'_> {
    fn runs(&self) -> Vec<Run> {
        let places = self.places();
        let blocks = self.new.bits.len().div_ceil(BLOCK);
        let mut table: Vec<Vec<Way>> = Vec::with_capacity(blocks);
        let start = Way { shift: 0, new_since: Some(0), cost: 0.0, before: None };
        for block in 0..blocks {
            let ways = match table.last() {
                Some(last) => {
                    let shifts = self.shifts(block, last, &places);
                    self.step(block, last, &shifts)
                }
                // the old recording may begin anywhere
                None => {
                    self.step(block, &[Way { cost: -CHANGE, ..start }], &self.proposed(0, &places))
                }
            };
            table.push(ways);
        }
        joined(&table, self.new.bits.len())
    }

    /// Where each telling print of the old recording stands.
    fn places(&self) -> HashMap<u32, Vec<u32>> {
        let mut places: HashMap<u32, Vec<u32>> = HashMap::new();
        for (at, (bits, loud)) in (0_u32..).zip(self.old.bits.iter().zip(&self.old.is_loud)) {
            if *loud {
                places.entry(*bits).or_default().push(at);
            }
        }
        places.retain(|_, places| places.len() <= COMMON);
        places
    }

    /// The shifts at which most prints around a block are exactly alike.
    fn proposed(&self, block: usize, places: &HashMap<u32, Vec<u32>>) -> Vec<i64> {
        let middle = block * BLOCK + BLOCK / 2;
        let within = middle.saturating_sub(VOTERS)..(middle + VOTERS).min(self.new.bits.len());
        let mut votes: HashMap<i64, usize> = HashMap::new();
        for at in within.filter(|at| self.new.is_loud[*at]) {
            for place in places.get(&self.new.bits[at]).into_iter().flatten() {
                *votes.entry(signed(at) - i64::from(*place)).or_default() += 1;
            }
        }
        let around = |shift: i64| -> usize {
            (shift - 1..=shift + 1).filter_map(|near| votes.get(&near)).sum()
        };
        let mut shifts: Vec<(usize, i64)> = votes
            .keys()
            .map(|shift| (around(*shift), *shift))
            .filter(|(votes, _)| *votes > 1)
            .collect();
        shifts.sort_by_key(|(votes, shift)| (std::cmp::Reverse(*votes), *shift));
        apart(shifts.into_iter().map(|(_, shift)| shift), PROPOSED)
    }

    /// The shifts that are tried for a block: those proposed, those that lead to it, and, where these
    /// fit no longer, those nearby that do.
    fn shifts(&self, block: usize, last: &[Way], places: &HashMap<u32, Vec<u32>>) -> Vec<i64> {
        let known: Vec<i64> = apart(last.iter().map(|way| way.shift), FOLLOWED);
        let best = last.first().map_or(0, |way| way.shift);
        let mut shifts = known;
        shifts.extend(self.proposed(block, places));
        let fits = shifts.iter().any(|shift| self.differs(block, *shift) < ALIKE);
        if !fits {
            let nearby =
                (best - NEARBY..=best + NEARBY).map(|shift| (self.differs(block, shift), shift));
            let most = nearby.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            shifts.extend(most.filter(|(differs, _)| *differs < ALIKE).map(|(_, shift)| shift));
        }
        shifts.sort_unstable();
        shifts.dedup();
        shifts
    }

    /// The share of bits that differ around a block where the new recording is so much later.
    fn differs(&self, block: usize, shift: i64) -> f64 {
        let middle = block * BLOCK + BLOCK / 2;
        let from = middle.saturating_sub(WINDOW / 2);
        let to = (middle + WINDOW / 2).min(self.new.bits.len());
        let mut sum = 0.0;
        for at in from..to {
            let place = usize::try_from(signed(at) - shift).ok();
            let there =
                place.and_then(|at| Some((self.old.bits.get(at)?, self.old.is_loud.get(at)?)));
            sum += match there {
                Some((bits, true)) if self.new.is_loud[at] => {
                    f64::from((bits ^ self.new.bits[at]).count_ones()) / as_number(BITS)
                }
                Some((_, false)) if !self.new.is_loud[at] => QUIET,
                _ => 0.5,
            };
        }
        sum / as_number((to - from).max(1))
    }

    /// The cheapest ways to a block, the best first.
    fn step(&self, block: usize, last: &[Way], shifts: &[i64]) -> Vec<Way> {
        let mut ways: Vec<Way> = Vec::new();
        for shift in shifts {
            let own = self.differs(block, *shift);
            let come = last.iter().enumerate().filter_map(|(index, way)| {
                let change = way.change_to(*shift, block)?;
                Some(Way {
                    shift: *shift,
                    new_since: None,
                    cost: way.cost + change + own,
                    before: Some(index),
                })
            });
            ways.extend(come.min_by(|a, b| a.cost.total_cmp(&b.cost)));
        }
        for (index, way) in last.iter().enumerate() {
            let change = if way.new_since.is_some() { 0.0 } else { CHANGE / 2.0 };
            let new = Way {
                new_since: way.new_since.or(Some(block)),
                cost: way.cost + change + NEW,
                before: Some(index),
                ..*way
            };
            ways.push(new);
        }
        ways.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.shift.cmp(&b.shift)));
        ways.dedup_by_key(|way| (way.shift, way.new_since.is_some()));
        ways.truncate(2 * FOLLOWED);
        ways
    }
}

impl Way {
    /// What it costs to go on at a shift; `None` where that would go back in the old recording.
    fn change_to(&self, shift: i64, block: usize) -> Option<f64> {
        let slack = signed(WINDOW);
        match self.new_since {
            None if (shift - self.shift).abs() <= 1 => {
                Some(if shift == self.shift { 0.0 } else { 0.05 })
            }
            None => (shift - self.shift <= slack).then_some(CHANGE),
            // before anything was found, nothing can be gone back to
            Some(0) => Some(CHANGE / 2.0),
            Some(since) => {
                let passed = signed((block - since) * BLOCK);
                (shift - self.shift <= passed + slack).then_some(CHANGE / 2.0)
            }
        }
    }
}

/// The best way through all blocks, as stretches.
fn joined(table: &[Vec<Way>], prints: usize) -> Vec<Run> {
    let mut shifts: Vec<Option<i64>> = Vec::with_capacity(table.len());
    let mut index = Some(0);
    for ways in table.iter().rev() {
        let Some(way) = index.and_then(|index| ways.get(index)) else { break };
        shifts.push(way.new_since.is_none().then_some(way.shift));
        index = way.before;
    }
    shifts.reverse();
    let mut runs: Vec<Run> = Vec::new();
    for (block, shift) in shifts.into_iter().enumerate() {
        let Some(shift) = shift else { continue };
        let (from, to) = (block * BLOCK, ((block + 1) * BLOCK).min(prints));
        match runs.last_mut().filter(|last| last.to == from && (last.shift - shift).abs() <= 1) {
            Some(last) => last.to = to,
            None => runs.push(Run { from, to, shift }),
        }
    }
    runs
}

/// The first so many numbers that are more than one apart from those before.
fn apart(numbers: impl Iterator<Item = i64>, most: usize) -> Vec<i64> {
    let mut kept: Vec<i64> = Vec::new();
    for number in numbers {
        if kept.len() < most && kept.iter().all(|known| (known - number).abs() > 1) {
            kept.push(number);
        }
    }
    kept
}

fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn as_number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
