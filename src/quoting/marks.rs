//! Running text -> where quotations begin and end.
//!
//! The outermost marks count: what is quoted within a quotation is part of it. A mark between single
//! quotation marks may be an apostrophe; see [`single_close`].

use std::collections::BTreeMap;

use crate::quoting::post::{CLOSE, OPEN};

/// A stretch of a block between quotation marks, in bytes of the block's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quoted {
    /// The opening mark.
    pub(super) open: usize,
    /// The first byte within.
    pub(super) from: usize,
    /// The first byte behind what is within.
    pub(super) to: usize,
    /// The first byte behind the closing mark; the block's length where it goes on in the next one.
    pub(super) end: usize,
    /// The opening mark itself.
    pub(super) mark: char,
    /// Whether there is a closing mark.
    pub(super) is_closed: bool,
}

/// Words that begin with an apostrophe, and not with an opening single quotation mark.
const CLIPPED: [&str; 20] = [
    "em", "til", "till", "cause", "cos", "cuz", "tis", "twas", "twill", "twould", "bout", "round",
    "n", "nother", "tude", "hood", "bama", "fraid", "ere", "nuff",
];

/// The quotations of a block, from left to right.
pub(super) fn quoted(text: &str) -> Vec<Quoted> {
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let pairs = pairs(&letters);
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        match closers(text, &letters, at) {
            Some(closers) => {
                let quoted = from_mark(text, &letters, &pairs, at, closers);
                at = if quoted.is_closed {
                    letters.partition_point(|(byte, _)| *byte < quoted.end)
                } else {
                    at + 1
                };
                found.push(quoted);
            }
            None => at += 1,
        }
    }
    found
}

/// The quotation that begins at a mark which the block before left open, at the block's start.
pub(super) fn reopened(text: &str, mark: char) -> Option<Quoted> {
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let first = letters.iter().position(|(_, letter)| !letter.is_whitespace())?;
    if letters.get(first)?.1 != mark {
        return None;
    }
    let closers = closers(text, &letters, first)?;
    Some(from_mark(text, &letters, &pairs(&letters), first, closers))
}

fn from_mark(
    text: &str,
    letters: &[(usize, char)],
    pairs: &BTreeMap<usize, usize>,
    at: usize,
    closers: &'static [char],
) -> Quoted {
    let (open, mark) = letters[at];
    let from = open + mark.len_utf8();
    let close = if is_single(mark) {
        single_close(letters, at, closers)
    } else if PAIRS.iter().any(|pair| pair.0 == mark) {
        pairs.get(&at).copied()
    } else {
        double_close(letters, at, closers)
    };
    match close {
        Some(close) => {
            let (to, closing) = letters[close];
            Quoted { open, from, to, end: to + closing.len_utf8(), mark, is_closed: true }
        }
        None => Quoted { open, from, to: text.len(), end: text.len(), mark, is_closed: false },
    }
}

fn is_single(mark: char) -> bool {
    matches!(mark, '‘' | '\'' | '‚' | '‛')
}

/// The marks that may close what the mark at `at` opens; `None` where it opens nothing.
fn closers(text: &str, letters: &[(usize, char)], at: usize) -> Option<&'static [char]> {
    let mark = letters[at].1;
    let before = at.checked_sub(1).map(|before| letters[before].1);
    let next = letters.get(at + 1).map(|next| next.1)?;
    let is_free = before.is_none_or(opens_behind) && !next.is_whitespace();
    match mark {
        OPEN => Some(&[CLOSE]),
        '“' | '‟' => Some(&['”', '"']),
        '„' => Some(&['“', '”', '"']),
        '«' => Some(&['»']),
        '「' => Some(&['」']),
        '『' => Some(&['』']),
        '‹' => Some(&['›']),
        '‚' => is_free.then_some(&['‘', '’']),
        '»' => (is_free && next.is_alphanumeric()).then_some(&['«', '»']),
        '”' => (is_free && next.is_alphanumeric()).then_some(&['”']),
        '"' | '＂' => is_free.then_some(&['"', '”', '＂']),
        '‘' | '‛' | '\'' => {
            let begins = is_free && !is_apostrophe(text, letters[at].0 + mark.len_utf8());
            begins.then_some(&['’', '\''])
        }
        _ => None,
    }
}

/// Whether a mark may open a quotation behind this character.
fn opens_behind(before: char) -> bool {
    before.is_whitespace()
        || matches!(before, '(' | '[' | '{' | '—' | '–' | '-' | '/' | '…' | '>' | ':' | OPEN)
        || matches!(before, '“' | '„' | '«' | '"' | '‘' | '\'')
}

/// Whether the word behind the mark is one that begins with an apostrophe: `'90s`, `'em`.
fn is_apostrophe(text: &str, from: usize) -> bool {
    let rest = text.get(from..).unwrap_or_default();
    let word = &rest[..rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len())];
    let digits = word.trim_end_matches('s');
    let is_decade = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_decade || CLIPPED.contains(&word.to_lowercase().as_str())
}

/// Marks of which one opens and another one closes.
const PAIRS: [(char, char); 6] =
    [('“', '”'), ('«', '»'), ('「', '」'), ('『', '』'), ('‹', '›'), (OPEN, CLOSE)];

