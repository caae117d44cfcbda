//! Embeddings -> voices: how many there are, and the mean of each.
//!
//! Average linkage to a tight cut makes small pure clusters. These are joined as long as two of
//! them are one voice: the mean similarity between them is set against the mean similarity within
//! each, so that a noisy voice, little like itself, and a clean one are judged alike. What is left
//! over and explained by the other voices (an echo, two people at once) is no voice of its own.

use kodama::{Method, linkage};

use super::SpeakerCount;
use super::known::{KnownVoice, surely};
use super::spurious::{give_up_fragments, without_spurious};
use super::tuning::{Tuning, seconds};
use super::vectors::{cosine, normalised};

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

/// A growing cluster.
#[derive(Clone)]
pub(super) struct Cluster {
    /// Sum of the embeddings, each counted once: the mean similarity of all pairs of two clusters
    /// is the product of their sums over the number of pairs.
    sum: Vec<f32>,
    /// Sum of the embeddings, each weighed by its seconds.
    weighed: Vec<f32>,
    count: f32,
    pub(super) seconds: f32,
    /// Which remembered voice it surely is.
    pub(super) known: Option<usize>,
}

impl Cluster {
    fn of<'a>(samples: impl Iterator<Item = Sample<'a>>) -> Option<Cluster> {
        let clusters = samples.map(|sample| Cluster {
            sum: sample.embedding.to_vec(),
            weighed: sample.embedding.iter().map(|x| x * sample.seconds).collect(),
            count: 1.0,
            seconds: sample.seconds,
            known: None,
        });
        clusters.reduce(|mut all, one| {
            all.join(&one);
            all
        })
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
    fn within(&self, tuning: &Tuning) -> f32 {
        let pairs = self.count * (self.count - 1.0);
        let similarity = cosine(&self.sum, &self.sum) - self.count;
        let believed = tuning.usual_pairs * tuning.usual_similarity;
        ((similarity + believed) / (pairs + tuning.usual_pairs)).max(0.05)
    }

    /// Mean similarity between two clusters over that within them: about 1 for one voice, however
    /// noisy; nothing for two voices that are remembered.
    fn similarity(&self, other: &Cluster, tuning: &Tuning) -> f32 {
        let between = cosine(&self.sum, &other.sum) / (self.count * other.count);
        let similarity = between / (self.within(tuning) * other.within(tuning)).sqrt();
        match (self.known, other.known) {
            (Some(a), Some(b)) if a == b => similarity + tuning.same_known,
            (Some(_), Some(_)) => f32::MIN,
            _ => similarity,
        }
    }

    /// Notes which remembered voice it surely is.
    fn recognise(&mut self, known: &[KnownVoice], tuning: &Tuning) {
        if self.seconds >= seconds(tuning.min_known_ms) {
            let mean = normalised(self.weighed.clone());
            self.known = mean.and_then(|mean| surely(&mean, known)).map(|(number, ..)| number);
        }
    }

    pub(super) fn voice(&self) -> Option<Voice> {
        Some(Voice { mean: normalised(self.weighed.clone())?, seconds: self.seconds })
    }
}

