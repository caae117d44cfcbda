//! The numbers of this stage, each with its source.
//!
//! They are part of what a result depends on: whoever changes one has every episode diarized again.

use serde::{Deserialize, Serialize};

/// How speakers are told apart. Lengths are in milliseconds, similarities are cosines, -1 to 1. Where
/// no source stands, docs/decisions/0006-speaker-clustering.md has the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// How far beyond a region somebody may speak: the network hears edges better than what found the
    /// regions.
    pub beyond_regions_ms: i64,
    /// Silences up to this are part of a sound, not between words.
    pub closure_ms: i64,
    /// Units longer than this are cut.
    pub max_unit_ms: i64,
    /// No cut leaves less than this on a side.
    pub min_cut_ms: i64,
    /// No cut leaves less than one part of so many on a side.
    pub min_cut_share: usize,
    /// Where speech is surer than this all along, a unit is cut in the middle.
    pub no_dip: f32,

    /// Units shorter than this are not embedded.
    pub min_embedded_ms: i64,
    /// Units shorter than this make no voice.
    pub min_voice_ms: i64,
    /// Embeddings that are compared with each other at most; beyond that an even selection is. 6,000
    /// need 72 MB for the distances, and are five hours of speech.
    pub max_compared: usize,
    /// Cosine distance up to which pieces surely are one voice; from 0.25 to 0.45 nothing changes.
    pub tight_cut: f32,
    /// How alike two clusters must be, over how alike they are within, to be one voice.
    pub same_voice: f32,
    /// Similarity within a cluster of which nothing is known.
    pub usual_similarity: f32,
    /// How many pairs that belief weighs; from half a pair to six nothing changes.
    pub usual_pairs: f32,
    /// What a cluster without any length may be like another voice and still be one.
    pub spurious_least: f32,
    /// What it may be more for each second: a short one holds more of room, music and others.
    pub spurious_per_second: f32,
    /// What it may be at most: short clusters of two people are 0.63 alike at most, spurious ones of
    /// six seconds up to 0.67.
    pub spurious_most: f32,
    /// Clusters longer than this are voices.
    pub max_spurious_ms: i64,
    /// How much more like a mixture of two voices than like one a cluster may be.
    pub mixture: f32,
    /// Most of a fragment's speech, as a share of that of any cluster that has a place without it.
    pub fragment_share: f32,
    /// Most of a fragment's speech altogether.
    pub max_fragment_ms: i64,

    /// How much more alike two clusters count that are the same remembered voice. Not more: a stranger
    /// who is like somebody remembered must not be drawn in.
    pub same_known: f32,
    /// Speech from which on a cluster is compared with the remembered voices.
    pub min_known_ms: i64,

    /// Units shorter than this are not cut again where the voice changes.
    pub min_resegmented_ms: i64,
    /// Neighbours farther than this are none.
    pub neighbour_ms: i64,
    /// A probe's length.
    pub probe_ms: i64,
    /// From one probe to the next.
    pub probe_step_ms: i64,
    /// Similarity, summed over the probes, that speaks for a change.
    pub min_gain: f32,

    /// Pauses within one person's speech below this are part of the turn.
    pub min_pause_ms: i64,
    /// So are pauses below this in which nobody else speaks: readers pause for two seconds within a
    /// sentence.
    pub min_silent_pause_ms: i64,
    /// How long another may speak in such a pause: the slack of a few frames.
    pub silent_slack_ms: i64,
    /// Turns below this are left out: shorter than any word.
    pub min_turn_ms: i64,
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning {
            beyond_regions_ms: 1_000,
            closure_ms: 84,
            max_unit_ms: 4_000,
            min_cut_ms: 1_200,
            min_cut_share: 5,
            no_dip: 0.97,
            min_embedded_ms: 400,
            min_voice_ms: 1_500,
            max_compared: 6_000,
            tight_cut: 0.35,
            same_voice: 0.74,
            usual_similarity: 0.75,
            usual_pairs: 2.0,
            spurious_least: 0.1,
            spurious_per_second: 0.135,
            spurious_most: 0.64,
            max_spurious_ms: 9_000,
            mixture: 0.1,
            fragment_share: 0.25,
            max_fragment_ms: 4_000,
            same_known: 0.12,
            min_known_ms: 2_000,
            min_resegmented_ms: 1_600,
            neighbour_ms: 1_000,
            probe_ms: 1_000,
            probe_step_ms: 250,
            min_gain: 0.15,
            min_pause_ms: 300,
            min_silent_pause_ms: 2_500,
            silent_slack_ms: 50,
            min_turn_ms: 100,
        }
    }
}

/// Milliseconds as seconds.
pub(super) fn seconds(ms: i64) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a setting")]
    let seconds = ms as f32 / 1000.0;
    seconds
}
