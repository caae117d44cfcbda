//! Embeddings -> voices: how many there are, and the mean of each.
//!
//! Average linkage to a tight cut makes small pure clusters. These are joined as long as two of
//! them are one voice: the mean similarity between them is set against the mean similarity within
//! each, so that a noisy voice, little like itself, and a clean one are judged alike. What is left
//! over and explained by the other voices (an echo, two people at once) is no voice of its own.

use kodama::{Method, linkage};

use self::ghosts::{give_up_crumbs, without_ghosts};
use super::embed::normalised;
use super::known::{KnownVoice, surely};

mod ghosts;

/// How many embeddings are compared with each other at most; beyond that an even selection is.
/// 6,000 need 72 MB for the distances, and are five hours of speech.
const MAX_COMPARED: usize = 6_000;
/// Cosine distance up to which pieces surely are one voice.
const TIGHT_CUT: f32 = 0.35;
/// Similarity within a voice of which nothing is known, and how many pairs that belief weighs.
const USUAL_SIMILARITY: f32 = 0.75;
const USUAL_WEIGHT: f32 = 2.0;

/// How voices are told apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rules {
    /// Similarity between two clusters, over that within them, from which on they are one voice.
    pub(super) same_voice: f32,
    /// At least and at most this many voices.
    pub(super) min: usize,
    pub(super) max: usize,
    /// So many people are said to speak.
    pub(super) listed: Option<usize>,
}

/// A piece of speech of one person: its L2-normalised embedding and its length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample<'a> {
    pub(super) embedding: &'a [f32],
    pub(super) seconds: f32,
}

/// A voice of the episode.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Voice {
    /// L2-normalised mean, each sample weighed by its length.
    pub(super) mean: Vec<f32>,
    /// Speech that the mean rests on.
    pub(super) seconds: f32,
}

/// The scalar product; of two L2-normalised vectors the cosine of their angle.
pub(super) fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// A growing cluster.
#[derive(Clone)]
struct Cluster {
    /// Sum of the embeddings, each counted once: the mean similarity of all pairs of two clusters
    /// is the product of their sums over the number of pairs.
    sum: Vec<f32>,
    /// Sum of the embeddings, each weighed by its seconds.
    weighed: Vec<f32>,
    count: f32,
    seconds: f32,
    /// Which remembered voice it surely is.
    known: Option<usize>,
}

/// How much more alike two clusters count that are the same remembered voice. Not more: a stranger
/// who is like somebody remembered must not be drawn in.
const SAME_KNOWN: f32 = 0.12;
/// How much less alike two clusters count that are two remembered voices.
const OTHER_KNOWN: f32 = 10.0;
/// Speech from which on a cluster is compared with the remembered voices.
const MIN_KNOWN_SECONDS: f32 = 2.0;

impl Cluster {
    fn of<'a>(samples: impl Iterator<Item = Sample<'a>>) -> Option<Cluster> {
        let mut cluster: Option<Cluster> = None;
        for sample in samples {
            let weighed = sample.embedding.iter().map(|x| x * sample.seconds).collect();
            let one = Cluster {
                sum: sample.embedding.to_vec(),
                weighed,
                count: 1.0,
                seconds: sample.seconds,
                known: None,
            };
            match &mut cluster {
                Some(cluster) => cluster.join(&one),
                None => cluster = Some(one),
            }
        }
        cluster
    }

    fn join(&mut self, other: &Cluster) {
        for (sum, x) in self.sum.iter_mut().zip(&other.sum) {
            *sum += x;
        }
        for (sum, x) in self.weighed.iter_mut().zip(&other.weighed) {
            *sum += x;
        }
        self.count += other.count;
        self.seconds += other.seconds;
        self.known = self.known.or(other.known);
    }

    /// Mean similarity of the pairs within, drawn towards the usual where there are few.
    fn within(&self) -> f32 {
        let pairs = self.count * (self.count - 1.0);
        let similarity = cosine(&self.sum, &self.sum) - self.count;
        let drawn = (similarity + USUAL_WEIGHT * USUAL_SIMILARITY) / (pairs + USUAL_WEIGHT);
        drawn.max(0.05)
    }

    /// Mean similarity between two clusters over that within them: about 1 for one voice, however
    /// noisy.
    fn likeness(&self, other: &Cluster) -> f32 {
        let between = cosine(&self.sum, &other.sum) / (self.count * other.count);
        let likeness = between / (self.within() * other.within()).sqrt();
        match (self.known, other.known) {
            (Some(a), Some(b)) if a == b => likeness + SAME_KNOWN,
            (Some(_), Some(_)) => likeness - OTHER_KNOWN,
            _ => likeness,
        }
    }

    /// Notes which remembered voice it surely is.
    fn recognise(&mut self, known: &[KnownVoice]) {
        if self.seconds >= MIN_KNOWN_SECONDS {
            let mean = normalised(self.weighed.clone());
            self.known = mean.and_then(|mean| surely(&mean, known)).map(|(number, ..)| number);
        }
    }

    fn voice(&self) -> Option<Voice> {
        Some(Voice { mean: normalised(self.weighed.clone())?, seconds: self.seconds })
    }
}

