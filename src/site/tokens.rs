//! Words -> what the site's search compares. `templates/assets/search.js` has the same rules; both
//! are tested on `tests/page/tokens.json`.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

/// What stands inside a word without dividing it: marks and apostrophes.
static WITHIN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{M}'’ʼ]+").expect("a fixed pattern, which tests compile"));

/// Runs of letters and digits; a character of Han or kana by itself, as no space divides them.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"[\p{Han}\p{Hiragana}\p{Katakana}]|[[\p{L}\p{N}]--[\p{Han}\p{Hiragana}\p{Katakana}]]+",
    )
    .expect("a fixed pattern, which tests compile")
});

/// The tokens of a word: letters without case and accents, and digits.
pub(super) fn tokens(word: &str) -> Vec<String> {
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        // most words, and much the quickest
        return if word.is_empty() { Vec::new() } else { vec![word.to_owned()] };
    }
    let folded = word.nfkd().collect::<String>().to_lowercase();
    let folded = WITHIN.replace_all(&folded, "");
    TOKEN.find_iter(&folded).map(|found| found.as_str().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_marks_do_not_count() {
        let table = include_str!("../../tests/page/tokens.json");
        let table: Vec<(String, Vec<String>)> = serde_json::from_str(table).unwrap();
        for (word, expected) in table {
            assert_eq!(tokens(&word), expected, "{word}");
        }
    }
}
