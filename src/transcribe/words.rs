//! Tokens -> [`Word`]s: joined over UTF-8 boundaries, with their punctuation.
//!
//! A word begins where a token begins with a space; in scripts without spaces, at every
//! character. What the recognizer writes about sounds that are not speech, as `(Music)`,
//! `[Applause]`, `♪` or `*laughs*`, is no word and is left out here.

use crate::speech::Word;
use crate::time::{Ms, Span};
use crate::transcribe::recognizer::{Hypothesis, Token};

/// Builds the words of one chunk; `offset` is where the chunk's sound starts on the source
/// timeline, and this is the only place where it is added.
pub(crate) fn build(hypothesis: &Hypothesis, offset: Ms) -> Vec<Word> {
    let drafts = join(&hypothesis.tokens);
    without_annotations(drafts).into_iter().filter_map(|draft| draft.finish(offset)).collect()
}

/// A word that still grows.
#[derive(Debug, Clone)]
struct Draft {
    text: String,
    glued: bool,
    start: Ms,
    end: Ms,
    /// Sum of log-probabilities and number of the tokens that carry letters or digits.
    logprob: f32,
    tokens: u16,
}

impl Draft {
    fn finish(self, offset: Ms) -> Option<Word> {
        let text = self.text.trim();
        if !text.contains(char::is_alphanumeric) {
            return None;
        }
        let probability = (self.logprob / f32::from(self.tokens.max(1))).exp().clamp(0.0, 1.0);
        let span = Span::at_least_1ms(self.start, self.end).shift(offset);
        Some(Word { glued: self.glued, ..Word::new(span, text, probability) })
    }
}

/// Joins tokens to words. Bytes that are no UTF-8 even when joined are left out.
fn join(tokens: &[Token]) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut pending: Vec<u8> = Vec::new();
    let mut start = Ms::ZERO;
    for token in tokens {
        if pending.is_empty() {
            start = token.start;
        }
        pending.extend_from_slice(&token.bytes);
        let (text, tail) = complete(&pending);
        append(&mut drafts, &text, start, token);
        pending = tail;
    }
    drafts
}

/// The text that `bytes` hold, and the bytes of a character at the end that is not complete.
fn complete(bytes: &[u8]) -> (String, Vec<u8>) {
    let mut text = String::new();
    let mut rest = bytes;
    loop {
        match std::str::from_utf8(rest) {
            Ok(valid) => return (text + valid, Vec::new()),
            Err(error) => {
                let (valid, broken) = rest.split_at(error.valid_up_to());
                text.push_str(&String::from_utf8_lossy(valid));
                let Some(length) = error.error_len() else { return (text, broken.to_vec()) };
                rest = broken.get(length..).unwrap_or_default();
            }
        }
    }
}

/// Adds a token's text to the last word, or begins words with it.
fn append(drafts: &mut Vec<Draft>, text: &str, start: Ms, token: &Token) {
    if text.is_empty() {
        return;
    }
    let spaced = text.starts_with(char::is_whitespace);
    let bare = text.trim();
    let unspaced_script = bare.chars().next().is_some_and(stands_alone);
    let lexical = bare.contains(char::is_alphanumeric);
    let logprob = token.probability.max(1e-10).ln();
    match drafts.last_mut() {
        // Punctuation belongs to the word before it and does not lengthen it.
        Some(last) if !spaced && !lexical => last.text.push_str(bare),
        Some(last) if !spaced && !unspaced_script && !ends_alone(&last.text) => {
            last.text.push_str(bare);
            last.end = token.end;
            last.logprob += logprob;
            last.tokens += 1;
        }
        _ => drafts.push(Draft {
            text: bare.to_owned(),
            glued: !spaced && !drafts.is_empty(),
            start,
            end: token.end,
            logprob: if lexical { logprob } else { 0.0 },
            tokens: u16::from(lexical),
        }),
    }
}

/// Whether a character is a word's worth in a script that is written without spaces.
fn stands_alone(character: char) -> bool {
    matches!(
        u32::from(character),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF
            | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF
    )
}

fn ends_alone(text: &str) -> bool {
    text.chars().next_back().is_some_and(stands_alone)
}

/// The longest annotation in words; anything longer in brackets is taken for speech.
const MAX_ANNOTATION_WORDS: usize = 6;

/// Leaves out bracketed annotations and what stands between note signs.
fn without_annotations(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut kept: Vec<Draft> = Vec::with_capacity(drafts.len());
    let mut rest = drafts.into_iter().peekable();
    while let Some(draft) = rest.next() {
        let Some(closing) = opens_annotation(&draft.text) else {
            kept.push(draft);
            continue;
        };
        let mut held = vec![draft];
        loop {
            if held.last().is_some_and(|last| closes(&last.text, closing, held.len() > 1)) {
                break;
            }
            if held.len() >= MAX_ANNOTATION_WORDS || rest.peek().is_none() {
                // Never closed: speech in brackets, or a stray sign that stands alone.
                kept.extend(held.drain(..).filter(|d| d.text.contains(char::is_alphanumeric)));
                break;
            }
            held.extend(rest.next());
        }
    }
    kept
}

