//! Windows, units and their voices -> turns: overlap kept, pauses within a turn closed.

use super::assign::Stretch;
use super::tuning::Tuning;
use crate::segmentation::{FrameIndex, LOCAL_SPEAKERS, Window};
use crate::speech::{SpeakerLabel, Turn};
use crate::time::{Ms, Span};

/// Whether each of `count` voices speaks in each frame, shape (voices, frames).
///
/// How many speak at once is the mean over the windows. Where one speaks alone it is the unit's
/// voice; where several do, those whose local speakers are surest.
pub(super) fn speaking(
    windows: &[Window],
    stretches: &[Stretch],
    count: usize,
    speech: &[bool],
) -> Vec<Vec<bool>> {
    let mut activity = vec![0.0_f32; speech.len() * count];
    let mut people = vec![(0.0_f32, 0.0_f32); speech.len()];
    for window in windows {
        let slots = voices_of_slots(window, stretches, count);
        for (row, activities) in window.activities().enumerate() {
            let at = window.first.0 + row;
            people[at].1 += 1.0;
            for (active, voice) in activities.into_iter().zip(slots) {
                people[at].0 += active;
                if let Some(voice) = voice {
                    activity[at * count + voice] += active;
                }
            }
        }
    }
    let mut alone: Vec<Option<usize>> = vec![None; speech.len()];
    for stretch in stretches {
        alone[stretch.unit.frames.clone()].fill(Some(stretch.voice));
    }
    let mut speaking = vec![vec![false; speech.len()]; count];
    for (at, &(sum, windows)) in people.iter().enumerate() {
        if windows == 0.0 || !speech[at] {
            continue;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 3"
        )]
        let number = (sum / windows).round() as usize;
        if let (1, Some(voice)) = (number, alone[at]) {
            speaking[voice][at] = true;
            continue;
        }
        let sums = &activity[at * count..(at + 1) * count];
        let mut order: Vec<usize> = (0..count).filter(|&voice| sums[voice] > 0.0).collect();
        order.sort_by(|&a, &b| sums[b].total_cmp(&sums[a]).then(a.cmp(&b)));
        for &voice in order.iter().take(number) {
            speaking[voice][at] = true;
        }
    }
    speaking
}

/// The voice of each of the window's local speakers, each voice once: the assignment that agrees with
/// the stretches in the window in most frames.
fn voices_of_slots(
    window: &Window,
    stretches: &[Stretch],
    count: usize,
) -> [Option<usize>; LOCAL_SPEAKERS] {
    let mut support = vec![[0.0_f32; LOCAL_SPEAKERS]; count];
    let active: Vec<_> = window.active().collect();
    let (from, to) = (window.first.0, window.first.0 + active.len());
    let first = stretches.partition_point(|stretch| stretch.unit.frames.end <= from);
    for stretch in stretches[first..].iter().take_while(|near| near.unit.frames.start < to) {
        let frames = &stretch.unit.frames;
        for row in &active[frames.start.max(from) - from..frames.end.min(to) - from] {
            if row.iter().filter(|&&on| on).count() == 1 {
                for (sum, &on) in support[stretch.voice].iter_mut().zip(row) {
                    *sum += f32::from(u8::from(on));
                }
            }
        }
    }
    best_assignment(&support)
}

/// The assignment of slots to voices with the most support. With three slots only the three best
/// voices of each can matter.
fn best_assignment(support: &[[f32; LOCAL_SPEAKERS]]) -> [Option<usize>; LOCAL_SPEAKERS] {
    let candidates: [Vec<Option<usize>>; LOCAL_SPEAKERS] = std::array::from_fn(|slot| {
        let mut order: Vec<usize> = (0..support.len()).collect();
        order.sort_by(|&a, &b| support[b][slot].total_cmp(&support[a][slot]).then(a.cmp(&b)));
        order.into_iter().take(LOCAL_SPEAKERS).map(Some).chain([None]).collect()
    });
    let mut best = (f32::NEG_INFINITY, [None; LOCAL_SPEAKERS]);
    for &a in &candidates[0] {
        for &b in candidates[1].iter().filter(|&&b| b.is_none() || b != a) {
            for &c in candidates[2].iter().filter(|&&c| c.is_none() || c != a && c != b) {
                let of = |voice: Option<usize>, slot: usize| {
                    voice.map_or(NO_VOICE, |voice| support[voice][slot])
                };
                let sum = of(a, 0) + of(b, 1) + of(c, 2);
                if sum > best.0 {
                    best = (sum, [a, b, c]);
                }
            }
        }
    }
    best.1
}

/// Support for no voice at all: taken only where there are fewer voices than slots.
const NO_VOICE: f32 = -1e6;

