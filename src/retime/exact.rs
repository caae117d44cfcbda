//! Rough stretches -> pieces exact to the millisecond: the sound itself is laid over the other.

use crate::decode::align::correlation;
use crate::retime::map::Piece;
use crate::retime::matching::Run;
use crate::retime::prints::STEP;
use crate::time::{Ms, SAMPLE_RATE_HZ, Span};

/// A stretch is laid over the other in one spot of each so many samples (8 s).
const SPOTS: usize = 8 * SAMPLE_RATE_HZ as usize;
/// Samples of a spot (1 s), and the fewest.
const SPOT: usize = SAMPLE_RATE_HZ as usize;
const LEAST: usize = SPOT / 4;
/// How far from the rough shift the exact one is, samples (30 ms).
const AROUND: usize = 480;
/// The least likeness of a spot that counts, 0 to 1.
const ALIKE: f32 = 0.35;
/// Spots whose shifts differ by at most this are of one piece, samples (4 ms).
const AGREE: i64 = 64;
/// How far around a rough edge the exact one is looked for, samples (1.5 s).
const EDGE: usize = 3 * SAMPLE_RATE_HZ as usize / 2;
/// Samples of a look at the edge (20 ms), each half a look after the one before.
const LOOK: usize = 2 * STEP;
/// The likeness from which on a look speaks for the stretch.
const SAME: f32 = 0.5;
/// Looks quieter than a recording's mean by this say nothing, as a share of its power (-30 dB).
const SILENT: f32 = 1e-3;
/// Up to so many milliseconds that could not be told are the same, where what is around them is.
const UNTOLD: Ms = Ms::new(1_500);
/// By how many milliseconds the shifts before and behind them may differ.
const ONE: i64 = 4;
/// Shorter pieces are chance.
const SHORTEST: i64 = 150 * 16;

/// A stretch of the new recording, in samples, and how much later it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Exact {
    from: i64,
    to: i64,
    shift: i64,
}

/// The pieces that the recordings share, exact.
pub(super) fn pieces(old: &[f32], new: &[f32], runs: &[Run]) -> Vec<Piece> {
    let sounds = Sounds { old, new, quiet: (SILENT * power(old), SILENT * power(new)) };
    let mut exact: Vec<Exact> = runs.iter().flat_map(|run| sounds.shifts(*run)).collect();
    sounds.settle_edges(&mut exact);
    exact.retain(|piece| piece.to - piece.from >= SHORTEST);
    let pieces = exact.iter().filter_map(|piece| sounds.piece(piece)).collect();
    let length = |samples: &[f32]| Ms::new(signed(samples.len()) / 16);
    whole(pieces, length(old), length(new))
}

/// Pieces between which nothing was changed are one, and those at the edges go as far as both recordings.
fn whole(pieces: Vec<Piece>, old: Ms, new: Ms) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::new();
    for piece in pieces {
        let goes_on = |last: &&mut Piece| {
            (last.later - piece.later).get().abs() <= ONE && last.old.gap(piece.old) <= UNTOLD
        };
        match joined.last_mut().filter(goes_on) {
            Some(last) if last.later == piece.later => {
                last.old = Span::at_least_1ms(last.old.start(), piece.old.end());
            }
            // a recording that drifts
            Some(last) => {
                let edge = piece.old.start().min(piece.old.start() + piece.later - last.later);
                last.old = Span::at_least_1ms(last.old.start(), edge.max(last.old.end()));
                joined.push(piece);
            }
            None => joined.push(piece),
        }
    }
    if let Some(first) = joined.first_mut() {
        let room = first.old.start().min(first.now().start());
        let more = if room <= UNTOLD { room } else { Ms::ZERO };
        first.old = Span::at_least_1ms(first.old.start() - more, first.old.end());
    }
    if let Some(last) = joined.last_mut() {
        let room = (old - last.old.end()).min(new - last.now().end());
        let more = if room <= UNTOLD { room } else { Ms::ZERO };
        last.old = Span::at_least_1ms(last.old.start(), last.old.end() + more);
    }
    joined
}