/// The voices of the samples; none only where there is no sample. `known` are remembered voices,
/// which make clusters of one person more alike and keep those of two apart.
pub(super) fn voices(
    samples: &[Sample<'_>],
    speakers: SpeakerCount,
    known: &[KnownVoice],
    tuning: &Tuning,
) -> Vec<Voice> {
    let every = samples.len().div_ceil(tuning.max_compared).max(1);
    let selected: Vec<Sample<'_>> = samples.iter().copied().step_by(every).collect();
    let mut tight = tight_clusters(&selected, tuning);
    for cluster in &mut tight {
        cluster.recognise(known, tuning);
    }
    let mut same_voice = tuning.same_voice;
    let mut found = found_voices(tight.clone(), same_voice, speakers, tuning);
    // Too few: be stricter about what is one voice, as far as that helps.
    while found.len() < speakers.min && same_voice < 0.99 {
        same_voice += 0.03;
        found = found_voices(tight.clone(), same_voice, speakers, tuning);
    }
    found.iter().filter_map(Cluster::voice).collect()
}

/// The clusters that are voices.
fn found_voices(
    mut clusters: Vec<Cluster>,
    same_voice: f32,
    speakers: SpeakerCount,
    tuning: &Tuning,
) -> Vec<Cluster> {
    join_while(&mut clusters, tuning, |similarity, _| similarity >= same_voice);
    let mut voices = without_spurious(clusters, speakers.min, tuning);
    let most = speakers.max.max(1);
    give_up_fragments(&mut voices, most, tuning);
    join_while(&mut voices, tuning, |_, count| count > most);
    voices
}

/// Average linkage up to the tight cut.
fn tight_clusters(samples: &[Sample<'_>], tuning: &Tuning) -> Vec<Cluster> {
    let count = samples.len();
    let mut distances = Vec::with_capacity(count * count.saturating_sub(1) / 2);
    for (row, a) in samples.iter().enumerate() {
        distances.extend(samples[row + 1..].iter().map(|b| 1.0 - cosine(a.embedding, b.embedding)));
    }
    let dendrogram = linkage(&mut distances, count, Method::Average);
    let mut parent: Vec<usize> = (0..count * 2).collect();
    // Steps come in rising distance.
    let steps = dendrogram.steps().iter();
    let within_cut = steps.take_while(|step| step.dissimilarity <= tuning.tight_cut);
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

/// Joins the most similar two as long as `go_on` says so of their similarity and the clusters' number.
fn join_while(clusters: &mut Vec<Cluster>, tuning: &Tuning, go_on: impl Fn(f32, usize) -> bool) {
    let to_all = |a: &Cluster| clusters.iter().map(|b| a.similarity(b, tuning)).collect();
    let mut alike: Vec<Vec<f32>> = clusters.iter().map(to_all).collect();
    while clusters.len() > 1 {
        let mut best = (f32::NEG_INFINITY, 0, 1);
        for (i, row) in alike.iter().enumerate() {
            for (j, &similarity) in row.iter().enumerate().skip(i + 1) {
                if similarity > best.0 {
                    best = (similarity, i, j);
                }
            }
        }
        let (similarity, i, j) = best;
        if !go_on(similarity, clusters.len()) {
            break;
        }
        let gone = clusters.remove(j);
        clusters[i].join(&gone);
        alike.remove(j);
        for row in &mut alike {
            row.remove(j);
        }
        for other in 0..clusters.len() {
            let similarity = clusters[i].similarity(&clusters[other], tuning);
            alike[i][other] = similarity;
            alike[other][i] = similarity;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTO: SpeakerCount = SpeakerCount::AUTO;

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

    fn found(samples: &[Sample<'_>], speakers: SpeakerCount) -> Vec<Voice> {
        voices(samples, speakers, &[], &Tuning::default())
    }

    fn check(embeddings: &[Vec<f32>], speakers: SpeakerCount, expected: usize) {
        let samples: Vec<Sample<'_>> =
            embeddings.iter().map(|embedding| Sample { embedding, seconds: 2.0 }).collect();
        assert_eq!(found(&samples, speakers).len(), expected);
    }

    #[test]
    fn a_noisy_voice_is_one_and_two_clean_ones_are_two() {
        check(&spoken(0, 20, 1.0, 0), AUTO, 1);
        // Two clean voices that are nearer to each other than the noisy one to itself.
        let mut two = spoken(0, 10, 0.2, 0);
        two.extend(spoken(1, 10, 0.2, 10).into_iter().map(|mut vector| {
            vector[0] = 0.75;
            normalised(vector).unwrap()
        }));
        let between = cosine(&two[0], &two[10]);
        let within = cosine(&spoken(0, 2, 1.0, 0)[0], &spoken(0, 2, 1.0, 0)[1]);
        assert!(between > within);
        check(&two, AUTO, 2);
    }

    #[test]
    fn two_people_at_once_are_no_third_voice() {
        let mut pieces = spoken(0, 10, 0.4, 0);
        pieces.extend(spoken(1, 10, 0.4, 20));
        let mut both = vec![0.0; 64];
        (both[0], both[1], both[60]) = (0.7, 0.7, 0.3);
        pieces.push(normalised(both).unwrap());
        check(&pieces, AUTO, 2);
    }

    #[test]
    fn somebody_who_speaks_once_is_a_voice() {
        let mut pieces = spoken(0, 10, 0.4, 0);
        pieces.extend(spoken(1, 1, 0.4, 20));
        check(&pieces, AUTO, 2);
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
        assert_eq!(found(&samples, AUTO).len(), 1);
        let mean = |samples: &[Sample<'_>]| Cluster::of(samples.iter().copied()).unwrap().voice();
        let known: Vec<KnownVoice> = [mean(&samples[..6]), mean(&samples[6..])]
            .into_iter()
            .map(|voice| KnownVoice {
                person: crate::speech::SpeakerName(String::new()),
                centroid: voice.unwrap().mean,
                episodes: 1,
            })
            .collect();
        assert_eq!(voices(&samples, AUTO, &known, &Tuning::default()).len(), 2);
    }

    #[test]
    fn bounds_are_kept_where_they_can_be() {
        let mut pieces = spoken(0, 10, 0.4, 0);
        pieces.extend(spoken(1, 10, 0.4, 20));
        pieces.extend(spoken(2, 10, 0.4, 30));
        check(&pieces, AUTO, 3);
        check(&pieces, SpeakerCount { max: 2, ..AUTO }, 2);
        check(&pieces, SpeakerCount { max: 0, ..AUTO }, 1);
        check(&spoken(0, 1, 0.1, 0), SpeakerCount { min: 5, ..AUTO }, 1);
        check(&[], AUTO, 0);
    }

    #[test]
    fn a_maximum_gives_up_a_fragment_before_it_joins_two_people() {
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
        assert_eq!(found(&samples, AUTO).len(), 3);
        let two = found(&samples, SpeakerCount::exactly(2));
        let means: Vec<Vec<f32>> = two.into_iter().map(|voice| voice.mean).collect();
        assert_eq!(means.len(), 2);
        let nearest = |piece: &Vec<f32>| {
            super::super::vectors::nearest(piece, means.iter().map(Vec::as_slice)).map(|(n, _)| n)
        };
        let first = nearest(&pieces[0]);
        assert!(pieces[..40].iter().all(|piece| nearest(piece) == first));
        assert!(pieces[40..80].iter().all(|piece| nearest(piece) != first));
    }
}
