//! Where an address should stand and none does: it was lost on the way out of a page.

/// Words with which something new begins where an address was expected.
const OPENERS: [&str; 22] = [
    "I", "And", "But", "So", "We", "You", "It", "They", "He", "She", "The", "This", "That",
    "There", "If", "Or", "or", "and", "but", "You’ll", "We’ll", "I’m",
];
const VERBS: [&str; 8] = ["is", "are", "was", "were", "has", "have", "will", "can"];
const PLACES: [&str; 10] =
    ["website", "site", "blog", "page", "podcast", "newsletter", "book", "app", "tool", "service"];
const ASKS: [&str; 14] = [
    "find",
    "email",
    "e-mail",
    "write",
    "visit",
    "reach",
    "go",
    "check",
    "follow",
    "read",
    "listen",
    "subscribe",
    "link",
    "contact",
];

/// Whether an address is missing after the word at `index`: a preposition, or “called”, is followed
/// by the start of something else.
///
/// ```
/// use linernotes::addresses::lost_after;
/// let words: Vec<&str> = "You can find it at And we’ll link to it.".split(' ').collect();
/// assert!(lost_after(&words, 4));
/// ```
pub fn lost_after(words: &[&str], index: usize) -> bool {
    let Some(word) = words.get(index).filter(|word| matches!(**word, "at" | "called")) else {
        return false;
    };
    let before = words.get(index.saturating_sub(8)..index).unwrap_or_default();
    let sentence = before.rsplit(|w| w.ends_with(['.', '?', '!'])).next().unwrap_or_default();
    let asks = sentence.iter().any(|w| ASKS.contains(&w.to_lowercase().as_str()));
    let is_place = sentence.iter().rev().take(3).any(|w| PLACES.contains(w));
    let next = words.get(index + 1).copied();
    let after = words.get(index + 2).copied();
    let opens = next.is_none_or(|next| OPENERS.contains(&next));
    let name_and_verb = next.is_some_and(|n| n.starts_with(char::is_uppercase))
        && after.is_some_and(|after| VERBS.contains(&after));
    match *word {
        "at" => asks && (opens || name_and_verb),
        _ => is_place && opens,
    }
}
