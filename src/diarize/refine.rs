//! A unit that begins or ends with the neighbour's voice is cut where the voice changes.
//!
//! The segmentation network misses many changes between voices that it finds alike, and not every
//! change lies at a pause. Such a unit betrays itself: it is more like the neighbour's voice than
//! its own voice is. That is true of half of all units beside another voice, mostly by chance, so
//! their outermost second is glanced at, and only where it is the neighbour's the unit is looked at
//! closely, second by second.

use std::iter;

use super::cluster::{Voice, cosine};
use super::embed::Piece;
use super::units::Unit;
use crate::segmentation::FrameIndex;
use crate::time::{Ms, Span};

/// Units shorter than this are left whole.
const MIN_UNIT_SECONDS: f32 = 1.6;
/// Neighbours farther than this are none.
const MAX_PAUSE: Ms = Ms::new(1_000);
/// The closer look: windows of a second, four a second.
const LOOK_MS: i64 = 1_000;
const LOOK_STEP_MS: i64 = 250;
/// Similarity, summed over the windows, that speaks for a change.
const MIN_GAIN: f32 = 0.15;

/// A unit that may hold another voice at one of its ends.
pub(super) struct Doubt {
    /// The unit's number.
    unit: usize,
    /// Whether the doubt is about its beginning rather than its end.
    at_start: bool,
    /// The neighbour's voice.
    other: usize,
    /// The middles of the windows to look at, from the doubtful end inwards; not empty.
    middles: Vec<Ms>,
}

impl Doubt {
    /// The outermost of the windows.
    pub(super) fn glance(&self) -> Piece {
        window(self.middles[0])
    }
}

/// A doubt that the glance did not end.
pub(super) struct Confirmed {
    doubt: Doubt,
    /// The embedding of the outermost window.
    glance: Vec<f32>,
}

impl Confirmed {
    /// The windows that are still to be embedded, from the second outermost inwards.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece> + '_ {
        self.doubt.middles.iter().skip(1).map(|&middle| window(middle))
    }
}

fn window(middle: Ms) -> Piece {
    let start = middle - Ms::new(LOOK_MS / 2);
    Piece { spans: vec![Span::at_least_1ms(start, start + Ms::new(LOOK_MS))] }
}

/// The doubtful ends of units, in order.
pub(super) fn doubts(
    units: &[Unit],
    embeddings: &[Option<Vec<f32>>],
    sequence: &[usize],
    voices: &[Voice],
) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    for (number, ((unit, embedding), &own)) in
        units.iter().zip(embeddings).zip(sequence).enumerate()
    {
        let Some(embedding) = embedding.as_ref().filter(|_| unit.seconds() >= MIN_UNIT_SECONDS)
        else {
            continue;
        };
        for at_start in [true, false] {
            let neighbour = if at_start { number.checked_sub(1) } else { Some(number + 1) };
            let Some(neighbour) = neighbour.filter(|&n| n < units.len()) else { continue };
            let other = sequence[neighbour];
            if other == own || units[neighbour].span().gap(unit.span()) > MAX_PAUSE {
                continue;
            }
            let expected = cosine(&voices[own].mean, &voices[other].mean).max(0.0);
            if cosine(embedding, &voices[other].mean) > expected {
                let middles = middles(unit.span(), at_start);
                doubts.push(Doubt { unit: number, at_start, other, middles });
            }
        }
    }
    doubts
}

fn middles(span: Span, from_start: bool) -> Vec<Ms> {
    let (first, last) = ((span.start().get() + LOOK_MS / 2), (span.end().get() - LOOK_MS / 2));
    let steps = (last - first).max(0) / LOOK_STEP_MS;
    let mut middles: Vec<Ms> =
        (0..=steps).map(|step| Ms::new(first + step * LOOK_STEP_MS)).collect();
    if !from_start {
        middles.reverse();
    }
    middles
}

/// The doubts whose outermost window is more like the neighbour's voice; `glances` holds the
/// embedding of each.
pub(super) fn confirmed(
    doubts: Vec<Doubt>,
    glances: Vec<Option<Vec<f32>>>,
    sequence: &[usize],
    voices: &[Voice],
) -> Vec<Confirmed> {
    let neighbours = |(doubt, glance): (Doubt, Option<Vec<f32>>)| {
        let glance = glance?;
        let own = &voices[sequence[doubt.unit]];
        let alike = more_like(&glance, &voices[doubt.other], own);
        (alike > 0.0).then_some(Confirmed { doubt, glance })
    };
    doubts.into_iter().zip(glances).filter_map(neighbours).collect()
}

/// How much more an embedding is like one voice than like another.
fn more_like(embedding: &[f32], one: &Voice, another: &Voice) -> f32 {
    cosine(embedding, &one.mean) - cosine(embedding, &another.mean)
}

/// How many of the windows, from the doubtful end inwards, are the neighbour's: as many as make the
/// sum of (like the neighbour − like the own voice) greatest. 0 where that is not clear.
fn neighbours_windows(looks: &[Option<&[f32]>], own: &Voice, other: &Voice) -> usize {
    let (mut sum, mut best) = (0.0_f32, (0.0_f32, 0));
    for (number, look) in looks.iter().enumerate() {
        if let Some(look) = look {
            sum += more_like(look, other, own);
        }
        if sum > best.0 {
            best = (sum, number + 1);
        }
    }
    // If all of it were the neighbour's the sequence would have said so.
    if best.0 > MIN_GAIN && best.1 < looks.len() { best.1 } else { 0 }
}

/// Where a unit's own voice begins and ends, and whose the rest is, where it is not the whole unit.
type Edges = (Option<(usize, usize)>, Option<(usize, usize)>);

