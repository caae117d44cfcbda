//! A stretch that begins or ends with the neighbour's voice is cut where the voice changes.
//!
//! The segmentation network misses many changes between voices that it finds alike, and not every
//! change lies at a pause. Such a stretch betrays itself: it is more like the neighbour's voice than
//! its own voice is. That is true of half of all stretches beside another voice, mostly by chance, so
//! only their outermost second is probed, and where it is the neighbour's all of the stretch, second by
//! second.

use super::assign::Stretch;
use super::cluster::Voice;
use super::tuning::{Tuning, seconds};
use super::units::Unit;
use super::vectors::cosine;
use crate::segmentation::FrameIndex;
use crate::time::{Ms, Span};

/// A stretch that may hold another voice at one of its ends.
struct Candidate {
    /// The stretch's number.
    stretch: usize,
    /// Whether it is its beginning rather than its end.
    at_start: bool,
    /// The neighbour's voice.
    other: usize,
    /// The middles of the probes, from that end inwards; not empty.
    middles: Vec<Ms>,
}

/// Where a stretch's own voice begins and ends and whose the rest is, where it is not all of it.
#[derive(Debug, Clone, Copy, Default)]
struct Edges {
    start: Option<(usize, usize)>,
    end: Option<(usize, usize)>,
}

/// The stretches, those cut that hold a neighbour's voice. `embed` gives an embedding for each piece.
pub(super) fn resegmented<E>(
    stretches: Vec<Stretch>,
    voices: &[Voice],
    tuning: &Tuning,
    mut embed: impl FnMut(&[Span]) -> Result<Vec<Option<Vec<f32>>>, E>,
) -> Result<Vec<Stretch>, E> {
    let probe = |middle: Ms| {
        let start = middle - Ms::new(tuning.probe_ms / 2);
        Span::at_least_1ms(start, start + Ms::new(tuning.probe_ms))
    };
    let gain = |candidate: &Candidate, probe: &Option<Vec<f32>>| {
        let own = &voices[stretches[candidate.stretch].voice].mean;
        let similarity = |mean| probe.as_deref().map_or(0.0, |probe| cosine(probe, mean));
        similarity(&voices[candidate.other].mean) - similarity(own)
    };
    let all = candidates(&stretches, voices, tuning);
    let outermost: Vec<Span> = all.iter().map(|near| probe(near.middles[0])).collect();
    let confirmed: Vec<(Candidate, f32)> = embed(&outermost)?
        .iter()
        .zip(all)
        .map(|(found, candidate)| (gain(&candidate, found), candidate))
        .filter(|(gain, _)| *gain > 0.0)
        .map(|(gain, candidate)| (candidate, gain))
        .collect();
    let inner: Vec<Span> = confirmed
        .iter()
        .flat_map(|(candidate, _)| candidate.middles[1..].iter().map(|&middle| probe(middle)))
        .collect();
    let inner = embed(&inner)?;

    let mut inner = inner.iter();
    let mut edges = vec![Edges::default(); stretches.len()];
    for (candidate, first) in &confirmed {
        let count = candidate.middles.len() - 1;
        let mut gains = vec![*first];
        gains.extend(inner.by_ref().take(count).map(|found| gain(candidate, found)));
        let Some(last) = last_of_neighbour(&gains, tuning) else { continue };
        let half = Ms::new(tuning.probe_step_ms / 2);
        let edges = &mut edges[candidate.stretch];
        if candidate.at_start {
            let change = candidate.middles[last] + half;
            edges.start = Some((FrameIndex::at(change).0, candidate.other));
        } else {
            let change = candidate.middles[last] - half;
            edges.end = Some((FrameIndex::at(change).0, candidate.other));
        }
    }
    Ok(stretches.into_iter().zip(edges).flat_map(|(stretch, edges)| cut(stretch, edges)).collect())
}

/// The ends of stretches to probe, in order.
fn candidates(stretches: &[Stretch], voices: &[Voice], tuning: &Tuning) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (number, stretch) in stretches.iter().enumerate() {
        let long = stretch.unit.seconds() >= seconds(tuning.min_resegmented_ms);
        let Some(embedding) = stretch.embedding.as_ref().filter(|_| long) else { continue };
        for at_start in [true, false] {
            let neighbour = if at_start { number.checked_sub(1) } else { Some(number + 1) };
            let Some(near) = neighbour.and_then(|near| stretches.get(near)) else { continue };
            let far = near.unit.span().gap(stretch.unit.span()) > Ms::new(tuning.neighbour_ms);
            if near.voice == stretch.voice || far {
                continue;
            }
            let (own, other) = (&voices[stretch.voice].mean, &voices[near.voice].mean);
            if cosine(embedding, other) > cosine(own, other).max(0.0) {
                let middles = middles(stretch.unit.span(), at_start, tuning);
                candidates.push(Candidate {
                    stretch: number,
                    at_start,
                    other: near.voice,
                    middles,
                });
            }
        }
    }
    candidates
}

fn middles(span: Span, from_start: bool, tuning: &Tuning) -> Vec<Ms> {
    let half = tuning.probe_ms / 2;
    let (first, last) = (span.start().get() + half, span.end().get() - half);
    let steps = (last - first).max(0) / tuning.probe_step_ms;
    let mut middles: Vec<Ms> =
        (0..=steps).map(|step| Ms::new(first + step * tuning.probe_step_ms)).collect();
    if !from_start {
        middles.reverse();
    }
    middles
}

