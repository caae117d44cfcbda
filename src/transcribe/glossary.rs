//! A deterministic pass over the words: names and terms as the show spells them.
//!
//! Entries are literal text. Whole words are compared, longest entry first: first the variants
//! that people listed and the term itself however it is spaced, then names of which one word is
//! right and the others sound alike, then single sound-alikes, these only where the recognizer
//! was in doubt. What was heard stays in [`Word::heard`]: on the first word of the change, and
//! empty on the words that follow it, so that every change can be undone.

use std::collections::BTreeMap;

use crate::library::episode::Person;
use crate::library::show::Term;
use crate::speech::Word;
use crate::time::{Ms, Span};
use crate::transcribe::Transcript;

/// The most words of the transcript that are compared with one entry.
const MAX_WINDOW: usize = 6;
/// Below this probability a word may be replaced by one that sounds like it.
pub(super) const DOUBT: f32 = 0.7;
/// Sound-alikes need this many sounds, else too many words sound alike.
const MIN_SOUNDS: usize = 3;

/// The spellings of a show and its episode.
#[derive(Debug, Clone, Default)]
pub struct Glossary {
    terms: Vec<Entry>,
    /// Listed variants and the terms themselves, without spaces and marks.
    spelled: BTreeMap<String, usize>,
    /// Terms by their sounds.
    sounding: BTreeMap<String, usize>,
    /// Terms of several words by each of their words.
    by_word: BTreeMap<String, Vec<usize>>,
}

/// A term as it is to be written.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    words: Vec<String>,
    bare: String,
}

impl Entry {
    /// The entry of a term; its words are parted by white space.
    pub(super) fn new(term: &str) -> Entry {
        Entry { words: term.split_whitespace().map(str::to_owned).collect(), bare: bare(term) }
    }
}