/// Which mark closes which: one that opens within has to be closed first. Where a writer closes with
/// straight marks alone, those count.
fn pairs(letters: &[(usize, char)]) -> BTreeMap<usize, usize> {
    let has_curly = letters.iter().any(|(_, letter)| *letter == '”');
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut found = BTreeMap::new();
    for (place, (_, letter)) in letters.iter().enumerate() {
        let letter = if *letter == '"' && !has_curly { '”' } else { *letter };
        if let Some((_, close)) = PAIRS.iter().find(|pair| pair.0 == letter) {
            // `„so“` closes with what opens elsewhere
            open.push((place, *close));
        } else if let Some(at) = open.iter().rposition(|(_, close)| *close == letter) {
            // what is open within it is never closed
            found.insert(open[at].0, place);
            open.truncate(at);
        }
        if open.len() > DEEPEST {
            open.remove(0);
        }
    }
    found
}

/// So many quotations may be open within one another.
const DEEPEST: usize = 16;

/// The place of the mark that closes, among the characters; `None` where another one opens first.
fn double_close(letters: &[(usize, char)], at: usize, closers: &[char]) -> Option<usize> {
    let mark = letters[at].1;
    let is_straight = closers.contains(&mark);
    for (place, (_, letter)) in letters.iter().enumerate().skip(at + 1) {
        if *letter == mark && !is_straight {
            return None;
        }
        if !closers.contains(letter) {
            continue;
        }
        let before = letters[place - 1].1;
        let next = letters.get(place + 1).map(|next| next.1);
        let opens = before.is_whitespace() && next.is_some_and(|next| !next.is_whitespace());
        return (!(is_straight && opens)).then_some(place);
    }
    None
}

/// The same for single marks, of which some are apostrophes. One between letters is; one behind an
/// `s` or a clipped `-in` may be, and is where another mark closes further on, before the next opens.
fn single_close(letters: &[(usize, char)], at: usize, closers: &[char]) -> Option<usize> {
    let mut doubtful = None;
    let mut doubles = 0_usize;
    for (place, (_, letter)) in letters.iter().enumerate().skip(at + 1) {
        let before = letters[place - 1].1;
        let next = letters.get(place + 1).map(|next| next.1);
        match letter {
            '“' | '«' | '„' => doubles += 1,
            '”' | '»' => doubles = doubles.saturating_sub(1),
            '‘' if letters[at].1 == '‘' => return doubtful,
            _ if !closers.contains(letter) || doubles > 0 => {}
            '\'' if before.is_whitespace() && next.is_some_and(char::is_alphanumeric) => {
                return doubtful;
            }
            _ if next.is_some_and(char::is_alphanumeric) || before.is_whitespace() => {}
            _ => {
                let goes_on = next.is_some_and(char::is_whitespace)
                    && letters.get(place + 2).is_some_and(|after| after.1.is_lowercase());
                let word: String =
                    letters[..place].iter().rev().take(2).map(|letter| letter.1).collect();
                let may_be_apostrophe = before == 's' || word == "ni";
                if !(may_be_apostrophe && goes_on) {
                    return Some(place);
                }
                doubtful = doubtful.or(Some(place));
            }
        }
    }
    doubtful
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let closed = quoted(text).into_iter().filter(|quoted| quoted.is_closed);
        closed.map(|quoted| &text[quoted.from..quoted.to]).collect()
    }

    #[test]
    fn quotations_are_told_from_apostrophes_inches_and_decades() {
        for (text, wanted) in [
            ("“It’s fine,” Troy says, “really.”", vec!["It’s fine,", "really."]),
            ("He says \"it's 6'2\" tall\"", vec!["it's 6'2"]),
            ("It is 5'10\" tall, and 6\" wide.", vec![]),
            ("‘It’s the users’ data,’ says Ann. ‘Ours.’", vec!["It’s the users’ data,", "Ours."]),
            ("'It's the users' data,' says Ann.", vec!["It's the users' data,"]),
            ("‘nothin’ to do’ is what she said", vec!["nothin’ to do"]),
            ("‘We fixed it’ says Troy", vec!["We fixed it"]),
            (
                "‘Then she said “we’re done” and left,’ he says",
                vec!["Then she said “we’re done” and left,"],
            ),
            ("“Then ‘we are done’ came.”", vec!["Then ‘we are done’ came."]),
            ("the '90s and rock 'n' roll, don't", vec![]),
            ("the users' data is the users' own", vec![]),
            ("“a “b” c”", vec!["a “b” c"]),
            ("„so“ und »so« et « ainsi » 「そう」", vec!["so", "so", " ainsi ", "そう"]),
            ("(\"so\")—\"and\"", vec!["so", "and"]),
            ("“mixed\" ends", vec!["mixed"]),
        ] {
            assert_eq!(found(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_quotation_goes_on_where_the_next_paragraph_opens_again() {
        let first = quoted("“One. ");
        assert_eq!((first.len(), first[0].is_closed), (1, false));
        assert!(reopened("“Two.” So.", first[0].mark).unwrap().is_closed);
        assert!(reopened("Two.”", first[0].mark).is_none());
    }
}
