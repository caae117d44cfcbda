//! Sentences -> what they say of who is who: introductions, hand-overs, thanks, mentions.

use super::super::{Attribution, Conversation};
use crate::speech::SpeakerLabel;
use crate::time::Ms;

/// A sentence of one turn.
pub(super) struct Sentence<'a> {
    pub(super) speaker: Option<&'a SpeakerLabel>,
    /// The number of the turn it stands in.
    pub(super) turn: usize,
    /// Whether it is the turn's first or last sentence, or one beside it.
    pub(super) opens_turn: bool,
    pub(super) closes_turn: bool,
    pub(super) at: Ms,
    pub(super) text: String,
    pub(super) tokens: Vec<Token>,
    /// Mean speaker confidence of the words, 0 to 1.
    pub(super) confidence: f32,
}

/// A word without its punctuation.
pub(super) struct Token {
    /// As written, possessive and punctuation taken off.
    pub(super) text: String,
    pub(super) lower: String,
    pub(super) capital: bool,
    pub(super) possessive: bool,
    /// A comma or the like stood after it.
    pub(super) pause_after: bool,
}

/// What the place of a name in a sentence says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// "My name is …", "I'm …": the speaker. With it, how clear the words are.
    Own(Clarity),
    /// "Here's …", "…, what do you think?": who speaks next.
    Next,
    /// "Thanks for coming, …", "Hi …": who speaks before or after.
    Neighbour,
    /// Spoken of: hardly the speaker.
    Other,
}

/// How clear it is that a name follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clarity {
    /// "My name is".
    Plain,
    /// "I'm".
    Likely,
    /// "This is".
    Doubtful,
}

/// The sentences of the conversation, in order, and the speaker of each turn.
pub(super) fn sentences(
    conversation: &Conversation,
) -> (Vec<Sentence<'_>>, Vec<Option<&SpeakerLabel>>) {
    let mut sentences: Vec<Sentence<'_>> = Vec::new();
    let mut turns: Vec<Option<&SpeakerLabel>> = Vec::new();
    for utterance in &conversation.utterances {
        let speaker = match &utterance.speaker {
            Attribution::Speaker(label) => Some(label),
            Attribution::Unknown(_) => None,
        };
        if turns.last() != Some(&speaker) {
            turns.push(speaker);
        }
        for words in utterance.words.split_inclusive(|word| word.word.ends_sentence()) {
            let Some(first) = words.first() else { continue };
            let mut text = String::new();
            for word in words {
                if !text.is_empty() && !word.word.glued {
                    text.push(' ');
                }
                text.push_str(&word.word.text);
            }
            #[expect(clippy::cast_precision_loss, reason = "sentences are short")]
            let confidence =
                words.iter().map(|word| word.speaker_confidence).sum::<f32>() / words.len() as f32;
            sentences.push(Sentence {
                speaker,
                turn: turns.len() - 1,
                opens_turn: false,
                closes_turn: false,
                at: first.word.span.start(),
                tokens: text.split_whitespace().filter_map(token).collect(),
                text,
                confidence,
            });
        }
    }
    for n in 0..sentences.len() {
        let turn = sentences[n].turn;
        let other = |m: usize| sentences.get(m).is_none_or(|sentence| sentence.turn != turn);
        let (opens, closes) = (n < 2 || other(n - 1) || other(n - 2), other(n + 1) || other(n + 2));
        (sentences[n].opens_turn, sentences[n].closes_turn) = (opens, closes);
    }
    (sentences, turns)
}

fn token(raw: &str) -> Option<Token> {
    let bare = raw.trim_matches(|c: char| !c.is_alphanumeric());
    if bare.is_empty() {
        return None;
    }
    let straight = bare.replace('’', "'");
    let (text, possessive) = match straight.strip_suffix("'s") {
        Some(stem) if !matches!(stem.to_lowercase().as_str(), "here" | "name" | "that" | "it") => {
            (stem.to_owned(), true)
        }
        _ => (straight, false),
    };
    Some(Token {
        lower: text.to_lowercase(),
        capital: text.chars().next().is_some_and(char::is_uppercase),
        possessive,
        pause_after: raw.ends_with([',', ';', ':', '—', '.', '?', '!', '…']),
        text,
    })
}

