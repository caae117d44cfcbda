//! The likeliest text of a window: an exact beam, scored by the mean of its tokens.

use super::decoder::{Past, Row};

/// A text that may still grow.
#[derive(Debug, Clone)]
struct Living {
    tokens: Vec<u32>,
    logprobs: Vec<f32>,
    sum: f32,
    slots: Vec<u32>,
}

/// A text that has ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    /// Without what begins and ends a text.
    pub(crate) tokens: Vec<u32>,
    /// Natural logarithms of the tokens' probabilities.
    pub(crate) logprobs: Vec<f32>,
    /// The mean of the logarithms, with that of the end.
    pub(crate) score: f32,
}

/// The texts of one window.
pub(crate) struct Search {
    width: usize,
    most: usize,
    end: u32,
    /// Tokens before the text.
    opening: Vec<u32>,
    living: Vec<Living>,
    finished: Vec<Found>,
    begun: bool,
}

impl Search {
    /// Looks for a text of at most `most` tokens behind `opening`, with `width` texts side by
    /// side.
    pub(crate) fn new(opening: Vec<u32>, width: usize, most: usize, end: u32) -> Search {
        Search {
            width: width.max(1),
            most,
            end,
            opening,
            living: Vec::new(),
            finished: Vec::new(),
            begun: false,
        }
    }

    /// What is to be computed next: first the opening, then the last token of each text.
    pub(crate) fn rows(&mut self, past: &mut Past, width: usize) -> Vec<Row> {
        if !self.begun {
            let mut slots: Vec<u32> = Vec::new();
            return self
                .opening
                .iter()
                .enumerate()
                .map(|(position, token)| {
                    let slot = past.slot(width, &|| slots.clone());
                    slots.push(slot);
                    Row { token: *token, position, slots: slots.clone() }
                })
                .collect();
        }
        let used: Vec<u32> = self.living.iter().flat_map(|text| text.slots.clone()).collect();
        let mut given = Vec::new();
        let mut rows = Vec::with_capacity(self.living.len());
        for text in &mut self.living {
            let slot = past.slot(width, &|| [used.as_slice(), &given].concat());
            given.push(slot);
            text.slots.push(slot);
            let position = self.opening.len() + text.tokens.len() - 1;
            let token = text.tokens.last().copied().unwrap_or(self.end);
            rows.push(Row { token, position, slots: text.slots.clone() });
        }
        rows
    }

    /// How many next tokens each row is to be asked for.
    pub(crate) fn candidates(&self) -> usize {
        2 * self.width
    }

    /// Whether no text has a token yet.
    pub(crate) fn is_first(&self) -> bool {
        !self.begun
    }

    /// Takes for each row the logarithm of the sum and the likeliest next tokens; of the opening
    /// only the last row. `slots` are those of the opening's last row, the first time.
    pub(crate) fn take(&mut self, rows: &[(f32, Vec<(f32, usize)>)], slots: Vec<u32>) {
        if !self.begun {
            self.begun = true;
            self.living = vec![Living { tokens: vec![], logprobs: vec![], sum: 0.0, slots }];
        }
        let mut candidates: Vec<(f32, usize, u32, f32)> = Vec::new();
        for (index, (text, (log_sum, likeliest))) in self.living.iter().zip(rows).enumerate() {
            for (value, token) in likeliest {
                let logprob = value - log_sum;
                let token = u32::try_from(*token).unwrap_or(self.end);
                candidates.push((text.sum + logprob, index, token, logprob));
            }
        }
        candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut next = Vec::with_capacity(self.width);
        for (rank, (sum, index, token, logprob)) in candidates.into_iter().enumerate() {
            let Some(text) = self.living.get(index) else { continue };
            if token == self.end {
                if rank < self.width {
                    self.finished.push(found(text, sum, 1));
                }
                continue;
            }
            if next.len() == self.width {
                break;
            }
            let mut text = text.clone();
            text.tokens.push(token);
            text.logprobs.push(logprob);
            text.sum = sum;
            next.push(text);
        }
        self.living = next;
        let longest = self.living.first().map_or(0, |text| text.tokens.len());
        if self.finished.len() >= self.width || longest >= self.most {
            if self.finished.is_empty() {
                self.finished.extend(self.living.iter().map(|text| found(text, text.sum, 0)));
            }
            self.living.clear();
        }
    }

    /// Whether nothing is to be computed any more.
    pub(crate) fn is_done(&self) -> bool {
        self.begun && self.living.is_empty()
    }

    /// The best text.
    pub(crate) fn best(self) -> Option<Found> {
        // The first of equals, so that the text does not depend on the order of a sort.
        self.finished
            .into_iter()
            .reduce(|best, other| if other.score > best.score { other } else { best })
    }
}

#[expect(clippy::cast_precision_loss, reason = "a text has a few hundred tokens")]
fn found(text: &Living, sum: f32, ends: usize) -> Found {
    Found {
        tokens: text.tokens.clone(),
        logprobs: text.logprobs.clone(),
        score: sum / (text.tokens.len() + ends).max(1) as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: u32 = 9;

    /// The next tokens after a text, with their probabilities.
    type Model = fn(&[u32]) -> Vec<(f32, usize)>;

    fn look(model: Model, width: usize, most: usize) -> Found {
        let mut search = Search::new(vec![8], width, most, END);
        search.take(&[(0.0, logs(model(&[])))], vec![0]);
        while !search.is_done() {
            let next: Vec<_> =
                search.living.iter().map(|text| (0.0, logs(model(&text.tokens)))).collect();
            search.take(&next, vec![]);
        }
        search.best().unwrap()
    }

    fn logs(mut next: Vec<(f32, usize)>) -> Vec<(f32, usize)> {
        next.sort_by(|a, b| b.0.total_cmp(&a.0));
        next.into_iter().map(|(probability, token)| (probability.ln(), token)).collect()
    }

    /// 1 looks better at first, but leads to nothing good; 2 leads to a sure text.
    fn garden_path(text: &[u32]) -> Vec<(f32, usize)> {
        match text {
            [] => vec![(0.6, 1), (0.4, 2)],
            [1] => vec![(0.3, 3), (0.3, 4), (0.3, 5)],
            [2] => vec![(1.0, 6)],
            _ => vec![(1.0, END as usize)],
        }
    }

    #[test]
    fn a_beam_finds_what_the_likeliest_token_hides() {
        assert_eq!(look(garden_path, 1, 10).tokens[0], 1);
        assert_eq!(look(garden_path, 3, 10).tokens, [2, 6]);
    }

    #[test]
    fn a_text_without_an_end_stops_at_the_most_tokens() {
        let found = look(|_| vec![(0.9, 1), (0.1, 2)], 3, 5);
        assert_eq!(found.tokens, [1; 5]);
        assert_eq!(found.logprobs.len(), 5);
    }
}