/// The last of the probes, from the end inwards, that is the neighbour's: the one with which the sum of
/// (like the neighbour − like the own voice) is greatest. `None` where that is not clear.
fn last_of_neighbour(gains: &[f32], tuning: &Tuning) -> Option<usize> {
    let (mut sum, mut best) = (0.0_f32, (0.0_f32, None));
    for (number, gain) in gains.iter().enumerate() {
        sum += gain;
        if sum > best.0 {
            best = (sum, Some(number));
        }
    }
    // If all of it were the neighbour's it would have gone there.
    best.1.filter(|&last| best.0 > tuning.min_gain && last + 1 < gains.len())
}

/// The parts of a stretch. What is left of a cut one has no embedding of its own, but that of the
/// whole is near enough.
fn cut(stretch: Stretch, edges: Edges) -> Vec<Stretch> {
    let frames = stretch.unit.frames.clone();
    let from = edges.start.map_or(frames.start, |(frame, _)| frame);
    let to = edges.end.map_or(frames.end, |(frame, _)| frame);
    if from >= to || from < frames.start || to > frames.end {
        return vec![stretch];
    }
    let track = stretch.unit.track;
    let off = |frames: std::ops::Range<usize>, voice| Stretch {
        unit: Unit { frames, track },
        embedding: None,
        voice,
        cut_off: true,
    };
    let before = edges.start.map(|(frame, voice)| off(frames.start..frame, voice));
    let after = edges.end.map(|(frame, voice)| off(frame..frames.end, voice));
    let own = Stretch { unit: Unit { frames: from..to, track }, ..stretch };
    let parts = before.into_iter().chain([own]).chain(after);
    parts.filter(|part| !part.unit.frames.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn stretch(frames: std::ops::Range<usize>, embedding: [f32; 2], voice: usize) -> Stretch {
        let unit = Unit { frames, track: 0 };
        Stretch { unit, embedding: Some(embedding.to_vec()), voice, cut_off: false }
    }

    /// What is left of two stretches of two people, the second embedded as `second`, when its probes,
    /// from its beginning inwards, are embedded as `probe` says; and how many were asked for.
    fn cut_after(
        second: [f32; 2],
        probe: impl Fn(usize) -> Option<[f32; 2]>,
    ) -> (Vec<Stretch>, usize) {
        let voice = |mean: [f32; 2]| Voice { mean: mean.to_vec(), seconds: 10.0 };
        let voices = [voice([1.0, 0.0]), voice([0.0, 1.0])];
        let stretches = vec![stretch(0..200, [1.0, 0.0], 0), stretch(205..400, second, 1)];
        let mut asked = 0;
        let embed = |pieces: &[Span]| {
            let found = (asked..asked + pieces.len())
                .map(|number| probe(number).map(|embedding| embedding.to_vec()))
                .collect();
            asked += pieces.len();
            Ok::<_, Infallible>(found)
        };
        let Ok(parts) = resegmented(stretches, &voices, &Tuning::default(), embed);
        (parts, asked)
    }

    #[test]
    fn the_neighbours_first_second_is_cut_off() {
        let probe = |n| Some(if n < 3 { [0.9, 0.2] } else { [0.1, 0.9] });
        let (parts, _) = cut_after([0.5, 0.866], probe);
        let got: Vec<(usize, usize)> =
            parts.iter().map(|part| (part.unit.frames.len(), part.voice)).collect();
        assert_eq!(parts.len(), 3);
        assert_eq!((got[0], got[1].1, got[2].1), ((200, 0), 0, 1));
        // Three probes: the change lies half a second and two and a half steps in.
        assert!((60..=72).contains(&got[1].0), "{got:?}");
        assert_eq!(got[1].0 + got[2].0, 195);
        assert!(parts[1].cut_off && parts[1].embedding.is_none() && !parts[2].cut_off);
    }

    #[test]
    fn an_outermost_second_of_the_own_voice_ends_it() {
        let asked = |first: Option<[f32; 2]>| cut_after([0.1, 0.99], |_| first).1;
        assert!(asked(Some([0.9, 0.2])) > 1);
        assert_eq!(asked(Some([0.2, 0.9])), 1);
        assert_eq!(asked(None), 1, "too short to be heard");
    }

    #[test]
    fn a_stretch_is_cut_where_the_probes_are_clear() {
        let parts = |first: [f32; 2], rest: [f32; 2]| {
            cut_after([0.05, 0.99], |n| Some(if n == 0 { first } else { rest })).0.len()
        };
        assert_eq!(parts([0.55, 0.45], [0.1, 0.9]), 2, "0.1 more alike is chance");
        assert_eq!(parts([0.6, 0.4], [0.1, 0.9]), 3);
        assert_eq!(parts([0.6, 0.4], [0.6, 0.4]), 2, "not all of it is the neighbour's");
    }

    #[test]
    fn a_pure_stretch_is_not_probed() {
        assert_eq!(cut_after([-0.05, 0.99], |_| Some([0.9, 0.2])).1, 0);
    }
}
