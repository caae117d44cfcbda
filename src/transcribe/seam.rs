//! Where one chunk ends and the next begins: decided from both, over the words that both heard.
//!
//! A recognizer ends its text with a full stop and begins it with a capital, wherever the sound
//! is cut. So a chunk hears a few words of the next one. In the middle of these words the text
//! goes over from the first to the second, at a word that both have: what stands before it was
//! written by a recognizer that heard how it goes on.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::speech::Word;
use crate::time::{Ms, Span};
use crate::transcribe::chunk::Chunk;
use crate::transcribe::chunk_result::ChunkResult;
use crate::transcribe::faults::bare;
use crate::transcribe::times;

/// How far apart the same word may be in two texts.
const SAME_TIME: Ms = Ms::new(700);

/// Gives every word that two chunks heard to one of them, and moves the chunks' own parts so that
/// they hold their words.
pub(crate) fn settle(chunks: &mut [Chunk], results: &mut [ChunkResult]) {
    for index in 1..chunks.len().min(results.len()) {
        let [.., chunk, next] = &mut chunks[..=index] else { continue };
        let [.., result, following] = &mut results[..=index] else { continue };
        let shared = Span::new(chunk.span.end(), chunk.heard.end());
        if let Some(shared) = shared.filter(|shared| shared.duration().get() > 1) {
            let at = divide(&mut result.words, &mut following.words, shared);
            move_edge(chunk, next, at.clamp(chunk.span.end(), chunk.heard.end()));
        }
    }
}

/// Shortens both texts so that the second goes on where the first ends; returns when that is.
fn divide(first: &mut Vec<Word>, second: &mut Vec<Word>, shared: Span) -> Ms {
    let head = first.partition_point(|word| word.span.middle() < shared.start());
    let tail = second.partition_point(|word| word.span.middle() < shared.end());
    if let Some((left, right)) = meeting(&first[head..], &second[..tail], shared.middle()) {
        let is_last = head + left + 1 == first.len();
        // The last word has the false full stop, if there is one.
        let (left, right) =
            if is_last { (head + left, right) } else { (head + left + 1, right + 1) };
        first.truncate(left);
        second.drain(..right);
    } else if times::expected_of(&first[head..]) > times::expected_of(&second[..tail]) {
        // A text that leaps over something is short.
        second.drain(..tail);
    } else {
        first.truncate(head);
    }
    let end = first.last().map_or(shared.start(), |word| word.span.end());
    if let Some(word) = second.first_mut().filter(|word| word.span.start() < end) {
        word.span = Span::at_least_1ms(end, word.span.end());
    }
    end.max(shared.start())
}

/// The word that both texts have, nearest to `middle`: its places in both.
fn meeting(first: &[Word], second: &[Word], middle: Ms) -> Option<(usize, usize)> {
    capture_diff_slices(Algorithm::Myers, &bare(first), &bare(second))
        .into_iter()
        .filter_map(|operation| match operation {
            DiffOp::Equal { old_index, new_index, len } => Some((old_index, new_index, len)),
            _ => None,
        })
        .flat_map(|(left, right, length)| (0..length).map(move |n| (left + n, right + n)))
        .filter_map(|(left, right)| {
            let (a, b) = (first.get(left)?.span.middle(), second.get(right)?.span.middle());
            ((a - b).get().abs() <= SAME_TIME.get()).then_some((
                (a - middle).get().abs(),
                left,
                right,
            ))
        })
        .min()
        .map(|(_, left, right)| (left, right))
}

/// Moves the edge between two chunks to `at`, and the speech behind it with it.
fn move_edge(chunk: &mut Chunk, next: &mut Chunk, at: Ms) {
    let end = next.span.end().max(at + Ms::new(1));
    let speech: Vec<Span> = chunk.speech.iter().chain(&next.speech).copied().collect();
    chunk.reach(Span::at_least_1ms(chunk.span.start(), at));
    next.span = Span::at_least_1ms(at, end);
    next.heard = Span::at_least_1ms(at, next.heard.end());
    let within = |part: Span| speech.iter().filter_map(|span| span.intersection(part)).collect();
    chunk.speech = within(chunk.span);
    next.speech = within(next.span);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, from: i64) -> Vec<Word> {
        text.split(' ')
            .zip(0i64..)
            .map(|(word, n)| {
                let span =
                    Span::at_least_1ms(Ms::new(from + n * 300), Ms::new(from + n * 300 + 280));
                Word::new(span, word, 0.9)
            })
            .collect()
    }

    fn span(start: i64, end: i64) -> Span {
        Span::new(Ms::new(start), Ms::new(end)).unwrap()
    }

    /// Two chunks that meet at 3 s and share the sound up to 5.1 s.
    fn settled(first: &str, second: &str) -> (String, Vec<Span>) {
        let mut chunks = [
            Chunk { heard: span(0, 5_100), ..Chunk::alone(span(0, 3_000), vec![span(0, 3_000)]) },
            Chunk::alone(span(3_000, 9_000), vec![span(3_000, 9_000)]),
        ];
        let result = |words| {
            let mut result = ChunkResult::default();
            result.words = words;
            result
        };
        let mut results = [result(words(first, 0)), result(words(second, 3_000))];
        settle(&mut chunks, &mut results);
        let texts: Vec<&str> =
            results.iter().flat_map(|r| &r.words).map(|word| word.text.as_str()).collect();
        (texts.join(" "), chunks.iter().map(|chunk| chunk.span).collect())
    }

    #[test]
    fn a_sentence_goes_on_over_the_seam() {
        let (text, spans) = settled(
            "one two three four five six seven eight nine ten and so it goes on here. And",
            "And so it goes on here and further on",
        );
        assert_eq!(
            text,
            "one two three four five six seven eight nine ten and so it goes on here and further on"
        );
        assert_eq!(spans, [span(0, 4_180), span(4_180, 9_000)]);
    }

    #[test]
    fn where_the_texts_differ_the_one_with_words_is_taken() {
        let ten = "one two three four five six seven eight nine ten";
        let (text, _) = settled(ten, "and so it goes on");
        assert_eq!(text, format!("{ten} and so it goes on"));
        let (text, _) = settled(&format!("{ten} a b c d e f g"), "");
        assert_eq!(text.trim(), format!("{ten} a b c d e f g"));
    }
}
