//! Diarization error rate: how much of the speech is missed, invented, or given to the wrong person.
//!
//! The figures are those of the public scorers: overlapped speech is scored, labels are mapped one
//! to one so that as much time as possible agrees, and within the collar on each side of every edge
//! of the reference nothing is scored. Whole milliseconds throughout.

use std::collections::BTreeMap;

use pathfinding::kuhn_munkres::kuhn_munkres;
use pathfinding::matrix::Matrix;

use crate::speech::{SpeakerLabel, Turn};
use crate::time::{Ms, Span};

/// The errors of a diarization, in time; several are added up with `+`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DiarizationErrors {
    /// Speech in the reference, counted once for each person who speaks.
    pub total: Ms,
    /// Speech that nobody was given.
    pub missed: Ms,
    /// Speech that was given to somebody where there was none.
    pub false_alarm: Ms,
    /// Speech that was given to the wrong person.
    pub confusion: Ms,
}

impl DiarizationErrors {
    /// Missed, false alarm and confusion over the total, 0 or more; `None` where the reference has
    /// no speech, which is not the same as no error.
    pub fn rate(&self) -> Option<f64> {
        let errors = self.missed + self.false_alarm + self.confusion;
        (self.total > Ms::ZERO).then(|| errors.as_seconds() / self.total.as_seconds())
    }
}

impl std::ops::Add for DiarizationErrors {
    type Output = DiarizationErrors;
    fn add(self, other: DiarizationErrors) -> DiarizationErrors {
        DiarizationErrors {
            total: self.total + other.total,
            missed: self.missed + other.missed,
            false_alarm: self.false_alarm + other.false_alarm,
            confusion: self.confusion + other.confusion,
        }
    }
}

/// A diarization against its reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiarizationScore {
    /// The errors.
    pub errors: DiarizationErrors,
    /// People in the reference, all of it.
    pub reference_speakers: usize,
    /// People in the hypothesis, all of it.
    pub hypothesis_speakers: usize,
    /// Which label of the hypothesis stands for which of the reference.
    pub mapping: BTreeMap<SpeakerLabel, SpeakerLabel>,
}

/// Scores `hypothesis` against `reference` with `collar` left out on each side of every edge of the
/// reference, and only within `uem` where it is given (else everywhere).
///
/// ```
/// use linernotes::score::der::score;
/// use linernotes::speech::{SpeakerLabel, Turn};
/// use linernotes::time::{Ms, Span};
/// let turn = |start, end, who: &str| Turn {
///     span: Span::new(Ms::new(start), Ms::new(end)).unwrap(),
///     label: SpeakerLabel(who.into()),
/// };
/// let reference = [turn(0, 6_000, "Ada"), turn(6_000, 10_000, "Bob")];
/// let hypothesis = [turn(0, 7_000, "x"), turn(7_000, 10_000, "y")];
/// let score = score(&reference, &hypothesis, Ms::ZERO, None);
/// assert_eq!(score.errors.confusion.get(), 1_000);
/// assert_eq!(score.errors.rate(), Some(0.1));
/// ```
pub fn score(
    reference: &[Turn],
    hypothesis: &[Turn],
    collar: Ms,
    uem: Option<&[Span]>,
) -> DiarizationScore {
    let (reference, reference_labels) = merged(reference);
    let (hypothesis, hypothesis_labels) = merged(hypothesis);
    let stretches = stretches(&reference, &hypothesis, collar, uem);
    let mapping = best_mapping(&stretches, reference_labels.len(), hypothesis_labels.len());

    let mut errors = DiarizationErrors::default();
    for stretch in &stretches {
        let (in_reference, in_hypothesis) = (stretch.reference.len(), stretch.hypothesis.len());
        let right = stretch
            .hypothesis
            .iter()
            .filter(|&&who| mapping[who].is_some_and(|who| stretch.reference.contains(&who)))
            .count();
        errors.total = errors.total + times(stretch.length, in_reference);
        errors.missed =
            errors.missed + times(stretch.length, in_reference.saturating_sub(in_hypothesis));
        errors.false_alarm =
            errors.false_alarm + times(stretch.length, in_hypothesis.saturating_sub(in_reference));
        errors.confusion =
            errors.confusion + times(stretch.length, in_reference.min(in_hypothesis) - right);
    }
    let mapping = mapping
        .iter()
        .enumerate()
        .filter_map(|(from, to)| {
            Some((hypothesis_labels[from].clone(), reference_labels[(*to)?].clone()))
        })
        .collect();
    DiarizationScore {
        errors,
        reference_speakers: reference_labels.len(),
        hypothesis_speakers: hypothesis_labels.len(),
        mapping,
    }
}

fn times(length: Ms, count: usize) -> Ms {
    Ms::new(length.get().saturating_mul(i64::try_from(count).unwrap_or(i64::MAX)))
}

