//! Addresses in running words, written or spoken: `basecamp.com/books`, “basecamp dot com slash
//! books”, “hello at rework dot fm”, `@bitsweat`, 708-628-7850, and places where one is missing.
//!
//! Pure; words come in with their punctuation. What is found is English where it is spoken.

mod link;
mod lost;
mod phone;

pub use link::link;
pub(crate) use link::{LINK_SCHEMES, is_web};
pub use lost::lost_after;

/// Where somebody or something can be found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Address {
    /// Host and path without a scheme, as `basecamp.com/books`.
    Web(String),
    /// As `hello@rework.fm`.
    Email(String),
    /// A name on some platform, without its `@`.
    Handle(String),
    /// Digits, with a leading `+` where it was said: `7086287850`.
    Phone(String),
}

/// An address in a list of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The first of its words.
    pub from: usize,
    /// The word behind its last.
    pub to: usize,
    /// The address.
    pub address: Address,
}

impl Address {
    /// A link to it, where that can be said without a guess.
    ///
    /// ```
    /// use linernotes::addresses::Address;
    /// assert_eq!(Address::Phone("7086287850".into()).url().unwrap(), "tel:7086287850");
    /// assert_eq!(Address::Handle("bitsweat".into()).url(), None);
    /// ```
    pub fn url(&self) -> Option<String> {
        Some(match self {
            Address::Web(address) => format!("https://{address}"),
            Address::Email(address) => format!("mailto:{address}"),
            Address::Phone(digits) => format!("tel:{digits}"),
            Address::Handle(_) => return None,
        })
    }

    /// The address as it is shown to people.
    pub fn shown(&self) -> String {
        match self {
            Address::Web(address) | Address::Email(address) => address.clone(),
            Address::Phone(digits) => phone::shown(digits),
            Address::Handle(name) => format!("@{name}"),
        }
    }
}

/// The addresses in a sentence, in order and without overlap.
///
/// ```
/// use linernotes::addresses::{Address, find};
/// let words: Vec<&str> = "It's at basecamp dot com slash books.".split(' ').collect();
/// assert_eq!(find(&words)[0].address, Address::Web("basecamp.com/books".into()));
/// ```
pub fn find(words: &[&str]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let next = email(words, at)
            .or_else(|| handle(words, at))
            .or_else(|| web(words, at))
            .or_else(|| phone::at(words, at));
        match next {
            Some(next) => {
                at = next.to.max(at + 1);
                found.push(next);
            }
            None => at += 1,
        }
    }
    found
}

/// Endings of hosts that are no words of their own.
const ENDINGS: &[&str] = &[
    "com", "org", "net", "io", "fm", "co", "uk", "de", "fr", "es", "eu", "app", "dev", "tv", "ca",
    "au", "edu", "gov", "ai", "gg", "ly", "nl", "ch", "se", "dk", "fi", "pl", "jp", "nz", "ie",
    "xyz", "info", "nu", "cc", "sh", "im", "vc", "rs", "cx", "br", "kr", "za", "mx",
];

/// Endings that are words too: believed after a spoken “dot”, or before a path.
const WORD_ENDINGS: &[&str] = &[
    "us", "me", "it", "in", "be", "no", "so", "at", "is", "to", "blog", "show", "studio", "audio",
    "cafe", "news", "club", "site", "online", "tech", "store", "live", "world", "today", "page",
    "link", "team", "games", "design", "media", "example", "social", "space", "works", "coffee",
];

/// A word without the punctuation around it.
fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '@' | '/' | '+' | '_'))
        .trim_end_matches('/')
}

fn ends_clause(word: &str) -> bool {
    word.ends_with(['.', ',', '!', '?', ';', ':', ')', '”', '"'])
}

fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !text.starts_with('-')
}