/// The turns of all voices, sorted.
pub(super) fn turns(speaking: &[Vec<bool>], tuning: &Tuning) -> Vec<(Span, usize)> {
    let runs: Vec<Vec<Span>> = speaking.iter().map(|frames| runs(frames)).collect();
    let mut turns = Vec::new();
    for (voice, own) in runs.iter().enumerate() {
        let mut spans: Vec<Span> = Vec::new();
        for &run in own {
            match spans.last_mut() {
                Some(last) if closes(Span::new(last.end(), run.start()), voice, &runs, tuning) => {
                    *last = Span::at_least_1ms(last.start(), run.end());
                }
                _ => spans.push(run),
            }
        }
        spans.retain(|span| span.duration() >= Ms::new(tuning.min_turn_ms));
        turns.extend(spans.into_iter().map(|span| (span, voice)));
    }
    turns.sort_unstable();
    turns
}

/// Whether the pause is part of the turn of `voice`.
fn closes(pause: Option<Span>, voice: usize, runs: &[Vec<Span>], tuning: &Tuning) -> bool {
    let Some(pause) = pause else { return true };
    if pause.duration() < Ms::new(tuning.min_pause_ms) {
        return true;
    }
    if pause.duration() >= Ms::new(tuning.min_silent_pause_ms) {
        return false;
    }
    let mut others = Ms::ZERO;
    for (_, spans) in runs.iter().enumerate().filter(|&(other, _)| other != voice) {
        let first = spans.partition_point(|span| span.end() <= pause.start());
        for span in spans[first..].iter().take_while(|span| span.start() < pause.end()) {
            others = others + span.overlap(pause);
        }
    }
    others < Ms::new(tuning.silent_slack_ms)
}

fn runs(frames: &[bool]) -> Vec<Span> {
    let mut runs = Vec::new();
    let mut at = 0;
    for run in frames.chunk_by(|a, b| a == b) {
        if run[0] {
            let span = Span::new(FrameIndex(at).start(), FrameIndex(at + run.len()).start());
            runs.extend(span);
        }
        at += run.len();
    }
    runs
}

/// Turns with labels in order of first appearance, and which voice each label stands for.
pub(super) fn labelled(turns: &[(Span, usize)]) -> (Vec<Turn>, Vec<usize>) {
    let mut order: Vec<usize> = Vec::new();
    let turns = turns
        .iter()
        .map(|&(span, voice)| {
            let index = order.iter().position(|&known| known == voice).unwrap_or_else(|| {
                order.push(voice);
                order.len() - 1
            });
            Turn { span, label: SpeakerLabel::from_index(index) }
        })
        .collect();
    (turns, order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(pattern: &str) -> Vec<bool> {
        pattern.chars().map(|c| c == '#').collect()
    }

    fn check(patterns: &[&str], expected: &[(usize, usize, usize)]) {
        let speaking: Vec<Vec<bool>> = patterns.iter().map(|pattern| frames(pattern)).collect();
        let tuning = Tuning {
            min_pause_ms: 50,
            min_silent_pause_ms: 120,
            min_turn_ms: 30,
            ..Tuning::default()
        };
        let expected: Vec<(Span, usize)> = expected
            .iter()
            .map(|&(from, to, who)| {
                let at = |n| FrameIndex(n).start();
                (Span::new(at(from), at(to)).unwrap(), who)
            })
            .collect();
        assert_eq!(turns(&speaking, &tuning), expected);
    }

    #[test]
    fn cracks_close_and_fragments_go() {
        check(&["##..####..........#"], &[(0, 8, 0)]);
    }

    #[test]
    fn a_pause_closes_only_while_nobody_else_speaks() {
        check(&["####......####"], &[(0, 14, 0)]);
        check(&["####......####", "....######...."], &[(0, 4, 0), (4, 10, 1), (10, 14, 0)]);
    }

    #[test]
    fn each_slot_has_another_voice() {
        let support = [[5.0, 4.0, 0.0], [4.0, 1.0, 0.0]];
        assert_eq!(best_assignment(&support), [Some(1), Some(0), None]);
        assert_eq!(best_assignment(&[]), [None; 3]);
        let one = best_assignment(&[[1.0, 2.0, 0.5]]);
        assert_eq!(one, [None, Some(0), None]);
    }

    #[test]
    fn labels_follow_first_appearance() {
        let span = |a, b| Span::new(Ms::new(a), Ms::new(b)).unwrap();
        let (turns, order) = labelled(&[(span(0, 5), 2), (span(5, 9), 0), (span(9, 12), 2)]);
        let labels: Vec<_> = turns.iter().map(|turn| turn.label.0.as_str()).collect();
        assert_eq!(labels, ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00"]);
        assert_eq!(order, [2, 0]);
    }
}
