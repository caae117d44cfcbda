//! Places in an imported text that a person should look at. Nothing is altered.

use std::collections::{BTreeMap, BTreeSet};

use super::ImportedParagraph;
use crate::addresses::lost_after;
use crate::formats::names;
use crate::formats::source::Columns;
use crate::formats::{Diagnostic, bounded};

/// A word and the byte at which it begins.
type Placed<'t> = (usize, &'t str);

/// The doubtful places of all paragraphs.
pub(super) fn find(paragraphs: &[ImportedParagraph]) -> Vec<Diagnostic> {
    let mut found = colons(paragraphs);
    let mut vocabulary = BTreeSet::new();
    for paragraph in paragraphs {
        for word in paragraph.text().split_whitespace() {
            vocabulary.insert(bare(word).to_lowercase());
        }
    }
    let endings = without_first_letters(&vocabulary);
    // Captions without full stops have no capitals to lose either.
    let is_ended = |p: &&ImportedParagraph| {
        p.text().trim_end_matches(['"', '”', '’', ')', ']']).ends_with(['.', '?', '!', '…'])
    };
    let has_sentences = paragraphs.iter().filter(is_ended).count() * 2 >= paragraphs.len();
    for paragraph in paragraphs.iter().filter(|paragraph| !paragraph.is_sound) {
        let text = paragraph.text();
        let raw = if paragraph.raw.is_empty() { &text } else { &paragraph.raw };
        let offset = raw.len().saturating_sub(text.len());
        let mut columns = Columns::new(raw);
        let mut place = |byte: usize| columns.at(offset + byte);
        let words = words(&text);
        let line = paragraph.line;
        doubled_words(&words, line, &mut place, &mut found);
        lost_links(&words, line, &mut place, &mut found);
        doubled_stops(&text, line, &mut place, &mut found);
        inserts(&text, line, &mut place, &mut found);
        bounded(&mut found);
        if has_sentences
            && paragraph.start().is_some()
            && let Some(first) = words.first()
        {
            lower_start(first, &endings, line, &mut place, &mut found);
        }
    }
    found
}

/// The words by what is left of them without their first letter.
fn without_first_letters(vocabulary: &BTreeSet<String>) -> BTreeMap<&str, Vec<&str>> {
    let mut endings: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for word in vocabulary {
        let mut letters = word.chars();
        if letters.next().is_some() {
            endings.entry(letters.as_str()).or_default().push(word);
        }
    }
    endings
}

/// Words and a colon at the start of a piece that may be a name but were read as words.
fn colons(paragraphs: &[ImportedParagraph]) -> Vec<Diagnostic> {
    let mut texts = Vec::new();
    let mut places = Vec::new();
    for paragraph in paragraphs.iter().filter(|paragraph| !paragraph.is_sound) {
        let text = paragraph.text();
        let raw = if paragraph.raw.is_empty() { &text } else { &paragraph.raw };
        let mut byte = raw.len().saturating_sub(text.len());
        let mut columns = Columns::new(raw);
        for piece in &paragraph.pieces {
            texts.push(piece.text.as_str());
            places.push((paragraph.line, columns.at(byte)));
            byte += piece.text.len() + 1;
        }
    }
    let doubted = names::doubted(&texts).into_iter();
    let finding = |(at, name): (usize, &str)| {
        let (line, column) = *places.get(at)?;
        let message = format!("`{name}:` is read as words, not as a speaker");
        Some(
            Diagnostic::note("L-SPEAKER", line, column, message)
                .fix("name the speaker so each time, if it is one"),
        )
    };
    doubted.filter_map(finding).collect()
}

