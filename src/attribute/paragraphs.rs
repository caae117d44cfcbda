//! Attributed words -> paragraphs, broken where the speaker changes and, within a long turn, at a
//! pause after a sentence.

use super::assign::Assignment;
use super::{AttributeSettings, AttributedWord, Attribution, Utterance};
use crate::speech::Word;
use crate::time::Ms;

/// The paragraphs in order; every word is in one of them.
pub(super) fn paragraphs(
    words: Vec<Word>,
    assigned: Vec<Assignment>,
    settings: &AttributeSettings,
) -> Vec<Utterance> {
    let mut turns: Vec<(Attribution, Vec<AttributedWord>)> = Vec::new();
    for (word, assignment) in words.into_iter().zip(assigned) {
        let word = AttributedWord { word, speaker_confidence: assignment.confidence };
        match turns.last_mut() {
            Some((speaker, turn)) if *speaker == assignment.speaker => turn.push(word),
            _ => turns.push((assignment.speaker, vec![word])),
        }
    }
    turns
        .into_iter()
        .flat_map(|(speaker, words)| {
            broken(words, settings)
                .into_iter()
                .map(move |words| Utterance { speaker: speaker.clone(), words })
        })
        .collect()
}

/// One turn's words as paragraphs.
fn broken(words: Vec<AttributedWord>, settings: &AttributeSettings) -> Vec<Vec<AttributedWord>> {
    let breaks = breaks(&words, settings);
    let mut paragraphs = Vec::with_capacity(breaks.len() + 1);
    let mut rest = words;
    for &at in breaks.iter().rev() {
        paragraphs.push(rest.split_off(at));
    }
    paragraphs.push(rest);
    paragraphs.reverse();
    paragraphs
}

/// The numbers of the words that begin a new paragraph.
fn breaks(words: &[AttributedWord], settings: &AttributeSettings) -> Vec<usize> {
    let mut breaks = Vec::new();
    let mut from = 0;
    while let Some(at) = next_break(words, from, settings) {
        breaks.push(at);
        from = at;
    }
    breaks
}

/// Where the paragraph that begins at `from` ends, or `None` where it goes on to the turn's end.
fn next_break(
    words: &[AttributedWord],
    from: usize,
    settings: &AttributeSettings,
) -> Option<usize> {
    let start = words[from].word.span.start();
    // The best place so far: the longest pause after a sentence.
    let mut best: Option<(Ms, usize)> = None;
    for at in from + 1..words.len() {
        let (before, after) = (&words[at - 1].word, &words[at].word);
        if !before.ends_sentence() {
            continue;
        }
        let pause = after.span.start() - before.span.end();
        if pause >= Ms::new(settings.scene_pause_ms) {
            return Some(at);
        }
        let long_enough = at - from >= settings.min_words;
        // No crumb at the turn's end.
        let worth_it = words.len() - at >= settings.min_words / 2;
        if !long_enough || !worth_it {
            continue;
        }
        if pause >= Ms::new(settings.pause_ms) {
            return Some(at);
        }
        if best.is_none_or(|(longest, _)| pause > longest) {
            best = Some((pause, at));
        }
        let too_long = at - from >= settings.max_words
            || before.span.end() - start >= Ms::new(settings.max_paragraph_ms);
        if too_long {
            return best.map(|(_, at)| at);
        }
    }
    let last = words.last()?;
    let long = words.len() - from > settings.max_words
        || last.word.span.end() - start > Ms::new(settings.max_paragraph_ms);
    if long { best.map(|(_, at)| at) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    /// A turn of sentences of ten words, one word each 300 ms, with `pause` after each sentence.
    fn turn(sentences: usize, pause_ms: i64) -> Vec<AttributedWord> {
        let mut at = 0;
        (0..sentences * 10)
            .map(|n| {
                let text = if n % 10 == 9 { "end." } else { "word" };
                let span = Span::new(Ms::new(at), Ms::new(at + 300)).unwrap();
                at += 300 + if n % 10 == 9 { pause_ms } else { 0 };
                AttributedWord { word: Word::new(span, text, 1.0), speaker_confidence: 1.0 }
            })
            .collect()
    }

    fn lengths(words: Vec<AttributedWord>) -> Vec<usize> {
        broken(words, &AttributeSettings::default()).iter().map(Vec::len).collect()
    }

    #[test]
    fn pauses_break_long_turns_only() {
        assert_eq!(lengths(turn(3, 900)), [30]);
        assert_eq!(lengths(turn(9, 900)), [40, 50]);
        assert_eq!(lengths(turn(9, 100)), [90]);
    }

    #[test]
    fn a_turn_without_pauses_is_broken_at_the_longest() {
        let mut words = turn(20, 100);
        for word in &mut words[70..] {
            word.word.span = word.word.span.shift(Ms::new(300));
        }
        assert_eq!(lengths(words), [70, 130]);
    }

    #[test]
    fn no_word_is_lost_and_no_break_is_inside_a_sentence() {
        let paragraphs = broken(turn(40, 400), &AttributeSettings::default());
        assert_eq!(paragraphs.concat(), turn(40, 400));
        assert!(paragraphs.iter().all(|words| words.last().unwrap().word.ends_sentence()));
    }

    #[test]
    fn a_scene_change_breaks_even_short_paragraphs() {
        assert_eq!(lengths(turn(2, 4_000)), [10, 10]);
    }
}