impl Sentence<'_> {
    /// What the sentence says of the name that stands at tokens `from..to`.
    pub(super) fn role(&self, from: usize, to: usize) -> Role {
        if self.tokens[to - 1].possessive {
            return Role::Other;
        }
        if let Some(clarity) = self.introduction_before(from) {
            let shown = clarity == Clarity::Doubtful && self.closes_turn && !self.opens_turn;
            return if shown { Role::Next } else { Role::Own(clarity) };
        }
        let words = |n: usize| self.tokens.get(n).map_or("", |token| token.lower.as_str());
        if to < self.tokens.len() && words(to) == "here" && self.opens_turn && from <= 1 {
            return Role::Own(Clarity::Likely);
        }
        let before = |n: usize| from.checked_sub(n).map_or("", words);
        if matches!((before(2), before(1)), (_, "here's") | ("here", "is") | ("over", "to")) {
            return Role::Next;
        }
        let last = to == self.tokens.len();
        let greeted = (0..from).any(|n| {
            matches!(words(n), "thanks" | "thank" | "welcome" | "hi" | "hey" | "hello" | "bye")
        });
        if greeted && (last || self.tokens[to - 1].pause_after) && from <= 8 {
            return Role::Neighbour;
        }
        let question = self.text.trim_end().ends_with('?');
        let called = (from == 0 || from == 1 && matches!(words(0), "so" | "and" | "well" | "now"))
            && self.tokens[to - 1].pause_after
            && !last;
        let called_last = last && from > 0 && self.tokens[from - 1].pause_after;
        if called || called_last {
            return if self.closes_turn && question { Role::Next } else { Role::Neighbour };
        }
        Role::Other
    }

    /// Whether the tokens before `at` introduce the speaker.
    fn introduction_before(&self, at: usize) -> Option<Clarity> {
        let word = |back: usize| at.checked_sub(back).map_or("", |n| self.tokens[n].lower.as_str());
        match (word(3), word(2), word(1)) {
            ("my", "name", "is") | (_, "my", "name's") => Some(Clarity::Plain),
            (_, _, "i'm") | (_, "i", "am") => Some(Clarity::Likely),
            (_, "this", "is") if at <= 4 => Some(Clarity::Doubtful),
            _ => None,
        }
    }

    /// Names in clear introductions that nobody listed: tokens `from..to`, two or three words with
    /// capitals, or one after "my name is".
    pub(super) fn unlisted_introductions(&self) -> Vec<(usize, usize)> {
        (1..self.tokens.len())
            .filter_map(|from| {
                let clarity = self.introduction_before(from)?;
                let mut to = from;
                while to < self.tokens.len() && to - from < 3 && is_name(&self.tokens[to]) {
                    to += 1;
                    if self.tokens[to - 1].pause_after {
                        break;
                    }
                }
                let enough = match clarity {
                    Clarity::Plain => to > from,
                    Clarity::Likely => to >= from + 2,
                    Clarity::Doubtful => false,
                };
                enough.then_some((from, to))
            })
            .collect()
    }
}

/// Capitalised words after "I'm" that are no names.
const NOT_NAMES: [&str; 34] = [
    "american",
    "british",
    "english",
    "irish",
    "scottish",
    "welsh",
    "french",
    "german",
    "italian",
    "spanish",
    "canadian",
    "australian",
    "chinese",
    "japanese",
    "indian",
    "african",
    "european",
    "asian",
    "jewish",
    "muslim",
    "christian",
    "catholic",
    "senior",
    "vice",
    "chief",
    "head",
    "director",
    "president",
    "professor",
    "ceo",
    "cto",
    "vp",
    "i",
    "new",
];

fn is_name(token: &Token) -> bool {
    token.capital
        && !token.possessive
        && token.text.chars().count() >= 2
        && !token.text.contains('\'')
        && token.text.chars().all(|c| c.is_alphabetic() || c == '-')
        && !NOT_NAMES.contains(&token.lower.as_str())
}