impl Glossary {
    /// The terms, and the full names of the people.
    pub fn new<'a>(
        terms: impl IntoIterator<Item = &'a Term>,
        people: impl IntoIterator<Item = &'a Person>,
    ) -> Glossary {
        let mut glossary = Glossary::default();
        for term in terms {
            glossary.add(&term.term, &term.heard_as);
        }
        for person in people {
            glossary.add(&person.name, &[]);
        }
        glossary
    }

    fn add(&mut self, term: &str, heard_as: &[String]) {
        let entry = Entry::new(term);
        if entry.bare.is_empty() {
            return;
        }
        let index = self.terms.len();
        for variant in heard_as.iter().map(|variant| bare(variant)).filter(|v| !v.is_empty()) {
            self.spelled.entry(variant).or_insert(index);
        }
        self.spelled.entry(entry.bare.clone()).or_insert(index);
        self.sounding.entry(sounds(&entry.bare)).or_insert(index);
        if entry.words.len() > 1 {
            for word in &entry.words {
                self.by_word.entry(bare(word)).or_default().push(index);
            }
        }
        self.terms.push(entry);
    }

    /// The terms as text for a recognizer's prompt of at most `max_chars`, in the order of the
    /// list; where not all fit, those that sound most like one of the `doubtful` words.
    pub fn prompt(&self, doubtful: &[&str], max_chars: usize) -> String {
        let length =
            |entry: &Entry| entry.words.iter().map(|word| word.len() + 1).sum::<usize>() + 1;
        let mut chosen: Vec<(usize, usize)> = (0..self.terms.len()).map(|n| (0, n)).collect();
        if self.terms.iter().map(length).sum::<usize>() > max_chars {
            let heard: Vec<String> = doubtful.iter().map(|word| sounds(&bare(word))).collect();
            for (far, index) in &mut chosen {
                let words = self.terms.get(*index).map(|entry| entry.words.as_slice());
                let each = words.unwrap_or_default().iter().map(|word| sounds(&bare(word)));
                *far = each
                    .flat_map(|key| heard.iter().map(move |other| distance(&key, other)))
                    .min()
                    .unwrap_or(usize::MAX);
            }
            chosen.sort_unstable();
        }
        let mut left = max_chars;
        let fitting = chosen.into_iter().filter_map(|(_, index)| self.terms.get(index));
        let mut kept: Vec<String> = Vec::new();
        for entry in fitting.take_while(|entry| {
            let fits = length(entry) <= left;
            left = left.saturating_sub(length(entry));
            fits
        }) {
            kept.push(entry.words.join(" "));
        }
        kept.join(", ")
    }

    /// Whether `words` are a term, or words of one, written as the term is.
    pub(super) fn holds(&self, words: &[Word]) -> bool {
        let texts: Vec<&str> = words
            .iter()
            .map(|word| stem(&word.text).0.trim_start_matches(|c: char| !c.is_alphanumeric()))
            .collect();
        let candidates = texts.iter().filter_map(|text| self.by_word.get(&bare(text))).flatten();
        let whole = self.spelled.get(&bare(&texts.concat()));
        candidates.chain(whole).filter_map(|index| self.terms.get(*index)).any(|entry| {
            let own: Vec<&str> = entry.words.iter().map(String::as_str).collect();
            own.windows(texts.len()).any(|part| part == texts)
        })
    }

    /// Rewrites the words of a whole transcript; returns how many changes were made.
    pub fn correct(&self, transcript: &mut Transcript) -> usize {
        transcript.segments.iter_mut().map(|segment| self.apply(&mut segment.words)).sum()
    }

    /// Rewrites the words of one segment or utterance; returns how many changes were made.
    /// Doing it twice changes nothing more.
    pub fn apply(&self, words: &mut Vec<Word>) -> usize {
        if self.terms.is_empty() {
            return 0;
        }
        let mut changes = 0;
        let mut at = 0;
        while at < words.len() {
            let found = (1..=MAX_WINDOW.min(words.len() - at)).rev().find_map(|length| {
                let window = words.get(at..at + length)?;
                let index = self.matching(window, at > 0 && !words.get(at - 1)?.ends_sentence())?;
                Some((length, self.terms.get(index)?))
            });
            let Some((length, entry)) = found else {
                at += 1;
                continue;
            };
            let (replacement, changed) =
                rewrite(words.get(at..at + length).unwrap_or_default(), entry);
            let step = replacement.len();
            if changed {
                words.splice(at..at + length, replacement);
                changes += 1;
                at += step;
            } else {
                at += length;
            }
        }
        changes
    }

    /// The entry that a window of words stands for.
    fn matching(&self, window: &[Word], inside_sentence: bool) -> Option<usize> {
        let (last, head) = window.split_last()?;
        let text: String =
            head.iter().map(|w| bare(&w.text)).collect::<String>() + &bare(stem(&last.text).0);
        if text.is_empty() {
            return None;
        }
        // What was changed already is not changed again.
        if window.iter().any(|word| word.heard.is_some()) {
            return None;
        }
        // A mark inside the window ends the phrase, unless the term abbreviates there (`v.`).
        if head.iter().any(ends_phrase) {
            let index = *self.spelled.get(&text)?;
            let words = &self.terms.get(index)?.words;
            let abbreviates = |word: &String| word.ends_with(|c: char| !c.is_alphanumeric());
            let fits = words.len() == window.len()
                && head.iter().zip(words).all(|(w, own)| !ends_phrase(w) || abbreviates(own));
            return fits.then_some(index);
        }
        if let Some(index) = self.spelled.get(&text) {
            return self.casing_is_safe(*index, window, inside_sentence).then_some(*index);
        }
        self.anchored(window).or_else(|| self.sounding_alike(window, &text))
    }

    /// A short word in capitals (`HEY`) is also an ordinary word: it needs a capital letter
    /// inside a sentence, where no quotation begins with it.
    fn casing_is_safe(&self, index: usize, window: &[Word], inside_sentence: bool) -> bool {
        let Some(entry) = self.terms.get(index) else { return false };
        let [term] = entry.words.as_slice() else { return true };
        let [word] = window else { return true };
        let shouted = term.len() <= 4 && !term.chars().any(char::is_lowercase);
        let same = bare(stem(&word.text).0) == entry.bare;
        let capital = word.text.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_uppercase);
        let quotes = word.text.starts_with(['"', '\'', '“', '‘', '«', '„']);
        !(shouted && same) || capital && inside_sentence && !quotes
    }

    /// A name of several words of which one is right and the others sound alike.
    fn anchored(&self, window: &[Word]) -> Option<usize> {
        let texts: Vec<String> = window.iter().map(|w| bare(stem(&w.text).0)).collect();
        let candidates = texts.iter().filter_map(|text| self.by_word.get(text)).flatten();
        for index in candidates {
            let Some(entry) = self.terms.get(*index) else { continue };
            if entry.words.len() == texts.len()
                && entry.words.iter().zip(&texts).all(|(term, text)| {
                    let term = bare(term);
                    term == *text || !text.is_empty() && sounds(&term) == sounds(text)
                })
            {
                return Some(*index);
            }
        }
        None
    }

    fn sounding_alike(&self, window: &[Word], text: &str) -> Option<usize> {
        if window.iter().map(|w| w.probability).fold(1.0, f32::min) >= DOUBT {
            return None;
        }
        let key = sounds(text);
        let shorter: String = window.iter().take(window.len() - 1).map(|w| bare(&w.text)).collect();
        // `Tomlyn now` sounds no better than `Tomlyn`.
        if key.len() < MIN_SOUNDS || sounds(&shorter) == key {
            return None;
        }
        let index = *self.sounding.get(&key)?;
        let entry = self.terms.get(index)?;
        let longest = entry.bare.chars().count().max(text.chars().count());
        (distance(&entry.bare, text) * 2 <= longest).then_some(index)
    }
}