/// The voices of the samples; none only where there is no sample. `known` are remembered voices,
/// which make clusters of one person more alike and those of two less.
pub(super) fn voices(samples: &[Sample<'_>], rules: &Rules, known: &[KnownVoice]) -> Vec<Voice> {
    let every = samples.len().div_ceil(MAX_COMPARED).max(1);
    let selected: Vec<Sample<'_>> = samples.iter().copied().step_by(every).collect();
    let mut tight = tight_clusters(&selected);
    for cluster in &mut tight {
        cluster.recognise(known);
    }
    let mut same_voice = rules.same_voice;
    let mut found = found_voices(tight.clone(), same_voice, 0.0, rules);
    // Too few: be stricter about what is one voice, as far as that helps.
    while found.len() < rules.min && same_voice < 0.99 {
        same_voice += 0.03;
        found = found_voices(tight.clone(), same_voice, 0.0, rules);
    }
    if let Some(listed) = rules.listed {
        found = nearest_to_listed(found, &tight, rules, listed);
    }
    let mut found: Vec<Voice> = found.iter().filter_map(Cluster::voice).collect();
    polish(&mut found, samples);
    found
}

/// How much more or less alike two clusters may have to be for the sake of the listed number. Not
/// more: people are listed who do not speak, and speak who are not listed.
const LEEWAY: f32 = 0.02;

/// The clusters that a slightly stricter or more lenient rule finds, if their number is nearer to
/// `listed`.
fn nearest_to_listed(
    found: Vec<Cluster>,
    tight: &[Cluster],
    rules: &Rules,
    listed: usize,
) -> Vec<Cluster> {
    let leeway = if found.len() < listed { LEEWAY } else { -LEEWAY };
    let other = found_voices(tight.to_vec(), rules.same_voice + leeway, leeway, rules);
    if other.len().abs_diff(listed) < found.len().abs_diff(listed) { other } else { found }
}

/// The clusters that are voices. `ghosts` is added to what a small cluster may be like.
fn found_voices(
    mut clusters: Vec<Cluster>,
    same_voice: f32,
    ghosts: f32,
    rules: &Rules,
) -> Vec<Cluster> {
    join_while(&mut clusters, |likeness, _| likeness >= same_voice);
    let mut solid = without_ghosts(clusters, ghosts, rules.min);
    let most = rules.max.max(1);
    give_up_crumbs(&mut solid, most);
    join_while(&mut solid, |_, count| count > most);
    solid
}

/// Average linkage up to the tight cut.
fn tight_clusters(samples: &[Sample<'_>]) -> Vec<Cluster> {
    let count = samples.len();
    let mut distances = Vec::with_capacity(count * count.saturating_sub(1) / 2);
    for (row, a) in samples.iter().enumerate() {
        distances.extend(samples[row + 1..].iter().map(|b| 1.0 - cosine(a.embedding, b.embedding)));
    }
    let dendrogram = linkage(&mut distances, count, Method::Average);
    let mut parent: Vec<usize> = (0..count * 2).collect();
    // Steps come in rising distance.
    let within_cut = dendrogram.steps().iter().take_while(|step| step.dissimilarity <= TIGHT_CUT);
    for (number, step) in within_cut.enumerate() {
        parent[step.cluster1] = count + number;
        parent[step.cluster2] = count + number;
    }
    let mut members: std::collections::BTreeMap<usize, Vec<usize>> = [].into();
    for leaf in 0..count {
        let mut root = leaf;
        while parent[root] != root {
            root = parent[root];
        }
        members.entry(root).or_default().push(leaf);
    }
    // In order of first appearance, so that nothing depends on the order of merging.
    let mut members: Vec<Vec<usize>> = members.into_values().collect();
    members.sort_unstable();
    members.iter().filter_map(|own| Cluster::of(own.iter().map(|&n| samples[n]))).collect()
}

/// Joins the most alike two as long as `go_on` says so of their likeness and the clusters' number.
fn join_while(clusters: &mut Vec<Cluster>, go_on: impl Fn(f32, usize) -> bool) {
    let mut alike: Vec<Vec<f32>> =
        clusters.iter().map(|a| clusters.iter().map(|b| a.likeness(b)).collect()).collect();
    while clusters.len() > 1 {
        let mut best = (f32::NEG_INFINITY, 0, 1);
        for (i, row) in alike.iter().enumerate() {
            for (j, &likeness) in row.iter().enumerate().skip(i + 1) {
                if likeness > best.0 {
                    best = (likeness, i, j);
                }
            }
        }
        let (likeness, i, j) = best;
        if !go_on(likeness, clusters.len()) {
            break;
        }
        let gone = clusters.remove(j);
        clusters[i].join(&gone);
        alike.remove(j);
        for row in &mut alike {
            row.remove(j);
        }
        for other in 0..clusters.len() {
            let likeness = clusters[i].likeness(&clusters[other]);
            alike[i][other] = likeness;
            alike[other][i] = likeness;
        }
    }
}

/// Takes each sample to the nearest voice and the means anew, twice.
fn polish(voices: &mut [Voice], samples: &[Sample<'_>]) {
    for _ in 0..2 {
        let means: Vec<Vec<f32>> = voices.iter().map(|voice| voice.mean.clone()).collect();
        let mut own: Vec<Option<Cluster>> = vec![None; voices.len()];
        for &sample in samples {
            let Some(who) = nearest(sample.embedding, &means) else { continue };
            let Some(one) = Cluster::of(std::iter::once(sample)) else { continue };
            match &mut own[who] {
                Some(cluster) => cluster.join(&one),
                None => own[who] = Some(one),
            }
        }
        for (voice, cluster) in voices.iter_mut().zip(own) {
            if let Some(better) = cluster.and_then(|cluster| cluster.voice()) {
                *voice = better;
            }
        }
    }
}

/// The number of the most alike mean.
fn nearest(embedding: &[f32], means: &[Vec<f32>]) -> Option<usize> {
    let mut best: Option<(usize, f32)> = None;
    for (number, mean) in means.iter().enumerate() {
        let similarity = cosine(embedding, mean);
        if best.is_none_or(|(_, most)| similarity > most) {
            best = Some((number, similarity));
        }
    }
    best.map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTO: Rules = Rules { same_voice: 0.74, min: 1, max: usize::MAX, listed: None };

    /// `count` embeddings of voice `who`, each with `noise` of its own besides.
    fn spoken(who: usize, count: usize, noise: f32, seed: usize) -> Vec<Vec<f32>> {
        (0..count)
            .map(|n| {
                let mut vector = vec![0.0; 64];
                vector[who] = 1.0;
                vector[10 + (seed + n) % 54] += noise;
                normalised(vector).unwrap()
            })
            .collect()
    }

    fn check(embeddings: &[Vec<f32>], rules: &Rules, expected: usize) {
        let samples: Vec<Sample<'_>> =
            embeddings.iter().map(|embedding| Sample { embedding, seconds: 2.0 }).collect();
        assert_eq!(voices(&samples, rules, &[]).len(), expected);
    }

    #[test]
    fn a_noisy_voice_is_one_and_two_clean_ones_are_two() {
        check(&spoken(0, 20, 1.0, 0), &AUTO, 1);
        // Two clean voices that are nearer to each other than the noisy one to itself.
        let mut two = spoken(0, 10, 0.2, 0);
        two.extend(spoken(1, 10, 0.2, 10).into_iter().map(|mut vector| {
            vector[0] = 0.75;
            normalised(vector).unwrap()
        }));
        let between = cosine(&two[0], &two[10]);
        let within = cosine(&spoken(0, 2, 1.0, 0)[0], &spoken(0, 2, 1.0, 0)[1]);
        assert!(between > within);
        check(&two, &AUTO, 2);
    }

    #[test]
    fn two_people_at_once_are_no_third_voice() {
        let mut pieces = spoken(0, 10, 0.4, 0);
        pieces.extend(spoken(1, 10, 0.4, 20));
        let mut both = vec![0.0; 64];
        (both[0], both[1], both[60]) = (0.7, 0.7, 0.3);
        pieces.push(normalised(both).unwrap());
        check(&pieces, &AUTO, 2);
    }

    #[test]
    fn somebody_who_speaks_once_is_a_voice() {
        let mut pieces = spoken(0, 10, 0.4, 0);
        pieces.extend(spoken(1, 1, 0.4, 20));
        check(&pieces, &AUTO, 2);
    }

    #[test]
    fn remembered_voices_keep_two_alike_apart() {
        // Two people whose voices are nearly one: only a show that knows both tells them apart.
        let mut pieces = spoken(0, 6, 0.6, 0);
        pieces.extend(spoken(1, 6, 0.6, 20).into_iter().map(|mut vector| {
            vector[0] = 1.05;
            normalised(vector).unwrap()
        }));
        let samples: Vec<Sample<'_>> =
            pieces.iter().map(|embedding| Sample { embedding, seconds: 2.0 }).collect();
        assert_eq!(voices(&samples, &AUTO, &[]).len(), 1);
        let mean = |samples: &[Sample<'_>]| Cluster::of(samples.iter().copied()).unwrap().voice();
        let known: Vec<KnownVoice> = [mean(&samples[..6]), mean(&samples[6..])]
            .into_iter()
            .map(|voice| KnownVoice {
                person: crate::speech::SpeakerName(String::new()),
                centroid: voice.unwrap().mean,
                episodes: 1,
            })
            .collect();
        assert_eq!(voices(&samples, &AUTO, &known).len(), 2);
    }

    #[test]
    fn bounds_are_kept_where_they_can_be() {
        let mut pieces = spoken(0, 10, 0.4, 0);
        pieces.extend(spoken(1, 10, 0.4, 20));
        pieces.extend(spoken(2, 10, 0.4, 30));
        check(&pieces, &AUTO, 3);
        check(&pieces, &Rules { max: 2, ..AUTO }, 2);
        check(&pieces, &Rules { max: 0, ..AUTO }, 1);
        check(&spoken(0, 1, 0.1, 0), &Rules { min: 5, ..AUTO }, 1);
        check(&[], &AUTO, 0);
    }

    #[test]
    fn a_list_of_people_decides_between_one_voice_and_two_only_where_sound_hardly_does() {
        let two_like = |shared: f32| {
            let mut pieces = spoken(0, 10, 0.6, 0);
            pieces.extend(spoken(1, 10, 0.6, 20).into_iter().map(|mut vector| {
                vector[0] = shared;
                normalised(vector).unwrap()
            }));
            pieces
        };
        let count = |pieces: &[Vec<f32>], listed| {
            let samples: Vec<Sample<'_>> =
                pieces.iter().map(|embedding| Sample { embedding, seconds: 2.0 }).collect();
            voices(&samples, &Rules { listed, ..AUTO }, &[]).len()
        };
        let steps: Vec<f32> = (0_u8..200).map(|n| f32::from(n) / 100.0).collect();
        let joined = steps.iter().position(|&shared| count(&two_like(shared), None) == 1).unwrap();
        let (hardly_one, hardly_two) = (two_like(steps[joined]), two_like(steps[joined - 1]));
        assert_eq!((count(&hardly_one, Some(1)), count(&hardly_one, Some(2))), (1, 2));
        assert_eq!((count(&hardly_two, Some(1)), count(&hardly_two, Some(2))), (1, 2));
        assert_eq!((count(&two_like(0.0), Some(1)), count(&two_like(2.0), Some(2))), (2, 1));
    }

    #[test]
    fn a_maximum_gives_up_a_crumb_before_it_joins_two_people() {
        // Two alike people with two minutes each, and one short sound that is unlike both.
        let mut pieces = spoken(0, 40, 0.4, 0);
        pieces.extend(spoken(1, 40, 0.4, 20).into_iter().map(|mut vector| {
            vector[0] = 0.5;
            normalised(vector).unwrap()
        }));
        pieces.extend(spoken(2, 1, 0.4, 30));
        let length = |number| if number < 80 { 3.0 } else { 1.5 };
        let samples: Vec<Sample<'_>> = (pieces.iter().enumerate())
            .map(|(number, embedding)| Sample { embedding, seconds: length(number) })
            .collect();
        assert_eq!(voices(&samples, &AUTO, &[]).len(), 3);
        let two = voices(&samples, &Rules { min: 2, max: 2, ..AUTO }, &[]);
        let means: Vec<Vec<f32>> = two.into_iter().map(|voice| voice.mean).collect();
        assert_eq!(means.len(), 2);
        let first = nearest(&pieces[0], &means);
        assert!(pieces[..40].iter().all(|piece| nearest(piece, &means) == first));
        assert!(pieces[40..80].iter().all(|piece| nearest(piece, &means) != first));
    }
}
