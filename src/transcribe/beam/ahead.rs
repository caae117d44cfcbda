//! A decoder that goes on a little by itself.
//!
//! A decoder remembers one text; for another one it has to repeat what differs, token by token. A
//! beam looks at several texts by turns. So each time it is asked for a text it decodes the
//! likeliest tokens behind it as well and keeps what it found: they are mostly asked for next.

use std::collections::HashMap;

use crate::transcribe::beam::{Likely, NextToken, SAME_TAIL, TokenId};
use crate::transcribe::recognizer::RecognizeError;

/// How far it goes on: by then a text with other signs has met another one, or been given up.
const AHEAD: usize = SAME_TAIL;

/// Tokens decoded for one chunk; from then on only the likeliest may follow. It bounds what a
/// chunk in doubt costs; noise sounds like anything.
const MOST: usize = 2_000;

/// Keeps what `D` found until it is asked for.
pub(crate) struct Ahead<D> {
    decoder: D,
    known: HashMap<Vec<TokenId>, Vec<Likely>>,
    end: TokenId,
    decoded: usize,
}

impl<D: NextToken> Ahead<D> {
    /// Goes on behind the texts of `decoder`, up to the token `end`.
    pub(crate) fn new(decoder: D, end: TokenId) -> Ahead<D> {
        Ahead { decoder, known: HashMap::new(), end, decoded: 0 }
    }

    fn decode(&mut self, text: &[TokenId], count: usize) -> Result<Vec<Likely>, RecognizeError> {
        self.decoded += 1;
        self.decoder.after(text, count)
    }
}

impl<D: NextToken> NextToken for Ahead<D> {
    fn after(&mut self, text: &[TokenId], count: usize) -> Result<Vec<Likely>, RecognizeError> {
        let count = if self.decoded < MOST { count } else { 1 };
        if let Some(mut found) = self.known.remove(text) {
            found.truncate(count);
            return Ok(found);
        }
        let found = self.decode(text, count)?;
        let mut text = text.to_vec();
        let mut last = found.first().copied();
        for _ in 0..AHEAD {
            let Some(next) = last.filter(|likely| likely.token != self.end) else { break };
            text.push(next.token);
            if self.known.contains_key(&text) {
                break;
            }
            let ahead = self.decode(&text, count)?;
            last = ahead.first().copied();
            self.known.insert(text.clone(), ahead);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcribe::beam::{Beam, search};

    const END: TokenId = 0;

    /// Counts up to fifty, then ends; keeps what it was asked.
    #[derive(Default)]
    struct Counting(Vec<Vec<TokenId>>);

    impl NextToken for Counting {
        fn after(&mut self, text: &[TokenId], _: usize) -> Result<Vec<Likely>, RecognizeError> {
            self.0.push(text.to_vec());
            let last = text.last().copied().unwrap_or_default();
            Ok(vec![Likely { token: if last < 50 { last + 1 } else { END }, logprob: -0.1 }])
        }
    }

    #[test]
    fn what_lies_ahead_is_asked_once() {
        let mut ahead = Ahead::new(Counting::default(), END);
        let mut text = vec![];
        for expected in 1..=30 {
            let found = ahead.after(&text, 6).unwrap();
            assert_eq!(found, [Likely { token: expected, logprob: -0.1 }]);
            text.push(expected);
        }
        let lengths: Vec<usize> = ahead.decoder.0.iter().map(Vec::len).collect();
        let asked = lengths.last().copied().unwrap() + 1;
        assert_eq!(lengths, (0..asked).collect::<Vec<_>>(), "each text once, in order");
        assert!(asked <= 30 + AHEAD);
    }

    #[test]
    fn it_stops_at_the_end() {
        let mut ahead = Ahead::new(Counting::default(), END);
        assert_eq!(ahead.after(&[50], 6).unwrap()[0].token, END);
        assert_eq!(ahead.after(&[48], 6).unwrap()[0].token, 49);
        assert_eq!(ahead.decoder.0, [vec![50], vec![48], vec![48, 49], vec![48, 49, 50]]);
    }

    #[test]
    fn what_sounds_like_anything_does_not_go_on_for_ever() {
        struct Doubt;
        impl NextToken for Doubt {
            fn after(&mut self, text: &[TokenId], n: usize) -> Result<Vec<Likely>, RecognizeError> {
                // Another order behind each text, so that nothing that was looked at ahead is used.
                let turn = text.iter().sum::<TokenId>() % 7;
                let tokens = (0..6).map(|k| (k + turn) % 7 + 1);
                Ok(tokens.map(|token| Likely { token, logprob: -1.9 }).take(n).collect())
            }
        }
        let mut ahead = Ahead::new(Doubt, END);
        let beam = Beam { width: 5, max_tokens: 220, end: END, said: &|_| String::new() };
        assert_eq!(search(&mut ahead, &beam).unwrap().tokens.len(), 220);
        assert!(ahead.decoded > MOST && ahead.decoded < MOST + 6 * 220, "{}", ahead.decoded);
    }
}
