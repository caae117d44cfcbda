//! A decoder that need not be asked where the greedy text was sure.
//!
//! Greedy decoding has told how likely each of its tokens was. Where one was nearly certain, no
//! other is worth trying, and where another text meets the greedy one the same is taken to follow.

use crate::transcribe::beam::carried::Numbered;
use crate::transcribe::beam::{Likely, NextToken, Said, TokenId, meet};
use crate::transcribe::recognizer::RecognizeError;

/// A token this probable, 0 to 1, is not asked for again. What is left to all others together is
/// further behind than the beam looks.
const SURE: f32 = 0.9;
/// A text may have so many tokens more or less than the greedy one had at the same place.
const SHIFT: usize = 8;

/// The greedy text before a decoder.
pub(crate) struct Recalled<'a, D> {
    decoder: D,
    tokens: Vec<TokenId>,
    heard: &'a [Numbered],
    said: &'a Said<'a>,
}

impl<'a, D: NextToken> Recalled<'a, D> {
    /// Puts the greedy text `heard` before `decoder`; `said` is what tokens say.
    pub(crate) fn new(decoder: D, heard: &'a [Numbered], said: &'a Said<'a>) -> Recalled<'a, D> {
        let tokens = heard.iter().map(|(id, _)| *id).collect();
        Recalled { decoder, tokens, heard, said }
    }

    /// The next token of the greedy text, where `text` has come to the same
    /// place and it was sure.
    fn sure(&self, text: &[TokenId]) -> Option<Likely> {
        let place = if self.tokens.starts_with(text) {
            text.len()
        } else {
            // The nearest place first, ahead before behind.
            let places = |by| [text.len().checked_add(by), text.len().checked_sub(by)];
            let met = |&place: &usize| {
                self.tokens.get(..place).is_some_and(|heard| meet(heard, text, self.said))
            };
            (0..=SHIFT).flat_map(places).flatten().find(met)?
        };
        let (id, token) = self.heard.get(place)?;
        let likely = Likely { token: *id, logprob: token.probability.ln() };
        (token.probability >= SURE).then_some(likely)
    }
}

impl<D: NextToken> NextToken for Recalled<'_, D> {
    fn after(&mut self, text: &[TokenId], count: usize) -> Result<Vec<Likely>, RecognizeError> {
        match self.sure(text) {
            Some(likely) => Ok(vec![likely]),
            None => self.decoder.after(text, count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Ms;
    use crate::transcribe::beam::SAME_TAIL;
    use crate::transcribe::recognizer::Token;

    /// Says of every text that nothing may follow it, and keeps count.
    #[derive(Default)]
    struct Mute(Vec<Vec<TokenId>>);

    impl NextToken for Mute {
        fn after(&mut self, text: &[TokenId], _: usize) -> Result<Vec<Likely>, RecognizeError> {
            self.0.push(text.to_vec());
            Ok(Vec::new())
        }
    }

    fn heard(probabilities: &[f32]) -> Vec<Numbered> {
        (0..)
            .zip(probabilities)
            .map(|(id, &probability)| {
                let token = Token { bytes: vec![], probability, start: Ms::ZERO, end: Ms::ZERO };
                (id, token)
            })
            .collect()
    }

    #[test]
    fn only_what_was_sure_is_recalled() {
        let heard = heard(&[0.95, 0.5, 0.99]);
        let mut recalled = Recalled::new(Mute::default(), &heard, &|_| String::new());
        let sure = |token, p: f32| Likely { token, logprob: p.ln() };
        assert_eq!(recalled.after(&[], 6).unwrap(), [sure(0, 0.95)]);
        assert_eq!(recalled.after(&[0], 6).unwrap(), []);
        assert_eq!(recalled.after(&[0, 1], 6).unwrap(), [sure(2, 0.99)]);
        assert_eq!(recalled.after(&[0, 1, 2], 6).unwrap(), [], "where the text ended");
        assert_eq!(recalled.decoder.0, [vec![0], vec![0, 1, 2]]);
    }

    #[test]
    fn another_text_recalls_where_it_meets_the_greedy_one() {
        let words = |tokens: &[TokenId]| format!("{tokens:?}");
        let cases: [(usize, &Said<'_>); 2] = [(SAME_TAIL, &|_| String::new()), (25, &words)];
        for (tail, said) in cases {
            let heard = heard(&[0.95; 40]);
            let mut recalled = Recalled::new(Mute::default(), &heard, said);
            // One token stands for the first two, then the texts are the same.
            let mut text = vec![90];
            for (known, token) in (2..).take(tail).enumerate() {
                assert_eq!(recalled.after(&text, 6).unwrap(), [], "{known} tokens are the same");
                text.push(token);
            }
            let next = TokenId::try_from(tail).unwrap() + 2;
            let answer = recalled.after(&text, 6).unwrap();
            assert_eq!(answer, [Likely { token: next, logprob: 0.95_f32.ln() }]);
            let far = [&[90; SHIFT + 3][..], &text[1..]].concat();
            assert_eq!(recalled.after(&far, 6).unwrap(), [], "too far from its place");
        }
    }
}
