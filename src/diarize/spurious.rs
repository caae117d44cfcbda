//! Small clusters that are no voices: what other voices explain, and fragments that one too many
//! people would be made of.

use super::cluster::Cluster;
use super::tuning::{Tuning, seconds};
use super::vectors::{cosine, nearest};

/// Leaves out small clusters that other voices explain, the smallest first, down to `min` clusters.
pub(super) fn without_spurious(
    clusters: Vec<Cluster>,
    min: usize,
    tuning: &Tuning,
) -> Vec<Cluster> {
    let mut kept: Vec<(Cluster, Vec<f32>)> = clusters
        .into_iter()
        .filter_map(|cluster| Some((cluster.clone(), cluster.voice()?.mean)))
        .collect();
    kept.sort_by(|(a, _), (b, _)| a.seconds.total_cmp(&b.seconds));
    let mut number = 0;
    while number < kept.len() && kept.len() > min.max(1) {
        let (cluster, mean) = &kept[number];
        let others = kept.iter().enumerate().filter(|&(other, _)| other != number);
        let others: Vec<&[f32]> = others.map(|(_, (_, mean))| mean.as_slice()).collect();
        if cluster.known.is_none()
            && cluster.seconds <= seconds(tuning.max_spurious_ms)
            && is_explained(mean, cluster.seconds, &others, tuning)
        {
            kept.remove(number);
        } else {
            number += 1;
        }
    }
    kept.into_iter().map(|(cluster, _)| cluster).collect()
}

fn is_explained(mean: &[f32], length: f32, others: &[&[f32]], tuning: &Tuning) -> bool {
    let most =
        (tuning.spurious_least + tuning.spurious_per_second * length).min(tuning.spurious_most);
    nearest(mean, others.iter().copied()).is_some_and(|(_, similarity)| similarity > most)
        || similarity_to_mixtures(mean, others) > most + tuning.mixture
}

/// The most that a mixture of two of the voices, both with a positive share, is like `mean`.
fn similarity_to_mixtures(mean: &[f32], voices: &[&[f32]]) -> f32 {
    let mut most = 0.0_f32;
    for (number, a) in voices.iter().enumerate() {
        for b in &voices[number + 1..] {
            let (to_a, to_b, both) = (cosine(mean, a), cosine(mean, b), cosine(a, b));
            let rest = 1.0 - both * both;
            if rest < 0.05 {
                continue;
            }
            // Least squares: shares of a and b, and the length of what they explain.
            let (share_a, share_b) = ((to_a - both * to_b) / rest, (to_b - both * to_a) / rest);
            if share_a > 0.0 && share_b > 0.0 {
                most = most.max((share_a * to_a + share_b * to_b).max(0.0).sqrt());
            }
        }
    }
    most
}

/// Leaves out fragments, the smallest first, as long as there are more than `max` clusters. A fragment
/// is unlike everybody, so that going on to join would join two people for its sake.
pub(super) fn give_up_fragments(clusters: &mut Vec<Cluster>, max: usize, tuning: &Tuning) {
    while clusters.len() > max {
        let mut lengths: Vec<f32> = clusters.iter().map(|cluster| cluster.seconds).collect();
        lengths.sort_by(|a, b| b.total_cmp(a));
        let most = seconds(tuning.max_fragment_ms).min(tuning.fragment_share * lengths[max - 1]);
        let fragment = (0..clusters.len())
            .filter(|&n| clusters[n].seconds <= most && clusters[n].known.is_none())
            .min_by(|&a, &b| clusters[a].seconds.total_cmp(&clusters[b].seconds));
        let Some(fragment) = fragment else { break };
        clusters.remove(fragment);
    }
}