/// The mean power of a recording.
#[expect(clippy::cast_possible_truncation, reason = "a power")]
#[expect(clippy::cast_precision_loss, reason = "hours of samples")]
fn power(samples: &[f32]) -> f32 {
    let sum: f64 = samples.iter().map(|x| f64::from(x * x)).sum();
    (sum / samples.len().max(1) as f64) as f32
}

struct Sounds<'s> {
    old: &'s [f32],
    new: &'s [f32],
    /// Up to which power a look of the old one, and of the new one, says nothing.
    quiet: (f32, f32),
}

impl Sounds<'_> {
    /// A run with its exact shift; several where the recordings drift apart within it.
    fn shifts(&self, run: Run) -> Vec<Exact> {
        let step = signed(STEP);
        let rough = run.shift * step;
        let (from, to) = (run.from * STEP, (run.to * STEP).min(self.new.len()));
        let spots: Vec<(i64, i64)> = (from..to)
            .step_by(SPOTS)
            .filter_map(|start| self.spot(start, to.min(start + SPOTS), rough))
            .collect();
        let whole = |shift| Exact { from: signed(from), to: signed(to), shift };
        let Some((_, first)) = spots.first() else { return vec![whole(rough)] };
        let mut parts = vec![whole(*first)];
        let mut group: Vec<i64> = Vec::new();
        let mut before = None;
        for (at, shift) in spots {
            let Some(part) = parts.last_mut() else { break };
            let middle = median(&mut group).unwrap_or(shift);
            if (shift - middle).abs() > AGREE {
                let edge = before.map_or(at, |before| i64::midpoint(before, at));
                let end = part.to;
                (part.to, part.shift) = (edge, middle);
                parts.push(Exact { from: edge, to: end, shift });
                group.clear();
            }
            group.push(shift);
            before = Some(at);
        }
        if let (Some(part), Some(middle)) = (parts.last_mut(), median(&mut group)) {
            part.shift = middle;
        }
        parts
    }

    /// Where the loudest second of a stretch fits the old recording best: its middle, and the shift.
    fn spot(&self, from: usize, to: usize, rough: i64) -> Option<(i64, i64)> {
        let power = |start: usize| -> f32 {
            self.new[start..to.min(start + SPOT)].iter().map(|x| x * x).sum()
        };
        let starts = (from..to.saturating_sub(LEAST)).step_by(SPOT / 2);
        let start = starts.max_by(|a, b| power(*a).total_cmp(&power(*b)).then(b.cmp(a)))?;
        let sound = &self.new[start..to.min(start + SPOT)];
        let from = signed(start) - rough - signed(AROUND);
        let until = from + signed(sound.len() + 2 * AROUND);
        let from = usize::try_from(from.max(0)).ok()?;
        let there = self.old.get(from..usize::try_from(until).ok()?.min(self.old.len()))?;
        let most = there.len().checked_sub(sound.len())?;
        let fits = correlation(there, sound);
        let at = (0..=most).max_by(|a, b| fits[*a].total_cmp(&fits[*b]).then(b.cmp(a)))?;
        (likeness(&there[at..at + sound.len()], sound) >= ALIKE)
            .then(|| (signed(start + sound.len() / 2), signed(start) - signed(from + at)))
    }

    /// Each piece goes as far as its sound is that of the other recording; where two pieces could both go
    /// on, the better one does.
    fn settle_edges(&self, exact: &mut [Exact]) {
        for index in 0..exact.len() {
            let before = index.checked_sub(1).map(|before| exact[before]);
            let after = exact.get(index + 1).copied();
            let piece = &mut exact[index];
            if before.is_none_or(|before| before.to < piece.from || before.shift != piece.shift) {
                let earliest = piece.from - signed(EDGE);
                piece.from = self.outermost(
                    piece.from + signed(EDGE).min(piece.to - piece.from),
                    earliest,
                    piece.shift,
                );
            }
            if after.is_none_or(|after| piece.to < after.from || after.shift != piece.shift) {
                let latest = piece.to + signed(EDGE);
                piece.to =
                    self.outermost((piece.to - signed(EDGE)).max(piece.from), latest, piece.shift);
            }
        }
        for index in 1..exact.len() {
            let [first, second] = [exact[index - 1], exact[index]];
            if second.from < first.to {
                let at = self.better(first, second, second.from, first.to, 0);
                (exact[index - 1].to, exact[index].from) = (at, at);
            }
            let [first, second] = [exact[index - 1], exact[index]];
            let (from, to) = (second.from - second.shift, first.to - first.shift);
            if from < to {
                let at = self.better(first, second, from, to, 1);
                exact[index - 1].to = at + first.shift;
                exact[index].from = at + second.shift;
            }
        }
    }

    /// How far from a place within a piece its sound goes on, at most up to `limit`.
    fn outermost(&self, inside: i64, limit: i64, shift: i64) -> i64 {
        let step = signed(STEP) * (limit - inside).signum();
        let (mut at, mut sum, mut best) = (inside, 0.0, (0.0, inside));
        while step != 0 && (limit - at).abs() >= step.abs() {
            sum += self.speaks(at.min(at + step), shift);
            at += step;
            if sum >= best.0 {
                best = (sum, at);
            }
        }
        best.1
    }

    /// Where one piece best ends and the next begins: in the new recording, or, where both have the same
    /// of the old one, in that.
    fn better(&self, first: Exact, second: Exact, from: i64, to: i64, of_old: i64) -> i64 {
        let own = |piece: Exact, at: i64| self.speaks(at + of_old * piece.shift, piece.shift);
        let (mut at, mut sum) = (from, 0.0);
        let mut best = (0.0, from);
        while at + signed(STEP) <= to {
            sum += own(first, at) - own(second, at);
            at += signed(STEP);
            if sum > best.0 {
                best = (sum, at);
            }
        }
        best.1
    }

    /// How much a look at a place of the new recording speaks for a shift: above 0 where it does.
    fn speaks(&self, at: i64, shift: i64) -> f32 {
        let look = |sound: &[f32], from: i64| -> Option<Vec<f32>> {
            let from = usize::try_from(from - signed(LOOK - STEP) / 2).ok()?;
            Some(sound.get(from..from + LOOK)?.to_vec())
        };
        let beyond = -SAME;
        let (Some(new), Some(old)) = (look(self.new, at), look(self.old, at - shift)) else {
            let is_edge = at < signed(LOOK) || at - shift < signed(LOOK);
            return if is_edge { 0.0 } else { beyond };
        };
        match (power(&old) <= self.quiet.0, power(&new) <= self.quiet.1) {
            (true, true) => 0.0,
            (false, false) => likeness(&old, &new) - SAME,
            _ => beyond,
        }
    }

    /// The piece in whole milliseconds, within both recordings.
    fn piece(&self, exact: &Exact) -> Option<Piece> {
        let later = Ms::new((exact.shift + exact.shift.signum() * 8) / 16);
        let last = |samples: &[f32]| Ms::new(signed(samples.len()) / 16);
        let from = Ms::new((exact.from - exact.shift + 15).div_euclid(16));
        let to = Ms::new((exact.to - exact.shift).div_euclid(16));
        let from = from.max(Ms::ZERO).max(Ms::ZERO - later);
        let to = to.min(last(self.old)).min(last(self.new) - later);
        Some(Piece { old: Span::new(from, to)?, later })
    }
}

/// The cosine of two looks, from -1 to 1; 0 where one of them is silent.
fn likeness(a: &[f32], b: &[f32]) -> f32 {
    let norm = |samples: &[f32]| samples.iter().map(|x| x * x).sum::<f32>().sqrt();
    let product: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
    let full = norm(a) * norm(b);
    if full.is_normal() { product / full } else { 0.0 }
}

fn median(numbers: &mut [i64]) -> Option<i64> {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied()
}

fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
