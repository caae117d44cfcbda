//! Embeddings -> cluster numbers: average linkage on cosine distance, cut at a distance or a count.

use kodama::{Method, linkage};

/// How many embeddings are compared with each other at most; beyond that an even selection is.
/// 8,000 need 128 MB for the distances, and are five hours of speech.
const MAX_COMPARED: usize = 8_000;

/// How many clusters are wanted: any number from `min` to `max`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) min: usize,
    pub(super) max: usize,
}

/// The scalar product; of two L2-normalised vectors the cosine of their angle.
pub(super) fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// A cluster number per embedding, numbered from 0 in order of first appearance.
pub(super) fn average_linkage(embeddings: &[&[f32]], cut: f32, bounds: Bounds) -> Vec<usize> {
    let count = embeddings.len();
    if count == 0 {
        return Vec::new();
    }
    if count > MAX_COMPARED {
        return by_selection(embeddings, cut, bounds);
    }
    let mut distances = Vec::with_capacity(count * (count - 1) / 2);
    for (row, a) in embeddings.iter().enumerate() {
        distances.extend(embeddings[row + 1..].iter().map(|b| 1.0 - cosine(a, b)));
    }
    let dendrogram = linkage(&mut distances, count, Method::Average);
    // Steps come in rising distance; each leaves one cluster less.
    let within_cut = dendrogram.steps().iter().filter(|step| step.dissimilarity <= cut).count();
    let clusters = (count - within_cut).clamp(bounds.min, bounds.max.max(bounds.min));
    let merges = count.saturating_sub(clusters);

    let mut parent: Vec<usize> = (0..2 * count - 1).collect();
    for (number, step) in dendrogram.steps().iter().take(merges).enumerate() {
        parent[step.cluster1] = count + number;
        parent[step.cluster2] = count + number;
    }
    let roots = (0..count).map(|mut node| {
        while parent[node] != node {
            node = parent[node];
        }
        node
    });
    in_order_of_appearance(roots)
}

/// Clusters an even selection, then gives each embedding to the nearest cluster's mean.
fn by_selection(embeddings: &[&[f32]], cut: f32, bounds: Bounds) -> Vec<usize> {
    let every = embeddings.len().div_ceil(MAX_COMPARED);
    let selected: Vec<&[f32]> = embeddings.iter().copied().step_by(every).collect();
    let clusters = average_linkage(&selected, cut, bounds);
    let count = clusters.iter().max().map_or(0, |&last| last + 1);
    let dim = embeddings[0].len();
    let mut sums = vec![vec![0.0_f32; dim]; count];
    for (embedding, &cluster) in selected.iter().zip(&clusters) {
        for (sum, x) in sums[cluster].iter_mut().zip(*embedding) {
            *sum += x;
        }
    }
    let means: Vec<Vec<f32>> = sums.into_iter().filter_map(super::embed::normalised).collect();
    in_order_of_appearance(embeddings.iter().map(|embedding| nearest(embedding, &means).0))
}

/// The number of the nearest of the means and the cosine to it.
pub(super) fn nearest(embedding: &[f32], means: &[Vec<f32>]) -> (usize, f32) {
    let mut best = (0, f32::NEG_INFINITY);
    for (number, mean) in means.iter().enumerate() {
        let similarity = cosine(embedding, mean);
        if similarity > best.1 {
            best = (number, similarity);
        }
    }
    best
}

fn in_order_of_appearance(names: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut seen = std::collections::BTreeMap::new();
    names
        .map(|name| {
            let next = seen.len();
            *seen.entry(name).or_insert(next)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Bounds = Bounds { min: 1, max: usize::MAX };

    fn directions(degrees: &[f32]) -> Vec<[f32; 2]> {
        degrees.iter().map(|d| [d.to_radians().cos(), d.to_radians().sin()]).collect()
    }

    fn check(degrees: &[f32], cut: f32, bounds: Bounds, expected: &[usize]) {
        let vectors = directions(degrees);
        let views: Vec<&[f32]> = vectors.iter().map(<[f32; 2]>::as_slice).collect();
        assert_eq!(average_linkage(&views, cut, bounds), expected);
    }

    #[test]
    fn near_directions_are_one_cluster() {
        check(&[90.0, 0.0, 92.0, 3.0, 88.0], 0.5, ANY, &[0, 1, 0, 1, 0]);
        check(&[0.0], 0.5, ANY, &[0]);
        check(&[], 0.5, ANY, &[]);
    }

    #[test]
    fn bounds_move_the_cut() {
        check(&[0.0, 4.0, 90.0], 0.5, Bounds { min: 3, max: 3 }, &[0, 1, 2]);
        check(&[0.0, 4.0, 90.0], 0.5, Bounds { min: 1, max: 1 }, &[0, 0, 0]);
        check(&[0.0, 4.0], 0.5, Bounds { min: 5, max: 5 }, &[0, 1]);
    }
}
