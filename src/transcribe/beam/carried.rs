//! Times of one text -> times of another text of the same sound.
//!
//! The engine gives times to the text that it found greedily; the beam's text is another one, here
//! and there. What both have keeps its time, what only the beam has is laid out between. Where the
//! beam leapt over a sentence that greedy decoding heard, the sentence is put back: a shorter text
//! looks likelier than it is. Where the greedy text stopped long before the beam's, it is kept as it
//! ends: of the sound behind it nothing is known, and it is listened to on its own.

use std::collections::BTreeSet;
use std::ops::Range;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};

use crate::time::Ms;
use crate::transcribe::beam::TokenId;
use crate::transcribe::recognizer::Token;

/// As many tokens, heard and then missing, are a sentence that was leapt over.
const LEAP: usize = 6;
/// Tokens that both texts must have on either side of it.
const FOOTING: usize = 3;

/// As many tokens behind the end of the greedy text are words for more than two seconds, so that
/// their sound will be noticed as speech without words.
const BEYOND: usize = 12;

/// A token with its number in the vocabulary.
pub(crate) type Numbered = (TokenId, Token);

/// The tokens of `found`, and what it leapt over of `heard`, with the times of `heard`. The times
/// of `found` are not looked at; those of `heard` must not go backwards.
pub(crate) fn carried(heard: &[Numbered], found: &[Numbered]) -> Vec<Token> {
    let (old, new) = (numbers(heard), numbers(found));
    let operations = capture_diff_slices(Algorithm::Myers, &old, &new);
    let mut line = Line::default();
    for (index, operation) in operations.iter().enumerate() {
        let (old_range, new_range) = (operation.old_range(), operation.new_range());
        match operation.tag() {
            DiffTag::Equal => {
                for ((_, at), (_, token)) in heard[old_range].iter().zip(&found[new_range]) {
                    line.push(token, at.start, at.end);
                }
            }
            DiffTag::Delete if is_leap(&operations, index, &old, &new) => {
                for (_, token) in &heard[old_range] {
                    line.push(token, token.start, token.end);
                }
            }
            DiffTag::Insert | DiffTag::Replace if goes_beyond(&operations[index..]) => {
                for (_, token) in &heard[old_range] {
                    line.push(token, token.start, token.end);
                }
            }
            DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
                line.loose.extend(found[new_range].iter().map(|(_, token)| token.clone()));
            }
        }
    }
    let end = heard.last().map_or(Ms::ZERO, |(_, token)| token.end);
    line.settle(end);
    line.tokens
}

/// Whether the first of the last operations is the beam's going on where the greedy text ended; what
/// follows is a full stop at most.
fn goes_beyond(last: &[DiffOp]) -> bool {
    let Some((first, rest)) = last.split_first() else { return false };
    let behind: usize = rest.iter().map(|operation| operation.old_range().len()).sum();
    behind < FOOTING && first.new_range().len() >= first.old_range().len() + BEYOND
}

fn numbers(tokens: &[Numbered]) -> Vec<TokenId> {
    tokens.iter().map(|(id, _)| *id).collect()
}

/// Whether that deletion is of something new, with firm ground on both sides.
fn is_leap(operations: &[DiffOp], index: usize, old: &[TokenId], new: &[TokenId]) -> bool {
    let firm = |operation: Option<&DiffOp>| {
        operation.is_none_or(|op| op.tag() == DiffTag::Equal && op.new_range().len() >= FOOTING)
    };
    let before = index.checked_sub(1).and_then(|before| operations.get(before));
    let range = operations[index].old_range();
    range.len() >= LEAP
        && firm(before)
        && firm(operations.get(index + 1))
        && mostly_new(range, old, new)
}

/// Whether most of it is nowhere in the other text: a loop that the beam came out of is no loss.
fn mostly_new(range: Range<usize>, old: &[TokenId], new: &[TokenId]) -> bool {
    let known: BTreeSet<&[TokenId]> = new.windows(3).collect();
    let all: BTreeSet<&[TokenId]> = old[range].windows(3).collect();
    let fresh = all.iter().filter(|three| !known.contains(*three)).count();
    fresh * 2 > all.len() && all.len() + 2 >= LEAP
}

/// Tokens with their times, and those at the end that have none yet.
#[derive(Debug, Default)]
struct Line {
    tokens: Vec<Token>,
    loose: Vec<Token>,
}

