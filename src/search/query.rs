//! What a person types -> what the index is asked.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::spoken::tokens;

/// A word shorter than this finds no longer ones.
const OPEN_FROM: usize = 3;

/// Words that stand side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) words: Vec<Wanted>,
}

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) key: String,
    /// Whether it may be the beginning of a longer one.
    pub(super) is_open: bool,
    /// Others that may stand in its place.
    pub(super) or: Vec<String>,
}

impl Wanted {
    /// Whether it finds a folded word.
    pub(super) fn finds(&self, word: &str) -> bool {
        let key = folded(&self.key);
        if self.or.is_empty() {
            return word == key || self.is_open && word.starts_with(&key);
        }
        self.or.iter().any(|other| folded(other) == word)
    }
}

impl Clause {
    /// The clause as the index's language has it.
    pub(super) fn expression(&self) -> String {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        match &self.words[..] {
            [one] if !one.or.is_empty() => {
                let any: Vec<String> = one.or.iter().map(|other| quoted(other)).collect();
                format!("({})", any.join(" OR "))
            }
            words => {
                let keys: Vec<&str> = words.iter().map(|word| word.key.as_str()).collect();
                let open = words.last().is_some_and(|word| word.is_open);
                format!("{}{}", quoted(&keys.join(" ")), if open { "*" } else { "" })
            }
        }
    }
}

/// A word without its accents, as the index compares them.
pub(crate) fn folded(key: &str) -> String {
    if key.is_ascii() {
        key.to_owned()
    } else {
        key.nfd().filter(|c| !is_combining_mark(*c)).collect()
    }
}

/// The clauses of a query. A word that is divided, as `e-mail`, is a run of its own.
pub(super) fn clauses(text: &str) -> Vec<Clause> {
    let text = text.replace(['“', '”', '„', '«', '»'], "\"");
    let mut clauses = Vec::new();
    for (number, part) in text.split('"').enumerate() {
        if number % 2 == 1 {
            clauses.extend(clause(part, false));
        } else {
            clauses.extend(part.split_whitespace().filter_map(|word| clause(word, true)));
        }
    }
    clauses
}

fn clause(text: &str, may_open: bool) -> Option<Clause> {
    let keys: Vec<String> = tokens(text).into_iter().map(|token| token.key).collect();
    let last = keys.len().checked_sub(1)?;
    let words = keys.into_iter().enumerate().map(|(at, key)| Wanted {
        is_open: may_open && at == last && key.chars().count() >= OPEN_FROM,
        key,
        or: Vec::new(),
    });
    Some(Clause { words: words.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_becomes_what_the_index_understands() {
        let of =
            |text: &str| -> Vec<String> { clauses(text).iter().map(Clause::expression).collect() };
        assert_eq!(of("something broken"), ["\"something\"*", "\"broken\"*"]);
        assert_eq!(of("“human side” of it"), ["\"human side\"", "\"of\"", "\"it\""]);
        assert_eq!(of("e-mail's \" OR NEAR(x"), ["\"e mails\"*", "\"or near x\""]);
        assert_eq!(of("— \"\" …"), Vec::<String>::new());
    }
}