/// The units with the doubtful ones cut, and the voice of each. `looks` holds the embeddings of all
/// doubts' pieces, one doubt after the other. Part of a unit keeps the number of the unit it was cut
/// from.
pub(super) fn cut(
    units: &[Unit],
    sequence: &[usize],
    voices: &[Voice],
    doubts: &[Confirmed],
    looks: &[Option<Vec<f32>>],
) -> Vec<(Unit, usize, usize)> {
    let mut edges: Vec<Edges> = vec![(None, None); units.len()];
    let mut looks = looks.iter();
    for Confirmed { doubt, glance } in doubts {
        let own = &voices[sequence[doubt.unit]];
        let inner = looks.by_ref().take(doubt.middles.len() - 1).map(Option::as_deref);
        let all: Vec<Option<&[f32]>> = iter::once(Some(glance.as_slice())).chain(inner).collect();
        let count = neighbours_windows(&all, own, &voices[doubt.other]);
        let Some(&last) = count.checked_sub(1).and_then(|n| doubt.middles.get(n)) else { continue };
        let half = Ms::new(LOOK_STEP_MS / 2);
        if doubt.at_start {
            edges[doubt.unit].0 = Some((FrameIndex::at(last + half).0, doubt.other));
        } else {
            edges[doubt.unit].1 = Some((FrameIndex::at(last - half).0, doubt.other));
        }
    }
    let mut parts = Vec::with_capacity(units.len());
    for (number, ((unit, &own), (start, end))) in units.iter().zip(sequence).zip(edges).enumerate()
    {
        let from = start.map_or(unit.frames.start, |(frame, _)| frame);
        let to = end.map_or(unit.frames.end, |(frame, _)| frame);
        if from >= to || from < unit.frames.start || to > unit.frames.end {
            parts.push((unit.clone(), own, number));
            continue;
        }
        let mut part = |frames: std::ops::Range<usize>, voice: usize| {
            if !frames.is_empty() {
                parts.push((Unit { frames, track: unit.track }, voice, number));
            }
        };
        if let Some((frame, voice)) = start {
            part(unit.frames.start..frame, voice);
        }
        part(from..to, own);
        if let Some((frame, voice)) = end {
            part(frame..unit.frames.end, voice);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(mean: [f32; 2]) -> Voice {
        Voice { mean: mean.to_vec(), seconds: 10.0 }
    }

    /// The second person's unit begins 5 frames behind the first one's, embedded as `second`.
    fn two_people(second: [f32; 2]) -> ([Voice; 2], [Unit; 2], [Option<Vec<f32>>; 2]) {
        let units = [Unit { frames: 0..200, track: 0 }, Unit { frames: 205..400, track: 0 }];
        let embeddings = [Some(vec![1.0, 0.0]), Some(second.to_vec())];
        ([voice([1.0, 0.0]), voice([0.0, 1.0])], units, embeddings)
    }

    /// What is left of two units of two people when the windows of the one doubt, from the
    /// outermost inwards, are embedded as `look` says.
    fn cut_after(second: [f32; 2], look: impl Fn(usize) -> [f32; 2]) -> Vec<(Unit, usize, usize)> {
        let (voices, units, embeddings) = two_people(second);
        let doubts = doubts(&units, &embeddings, &[0, 1], &voices);
        assert_eq!(doubts.len(), 1);
        let doubts = confirmed(doubts, vec![Some(look(0).to_vec())], &[0, 1], &voices);
        assert_eq!(doubts.len(), 1);
        let inner = 1..=doubts[0].pieces().count();
        let looks: Vec<_> = inner.map(|n| Some(look(n).to_vec())).collect();
        cut(&units, &[0, 1], &voices, &doubts, &looks)
    }

    #[test]
    fn the_neighbours_first_second_is_cut_off() {
        let parts = cut_after([0.5, 0.866], |n| if n < 3 { [0.9, 0.2] } else { [0.1, 0.9] });
        let got: Vec<(usize, usize)> =
            parts.iter().map(|(unit, voice, _)| (unit.frames.len(), *voice)).collect();
        assert_eq!(parts.len(), 3);
        assert_eq!((got[0], got[1].1, got[2].1), ((200, 0), 0, 1));
        // Three windows: the change lies half a second and two and a half steps in.
        assert!((60..=72).contains(&got[1].0), "{got:?}");
        assert_eq!(got[1].0 + got[2].0, 195);
    }

    #[test]
    fn a_glance_at_the_own_voice_ends_the_doubt() {
        let (voices, units, embeddings) = two_people([0.1, 0.99]);
        let left = |glance: Option<Vec<f32>>| {
            let doubts = doubts(&units, &embeddings, &[0, 1], &voices);
            assert_eq!(doubts.len(), 1);
            confirmed(doubts, vec![glance], &[0, 1], &voices).len()
        };
        assert_eq!(left(Some(vec![0.9, 0.2])), 1);
        assert_eq!(left(Some(vec![0.2, 0.9])), 0);
        assert_eq!(left(None), 0, "too short to be heard");
    }

    #[test]
    fn a_unit_is_cut_where_the_looks_are_clear() {
        let parts = |first: [f32; 2], rest: [f32; 2]| {
            cut_after([0.05, 0.99], |n| if n == 0 { first } else { rest }).len()
        };
        assert_eq!(parts([0.55, 0.45], [0.1, 0.9]), 2, "0.1 more alike is chance");
        assert_eq!(parts([0.6, 0.4], [0.1, 0.9]), 3);
        assert_eq!(parts([0.6, 0.4], [0.6, 0.4]), 2, "not all of it is the neighbour's");
    }

    #[test]
    fn a_pure_unit_is_no_doubt() {
        let (voices, units, embeddings) = two_people([-0.05, 0.99]);
        assert!(doubts(&units, &embeddings, &[0, 1], &voices).is_empty());
    }
}
