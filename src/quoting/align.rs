//! A quotation's tokens and a stretch of what was said -> how they fit, word by word.
//!
//! The cheapest way from the first token of the quotation to its last, beginning and ending anywhere
//! in the stretch. What a writer may honestly do is cheap: leave out a filler, leave out anything
//! where an ellipsis says so, put an explanation in brackets.

use std::ops::Range;

/// A token of a quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Quoted {
    pub(super) key: String,
    pub(super) hash: u32,
    /// Where it stands in the quotation, in bytes.
    pub(super) at: Range<usize>,
    /// Whether an ellipsis stands before it.
    pub(super) leaps: bool,
    /// Whether it is the writer's own, in brackets.
    pub(super) is_insert: bool,
}

/// A token of what was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SaidToken {
    pub(super) key: String,
    pub(super) hash: u32,
    /// The word's place in the episode.
    pub(super) word: usize,
    /// Whether leaving it out is cheap: a filler, or another person's short word in between.
    pub(super) is_light: bool,
}

/// How a run of the quotation fits a run of what was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The same words; one may be written as two.
    Same(Range<usize>, Range<usize>),
    /// Another word, or one side has none.
    Other(Range<usize>, Range<usize>),
}

/// How a quotation fits a stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) cost: u32,
    pub(super) steps: Vec<Step>,
}

const EXCHANGED: u32 = 1000;
const ADDED: u32 = 800;
/// The first word that is left out, and each further one.
const LEFT_OUT: u32 = 600;
const MORE_LEFT_OUT: u32 = 200;
const LIGHT: u32 = 50;
const BESIDE_INSERT: u32 = 100;
const NEVER: u32 = u32::MAX / 2;

/// How a cell was reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Start,
    Match,
    Exchange,
    TwoQuoted,
    TwoSaid,
    Add,
    LeaveOut,
}

struct Table {
    width: usize,
    cost: Vec<[u32; 2]>,
    from: Vec<[(From, u8); 2]>,
}

impl Table {
    fn at(&self, i: usize, j: usize) -> usize {
        i * self.width + j
    }

    /// The cheaper of the two ways to a cell: behind a word, or behind one that was left out.
    fn best(&self, i: usize, j: usize) -> (u32, u8) {
        let [kept, left] = self.cost[self.at(i, j)];
        if left < kept { (left, 1) } else { (kept, 0) }
    }

    fn offer(&mut self, i: usize, j: usize, layer: usize, cost: u32, from: (From, u8)) {
        let at = self.at(i, j);
        if cost < self.cost[at][layer] {
            self.cost[at][layer] = cost;
            self.from[at][layer] = from;
        }
    }
}

/// The cheapest way to fit the quotation into the stretch.
pub(super) fn align(quoted: &[Quoted], said: &[SaidToken]) -> Fit {
    let (n, m) = (quoted.len(), said.len());
    let width = m + 1;
    let cells = (n + 1) * width;
    let mut table =
        Table { width, cost: vec![[NEVER; 2]; cells], from: vec![[(From::Start, 0); 2]; cells] };
    // it may begin anywhere
    for cost in &mut table.cost[..width] {
        cost[0] = 0;
    }
    let pairing = Pairing {
        quoted,
        said,
        joined_quoted: joined(quoted.iter().map(|token| token.key.as_str())),
        joined_said: joined(said.iter().map(|token| token.key.as_str())),
    };
    for i in 0..=n {
        for j in 0..=m {
            pairing.take(&mut table, i, j);
            pairing.leave_out(&mut table, i, j);
        }
    }
    let end = (0..=m).min_by_key(|j| table.cost[table.at(n, *j)][0]).unwrap_or(0);
    Fit { cost: table.cost[table.at(n, end)][0], steps: way(&table, n, end) }
}

struct Pairing<'t> {
    quoted: &'t [Quoted],
    said: &'t [SaidToken],
    joined_quoted: Vec<u32>,
    joined_said: Vec<u32>,
}

