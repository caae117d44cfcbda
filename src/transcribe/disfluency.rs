//! Marks fillers, false starts and repetitions on the words, for the clean reading.
//!
//! Only what is plain from the text is marked; a doubtful case stays unmarked, because a clean
//! reading that drops a meant word is worse than one that keeps a stammer.

use crate::speech::{Disfluency, Word};
use crate::time::Ms;

/// Sounds of hesitation, in English and its neighbours' spellings.
const FILLERS: [&str; 12] =
    ["um", "uh", "er", "erm", "uhm", "umm", "uhh", "hmm", "mm", "mhm", "äh", "ähm"];

/// Words that are said twice on purpose.
const DOUBLES: [&str; 18] = [
    "very", "really", "so", "no", "yes", "yeah", "bye", "ha", "long", "many", "much", "had",
    "that", "well", "there", "now", "okay", "please",
];

/// A word said again later than this is meant.
const SOON: Ms = Ms::new(800);

/// Marks the disfluencies of one run of words.
pub(crate) fn mark(words: &mut [Word]) {
    let bare: Vec<String> = words.iter().map(|word| bare(&word.text)).collect();
    for index in 0..words.len() {
        let Some(text) = bare.get(index) else { continue };
        let next = bare.get(index + 1);
        let Some(word) = words.get(index) else { continue };
        let soon = words.get(index + 1).is_some_and(|n| n.span.gap(word.span) <= SOON);
        let repeats = next == Some(text)
            && soon
            && !word.ends_sentence()
            && !DOUBLES.contains(&text.as_str())
            && text.chars().all(char::is_alphabetic);
        let kind = if FILLERS.contains(&text.as_str()) {
            Some(Disfluency::Filler)
        } else if broken_off(&word.text) && soon {
            Some(Disfluency::FalseStart)
        } else if repeats {
            Some(Disfluency::Repetition)
        } else {
            None
        };
        if let Some(word) = words.get_mut(index) {
            word.disfluency = kind;
        }
    }
}

fn bare(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric() || *c == '\'')
        .flat_map(char::to_lowercase)
        .collect()
}

/// `th-`: letters, then a hyphen at the end.
fn broken_off(text: &str) -> bool {
    text.trim_end_matches([',', '.'])
        .strip_suffix('-')
        .is_some_and(|stem| !stem.is_empty() && stem.chars().all(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    fn marked(text: &str) -> Vec<(String, Disfluency)> {
        let mut words: Vec<Word> = text
            .split_whitespace()
            .zip(0i64..)
            .map(|(word, n)| {
                Word::new(Span::at_least_1ms(Ms::new(n * 300), Ms::new(n * 300 + 280)), word, 0.9)
            })
            .collect();
        mark(&mut words);
        words.into_iter().filter_map(|w| Some((w.text, w.disfluency?))).collect()
    }

    #[test]
    fn what_a_clean_reading_leaves_out() {
        assert_eq!(
            marked("Um, I I think th- this is very very good. Good, uh, had had no no use."),
            [
                ("Um,".to_owned(), Disfluency::Filler),
                ("I".to_owned(), Disfluency::Repetition),
                ("th-".to_owned(), Disfluency::FalseStart),
                ("uh,".to_owned(), Disfluency::Filler),
            ]
        );
    }
}
