//! Quotations -> the stretches of the show in which each may have been said.
//!
//! Not the show is searched for each quotation: the pairs of neighbouring words of all quotations
//! are known at once, and the show is gone through twice. First it is counted how often each pair is
//! said; then each place where one is said votes for where its quotation would begin, the more the
//! rarer the pair is.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::spoken::{SpokenError, SpokenIndex};

/// A pair that is said more often than this tells nothing, where the quotation has a rarer one.
const COMMON: u32 = 2_000;
/// Places whose starts differ by less are one.
const WIDTH: usize = 64;
/// So many places of a quotation are looked at.
const MOST: usize = 48;
const FEW: usize = 8;
/// From this many words on only few places are looked at, as each takes longer.
const LONG: usize = 150;
/// A place with a smaller part of the best one's votes is not looked at.
const WORTH: f32 = 0.4;
const FILTER_BITS: usize = 1 << 20;

/// What is known of a quotation here: its hashed tokens, and where it may leap.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub(super) hashes: Vec<u32>,
    /// Whether something may be left out before each token.
    pub(super) leaps: Vec<bool>,
}

/// Where a quotation may have been said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    /// The episode's place in the index.
    pub(super) episode: usize,
    /// About where the token at `from` was said, in the episode's scanned tokens.
    pub(super) at: usize,
    /// A token of the quotation.
    pub(super) from: usize,
    votes: f32,
}

/// Numbers that are hashes already.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = mixed(value);
    }
}

fn mixed(value: u64) -> u64 {
    let value = (value ^ (value >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    value ^ (value >> 29)
}

fn pair(first: u32, second: u32) -> u64 {
    u64::from(first) << 32 | u64::from(second)
}

/// A pair of words: how often it is said, and where it stands in which quotation.
#[derive(Default)]
struct Pair {
    said: u32,
    stands: Vec<(u32, u32)>,
}

struct Pairs {
    known: HashMap<u64, Pair, BuildHasherDefault<AsIs>>,
    filter: Vec<u64>,
}

impl Pairs {
    fn of(wanted: &[Wanted]) -> Pairs {
        let mut pairs = Pairs { known: HashMap::default(), filter: vec![0; FILTER_BITS / 64] };
        for (quotation, wanted) in wanted.iter().enumerate() {
            for (at, two) in wanted.hashes.windows(2).enumerate() {
                if wanted.leaps.get(at + 1) == Some(&true) {
                    continue;
                }
                let key = pair(two[0], two[1]);
                let stands = (number(quotation), number(at));
                pairs.known.entry(key).or_default().stands.push(stands);
                let bit = bit(key);
                pairs.filter[bit / 64] |= 1 << (bit % 64);
            }
        }
        pairs
    }

    fn get(&mut self, key: u64) -> Option<&mut Pair> {
        let bit = bit(key);
        if self.filter[bit / 64] & (1 << (bit % 64)) == 0 {
            return None;
        }
        self.known.get_mut(&key)
    }
}

fn bit(key: u64) -> usize {
    usize::try_from(mixed(key) >> 40).unwrap_or(0) % FILTER_BITS
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The likeliest places of each quotation, the likeliest first.
pub(super) fn candidates(
    index: &SpokenIndex,
    wanted: &[Wanted],
) -> Result<Vec<Vec<Candidate>>, SpokenError> {
    let mut pairs = Pairs::of(wanted);
    let mut total = 1_u64;
    index.scan(|_, hashes| {
        total += hashes.len() as u64;
        for two in hashes.windows(2) {
            if let Some(pair) = pairs.get(pair(two[0], two[1])) {
                pair.said = pair.said.saturating_add(1);
            }
        }
    })?;
    // the rarest pair of each quotation that is said at all
    let mut rarest = vec![u32::MAX; wanted.len()];
    for pair in pairs.known.values().filter(|pair| pair.said > 0) {
        for (quotation, _) in &pair.stands {
            let rarest = &mut rarest[*quotation as usize];
            *rarest = pair.said.min(*rarest);
        }
    }
    let mut found: Vec<Vec<Candidate>> = vec![Vec::new(); wanted.len()];
    let mut votes: HashMap<u64, (f32, usize, usize), BuildHasherDefault<AsIs>> = HashMap::default();
    index.scan(|episode, hashes| {
        votes.clear();
        for (at, two) in hashes.windows(2).enumerate() {
            let Some(pair) = pairs.get(pair(two[0], two[1])) else { continue };
            let weight = weight(total, pair.said);
            for (quotation, stands) in &pair.stands {
                if pair.said > COMMON && rarest[*quotation as usize] <= COMMON {
                    continue;
                }
                let start = (at + (1 << 20)).saturating_sub(*stands as usize) / WIDTH;
                let key = u64::from(*quotation) << 32 | start as u64;
                let vote = votes.entry(key).or_insert((0.0, at, *stands as usize));
                vote.0 += weight;
            }
        }
        for (key, (votes, at, from)) in &votes {
            let quotation = usize::try_from(key >> 32).unwrap_or(0);
            let best = &mut found[quotation];
            best.push(Candidate { episode, at: *at, from: *from, votes: *votes });
            if best.len() >= 4 * MOST {
                keep_best(best, MOST);
            }
        }
    })?;
    for (best, wanted) in found.iter_mut().zip(wanted) {
        keep_best(best, if wanted.hashes.len() < LONG { MOST } else { FEW });
    }
    Ok(found)
}

#[expect(clippy::cast_precision_loss, reason = "a weight")]
fn weight(total: u64, said: u32) -> f32 {
    (total as f32 / said.max(1) as f32).ln().max(0.1)
}

fn keep_best(best: &mut Vec<Candidate>, most: usize) {
    best.sort_by(|a, b| {
        b.votes.total_cmp(&a.votes).then_with(|| (a.episode, a.at).cmp(&(b.episode, b.at)))
    });
    best.truncate(most);
    // the exact words get every vote
    let least = best.first().map_or(0.0, |first| first.votes * WORTH);
    best.retain(|candidate| candidate.votes >= least);
}
