//! One thread's work: windows are encoded, their texts looked for side by side, and timed.

use std::sync::Arc;

use super::cross::Heard;
use super::decoder::{Row, Window};
use super::linear::Quantized;
use super::search::{Found, Search};
use super::{Weights, rows};
use crate::transcribe::recognizer::{Hypothesis, Job, Token};

/// Windows whose texts are looked for side by side. With more, a step costs in proportion; with
/// fewer, weights are read for less.
pub(super) const WINDOWS: usize = 8;

/// A job under way.
struct Task<'a> {
    index: usize,
    job: Job<'a>,
    window: Window,
    /// What stands before the text, and how much of it before the start token.
    opening: Vec<u32>,
    start: usize,
    search: Search,
    no_speech_prob: f32,
    language: Option<(String, f32)>,
}

/// What a lane has in hand.
pub(super) struct Lane<'a> {
    weights: &'a Weights,
    tasks: Vec<Task<'a>>,
}

impl<'a> Lane<'a> {
    pub(super) fn new(weights: &'a Weights) -> Lane<'a> {
        Lane { weights, tasks: Vec::new() }
    }

    /// How many jobs are in hand.
    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Takes a job whose sound is encoded; its language is one that the model knows.
    pub(super) fn take(&mut self, index: usize, job: Job<'a>, heard: Arc<Heard>) {
        let tokens = &self.weights.tokens;
        let mut opening = Vec::new();
        if !job.prompt.is_empty() {
            // The end of the text matters most, where not all of it has room.
            let said = tokens.of(job.prompt);
            let most = self.weights.sizes.text_context / 2 - 1;
            opening.push(tokens.before());
            opening.extend(&said[said.len().saturating_sub(most)..]);
        }
        let start = opening.len();
        opening.extend(tokens.opening(job.language, job.translate).unwrap_or_default());
        let width = usize::from(job.beam);
        let room = self.weights.sizes.text_context.saturating_sub(opening.len());
        let most = room.min(self.weights.sizes.text_context / 2);
        self.tasks.push(Task {
            index,
            job,
            window: Window { heard, past: self.weights.decoder.past() },
            search: Search::new(opening.clone(), width, most, tokens.end),
            opening,
            start,
            no_speech_prob: 0.0,
            language: None,
        });
    }

    /// Adds a token to every text in hand; returns the jobs that are done.
    pub(super) fn step(&mut self) -> Vec<(usize, Hypothesis)> {
        let weights = self.weights;
        let width = weights.decoder.width();
        let mut batch: Vec<(&mut Window, Vec<Row>)> = self
            .tasks
            .iter_mut()
            .map(|task| {
                let rows = task.search.rows(&mut task.window.past, width);
                (&mut task.window, rows)
            })
            .collect();
        let hidden = weights.decoder.step(&weights.kernels, &mut batch, &mut |_, _, _, _| {});
        let asked: Vec<(usize, Vec<u32>)> = batch
            .into_iter()
            .map(|(_, rows)| (rows.len(), rows.into_iter().next_back().map_or(vec![], |r| r.slots)))
            .collect();
        // Of an opening, only the start token's row and the last say anything.
        let mut wanted = Vec::with_capacity(hidden.len());
        let mut first = 0;
        for (task, (count, _)) in self.tasks.iter().zip(&asked) {
            let row = |at: usize| &hidden[(first + at) * width..(first + at + 1) * width];
            if task.search.is_first() {
                wanted.extend_from_slice(row(task.start));
                wanted.extend_from_slice(row(count - 1));
            } else {
                wanted.extend_from_slice(&hidden[first * width..(first + count) * width]);
            }
            first += count;
        }
        let mut likelihoods = Quantized::default();
        weights.decoder.likelihoods.sums(&weights.kernels, &wanted, &mut likelihoods);
        let mut rows = likelihoods.sums.chunks_exact(weights.decoder.likelihoods.outputs);
        let mut scales = likelihoods.scales.iter().copied();
        for (task, (count, slots)) in self.tasks.iter_mut().zip(asked) {
            let is_first = task.search.is_first();
            if is_first && let (Some(sums), Some(scale)) = (rows.next(), scales.next()) {
                task.no_speech_prob = weights.no_speech(sums, scale);
                task.language = weights.language(sums, scale);
            }
            let forbidden = if is_first { &weights.never_first } else { &weights.never };
            let count = if is_first { 1 } else { count };
            let next: Vec<_> = rows
                .by_ref()
                .zip(scales.by_ref())
                .take(count)
                .map(|(sums, scale)| {
                    let scales = &weights.decoder.likelihoods.scales;
                    rows::likeliest(sums, scale, scales, forbidden, task.search.candidates())
                })
                .collect();
            task.search.take(&next, slots);
        }
        let (done, open) = std::mem::take(&mut self.tasks)
            .into_iter()
            .partition(|task: &Task<'_>| task.search.is_done());
        self.tasks = open;
        done.into_iter().map(|task| (task.index, self.finish(task))).collect()
    }

    /// Gives the tokens of the best text their times.
    fn finish(&self, mut task: Task<'_>) -> Hypothesis {
        let weights = self.weights;
        let found = task.search.best();
        let tokens = match found {
            Some(Found { tokens, logprobs, .. }) if !tokens.is_empty() => {
                let samples = task.job.samples.len();
                let times = weights.times(&mut task.window, &task.opening, &tokens, samples);
                let spans = times.iter().zip(times.iter().skip(1));
                tokens
                    .iter()
                    .zip(logprobs)
                    .zip(spans)
                    .map(|((token, logprob), (start, end))| Token {
                        bytes: weights.tokens.bytes(*token).to_vec(),
                        probability: logprob.exp().clamp(0.0, 1.0),
                        start: *start,
                        end: *end,
                    })
                    .collect()
            }
            _ => Vec::new(),
        };
        Hypothesis { tokens, no_speech_prob: task.no_speech_prob, language: task.language }
    }
}
