//! Text -> words that can be compared: the normalisation of the Whisper paper's appendix.
//!
//! English: case, punctuation, brackets and fillers go; contractions and titles are written out;
//! numbers become digits with their signs; British spellings become American. Other languages:
//! case, brackets, symbols and marks go. Figures made with it can be compared with published
//! ones; a table of strings with the public tool's results is tested against it. Reference:
//! "Robust Speech Recognition via Large-Scale Weak Supervision", appendix C.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use unicode_normalization::UnicodeNormalization;

mod numbers;
mod spelling;

/// Normalised words of English text.
///
/// ```
/// use linernotes::score::normalize::english;
/// assert_eq!(english("Um, Mr. Smith's colour cost twenty-five dollars!").join(" "),
///            "mister smith is color cost $25");
/// ```
pub fn english(text: &str) -> Vec<String> {
    let mut text = without_brackets(&text.to_lowercase());
    text = FILLERS.replace_all(&text, "").into_owned();
    text = SPACE_BEFORE_APOSTROPHE.replace_all(&text, "'").into_owned();
    for (pattern, replacement) in REPLACEMENTS.iter() {
        text = pattern.replace_all(&text, *replacement).into_owned();
    }
    text = between_digits(&text, ',', |_| String::new());
    text = POINT_BEFORE_TEXT.replace_all(&text, " $1").into_owned();
    text = without_symbols(&text, ".%$¢€£");
    text = numbers::standardize(&text);
    text = spelling::standardize(&text);
    text = SIGN_BEFORE_TEXT.replace_all(&text, " $1").into_owned();
    text = PERCENT_AFTER_TEXT.replace_all(&text, "$1 ").into_owned();
    text.split_whitespace().map(str::to_owned).collect()
}

/// Normalised words of text in any language: what can be done without knowing it.
pub fn basic(text: &str) -> Vec<String> {
    let text = without_brackets(&text.to_lowercase());
    let text: String =
        text.nfkc().map(|c| if c.is_alphanumeric() || is_mark(c) { c } else { ' ' }).collect();
    text.split_whitespace().map(str::to_owned).collect()
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of this file are constants that the tests use")
}

static SQUARE_BRACKETS: LazyLock<Regex> = LazyLock::new(|| pattern(r"[<\[][^>\]]*[>\]]"));
static ROUND_BRACKETS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\([^)]+?\)"));
static FILLERS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:hmm|mm|mhm|mmm|uh|um)\b"));
static SPACE_BEFORE_APOSTROPHE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s+'"));
static POINT_BEFORE_TEXT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\.([^0-9]|$)"));
static SIGN_BEFORE_TEXT: LazyLock<Regex> = LazyLock::new(|| pattern(r"[.$¢€£]([^0-9])"));
static PERCENT_AFTER_TEXT: LazyLock<Regex> = LazyLock::new(|| pattern(r"([^0-9])%"));

fn without_brackets(text: &str) -> String {
    let text = SQUARE_BRACKETS.replace_all(text, "");
    ROUND_BRACKETS.replace_all(&text, "").into_owned()
}

/// What is written out, in the order in which it is done.
static REPLACEMENTS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let mut rules: Vec<(Regex, &'static str)> = Vec::new();
    // Contractions that the general rules below would get wrong, and spoken forms.
    for (from, to) in [
        ("won't", "will not"),
        ("can't", "can not"),
        ("let's", "let us"),
        ("ain't", "aint"),
        ("y'all", "you all"),
        ("wanna", "want to"),
        ("gotta", "got to"),
        ("gonna", "going to"),
        ("i'ma", "i am going to"),
        ("imma", "i am going to"),
        ("woulda", "would have"),
        ("coulda", "could have"),
        ("shoulda", "should have"),
        ("ma'am", "madam"),
    ] {
        rules.push((pattern(&format!(r"\b{from}\b")), to));
    }
    // Titles; the public tool leaves a space after each.
    for (from, to) in [
        ("mr", "mister "),
        ("mrs", "missus "),
        ("st", "saint "),
        ("dr", "doctor "),
        ("prof", "professor "),
        ("capt", "captain "),
        ("gov", "governor "),
        ("ald", "alderman "),
        ("gen", "general "),
        ("sen", "senator "),
        ("rep", "representative "),
        ("pres", "president "),
        ("rev", "reverend "),
        ("hon", "honorable "),
        ("asst", "assistant "),
        ("assoc", "associate "),
        ("lt", "lieutenant "),
        ("col", "colonel "),
        ("jr", "junior "),
        ("sr", "senior "),
        ("esq", "esquire "),
    ] {
        rules.push((pattern(&format!(r"\b{from}\b")), to));
    }
    // Contractions, the more particular first.
    for (from, to) in [
        (r"'d been\b", " had been"),
        (r"'s been\b", " has been"),
        (r"'d gone\b", " had gone"),
        (r"'s gone\b", " has gone"),
        (r"'d done\b", " had done"),
        (r"'s got\b", " has got"),
        (r"n't\b", " not"),
        (r"'re\b", " are"),
        (r"'s\b", " is"),
        (r"'d\b", " would"),
        (r"'ll\b", " will"),
        (r"'t\b", " not"),
        (r"'ve\b", " have"),
        (r"'m\b", " am"),
    ] {
        rules.push((pattern(from), to));
    }
    rules
});

/// Replaces `sign` between two digits; the digits themselves stay.
fn between_digits(text: &str, sign: char, with: impl Fn(&Captures<'_>) -> String) -> String {
    let between = pattern(&format!(r"(\d){}(\d)", regex::escape(&sign.to_string())));
    between
        .replace_all(text, |found: &Captures<'_>| {
            format!("{}{}{}", &found[1], with(found), &found[2])
        })
        .into_owned()
}

/// Turns symbols and punctuation that `keep` does not name into spaces and drops marks.
fn without_symbols(text: &str, keep: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.nfkd() {
        match character {
            c if keep.contains(c) => plain.push(c),
            'œ' => plain.push_str("oe"),
            'ø' => plain.push('o'),
            'æ' => plain.push_str("ae"),
            'ß' => plain.push_str("ss"),
            'ẞ' => plain.push_str("SS"),
            'đ' | 'ð' => plain.push('d'),
            'þ' => plain.push_str("th"),
            'ł' => plain.push('l'),
            c if is_mark(c) => {}
            c if c.is_alphanumeric() || c.is_whitespace() => plain.push(c),
            _ => plain.push(' '),
        }
    }
    plain
}

/// Combining marks, which stand apart after decomposition.
fn is_mark(character: char) -> bool {
    unicode_normalization::char::is_combining_mark(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Strings of our own beside what the public tool makes of them.
    #[test]
    fn agrees_with_the_public_tool() {
        let table = include_str!("table.tsv");
        let mut wrong = Vec::new();
        for line in table.lines() {
            let Some((text, expected)) = line.split_once('\t') else { continue };
            let expected: Vec<&str> = expected.split_whitespace().collect();
            let ours = english(text);
            if ours != expected {
                wrong.push(format!("{text:?}: {ours:?}, not {expected:?}"));
            }
        }
        assert!(table.lines().count() > 100);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn other_languages_keep_their_letters() {
        assert_eq!(basic("Schöne Grüße, (lacht) ¿qué tal?"), ["schöne", "grüße", "qué", "tal"]);
    }
}