impl Line {
    fn push(&mut self, token: &Token, start: Ms, end: Ms) {
        if self.loose.is_empty() || start > self.end() {
            self.settle(start);
            self.tokens.push(Token { start, end, ..token.clone() });
        } else {
            // No room was left between: the sound of what was not heard lies in this token's time.
            self.loose.push(token.clone());
            self.settle(end);
        }
    }

    fn end(&self) -> Ms {
        self.tokens.last().map_or(Ms::ZERO, |token| token.end)
    }

    /// Lays the tokens without times out up to `end`, each as long as its letters.
    fn settle(&mut self, end: Ms) {
        let from = self.end();
        let length = |token: &Token| i64::try_from(token.bytes.len().max(1)).unwrap_or(1);
        let room = (end - from).get().max(0);
        let total: i64 = self.loose.iter().map(length).sum();
        let mut start = from;
        let mut passed = 0;
        for token in self.loose.drain(..) {
            passed += length(&token);
            let end = from + Ms::new(room * passed / total.max(1));
            self.tokens.push(Token { start, end, ..token });
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens of a text, a word each, 100 ms apart; the number is the word's place in `WORDS`.
    fn heard(text: &str) -> Vec<Numbered> {
        let mut words: Vec<Numbered> = Vec::new();
        for (index, word) in (0..).zip(text.split(' ')) {
            let start = Ms::new(index * 100);
            let token = Token {
                bytes: word.as_bytes().to_vec(),
                probability: 0.5,
                start,
                end: start + Ms::new(100),
            };
            words.push((word.bytes().fold(7, |id, b| id * 31 % 9973 + i32::from(b)), token));
        }
        words
    }

    fn shown(tokens: &[Token]) -> String {
        let show = |token: &Token| {
            let text = String::from_utf8_lossy(&token.bytes).into_owned();
            format!("{text}@{}-{}", token.start.get(), token.end.get())
        };
        tokens.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    fn carry(from: &str, to: &str) -> String {
        shown(&carried(&heard(from), &heard(to)))
    }

    #[test]
    fn the_same_text_keeps_its_times() {
        assert_eq!(carry("a b c", "a b c"), "a@0-100 b@100-200 c@200-300");
        assert_eq!(carried(&heard("a"), &[]), []);
        assert_eq!(carry("x", "a bbb"), "a@0-25 bbb@25-100");
    }

    #[test]
    fn other_tokens_share_the_time_of_those_they_replace() {
        assert_eq!(carry("a x c", "a bb b c"), "a@0-100 bb@100-166 b@166-200 c@200-300");
        assert_eq!(carry("a x y c", "a b c"), "a@0-100 b@100-300 c@300-400");
    }

    #[test]
    fn what_was_not_heard_shares_the_time_of_what_follows() {
        assert_eq!(carry("a c", "a bbb c"), "a@0-100 bbb@100-175 c@175-200");
        assert_eq!(carry("a", "a b"), "a@0-100 b@100-100");
    }

    #[test]
    fn a_sentence_that_was_leapt_over_comes_back() {
        let whole = "a b c then came six other small words d e f";
        let back = carried(&heard(whole), &heard("a b c d e f"));
        assert_eq!(shown(&back), shown(&carried(&heard(whole), &heard(whole))));
        // Fewer words are a correction, and so are words that others stand for.
        assert_eq!(carried(&heard("a b c six small words d e f"), &heard("a b c d e f")).len(), 6);
        assert_eq!(carried(&heard(whole), &heard("a b c no d e f")).len(), 7);
    }

    #[test]
    fn a_greedy_text_that_stopped_early_keeps_its_end() {
        let beyond = "twelve or more other words are what the beam alone went on to say";
        for (end, whole) in
            [("a b c .", format!("a b c {beyond} .")), ("a b c", format!("a b {beyond}"))]
        {
            let kept = carried(&heard(end), &heard(&whole));
            assert_eq!(shown(&kept), shown(&carried(&heard(end), &heard(end))));
        }
        // A few words more are a better text, and so are many in the midst of it.
        assert_eq!(carried(&heard("a b c"), &heard("a b c and some more")).len(), 6);
        let midst = format!("a b c {beyond} d e f");
        assert_eq!(carried(&heard("a b c d e f"), &heard(&midst)).len(), 20);
    }

    #[test]
    fn a_loop_that_was_left_does_not_come_back() {
        let looped = ["a b c"; 6].join(" ");
        assert_eq!(carried(&heard(&looped), &heard("a b c")).len(), 3);
    }
}
