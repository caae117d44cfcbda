//! Text -> what is compared of it: words without case, quotation marks, dashes and apostrophes.
//!
//! Letters keep their accents: `schon` and `schön` are two words. A character of a script without
//! spaces between words is a token by itself, and so is a sign that is said aloud, as `%`.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A word as it is compared, and where it stands in the text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What is compared.
    pub key: String,
    /// Its first byte.
    pub from: usize,
    /// The first byte after it.
    pub to: usize,
}

/// Signs that are said aloud.
const SAID_SIGNS: [char; 14] =
    ['%', '$', '€', '£', '¥', '°', '&', '+', '=', '#', '@', '§', '¢', '‰'];

/// The tokens of a text, in order.
///
/// ```
/// let keys = |text| -> Vec<String> {
///     linernotes::spoken::tokens(text).into_iter().map(|token| token.key).collect()
/// };
/// assert_eq!(keys("It’s a “well-kept” 1,000%"), ["its", "a", "well", "kept", "1000", "%"]);
/// ```
pub fn tokens(text: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let mut open: Option<Token> = None;
    let mut letters = text.char_indices().peekable();
    let mut before = None;
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let end = at + letter.len_utf8();
        let has_space_script = !is_unspaced(letter);
        if is_combining_mark(letter) {
            if let Some(token) = open.as_mut().or(found.last_mut().filter(|last| last.to == at)) {
                token.key.push(letter);
                token.to = end;
            }
        } else if letter.is_alphanumeric() && has_space_script {
            let token = open.get_or_insert_with(|| Token { key: String::new(), from: at, to: end });
            token.key.extend(letter.to_lowercase());
            token.to = end;
        } else if open.is_some() && stands_within(before, letter, next, &text[end..]) {
            if letter == '.'
                && let Some(token) = &mut open
            {
                token.key.push('.');
            }
        } else {
            found.extend(open.take());
            if !has_space_script && is_written(letter) || SAID_SIGNS.contains(&letter) {
                found.push(Token { key: letter.to_string(), from: at, to: end });
            }
        }
        before = Some(letter);
    }
    found.extend(open);
    for token in found.iter_mut().filter(|token| !token.key.is_ascii()) {
        token.key = token.key.nfkc().collect();
    }
    found
}

/// Whether a word is no more than a sound of thinking.
pub(crate) fn is_filler(key: &str) -> bool {
    matches!(
        key,
        "um" | "umm" | "uh" | "uhh" | "uhm" | "er" | "erm" | "hm" | "hmm" | "mm" | "mmm" | "mhm"
    )
}

/// Whether it stands inside a word or a number without dividing it.
fn stands_within(before: Option<char>, letter: char, next: Option<char>, rest: &str) -> bool {
    let before_word = next.is_some_and(char::is_alphanumeric);
    match letter {
        '\'' | '’' | 'ʼ' | '‘' | '`' | '´' | '＇' | '[' | ']' => before_word,
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => true,
        '.' => before.is_some_and(is_digit) && next.is_some_and(is_digit),
        ',' => {
            before.is_some_and(is_digit) && rest.chars().take_while(|c| is_digit(*c)).count() == 3
        }
        _ => false,
    }
}

fn is_digit(letter: char) -> bool {
    letter.is_ascii_digit()
}

/// Scripts that put no space between words.
pub(crate) fn is_unspaced(letter: char) -> bool {
    matches!(u32::from(letter),
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff
        | 0x3040..=0x30ff | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff
        | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff)
}

/// Whether a character of such a script is part of a word, and no punctuation.
fn is_written(letter: char) -> bool {
    letter.is_alphanumeric() || is_combining_mark(letter)
}

/// What stands for a token where many are compared.
pub(crate) fn hash(key: &str) -> u32 {
    key.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.key).collect()
    }

    #[test]
    fn typography_does_not_count_and_letters_do() {
        assert_eq!(keys("“WE’RE”—here…"), keys("we're - here"));
        assert_eq!(keys("e-mail"), ["e", "mail"]);
        assert_eq!(keys("the users’ data"), ["the", "users", "data"]);
        assert_eq!(keys("[W]e learn[ed]"), ["we", "learned"]);
        assert_eq!(keys("cafe\u{301}"), keys("café"));
        assert_ne!(keys("schon"), keys("schön"));
        assert_eq!(keys("3.5 of 1,000, 2,3"), ["3.5", "of", "1000", "2", "3"]);
        assert_eq!(keys("23% AT&T"), ["23", "%", "at", "&", "t"]);
        assert_eq!(keys("海は、青い"), ["海", "は", "青", "い"]);
        assert_eq!(keys("… — !"), Vec::<String>::new());
    }

    #[test]
    fn a_token_says_where_it_stands() {
        let text = "é – “don’t”";
        let places: Vec<&str> =
            tokens(text).iter().map(|token| &text[token.from..token.to]).collect();
        assert_eq!(places, ["é", "don’t"]);
    }
}
