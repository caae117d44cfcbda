//! A transcript against what was said: errors by speaker, by minute, and the worst stretches.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::score::said::Said;
use crate::score::wer::{Step, WordErrors, align};
use crate::time::{Ms, Span};

/// The finding.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// All words.
    pub total: WordErrors,
    /// By who spoke in the reference; words that were inserted count for the speaker before them.
    pub by_speaker: BTreeMap<String, WordErrors>,
    /// By the minute in which the words were said, counted from 0; empty where neither side has
    /// times.
    pub by_minute: BTreeMap<i64, WordErrors>,
    /// The stretches of the reference with errors, most errors first.
    pub worst: Vec<Stretch>,
}

/// A stretch of the reference beside what was written for it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Stretch {
    /// Who speaks; empty where it is not told.
    pub speaker: String,
    /// Where it begins, where either side tells.
    pub start: Option<Ms>,
    /// Its errors.
    pub errors: WordErrors,
    /// Word by word.
    pub words: Vec<Pair>,
}

/// A word that was said and what was written for it; one of them may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// The reference's word.
    pub said: Option<String>,
    /// The hypothesis's word.
    pub written: Option<String>,
}

impl Stretch {
    /// What was said, each word as `show` gives it, which is told whether it is wrong.
    pub fn said(&self, show: impl Fn(&str, bool) -> String) -> String {
        self.side(|pair| pair.said.as_deref(), show)
    }

    /// What was written, likewise.
    pub fn written(&self, show: impl Fn(&str, bool) -> String) -> String {
        self.side(|pair| pair.written.as_deref(), show)
    }

    fn side(&self, word: fn(&Pair) -> Option<&str>, show: impl Fn(&str, bool) -> String) -> String {
        let words = self.words.iter();
        let shown = words.filter_map(|pair| Some(show(word(pair)?, pair.said != pair.written)));
        shown.collect::<Vec<_>>().join(" ")
    }
}

/// A normalised word and the stretch that it comes from.
struct Token<'a> {
    text: String,
    from: &'a Said,
    /// Which stretch that is.
    index: usize,
}

impl Token<'_> {
    fn start(&self) -> Option<Ms> {
        self.from.span.map(Span::start)
    }
}

impl AsRef<str> for Token<'_> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// Compares `written` with `said`. `normalize` turns text into comparable words, as
/// [`normalize::english`](crate::score::normalize::english).
pub fn compare(
    said: &[Said],
    written: &[Said],
    normalize: impl Fn(&str) -> Vec<String>,
) -> Comparison {
    let written = sentences(written);
    let reference = tokens(said, &normalize);
    let hypothesis = tokens(&written, &normalize);
    let steps = align(&reference, &hypothesis);
    let mut stretches: Vec<(Vec<Step>, Stretch)> = said
        .iter()
        .map(|s| {
            let (speaker, start) = (s.speaker.clone(), s.span.map(Span::start));
            (Vec::new(), Stretch { speaker, start, ..Stretch::default() })
        })
        .collect();
    let mut minutes: BTreeMap<i64, Vec<Step>> = BTreeMap::new();
    let mut at = 0;
    let mut time = None;
    for step in &steps {
        let (said, written) = match *step {
            Step::Match(r, h) | Step::Substitution(r, h) => (reference.get(r), hypothesis.get(h)),
            Step::Deletion(r) => (reference.get(r), None),
            Step::Insertion(h) => (None, hypothesis.get(h)),
        };
        at = said.map_or(at, |token| token.index);
        let own = said.and_then(Token::start).or_else(|| written.and_then(Token::start));
        time = written.and_then(Token::start).or(own).or(time);
        if let Some(time) = time {
            minutes.entry(time.get() / 60_000).or_default().push(*step);
        }
        if let Some((steps, stretch)) = stretches.get_mut(at) {
            stretch.start = stretch.start.or(own);
            let text = |token: Option<&Token<'_>>| token.map(|token| token.text.clone());
            stretch.words.push(Pair { said: text(said), written: text(written) });
            steps.push(*step);
        }
    }
    let mut by_speaker: BTreeMap<String, WordErrors> = BTreeMap::new();
    let mut worst = Vec::new();
    for (steps, mut stretch) in stretches {
        stretch.errors = WordErrors::of(&steps);
        let sum = by_speaker.entry(stretch.speaker.clone()).or_default();
        *sum = *sum + stretch.errors;
        if stretch.errors.errors() > 0 {
            worst.push(stretch);
        }
    }
    worst.sort_by_key(|stretch| std::cmp::Reverse(stretch.errors.errors()));
    let by_minute = minutes.into_iter().map(|(m, steps)| (m, WordErrors::of(&steps))).collect();
    Comparison { total: WordErrors::of(&steps), by_speaker, by_minute, worst }
}

/// Single words joined to sentences, so that numbers of several words are normalised as one.
fn sentences(written: &[Said]) -> Vec<Said> {
    let mut joined: Vec<Said> = Vec::new();
    for piece in written {
        match joined.last_mut() {
            Some(last)
                if last.speaker == piece.speaker
                    && !last.text.ends_with(['.', '?', '!'])
                    && last.text.len() < 300 =>
            {
                last.text.push(' ');
                last.text.push_str(&piece.text);
            }
            _ => joined.push(piece.clone()),
        }
    }
    joined
}

fn tokens<'a>(stretches: &'a [Said], normalize: &impl Fn(&str) -> Vec<String>) -> Vec<Token<'a>> {
    stretches
        .iter()
        .enumerate()
        .flat_map(|(index, from)| {
            normalize(&from.text).into_iter().map(move |text| Token { text, from, index })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::normalize::english;

    fn said(speaker: &str, start: i64, text: &str) -> Said {
        let span = Span::new(Ms::new(start), Ms::new(start + 1_000));
        Said { speaker: speaker.to_owned(), span, text: text.to_owned() }
    }

    #[test]
    fn errors_are_told_by_speaker_minute_and_stretch() {
        let reference = [
            said("Ada", 0, "Good morning to you."),
            said("Bob", 70_000, "Twenty five people came."),
            said("Ada", 75_000, "Fine."),
        ];
        let written = [
            said("", 100, "Good"),
            said("", 500, "evening"),
            said("", 700, "to you."),
            said("", 70_000, "25"),
            said("", 70_500, "people,"),
            said("", 75_000, "yes, fine."),
        ];
        let found = compare(&reference, &written, english);
        assert_eq!((found.total.reference, found.total.errors()), (8, 2));
        assert_eq!(found.by_speaker["Ada"].errors(), 1);
        assert_eq!(found.by_speaker["Bob"].errors(), 1);
        assert_eq!(found.by_minute[&0].errors(), 1);
        assert_eq!(found.by_minute[&1].reference, 4);
        assert_eq!(found.worst.len(), 2);
        let marked = |word: &str, wrong: bool| format!("{word}{}", if wrong { "!" } else { "" });
        assert_eq!(found.worst[0].said(marked), "good morning! to you");
        assert_eq!(found.worst[0].written(marked), "good evening! to you");
    }
}
