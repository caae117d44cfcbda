//! What a text says when it is read aloud: what is left without capitals and punctuation.

/// Signs that nobody hears beside a word; inside one they may be, as in `99.9`.
const SILENT: &[char] =
    &['.', ',', ';', ':', '!', '?', '…', '"', '“', '”', '(', ')', '[', ']', '-', '–', '—', '♪'];
/// Signs that nobody hears anywhere: `the state's` is `the states`.
const APOSTROPHES: &[char] = &['\'', '‘', '’'];

/// The text in lower case, without signs that nobody hears where they stand, and one space for
/// several.
pub(crate) fn spoken(text: &str) -> String {
    let mut spoken = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let inside = before.is_alphanumeric() && chars.peek().is_some_and(|c| c.is_alphanumeric());
        before = c;
        if c.is_whitespace() {
            if !spoken.ends_with(' ') {
                spoken.push(' ');
            }
        } else if !APOSTROPHES.contains(&c) && (inside || !SILENT.contains(&c)) {
            spoken.extend(c.to_lowercase());
        }
    }
    spoken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_and_capitals_are_not_heard() {
        for (one, other) in [
            (" in Egypt. And there,", " in egypt and there"),
            (" \"No,\" she said — twice", " no she said twice"),
            (" (so it goes)", " so it goes"),
            (" at St. Bride's it’s", " at St Brides its"),
        ] {
            assert_eq!(spoken(one), spoken(other));
        }
    }

    #[test]
    fn words_and_figures_are() {
        for (one, other) in [
            (" cripple gate", " cripplegate"),
            (" 99.9 percent", " 999 percent"),
            (" 2/9", " 29"),
            (" 5%", " 5"),
            (" C++", " C"),
            (" well-known", " well known"),
            ("本", "木"),
        ] {
            assert_ne!(spoken(one), spoken(other));
        }
    }
}
