//! Words -> what the site's search compares. `templates/assets/search.js` has the same rules; a
//! test in `tests/page` holds the two together.

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
        for (word, expected) in [
            ("bucket", vec!["bucket"]),
            ("Bucket,", vec!["bucket"]),
            ("Don’t", vec!["dont"]),
            ("don't!", vec!["dont"]),
            ("well-known", vec!["well", "known"]),
            ("Café", vec!["cafe"]),
            ("Straße", vec!["straße"]),
            ("1,000", vec!["1", "000"]),
            ("ﬁsh", vec!["fish"]),
            ("音楽", vec!["音", "楽"]),
            ("ガス", vec!["カ", "ス"]),
            ("—", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(tokens(word), expected, "{word}");
        }
    }
}