/// The sign that ends the annotation that begins with this word, if one begins.
fn opens_annotation(text: &str) -> Option<char> {
    match text.chars().find(|c| !matches!(c, '"' | '\'' | '-' | '–' | '—' | '.'))? {
        '[' => Some(']'),
        '(' => Some(')'),
        '（' => Some('）'),
        '【' => Some('】'),
        '*' => Some('*'),
        note @ ('♪' | '♫' | '♬') => Some(note),
        _ => None,
    }
}

/// Whether the word ends the annotation; a sign that both opens and closes must stand twice.
fn closes(text: &str, closing: char, later_word: bool) -> bool {
    let count = text.chars().filter(|c| *c == closing).count();
    match closing {
        '*' | '♪' | '♫' | '♬' => count >= if later_word { 1 } else { 2 },
        _ => count >= 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hypothesis(parts: &[&[u8]]) -> Hypothesis {
        let tokens = parts
            .iter()
            .zip(0i64..)
            .map(|(bytes, index)| Token {
                bytes: bytes.to_vec(),
                probability: 0.5,
                start: Ms::new(index * 100),
                end: Ms::new(index * 100 + 100),
            })
            .collect();
        Hypothesis { tokens, ..Hypothesis::default() }
    }

    fn texts(parts: &[&str]) -> Vec<String> {
        let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
        build(&hypothesis(&parts), Ms::ZERO).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn tokens_make_words_with_punctuation() {
        let words =
            build(&hypothesis(&[b" Base", b"camp", b"'s", b",", b" right", b"?"]), Ms::new(5_000));
        assert_eq!(words.len(), 2);
        assert_eq!(words[0].text, "Basecamp's,");
        assert_eq!(words[0].span, Span::new(Ms::new(5_000), Ms::new(5_300)).unwrap());
        assert_eq!(words[1].text, "right?");
        assert_eq!(words[1].span.start(), Ms::new(5_400));
    }

    #[test]
    fn a_character_split_over_tokens_is_joined() {
        let words = build(&hypothesis(&[b" caf", &[0xC3], &[0xA9], b" ok"]), Ms::ZERO);
        assert_eq!(words[0].text, "café");
        assert_eq!(words[1].text, "ok");
    }

    #[test]
    fn characters_without_spaces_are_glued_words() {
        let words =
            build(&hypothesis(&["你".as_bytes(), "好".as_bytes(), "。".as_bytes()]), Ms::ZERO);
        assert_eq!(words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>(), ["你", "好。"]);
        assert!(!words[0].glued && words[1].glued);
    }

    #[test]
    fn annotations_are_no_words() {
        assert_eq!(texts(&[" (", "Music", ")"]), Vec::<String>::new());
        assert_eq!(texts(&[" [", "Ap", "plause", "]", " Thanks", "."]), ["Thanks."]);
        assert_eq!(texts(&[" ♪", " la", " la", " ♪", " So"]), ["So"]);
        assert_eq!(texts(&[" *", "laughs", "*", " Yes"]), ["Yes"]);
        assert_eq!(texts(&[" -", " Hello"]), ["Hello"]);
        assert_eq!(texts(&[" ♪"]), Vec::<String>::new());
    }

    #[test]
    fn long_brackets_are_speech() {
        let words =
            texts(&[" (", "as", " I", " said", " at", " the", " very", " start", ")", " no"]);
        assert_eq!(words.len(), 8);
    }

    proptest! {
        #[test]
        fn any_split_of_text_into_tokens_gives_the_same_words(
            text in "[a-zé你好 ,.ß😀]{0,40}", cuts in proptest::collection::vec(0usize..200, 0..12),
        ) {
            let bytes = text.as_bytes();
            let mut ends: Vec<usize> = cuts.into_iter().map(|c| c.min(bytes.len())).collect();
            ends.push(bytes.len());
            ends.sort_unstable();
            let mut parts = Vec::new();
            let mut at = 0;
            for end in ends {
                parts.push(&bytes[at..end]);
                at = end;
            }
            let words = build(&hypothesis(&parts), Ms::ZERO);
            for word in &words {
                prop_assert!(!word.text.contains(char::REPLACEMENT_CHARACTER));
                prop_assert!(word.text.contains(char::is_alphanumeric));
            }
            for pair in words.windows(2) {
                prop_assert!(pair[0].span.start() <= pair[1].span.start());
            }
            let letters = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            let joined: String = words.iter().map(|w| w.text.as_str()).collect();
            prop_assert_eq!(letters(&joined), letters(&text));
        }
    }
}
