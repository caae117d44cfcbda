//! Small clusters that are no voices: what other voices explain, and crumbs that one too many
//! people would be made of.

use super::{Cluster, cosine};

/// Speech up to which a cluster may be no voice at all, in seconds. Larger ones are voices.
const MAX_GHOST_SECONDS: f32 = 4.0;
/// How much more like a mixture of two voices than like one a small cluster may be.
const MIXTURE: f32 = 0.1;

/// What a cluster of so much speech may be like another voice and still be one. The less there is
/// of a voice the more its embedding holds of room, music and others.
fn most_like_another(seconds: f32) -> f32 {
    0.1 + 0.135 * seconds
}

/// Leaves out small clusters that other voices explain, the smallest first, down to `min` clusters.
/// `leeway` is added to what they may be like.
pub(super) fn without_ghosts(clusters: Vec<Cluster>, leeway: f32, min: usize) -> Vec<Cluster> {
    let mut kept: Vec<(Cluster, Vec<f32>)> = clusters
        .into_iter()
        .filter_map(|cluster| Some((cluster.clone(), cluster.voice()?.mean)))
        .collect();
    let mut order: Vec<usize> = (0..kept.len()).collect();
    order.sort_by(|&a, &b| kept[a].0.seconds.total_cmp(&kept[b].0.seconds).then(b.cmp(&a)));
    let mut gone = vec![false; kept.len()];
    let mut left = kept.len();
    for candidate in order {
        let (cluster, mean) = &kept[candidate];
        if cluster.seconds > MAX_GHOST_SECONDS || left <= min.max(1) {
            break;
        }
        let others: Vec<&[f32]> = (0..kept.len())
            .filter(|&other| other != candidate && !gone[other])
            .map(|other| kept[other].1.as_slice())
            .collect();
        let nearest = others.iter().map(|other| cosine(mean, other)).fold(-1.0, f32::max);
        let remembered = cluster.known.is_some();
        let mixed = likeness_to_mixtures(mean, &others);
        let most = most_like_another(cluster.seconds) + leeway;
        let explained = nearest > most || mixed > most + MIXTURE;
        if explained && !remembered {
            gone[candidate] = true;
            left -= 1;
        }
    }
    let mut number = 0;
    kept.retain(|_| {
        number += 1;
        !gone[number - 1]
    });
    kept.into_iter().map(|(cluster, _)| cluster).collect()
}

/// The most that a mixture of two of the voices, both with a positive share, is like `mean`.
fn likeness_to_mixtures(mean: &[f32], voices: &[&[f32]]) -> f32 {
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

/// Most of the speech of a crumb, as a share of that of any cluster that has a place without it.
const CRUMB_SHARE: f32 = 0.25;

/// Leaves out crumbs, the smallest first, as long as there are more than `max` clusters. A crumb is
/// unlike everybody, so that going on to join would join two people for its sake.
pub(super) fn give_up_crumbs(clusters: &mut Vec<Cluster>, max: usize) {
    while clusters.len() > max {
        let mut seconds: Vec<f32> = clusters.iter().map(|cluster| cluster.seconds).collect();
        seconds.sort_by(|a, b| b.total_cmp(a));
        let most = MAX_GHOST_SECONDS.min(CRUMB_SHARE * seconds[max - 1]);
        let crumb = (0..clusters.len())
            .filter(|&n| clusters[n].seconds <= most && clusters[n].known.is_none())
            .min_by(|&a, &b| clusters[a].seconds.total_cmp(&clusters[b].seconds));
        let Some(crumb) = crumb else { break };
        clusters.remove(crumb);
    }
}