/// Spans with numbers for labels; overlapping turns of one person are one.
fn merged(turns: &[Turn]) -> (Vec<(Span, usize)>, Vec<SpeakerLabel>) {
    let mut by_label: BTreeMap<&SpeakerLabel, Vec<Span>> = BTreeMap::new();
    for turn in turns {
        by_label.entry(&turn.label).or_default().push(turn.span);
    }
    let mut merged: Vec<(Span, usize)> = Vec::with_capacity(turns.len());
    for (number, spans) in by_label.values_mut().enumerate() {
        spans.sort_unstable();
        let mut own: Vec<Span> = Vec::new();
        for &span in spans.iter() {
            match own.last_mut() {
                Some(last) if span.start() < last.end() => {
                    *last = Span::at_least_1ms(last.start(), last.end().max(span.end()));
                }
                _ => own.push(span),
            }
        }
        merged.extend(own.into_iter().map(|span| (span, number)));
    }
    (merged, by_label.into_keys().cloned().collect())
}

/// Time in which the same people speak in both, and which is scored.
struct Stretch {
    length: Ms,
    reference: Vec<usize>,
    hypothesis: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Edge {
    Unscored(i32),
    Scored(i32),
    Reference(usize, bool),
    Hypothesis(usize, bool),
}

fn stretches(
    reference: &[(Span, usize)],
    hypothesis: &[(Span, usize)],
    collar: Ms,
    uem: Option<&[Span]>,
) -> Vec<Stretch> {
    let mut edges: Vec<(Ms, Edge)> = Vec::new();
    for &(span, who) in reference {
        edges.push((span.start(), Edge::Reference(who, true)));
        edges.push((span.end(), Edge::Reference(who, false)));
        if collar > Ms::ZERO {
            for edge in [span.start(), span.end()] {
                edges.push((edge - collar, Edge::Unscored(1)));
                edges.push((edge + collar, Edge::Unscored(-1)));
            }
        }
    }
    for &(span, who) in hypothesis {
        edges.push((span.start(), Edge::Hypothesis(who, true)));
        edges.push((span.end(), Edge::Hypothesis(who, false)));
    }
    for span in uem.unwrap_or_default() {
        edges.push((span.start(), Edge::Scored(1)));
        edges.push((span.end(), Edge::Scored(-1)));
    }
    edges.sort_unstable();

    let mut stretches = Vec::new();
    let (mut in_reference, mut in_hypothesis) = (Vec::new(), Vec::new());
    let (mut unscored, mut scored) = (0, i32::from(uem.is_none()));
    let mut since = Ms::ZERO;
    for (at, edge) in edges {
        if at > since && unscored == 0 && scored > 0 {
            stretches.push(Stretch {
                length: at - since,
                reference: in_reference.clone(),
                hypothesis: in_hypothesis.clone(),
            });
        }
        since = at;
        match edge {
            Edge::Unscored(change) => unscored += change,
            Edge::Scored(change) => scored += change,
            Edge::Reference(who, true) => in_reference.push(who),
            Edge::Reference(who, false) => in_reference.retain(|&speaking| speaking != who),
            Edge::Hypothesis(who, true) => in_hypothesis.push(who),
            Edge::Hypothesis(who, false) => in_hypothesis.retain(|&speaking| speaking != who),
        }
    }
    stretches
}

/// For each label of the hypothesis the label of the reference with which, one to one, as much time
/// as possible agrees.
fn best_mapping(
    stretches: &[Stretch],
    reference_labels: usize,
    hypothesis_labels: usize,
) -> Vec<Option<usize>> {
    let mut together = vec![vec![0_i64; reference_labels]; hypothesis_labels];
    for stretch in stretches {
        for &from in &stretch.hypothesis {
            for &to in &stretch.reference {
                together[from][to] += stretch.length.get();
            }
        }
    }
    let mut mapping = vec![None; hypothesis_labels];
    if reference_labels == 0 || hypothesis_labels == 0 {
        return mapping;
    }
    // The algorithm wants no more rows than columns.
    let turned = hypothesis_labels > reference_labels;
    let rows = Matrix::from_rows(together.clone()).expect("all rows have the same length");
    let weights = if turned { rows.transposed() } else { rows };
    let (_, columns) = kuhn_munkres(&weights);
    for (row, column) in columns.into_iter().enumerate() {
        let (from, to) = if turned { (column, row) } else { (row, column) };
        if together[from][to] > 0 {
            mapping[from] = Some(to);
        }
    }
    mapping
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn turns(spec: &[(i64, i64, &str)]) -> Vec<Turn> {
        spec.iter()
            .map(|&(start, end, who)| Turn {
                span: Span::new(Ms::new(start), Ms::new(end)).unwrap(),
                label: SpeakerLabel(who.into()),
            })
            .collect()
    }

    /// Checks total, missed, false alarm and confusion.
    fn check(
        reference: &[(i64, i64, &str)],
        hypothesis: &[(i64, i64, &str)],
        collar: i64,
        expected: [i64; 4],
    ) {
        let score = score(&turns(reference), &turns(hypothesis), Ms::new(collar), None);
        let errors = score.errors;
        let got = [errors.total, errors.missed, errors.false_alarm, errors.confusion].map(Ms::get);
        assert_eq!(got, expected, "{reference:?} {hypothesis:?}");
    }

    #[test]
    fn worked_by_hand() {
        let reference = [(0, 10_000, "A"), (10_000, 20_000, "B")];
        check(&reference, &reference, 0, [20_000, 0, 0, 0]);
        check(&reference, &[(0, 20_000, "x")], 0, [20_000, 0, 0, 10_000]);
        check(&reference, &[(0, 12_000, "x"), (12_000, 22_000, "y")], 0, [20_000, 0, 2_000, 2_000]);
        // With a collar of 500 ms: 500..9500 and 10500..19500 are scored, and what is after 20500.
        check(
            &reference,
            &[(0, 12_000, "x"), (12_000, 22_000, "y")],
            500,
            [18_000, 0, 1_500, 1_500],
        );
        check(&reference, &[], 0, [20_000, 20_000, 0, 0]);
    }

    #[test]
    fn overlap_is_scored_for_each_person() {
        let reference = [(0, 10_000, "A"), (5_000, 10_000, "B")];
        check(&reference, &[(0, 10_000, "x")], 0, [15_000, 5_000, 0, 0]);
        check(&reference, &[(0, 10_000, "x"), (0, 10_000, "y")], 0, [15_000, 0, 5_000, 0]);
        check(&[(0, 5, "A"), (3, 9, "A"), (0, 5, "B")], &[(0, 9, "x")], 0, [14, 5, 0, 0]);
    }

    #[test]
    fn nothing_to_find_has_no_rate() {
        let score = score(&[], &turns(&[(0, 5, "x")]), Ms::ZERO, None);
        assert_eq!(score.errors.rate(), None);
        assert_eq!(score.errors.false_alarm, Ms::new(5));
    }

    #[test]
    fn only_the_uem_is_scored() {
        let reference = turns(&[(0, 10_000, "A")]);
        let uem = [Span::new(Ms::new(2_000), Ms::new(4_000)).unwrap()];
        let score = score(&reference, &[], Ms::ZERO, Some(&uem));
        assert_eq!(score.errors.total, Ms::new(2_000));
        assert_eq!(score.errors.rate(), Some(1.0));
    }

    #[test]
    fn equals_the_public_scorer() {
        // tests/fixtures/score/README.md tells where the figures are from.
        let read = |text| crate::formats::rttm::parse(text).unwrap().remove("made").unwrap();
        let reference = read(include_str!("../../tests/fixtures/score/reference.rttm"));
        let hypothesis = read(include_str!("../../tests/fixtures/score/hypothesis.rttm"));
        let span = |start, end| Span::new(Ms::new(start), Ms::new(end)).unwrap();
        let uem = [span(30_000, 100_000), span(150_000, 250_000)];
        for (collar, within_uem, expected) in [
            (0, false, [314_120, 23_506, 10_138, 15_149]),
            (0, true, [179_606, 16_530, 6_900, 7_724]),
            (250, false, [267_114, 13_545, 3_144, 11_381]),
            (250, true, [150_896, 11_558, 2_565, 5_457]),
        ] {
            let uem = within_uem.then_some(uem.as_slice());
            let errors = score(&reference, &hypothesis, Ms::new(collar), uem).errors;
            let got = [errors.total, errors.missed, errors.false_alarm, errors.confusion];
            assert_eq!(got.map(Ms::get), expected, "collar {collar}, uem {}", uem.is_some());
        }
    }

    fn any_turns() -> impl Strategy<Value = Vec<(i64, i64, usize)>> {
        prop::collection::vec((0_i64..2_000, 1_i64..500, 0_usize..4), 0..12)
    }

    fn labelled(spec: &[(i64, i64, usize)], names: [&str; 4]) -> Vec<Turn> {
        let named: Vec<_> = spec.iter().map(|&(s, l, who)| (s, s + l, names[who])).collect();
        turns(&named)
    }

    proptest! {
        #[test]
        fn a_diarization_has_no_error_against_itself(spec in any_turns(), collar in 0_i64..100) {
            let same = labelled(&spec, ["A", "B", "C", "D"]);
            let errors = score(&same, &same, Ms::new(collar), None).errors;
            prop_assert_eq!(errors.missed + errors.false_alarm + errors.confusion, Ms::ZERO);
        }

        #[test]
        fn names_do_not_matter(reference in any_turns(), hypothesis in any_turns()) {
            let reference = labelled(&reference, ["A", "B", "C", "D"]);
            let one = labelled(&hypothesis, ["A", "B", "C", "D"]);
            let other = labelled(&hypothesis, ["z", "a", "C", "q"]);
            prop_assert_eq!(
                score(&reference, &one, Ms::ZERO, None).errors,
                score(&reference, &other, Ms::ZERO, None).errors
            );
        }
    }
}
