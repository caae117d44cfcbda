//! Local speakers with cluster numbers -> turns: overlap kept, crumbs and cracks closed.

use crate::segmentation::{FrameIndex, LOCAL_SPEAKERS, Window};
use crate::speech::{SpeakerLabel, Turn};
use crate::time::{Ms, Span};

/// Who speaks in each frame, gathered from all windows over it.
pub(super) struct Activity {
    clusters: usize,
    /// Sum over the windows of the probability that the cluster speaks, shape (frames, clusters).
    sums: Vec<f32>,
    /// Sum over the windows of how many people speak, shape (frames,).
    people: Vec<f32>,
    /// How many windows lie over the frame, shape (frames,).
    windows: Vec<f32>,
}

impl Activity {
    pub(super) fn new(frames: usize, clusters: usize) -> Activity {
        Activity {
            clusters,
            sums: vec![0.0; frames * clusters],
            people: vec![0.0; frames],
            windows: vec![0.0; frames],
        }
    }

    /// Adds a window whose local speakers have these clusters (`None`: nobody of the episode).
    pub(super) fn add(&mut self, window: &Window, clusters: [Option<usize>; LOCAL_SPEAKERS]) {
        for (row, activities) in window.activities().enumerate() {
            let frame = window.first.0 + row;
            self.windows[frame] += 1.0;
            for (activity, cluster) in activities.into_iter().zip(clusters) {
                if let Some(cluster) = cluster {
                    self.people[frame] += activity;
                    self.sums[frame * self.clusters + cluster] += activity;
                }
            }
        }
    }

    /// Whether each cluster speaks in each frame where `speech` allows it: as many of the likeliest
    /// as there are people. Shape (clusters, frames).
    pub(super) fn speaking(&self, speech: &[bool]) -> Vec<Vec<bool>> {
        let mut speaking = vec![vec![false; self.people.len()]; self.clusters];
        for (frame, (&people, &windows)) in self.people.iter().zip(&self.windows).enumerate() {
            if windows == 0.0 || !speech[frame] {
                continue;
            }
            let sums = &self.sums[frame * self.clusters..(frame + 1) * self.clusters];
            let mut order: Vec<usize> = (0..self.clusters).filter(|&c| sums[c] > 0.0).collect();
            order.sort_by(|&a, &b| sums[b].total_cmp(&sums[a]).then(a.cmp(&b)));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0 and 3"
            )]
            let count = (people / windows).round() as usize;
            for &cluster in order.iter().take(count) {
                speaking[cluster][frame] = true;
            }
        }
        speaking
    }
}

/// The turns of all speakers, sorted; pauses below `min_gap` within one speaker are closed, then
/// turns below `min_turn` are left out.
pub(super) fn turns(speaking: &[Vec<bool>], min_gap: Ms, min_turn: Ms) -> Vec<(Span, usize)> {
    let mut turns = Vec::new();
    for (cluster, frames) in speaking.iter().enumerate() {
        let mut spans: Vec<Span> = Vec::new();
        for run in runs(frames) {
            match spans.last_mut() {
                Some(last) if run.start() - last.end() < min_gap => {
                    *last = Span::at_least_1ms(last.start(), run.end());
                }
                _ => spans.push(run),
            }
        }
        spans.retain(|span| span.duration() >= min_turn);
        turns.extend(spans.into_iter().map(|span| (span, cluster)));
    }
    turns.sort_unstable();
    turns
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

/// Turns with labels in order of first appearance, and which cluster each label stands for.
pub(super) fn labelled(turns: &[(Span, usize)]) -> (Vec<Turn>, Vec<usize>) {
    let mut order: Vec<usize> = Vec::new();
    let turns = turns
        .iter()
        .map(|&(span, cluster)| {
            let index = order.iter().position(|&known| known == cluster).unwrap_or_else(|| {
                order.push(cluster);
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

    #[test]
    fn cracks_close_and_crumbs_go() {
        let speaking = [frames("##..####......#"), frames("......##.......")];
        let turns = turns(&speaking, Ms::new(50), Ms::new(30));
        let at = |n| FrameIndex(n).start();
        assert_eq!(
            turns,
            [(Span::new(at(0), at(8)).unwrap(), 0), (Span::new(at(6), at(8)).unwrap(), 1)]
        );
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
