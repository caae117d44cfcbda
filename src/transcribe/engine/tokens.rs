//! The numbers of Whisper's special tokens, and text to tokens and back.

use std::collections::HashMap;

/// The languages in the order of their tokens, ISO 639-1 where there is one.
pub(super) const LANGUAGES: [&str; 100] = [
    "en", "zh", "de", "es", "ru", "ko", "fr", "ja", "pt", "tr", "pl", "ca", "nl", "ar", "sv", "it",
    "id", "hi", "fi", "vi", "he", "uk", "el", "ms", "cs", "ro", "da", "hu", "ta", "no", "th", "ur",
    "hr", "bg", "lt", "la", "mi", "ml", "cy", "sk", "te", "fa", "lv", "bn", "sr", "az", "sl", "kn",
    "et", "mk", "br", "eu", "is", "hy", "ne", "mn", "bs", "kk", "sq", "sw", "gl", "mr", "pa", "si",
    "km", "sn", "yo", "so", "af", "oc", "ka", "be", "tg", "sd", "gu", "am", "yi", "lo", "uz", "fo",
    "ht", "ps", "tk", "nn", "mt", "sa", "lb", "my", "bo", "tl", "mg", "as", "tt", "haw", "ln",
    "ha", "ba", "jw", "su", "yue",
];

/// Whether a vocabulary of that size is of a model for all languages; one for English alone has
/// one token less.
pub(crate) fn is_multilingual(vocabulary: usize) -> bool {
    vocabulary >= 51_865
}

/// The tokens of one vocabulary.
pub(crate) struct Tokens {
    bytes: Vec<Vec<u8>>,
    numbers: HashMap<Vec<u8>, u32>,
    longest: usize,
    /// Whether it is of a model for all languages.
    pub(crate) multilingual: bool,
    languages: u32,
    /// Ends a text.
    pub(crate) end: u32,
    /// Begins a text.
    pub(crate) start: u32,
}

impl Tokens {
    /// Takes the text tokens; `vocabulary` counts all.
    pub(crate) fn new(bytes: Vec<Vec<u8>>, vocabulary: usize) -> Tokens {
        let multilingual = is_multilingual(vocabulary);
        let end = if multilingual { 50_257 } else { 50_256 };
        let languages = if multilingual { vocabulary.saturating_sub(51_766) } else { 99 };
        let languages = u32::try_from(languages.min(LANGUAGES.len())).unwrap_or(99);
        let numbers: HashMap<Vec<u8>, u32> =
            bytes.iter().take(end as usize).cloned().zip(0..).collect();
        let longest = bytes.iter().map(Vec::len).max().unwrap_or(0);
        Tokens { bytes, numbers, longest, multilingual, languages, end, start: end + 1 }
    }

    /// The bytes of a text token.
    pub(crate) fn bytes(&self, token: u32) -> &[u8] {
        self.bytes.get(token as usize).map_or(&[], Vec::as_slice)
    }

    /// The first token behind those of the languages: to translate.
    fn tasks(&self) -> u32 {
        // Models for English alone keep the places of 99 languages but the last.
        self.start + if self.multilingual { self.languages } else { 99 } + 1
    }

    /// What begins a text: its language and task, without times. The count is of those tokens
    /// that stand before the last.
    pub(crate) fn opening(&self, language: &str, translate: bool) -> Option<Vec<u32>> {
        let tasks = self.tasks();
        let without_times = tasks + 5;
        if !self.multilingual {
            return (language == "en").then(|| vec![self.start, without_times]);
        }
        let languages = LANGUAGES.iter().take(self.languages as usize);
        let language = languages.zip(self.start + 1..).find(|(code, _)| **code == language)?.1;
        Some(vec![self.start, language, if translate { tasks } else { tasks + 1 }, without_times])
    }

    /// Stands before text that is to be believed said before.
    pub(crate) fn before(&self) -> u32 {
        self.tasks() + 3
    }

    /// Says that nobody speaks.
    pub(crate) fn no_speech(&self) -> u32 {
        self.tasks() + 4
    }

    /// The code and the token of each language.
    pub(crate) fn languages(&self) -> impl Iterator<Item = (&'static str, u32)> {
        LANGUAGES.iter().copied().take(self.languages as usize).zip(self.start + 1..)
    }

    /// The token of a single space.
    pub(crate) fn space(&self) -> Option<u32> {
        self.numbers.get(b" ".as_slice()).copied()
    }

    /// A text's tokens, each as long as one can be.
    pub(crate) fn of(&self, text: &str) -> Vec<u32> {
        let mut rest = text.as_bytes();
        let mut tokens = Vec::new();
        while !rest.is_empty() {
            let mut lengths = (1..=self.longest.min(rest.len())).rev();
            let found = lengths.find_map(|n| Some((n, *self.numbers.get(&rest[..n])?)));
            let (length, token) = found.unwrap_or((1, self.end));
            if token != self.end {
                tokens.push(token);
            }
            rest = &rest[length..];
        }
        tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vec<Vec<u8>> {
        let mut tokens: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
        tokens.extend([b" the".to_vec(), b" th".to_vec(), b"en".to_vec()]);
        tokens
    }

    #[test]
    fn special_tokens_stand_where_openai_put_them() {
        let base = Tokens::new(vocabulary(), 51_865);
        assert_eq!(base.opening("en", false).unwrap(), [50_258, 50_259, 50_359, 50_363]);
        assert_eq!(base.opening("de", true).unwrap(), [50_258, 50_261, 50_358, 50_363]);
        assert_eq!((base.before(), base.no_speech(), base.end), (50_361, 50_362, 50_257));
        assert!(base.opening("yue", false).is_none() && base.opening("klingon", false).is_none());
        let english = Tokens::new(vocabulary(), 51_864);
        assert_eq!(english.opening("en", false).unwrap(), [50_257, 50_362]);
        assert_eq!((english.before(), english.no_speech(), english.end), (50_360, 50_361, 50_256));
        assert!(english.opening("de", false).is_none());
        let large_v3 = Tokens::new(vocabulary(), 51_866);
        assert_eq!(large_v3.opening("yue", false).unwrap(), [50_258, 50_358, 50_360, 50_364]);
    }

    #[test]
    fn any_text_becomes_tokens_and_comes_back() {
        let tokens = Tokens::new(vocabulary(), 51_865);
        for text in ["", " then", "é the 你\n"] {
            let of = tokens.of(text);
            let back: Vec<u8> = of.iter().flat_map(|token| tokens.bytes(*token).to_vec()).collect();
            assert_eq!(back, text.as_bytes());
        }
        assert_eq!(tokens.of(" then"), [256, u32::from(b'n')]);
    }
}
