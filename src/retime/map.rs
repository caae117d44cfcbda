//! Where each moment of one recording is in another: the stretches that both have.

use crate::time::{Ms, Span};

/// Shorter differences are told to nobody: they are the edges of frames and of fades.
const TELLING: Ms = Ms::new(60);

/// A stretch that both recordings have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// When, in the old recording.
    pub old: Span,
    /// How much later it is in the new one; negative where it is earlier.
    pub later: Ms,
}

impl Piece {
    /// When, in the new recording.
    pub fn now(&self) -> Span {
        self.old.shift(self.later)
    }
}

/// The stretches that an old and a new recording share, in the order of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map {
    pieces: Vec<Piece>,
    old: Ms,
    new: Ms,
}

impl Map {
    /// A map between recordings of these lengths. The pieces follow each other in both.
    pub fn new(pieces: Vec<Piece>, old: Ms, new: Ms) -> Map {
        Map { pieces, old, new }
    }

    /// The stretches that both have.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// How long the new recording is.
    pub fn new_duration(&self) -> Ms {
        self.new
    }

    /// How much of the old recording the new one has.
    pub fn kept(&self) -> Ms {
        self.pieces.iter().fold(Ms::ZERO, |sum, piece| sum + piece.old.duration())
    }

    /// Where a moment is now; `None` where it is gone.
    pub fn at(&self, at: Ms) -> Option<Ms> {
        let moment = Span::at_least_1ms(at, at);
        let nearest = self.pieces.iter().min_by_key(|piece| piece.old.gap(moment))?;
        // between two pieces nothing is told to be gone that is as short as this
        let is_left = nearest.old.gap(moment) < TELLING && at <= self.old && !self.is_gone(at);
        is_left.then(|| (at + nearest.later).max(Ms::ZERO).min(self.new))
    }

    fn is_gone(&self, at: Ms) -> bool {
        self.removed().iter().any(|gone| gone.start() < at && at < gone.end())
    }

    /// Where a stretch begins now that began then: at the next moment that is left.
    pub fn start(&self, at: Ms) -> Option<Ms> {
        let piece = self.pieces.iter().find(|piece| piece.old.end() > at)?;
        Some(at.max(piece.old.start()) + piece.later)
    }

    /// Where a stretch ends now that ended then: at the last moment that is left.
    pub fn end(&self, at: Ms) -> Option<Ms> {
        let piece = self.pieces.iter().rev().find(|piece| piece.old.start() < at)?;
        Some(at.min(piece.old.end()) + piece.later)
    }

    /// What is left of a stretch, from its first moment to its last, whatever was put in between.
    pub fn stretch(&self, span: Span) -> Option<Span> {
        let is_left = self.pieces.iter().any(|piece| piece.old.overlap(span) > Ms::ZERO);
        if !is_left {
            return None;
        }
        Span::new(self.start(span.start())?, self.end(span.end())?)
    }

    /// What is left of a stretch, part by part; parts that follow each other at once are one.
    pub fn parts(&self, span: Span) -> Vec<Span> {
        let mut parts: Vec<Span> = Vec::new();
        for piece in &self.pieces {
            let Some(part) = piece.old.intersection(span) else { continue };
            let part = part.shift(piece.later);
            match parts.last_mut().filter(|last| last.gap(part) < TELLING) {
                Some(last) => *last = Span::at_least_1ms(last.start(), part.end()),
                None => parts.push(part),
            }
        }
        parts
    }

    /// Where a word is now, of which at least half is left.
    pub fn word(&self, span: Span) -> Option<Span> {
        let most = self.pieces.iter().max_by_key(|piece| piece.old.overlap(span))?;
        let part = most.old.intersection(span)?;
        let half = part.duration() + part.duration() >= span.duration();
        half.then(|| part.shift(most.later))
    }

    /// What the new recording has not: stretches of the old one.
    pub fn removed(&self) -> Vec<Span> {
        between(self.pieces.iter().map(|piece| piece.old), self.old)
    }

    /// What the old recording has not: stretches of the new one.
    pub fn added(&self) -> Vec<Span> {
        between(self.pieces.iter().map(Piece::now), self.new)
    }
}

/// The gaps between stretches, as far as they are worth telling.
fn between(spans: impl Iterator<Item = Span>, end: Ms) -> Vec<Span> {
    let mut at = Ms::ZERO;
    let mut gaps = Vec::new();
    for span in spans.chain([Span::at_least_1ms(end, end)]) {
        gaps.extend(Span::new(at, span.start()).filter(|gap| gap.duration() >= TELLING));
        at = at.max(span.end());
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: i64, end: i64) -> Span {
        Span::new(Ms::new(start), Ms::new(end)).unwrap()
    }

    /// Ten seconds of which the fourth and fifth are gone, behind an intro of two.
    fn map() -> Map {
        let piece = |start, end, later| Piece { old: span(start, end), later: Ms::new(later) };
        let pieces = vec![piece(0, 3_000, 2_000), piece(5_000, 10_000, 0)];
        Map::new(pieces, Ms::new(10_000), Ms::new(10_000))
    }

    #[test]
    fn a_moment_is_where_it_was_moved_or_gone() {
        let at = |ms| map().at(Ms::new(ms)).map(Ms::get);
        assert_eq!(
            [at(0), at(2_999), at(3_000), at(4_000)],
            [Some(2_000), Some(4_999), Some(5_000), None]
        );
        assert_eq!([at(5_000), at(10_000), at(10_001)], [Some(5_000), Some(10_000), None]);
    }

    #[test]
    fn of_a_stretch_that_is_partly_gone_the_rest_stays() {
        let map = map();
        assert_eq!(map.stretch(span(2_000, 4_000)), Some(span(4_000, 5_000)));
        assert_eq!(map.stretch(span(4_000, 6_000)), Some(span(5_000, 6_000)));
        assert_eq!(map.stretch(span(3_500, 4_500)), None);
        assert_eq!(map.parts(span(2_000, 6_000)), [span(4_000, 6_000)]);
        assert_eq!(map.word(span(2_900, 3_080)), Some(span(4_900, 5_000)));
        assert_eq!(map.word(span(2_900, 3_200)), None);
    }

    #[test]
    fn what_is_gone_and_what_is_new_is_told() {
        assert_eq!(map().removed(), [span(3_000, 5_000)]);
        assert_eq!(map().added(), [span(0, 2_000)]);
        assert_eq!(map().kept(), Ms::new(8_000));
        let none = Map::new(Vec::new(), Ms::new(500), Ms::new(900));
        assert_eq!((none.removed(), none.added()), (vec![span(0, 500)], vec![span(0, 900)]));
    }
}