/// `https://rework.fm/x`, `basecamp.com/books`, “basecamp dot com slash books”.
fn web(words: &[&str], from: usize) -> Option<Found> {
    let (mut address, mut to) = written_host(words.get(from)?)
        .map(|host| (host, from + 1))
        .or_else(|| spoken_host(words, from))?;
    while words.get(to - 1).is_some_and(|last| !ends_clause(last)) {
        let word = words.get(to).map_or_else(String::new, |word| bare(word).to_lowercase());
        let skip = match word.as_str() {
            "slash" => 1,
            "forward" if words.get(to + 1).is_some_and(|w| bare(w) == "slash") => 2,
            _ => break,
        };
        let Some(part) = words.get(to + skip).map(|w| bare(w)).filter(|w| !w.is_empty()) else {
            break;
        };
        address = format!("{address}/{}", part.to_lowercase());
        to += skip + 1;
        while words.get(to - 1).is_some_and(|last| !ends_clause(last)) {
            let joint = match words.get(to).map(|w| bare(w).to_lowercase()).as_deref() {
                Some("dash" | "hyphen") => '-',
                Some("dot") => '.',
                _ => break,
            };
            let Some(part) = words.get(to + 1).map(|w| bare(w)).filter(|w| !w.is_empty()) else {
                break;
            };
            address.push(joint);
            address.push_str(&part.to_lowercase());
            to += 2;
        }
    }
    Some(Found { from, to, address: Address::Web(address) })
}

/// A host that is written out, with its path; the path keeps its capitals.
fn written_host(word: &str) -> Option<String> {
    let word = bare(word);
    let has_scheme = word.contains("://");
    let rest = word.split_once("://").map_or(word, |(_, rest)| rest);
    let (host, path) = rest.split_once('/').map_or((rest, ""), |(host, path)| (host, path));
    let labels: Vec<&str> = host.split('.').collect();
    let (ending, before) = labels.split_last()?;
    let sure = has_scheme || !path.is_empty() || host.starts_with("www.");
    let ending = ending.to_ascii_lowercase();
    let known = ENDINGS.contains(&ending.as_str())
        || sure && WORD_ENDINGS.contains(&ending.as_str())
        || has_scheme && ending.len() >= 2 && ending.chars().all(|c| c.is_ascii_alphabetic());
    let valid = !before.is_empty() && labels.iter().all(|label| is_label(label));
    if !known || !valid || path.contains(['<', '>', '"']) {
        return None;
    }
    let host = host.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host).to_owned();
    Some(if path.is_empty() { host } else { format!("{host}/{path}") })
}

/// A host that is spoken: “rework dot fm”.
fn spoken_host(words: &[&str], from: usize) -> Option<(String, usize)> {
    let mut host = bare(words.get(from)?).to_ascii_lowercase();
    // “a dot in the sky”
    if !is_label(&host) || ["dot", "a", "the", "this", "that", "one", "every"].contains(&&*host) {
        return None;
    }
    let mut to = from + 1;
    let mut known = false;
    while words.get(to).is_some_and(|word| bare(word).eq_ignore_ascii_case("dot"))
        && words.get(to - 1).is_some_and(|last| !ends_clause(last))
    {
        let label = bare(words.get(to + 1)?).to_ascii_lowercase();
        if !is_label(&label) {
            break;
        }
        known = ENDINGS.contains(&label.as_str()) || WORD_ENDINGS.contains(&label.as_str());
        host = format!("{host}.{label}");
        to += 2;
    }
    let host = host.strip_prefix("www.").map(str::to_owned).unwrap_or(host);
    known.then_some((host, to))
}

/// Words before “at” that are no mailbox, as in “email us at basecamp.com”.
const NO_MAILBOX: &[&str] = &[
    "us", "me", "it", "them", "him", "her", "you", "more", "out", "up", "find", "posts", "book",
    "show", "website", "site", "here", "there", "online", "notes", "this", "that", "look", "is",
    "are", "was", "directly", "anytime", "today", "page", "reach", "email",
];

