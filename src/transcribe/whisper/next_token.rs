//! The engine's decoder, asked for one token at a time, on sound that it has just encoded.

use std::sync::atomic::{AtomicBool, Ordering};

use whisper_rs::{WhisperContext, WhisperState};

use super::engine;
use crate::transcribe::beam::{Likely, NextToken, TokenId};
use crate::transcribe::recognizer::{Job, RecognizeError};

/// A decoder that remembers one text. Behind a text that begins like the last one, only what
/// differs is decoded.
pub(super) struct EngineDecoder<'a> {
    state: &'a mut WhisperState,
    threads: usize,
    stop: &'a AtomicBool,
    /// What stands before every text: the language and what is asked for.
    start: Vec<TokenId>,
    /// What the engine remembers, `start` included.
    remembered: Vec<TokenId>,
    /// Tokens from here on are no text.
    end_of_text: usize,
    /// The token of a lone space, with which no text begins.
    blank: Option<usize>,
    logprobs: Vec<f32>,
}

impl<'a> EngineDecoder<'a> {
    /// A decoder without timestamps for the sound that `state` has encoded last.
    pub(super) fn new(
        context: &WhisperContext,
        state: &'a mut WhisperState,
        job: &Job<'_>,
        threads: usize,
        stop: &'a AtomicBool,
    ) -> EngineDecoder<'a> {
        let mut start = vec![context.token_sot()];
        if context.is_multilingual() {
            start.extend(whisper_rs::get_lang_id(job.language).map(|id| context.token_lang(id)));
            start.push(if job.translate {
                context.token_translate()
            } else {
                context.token_transcribe()
            });
        }
        start.push(context.token_not());
        let end_of_text = usize::try_from(context.token_eot()).unwrap_or(usize::MAX);
        let blank = context.tokenize(" ", 2).ok().filter(|tokens| tokens.len() == 1);
        let blank = blank.and_then(|tokens| usize::try_from(tokens[0]).ok());
        EngineDecoder {
            state,
            threads,
            stop,
            start,
            remembered: Vec::new(),
            end_of_text,
            blank,
            logprobs: Vec::new(),
        }
    }

    /// Brings the engine's memory to `text`; the last token is decoded on its own, as the engine
    /// shows what follows the first token of what it is given.
    fn feed(&mut self, text: Vec<TokenId>) -> Result<(), RecognizeError> {
        let last = text.len() - 1;
        let same = self.remembered.iter().zip(&text).take_while(|(a, b)| a == b).count().min(last);
        for (from, to) in [(same, last), (last, text.len())] {
            if from < to {
                self.state
                    .decode(&text[from..to], from, self.threads)
                    .map_err(|error| engine("looking for the likeliest words", &error))?;
            }
        }
        self.remembered = text;
        Ok(())
    }
}

impl NextToken for EngineDecoder<'_> {
    fn after(&mut self, text: &[TokenId], count: usize) -> Result<Vec<Likely>, RecognizeError> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(RecognizeError::Cancelled);
        }
        self.feed([&self.start, text].concat())?;
        let logits = self
            .state
            .get_logits()
            .map_err(|error| engine("looking for the likeliest words", &error))?;
        self.logprobs.clear();
        self.logprobs.extend(logits.iter().take(self.end_of_text.saturating_add(1)));
        if text.is_empty() {
            for none in [Some(self.end_of_text), self.blank].into_iter().flatten() {
                if let Some(logit) = self.logprobs.get_mut(none) {
                    *logit = f32::NEG_INFINITY;
                }
            }
        }
        log_softmax(&mut self.logprobs);
        Ok(likeliest(&self.logprobs, count))
    }
}

/// Logits -> natural logarithms of probabilities.
pub(super) fn log_softmax(logits: &mut [f32]) {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - most).exp()).sum();
    let log = most + sum.ln();
    for logit in logits {
        *logit -= log;
    }
}

/// The `count` likeliest tokens that may come, the likeliest first.
fn likeliest(logprobs: &[f32], count: usize) -> Vec<Likely> {
    let mut best: Vec<Likely> = Vec::with_capacity(count + 1);
    for (token, &logprob) in (0..).zip(logprobs) {
        let possible = logprob > f32::NEG_INFINITY;
        if possible
            && (best.len() < count || best.last().is_some_and(|last| logprob > last.logprob))
        {
            let at = best.partition_point(|other| other.logprob >= logprob);
            best.insert(at, Likely { token, logprob });
            best.truncate(count);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_sum_to_one_and_the_likeliest_come_first() {
        let mut logits = [1.0, f32::NEG_INFINITY, 3.0, 2.0];
        log_softmax(&mut logits);
        let sum: f32 = logits.iter().map(|logprob| logprob.exp()).sum();
        assert!((sum - 1.0).abs() < 1e-6);
        let tokens = |count| likeliest(&logits, count).iter().map(|l| l.token).collect::<Vec<_>>();
        assert_eq!(tokens(2), [2, 3]);
        assert_eq!(tokens(9), [2, 3, 0], "what may not follow is not among them");
    }
}