fn ends_phrase(word: &Word) -> bool {
    word.text.ends_with([',', '?', '!', ';', ':']) || word.ends_sentence() && word.text.len() > 3
}

/// Letters and digits alone, in lower case.
pub(super) fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A word without what may follow it: a possessive and marks.
pub(super) fn stem(text: &str) -> (&str, &str) {
    let end = text.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
    let word = text.get(..end).unwrap_or(text);
    let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word);
    text.split_at(word.len())
}

/// The words of a window as the entry spells them, and whether anything differs.
pub(super) fn rewrite(window: &[Word], entry: &Entry) -> (Vec<Word>, bool) {
    let (Some(first), Some(last)) = (window.first(), window.last()) else {
        return (Vec::new(), false);
    };
    let opening: String = first.text.chars().take_while(|c| !c.is_alphanumeric()).collect();
    // `@Troi` and `@troy` have one sign between them.
    let own = entry.words.first().map_or("", String::as_str);
    let opening = opening.trim_end_matches(|c| own.starts_with(c));
    let mut closing = stem(&last.text).1.to_owned();
    // `Signal v. Noise.` needs no second full stop.
    if entry.words.last().is_some_and(|word| word.ends_with('.')) && closing.starts_with('.') {
        closing.remove(0);
    }
    let count = entry.words.len();
    let texts: Vec<String> = entry
        .words
        .iter()
        .enumerate()
        .map(|(index, word)| {
            let before = if index == 0 { opening } else { "" };
            let after = if index + 1 == count { closing.as_str() } else { "" };
            format!("{before}{word}{after}")
        })
        .collect();
    if texts.iter().eq(window.iter().map(|word| &word.text)) {
        return (window.to_vec(), false);
    }
    let heard = |words: &[Word]| {
        let texts: Vec<&str> = words
            .iter()
            .map(|word| word.heard.as_deref().unwrap_or(&word.text))
            .filter(|text| !text.is_empty())
            .collect();
        texts.join(" ")
    };
    let probability = window.iter().map(|w| w.probability).fold(1.0, f32::min);
    let spans = if count == window.len() {
        window.iter().map(|word| word.span).collect()
    } else {
        share(Span::at_least_1ms(first.span.start(), last.span.end()), &texts)
    };
    let whole = heard(window);
    let rewritten = texts
        .into_iter()
        .zip(spans)
        .enumerate()
        .map(|(index, (text, span))| Word {
            span,
            text,
            glued: index == 0 && first.glued,
            probability,
            suspect: first.suspect,
            disfluency: None,
            heard: Some(if index == 0 { whole.clone() } else { String::new() }),
        })
        .collect();
    (rewritten, true)
}

/// Shares a span out by the words' lengths.
fn share(span: Span, texts: &[String]) -> Vec<Span> {
    let length = |text: &String| i64::try_from(text.len().max(1)).unwrap_or(1);
    let total: i64 = texts.iter().map(length).sum::<i64>().max(1);
    let mut done = 0;
    texts
        .iter()
        .map(|text| {
            let from = span.start() + Ms::new(span.duration().get().saturating_mul(done) / total);
            done += length(text);
            let to = span.start() + Ms::new(span.duration().get().saturating_mul(done) / total);
            Span::at_least_1ms(from, to)
        })
        .collect()
}

/// The consonants of a word as they sound in English, with neighbours that are easily mistaken
/// for each other made one; a vowel counts only at the start.
pub(super) fn sounds(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut key = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let next = letters.get(index + 1).copied().unwrap_or(' ');
        let before = index.checked_sub(1).and_then(|i| letters.get(i)).copied().unwrap_or(' ');
        let sound = match letter {
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' if index == 0 => Some('a'),
            'w' if index == 0 || matches!(next, 'a' | 'e' | 'i' | 'o' | 'u') => Some('w'),
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'w' | 'h' => None,
            'g' if next == 'h' => None,
            'p' if next == 'h' => Some('f'),
            'k' if index == 0 && next == 'n' => None,
            'c' if matches!(next, 'e' | 'i' | 'y') => Some('s'),
            'c' | 'k' | 'q' | 'g' => Some('k'),
            's' | 'z' | 'x' | 'j' => Some('s'),
            'b' | 'p' => Some('p'),
            'd' | 't' => Some('t'),
            'f' | 'v' => Some('f'),
            'm' | 'n' => Some(*letter),
            other => Some(*other),
        };
        let doubled = before == *letter;
        if let Some(sound) = sound.filter(|_| !doubled)
            && !key.ends_with(sound)
        {
            key.push(sound);
        }
    }
    key
}

/// Letters to change, add or drop.
pub(super) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, other) in b.iter().enumerate() {
            let cost =
                (diagonal + usize::from(letter != *other)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests;