impl Pairing<'_> {
    /// The ways from a cell that take the next token of the quotation.
    fn take(&self, table: &mut Table, i: usize, j: usize) {
        let Some(token) = self.quoted.get(i) else { return };
        let (cost, layer) = table.best(i, j);
        let adds = if token.is_insert { 0 } else { ADDED };
        table.offer(i + 1, j, 0, cost.saturating_add(adds), (From::Add, layer));
        let Some(said) = self.said.get(j) else { return };
        if token.hash == said.hash {
            table.offer(i + 1, j + 1, 0, cost, (From::Match, layer));
        } else {
            let other = if token.is_insert { BESIDE_INSERT } else { EXCHANGED };
            table.offer(i + 1, j + 1, 0, cost.saturating_add(other), (From::Exchange, layer));
        }
        if self.joined_quoted.get(i) == Some(&said.hash) {
            table.offer(i + 2, j + 1, 0, cost, (From::TwoQuoted, layer));
        }
        if self.joined_said.get(j) == Some(&token.hash) {
            table.offer(i + 1, j + 2, 0, cost, (From::TwoSaid, layer));
        }
    }

    /// The way that leaves out what was said next. What lies before the first word and behind the last
    /// one of the quotation is not left out.
    fn leave_out(&self, table: &mut Table, i: usize, j: usize) {
        let before = i.checked_sub(1).and_then(|before| self.quoted.get(before));
        let (Some(before), Some(after), Some(said)) =
            (before, self.quoted.get(i), self.said.get(j))
        else {
            return;
        };
        let (first, more) = left_out(before, after, said);
        let [kept, left] = table.cost[table.at(i, j)];
        let (kept, left) = (kept.saturating_add(first), left.saturating_add(more));
        let (cost, layer) = if left < kept { (left, 1) } else { (kept, 0) };
        table.offer(i, j + 1, 1, cost, (From::LeaveOut, layer));
    }
}

fn left_out(before: &Quoted, after: &Quoted, said: &SaidToken) -> (u32, u32) {
    if after.leaps {
        (1, 1)
    } else if said.is_light {
        (LIGHT, LIGHT)
    } else if before.is_insert || after.is_insert {
        (BESIDE_INSERT, BESIDE_INSERT)
    } else {
        (LEFT_OUT, MORE_LEFT_OUT)
    }
}

/// The hashes of each two neighbours as one word.
fn joined<'k>(keys: impl Iterator<Item = &'k str>) -> Vec<u32> {
    let keys: Vec<&str> = keys.collect();
    keys.windows(2).map(|two| crate::spoken::hash(&two.concat())).collect()
}

/// The steps of the way that ends there.
fn way(table: &Table, n: usize, end: usize) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut i, mut j, mut layer) = (n, end, 0);
    loop {
        let (from, before) = table.from[table.at(i, j)][layer];
        let (quoted, said, is_same) = match from {
            From::Start => break,
            From::Match => (1, 1, true),
            From::Exchange => (1, 1, false),
            From::TwoQuoted => (2, 1, true),
            From::TwoSaid => (1, 2, true),
            From::Add => (1, 0, false),
            From::LeaveOut => (0, 1, false),
        };
        let (quoted, said) = (i - quoted..i, j - said..j);
        (i, j, layer) = (quoted.start, said.start, usize::from(before));
        match (steps.last_mut(), is_same) {
            (Some(Step::Same(before, at)), true) | (Some(Step::Other(before, at)), false) => {
                (before.start, at.start) = (quoted.start, said.start);
            }
            (_, true) => steps.push(Step::Same(quoted, said)),
            (_, false) => steps.push(Step::Other(quoted, said)),
        }
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spoken::hash;

    fn quoted(text: &str) -> Vec<Quoted> {
        let mut leaps = false;
        let mut all = Vec::new();
        for word in text.split(' ') {
            if word == "…" {
                leaps = true;
                continue;
            }
            let is_insert = word.starts_with('[');
            let key = word.trim_matches(['[', ']']).to_owned();
            let hash = hash(&key);
            all.push(Quoted { key, hash, at: 0..0, leaps: std::mem::take(&mut leaps), is_insert });
        }
        all
    }

    fn said(text: &str) -> Vec<SaidToken> {
        let token = |(word, key): (usize, &str)| SaidToken {
            key: key.to_owned(),
            hash: hash(key),
            word,
            is_light: key == "um",
        };
        text.split(' ').enumerate().map(token).collect()
    }

    fn others(q: &str, s: &str) -> Vec<(String, String)> {
        let (quoted, said) = (quoted(q), said(s));
        let fit = align(&quoted, &said);
        let other = |step: &Step| match step {
            Step::Same(..) => None,
            Step::Other(q, s) => Some((
                quoted[q.clone()]
                    .iter()
                    .map(|token| token.key.clone())
                    .collect::<Vec<_>>()
                    .join(" "),
                said[s.clone()].iter().map(|token| token.key.clone()).collect::<Vec<_>>().join(" "),
            )),
        };
        fit.steps.iter().filter_map(other).collect()
    }

    #[test]
    fn what_differs_is_found_where_it_differs() {
        let two = |a: &str, b: &str| vec![(a.to_owned(), b.to_owned())];
        assert_eq!(others("b c d", "a b c d e"), []);
        assert_eq!(others("b x d", "a b c d e"), two("x", "c"));
        assert_eq!(others("a c d", "a um c d"), two("", "um"));
        assert_eq!(others("a b … x y z", "a b c d e f x y z"), two("", "c d e f"));
        assert_eq!(others("a [ann] c d", "a she c d"), two("ann", "she"));
        assert_eq!(others("a b [ann] c d", "a b c d"), two("ann", ""));
        assert_eq!(others("long term email", "long term e mail"), []);
        assert_eq!(others("longterm", "long term"), []);
    }
}