/// `hello@rework.fm`, “hello at rework dot fm”.
fn email(words: &[&str], from: usize) -> Option<Found> {
    let first = bare(words.get(from)?);
    if let Some((local, host)) = first.split_once('@').filter(|(local, _)| !local.is_empty()) {
        let host = written_host(host).filter(|host| !host.contains('/'))?;
        let address = Address::Email(format!("{}@{host}", local.to_lowercase()));
        return Some(Found { from, to: from + 1, address });
    }
    let at = words.get(from + 1).filter(|word| **word == "at")?;
    let local = first.to_lowercase();
    let is_mailbox = words.get(from) == Some(&first)
        && is_label(&local)
        && !NO_MAILBOX.contains(&local.as_str())
        && !at.is_empty();
    let before = words.get(..from).unwrap_or_default();
    let asks = before.iter().rev().take(12).any(|word| {
        let word = bare(word).to_lowercase();
        ["email", "e-mail", "mail", "write", "address", "reach", "contact", "message"]
            .iter()
            .any(|verb| word == *verb || word == format!("{verb}s"))
    });
    if !is_mailbox || !asks {
        return None;
    }
    let found = web(words, from + 2)?;
    let Address::Web(host) = found.address else { return None };
    (!host.contains('/')).then(|| Found {
        from,
        to: found.to,
        address: Address::Email(format!("{local}@{host}")),
    })
}

/// The platforms on which people have names.
const PLATFORMS: &[&str] =
    &["twitter", "instagram", "mastodon", "bluesky", "threads", "tiktok", "github", "linkedin"];

/// `@bitsweat`, “at bitsweat on Twitter”.
fn handle(words: &[&str], from: usize) -> Option<Found> {
    let first = bare(words.get(from)?);
    let is_name = |name: &str| {
        (2..=40).contains(&name.len())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
            && name.chars().any(|c| c.is_ascii_alphabetic())
    };
    if let Some(name) = first.strip_prefix('@').filter(|name| is_name(name)) {
        return Some(Found { from, to: from + 1, address: Address::Handle(name.to_owned()) });
    }
    let name = words.get(from + 1).map(|word| bare(word)).filter(|name| is_name(name))?;
    let on = words.get(from + 2).is_some_and(|word| *word == "on");
    let platform = words.get(from + 3).map(|word| bare(word).to_lowercase())?;
    let spoken = words.get(from) == Some(&"at") && on && PLATFORMS.contains(&platform.as_str());
    spoken.then(|| Found { from, to: from + 2, address: Address::Handle(name.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sentence: &str) -> Vec<String> {
        let words: Vec<&str> = sentence.split_whitespace().collect();
        find(&words).into_iter().map(|found| found.address.shown()).collect()
    }

    #[test]
    fn addresses_are_read_as_they_are_written_and_spoken() {
        for (sentence, wanted) in [
            ("Go to basecamp.com/books, please.", "basecamp.com/books"),
            ("It’s at basecamp dot com slash books.", "basecamp.com/books"),
            ("See https://www.rework.fm/16 for it", "rework.fm/16"),
            ("at rework dot fm slash episode dash ten. Then", "rework.fm/episode-ten"),
            ("at basecamp.com slash Books and more", "basecamp.com/books"),
            ("email us at hello at rework dot fm", "hello@rework.fm"),
            ("mail Hello@Rework.fm.", "hello@rework.fm"),
            ("email us at rework.fm.", "rework.fm"),
            ("he is on Twitter at @bitsweat and", "@bitsweat"),
            ("I’m at bitsweat on Twitter.", "@bitsweat"),
            ("call us on 708-628-7850.", "708-628-7850"),
            ("a voicemail at 708 628 7850, or", "708-628-7850"),
            ("call +44 20 7946 0123 now", "+442079460123"),
            ("leave a message at seven oh eight six two eight seven eight five oh", "708-628-7850"),
            ("the harbour hour dot show", "hour.show"),
        ] {
            assert_eq!(found(sentence), [wanted], "{sentence}");
        }
    }

    #[test]
    fn other_words_and_numbers_are_none() {
        for sentence in [
            "It was done.So we left at 10:15 in 2019, 2020 or 2021.",
            "a dot in the sky, e.g. this one",
            "That is version 1.2.3 of Node.js.",
            "between 1,000,000 and 2,000,000 people",
            "one two three four, and again",
            "at home on Monday",
        ] {
            assert_eq!(found(sentence), Vec::<String>::new(), "{sentence}");
        }
    }
}