fn words(text: &str) -> Vec<Placed<'_>> {
    let start = text.as_ptr() as usize;
    text.split_whitespace().map(|word| (word.as_ptr() as usize - start, word)).collect()
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// `the the`, but not `so so so` (meant), nor `that, that` (a comma stands between).
fn doubled_words(
    words: &[Placed<'_>],
    line: usize,
    place: &mut dyn FnMut(usize) -> usize,
    found: &mut Vec<Diagnostic>,
) {
    let same = |a: &str, b: &str| {
        let letters =
            |word: &str| word.chars().all(|c| c.is_alphabetic() || matches!(c, '’' | '\''));
        letters(a) && letters(bare(b)) && !bare(b).is_empty() && a.eq_ignore_ascii_case(bare(b))
    };
    let mut at = 0;
    while let Some((_, word)) = words.get(at) {
        let mut run = 1;
        while words.get(at + run).is_some_and(|(_, next)| {
            words.get(at + run - 1).is_some_and(|(_, before)| same(before, next))
        }) {
            run += 1;
        }
        if run == 2
            && let Some((byte, second)) = words.get(at + 1)
        {
            let message = format!("`{word} {second}`: is the word said twice?");
            found.push(
                Diagnostic::note("L-DOUBLED-WORD", line, place(*byte), message)
                    .fix(format!("write `{second}` once, if it is a slip")),
            );
        }
        at += run;
    }
}

/// An address should stand where a preposition is followed by the start of something else.
fn lost_links(
    words: &[Placed<'_>],
    line: usize,
    place: &mut dyn FnMut(usize) -> usize,
    found: &mut Vec<Diagnostic>,
) {
    let plain: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
    for (index, (byte, word)) in words.iter().enumerate() {
        if lost_after(&plain, index) {
            let message = match plain.get(index + 1) {
                Some(next) => format!("an address is missing between `{word}` and `{next}`"),
                None => format!("an address is missing after `{word}`"),
            };
            found.push(
                Diagnostic::warning("L-LOST-LINK", line, place(byte + word.len()), message)
                    .fix("put the address here"),
            );
        }
    }
}

/// `together..`, but not `well...`.
fn doubled_stops(
    text: &str,
    line: usize,
    place: &mut dyn FnMut(usize) -> usize,
    found: &mut Vec<Diagnostic>,
) {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("..")).map(|at| from + at) {
        let dots = text.get(at..).unwrap_or_default().chars().take_while(|c| *c == '.').count();
        if dots == 2 {
            found.push(
                Diagnostic::warning("L-DOUBLED-STOP", line, place(at), "two full stops")
                    .fix("write one"),
            );
        }
        from = at + dots;
    }
}

/// `[prevent it]`: words that an editor put in.
fn inserts(
    text: &str,
    line: usize,
    place: &mut dyn FnMut(usize) -> usize,
    found: &mut Vec<Diagnostic>,
) {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find('[')).map(|at| from + at) {
        from = at + 1;
        let rest = text.get(from..).unwrap_or_default();
        let Some(end) = rest.find(['[', ']']) else { break };
        let (inner, after) = rest.split_at(end);
        let is_link = after.starts_with("](");
        let is_closed = after.starts_with(']') && !is_link;
        if is_closed && inner.chars().any(char::is_alphabetic) && inner.chars().count() < 80 {
            let message = format!("`[{inner}]` was put in by an editor");
            found.push(
                Diagnostic::note("L-INSERT", line, place(at), message)
                    .fix("keep it; a verbatim text leaves it out"),
            );
        }
    }
}

/// So many words are guessed at most.
const MOST_GUESSES: usize = 4;

/// A turn that begins with a lower-case letter has lost something.
fn lower_start(
    first: &Placed<'_>,
    endings: &BTreeMap<&str, Vec<&str>>,
    line: usize,
    place: &mut dyn FnMut(usize) -> usize,
    found: &mut Vec<Diagnostic>,
) {
    let (byte, word) = *first;
    let stem = bare(word);
    if !word.starts_with(char::is_lowercase) || stem.is_empty() {
        return;
    }
    let known = endings.get(stem).map_or(&[][..], Vec::as_slice);
    let mut whole: Vec<String> = known
        .iter()
        .take(MOST_GUESSES)
        .map(|known| {
            let mut letters = known.chars();
            letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
        })
        .collect();
    // Question words begin questions more often than anything else.
    whole.sort_by_key(|word| !word.starts_with("Wh"));
    let message = format!("the turn begins with `{word}`: is its first letter lost?");
    let finding = Diagnostic::warning("L-LOWER-START", line, place(byte), message);
    let fix = if whole.is_empty() {
        "listen to the turn’s start".to_owned()
    } else {
        format!("perhaps `{}`", whole.join("` or `"))
    };
    found.push(finding.fix(fix));
}
