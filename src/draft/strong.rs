//! Strong language, which a feed has to own up to. English.

use serde::{Deserialize, Serialize};

use crate::draft::sentences::Sentence;
use crate::draft::terms::folded;
use crate::draft::words::STRONG;
use crate::time::Ms;

/// A strong word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrongWord {
    /// When the sentence with it begins.
    pub at: Ms,
    /// The word.
    pub word: String,
}

/// The strong words in order; one a sentence.
pub(super) fn strong(sentences: &[Sentence<'_>]) -> Vec<StrongWord> {
    let is_strong = |word: &&&str| {
        let word = folded(word);
        STRONG.iter().any(|stem| word.starts_with(stem) || word.ends_with(stem))
    };
    let found = sentences.iter().filter_map(|sentence| {
        let word = sentence.words.iter().find(is_strong)?;
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        Some(StrongWord { at: sentence.at(), word })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strong_words_are_found_and_others_are_not() {
        let said =
            |text: &str| strong(&[Sentence::of_text(text, 0)]).first().map(|s| s.word.clone());
        assert_eq!(said("Shit was down.").as_deref(), Some("Shit"));
        assert_eq!(said("What a clusterfuck, honestly.").as_deref(), Some("clusterfuck"));
        assert_eq!(said("We shifted the pitch in Scunthorpe."), None);
    }
}
