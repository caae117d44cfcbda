//! What listeners are promised to find: links in the show notes, addresses, handles, telephone
//! numbers; and whether the notes keep it. English.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::addresses::{self, Address};
use crate::draft::sentences::Sentence;
use crate::draft::terms::{Stop, folded};
use crate::draft::words::{DESCRIPTIONS, LINKING, NOTES, PROMISING, SENDING};
use crate::edit::edits::parse_clock;
use crate::library::episode::Link;
use crate::library::stated::Stated;
use crate::time::Ms;

/// Something that a listener is told to find somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// When the sentence begins.
    pub at: Ms,
    /// Who says it.
    pub speaker: Option<String>,
    /// The sentence.
    pub said: String,
    /// What is promised, as `basecamp.com/books`, or `a link in the show notes`.
    pub what: String,
    /// Where it leads; `None` where nobody knows.
    pub link: Option<Link>,
    /// How it was found.
    pub kept: Kept,
}

impl fmt::Display for Promise {
    /// For a promise that nothing keeps.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = self.at.clock();
        let speaker = self.speaker.as_deref().unwrap_or("somebody");
        write!(
            f,
            "at {clock} {speaker} promises {}, and the notes have no link for it; put one into \
             `[[links]]` of `episode.toml`, with `at = \"{clock}\"`",
            self.what
        )
    }
}

/// Whether a promise is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// A link of the episode, the show or the glossary is meant.
    Resolved,
    /// The address was said in full; nobody has checked it.
    AsSpoken,
    /// A person looked at it: nothing is needed.
    Waived,
    /// There is no link for it.
    Missing,
}

/// A link in `episode.toml` whose `at` is within this of a promise belongs to it.
const NEAR: Ms = Ms::new(5_000);

/// The promises of an episode in order.
pub(super) fn promises(sentences: &[Sentence<'_>], stated: Stated<'_>) -> Vec<Promise> {
    let known = Known::of(stated);
    let stop = Stop::of(&[]);
    let mut promises: Vec<Promise> = Vec::new();
    for (at, sentence) in sentences.iter().enumerate() {
        let found = addresses::find(&sentence.words);
        let terms = known.terms(&sentence.words);
        let mut made: Vec<(String, Kept, Option<Link>)> = found
            .iter()
            .map(|found| known.resolve(&found.address, sentence))
            .chain(terms.into_iter().map(|link| (link.text.clone(), Kept::Resolved, Some(link))))
            .collect();
        let is_answered = made.iter().any(|(_, kept, _)| *kept != Kept::Missing);
        let lost = (0..sentence.words.len())
            .filter(|&word| addresses::lost_after(&sentence.words, word))
            .filter(|&word| found.iter().all(|found| !(found.from..found.to + 1).contains(&word)));
        for word in lost {
            made.push((lost_text(sentence, word), Kept::Missing, None));
        }
        if is_promise_of_a_link(&sentence.folded()) && !is_answered {
            let near = sentences.get(at.saturating_sub(2)..=at).unwrap_or_default();
            let link = known.about(near, &stop);
            let kept = if link.is_some() { Kept::Resolved } else { Kept::Missing };
            made.push(("a link in the show notes".to_owned(), kept, link));
        }
        for (what, kept, link) in made {
            let (kept, link) = match known.set_for(sentence) {
                Some(own) if kept == Kept::Missing && own.url.trim().is_empty() => {
                    (Kept::Waived, None)
                }
                Some(own) if kept == Kept::Missing => (Kept::Resolved, Some(own.clone())),
                _ => (kept, link),
            };
            let again = kept != Kept::Missing && promises.iter().any(|p| p.what == what);
            if !again {
                promises.push(Promise {
                    at: sentence.at(),
                    speaker: sentence.speaker.map(|name| name.0.clone()),
                    said: sentence.text.clone(),
                    what,
                    link,
                    kept,
                });
            }
        }
    }
    promises
}

/// The words before an address that is missing.
fn lost_text(sentence: &Sentence<'_>, word: usize) -> String {
    let from = word.saturating_sub(3);
    let before = sentence.words.get(from..=word).unwrap_or_default().join(" ");
    format!("the address after “{before}”")
}

/// Whether the sentence says that a link will be in the notes.
fn is_promise_of_a_link(sentence: &str) -> bool {
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| sentence.contains(phrase));
    let links = says(LINKING);
    says(NOTES) || says(DESCRIPTIONS) && sentence.contains("link") || links && says(PROMISING)
}

/// The links that are known before anybody speaks.
struct Known<'a> {
    links: Vec<Link>,
    own: &'a [Link],
    glossary: Vec<(Vec<String>, Link)>,
}

impl<'a> Known<'a> {
    fn of(Stated { show, episode, .. }: Stated<'a>) -> Known<'a> {
        let link = |text: &str, url: &str| Link {
            text: text.to_owned(),
            url: url.to_owned(),
            ..Link::default()
        };
        let mut links: Vec<Link> = episode.links.clone();
        let people = episode.people.iter().chain(&show.people);
        links.extend(people.map(|person| link(&person.name, &person.url)));
        let terms = || episode.glossary.iter().chain(&show.glossary);
        links.extend(terms().map(|term| link(&term.term, &term.url)));
        links.extend(show.promo.iter().map(|promo| link(&promo.link_text, &promo.url)));
        links.push(link(&show.name, &show.base_url));
        links.extend(summary_links(&episode.summary));
        if show.email.contains('@') {
            links.push(link(&show.email, &format!("mailto:{}", show.email)));
        }
        links.retain(|link| addresses::link(&link.url).is_some());
        let glossary = terms()
            .filter(|term| addresses::link(&term.url).is_some())
            .flat_map(|term| {
                let forms = term.heard_as.iter().chain([&term.term]);
                let words = |form: &String| form.split_whitespace().map(folded).collect();
                forms.map(move |form| (words(form), link(&term.term, &term.url)))
            })
            .filter(|(words, _): &(Vec<String>, Link)| !words.is_empty())
            .collect();
        Known { links, own: &episode.links, glossary }
    }

    /// The link that a person set for a promise in this sentence.
    fn set_for(&self, sentence: &Sentence<'_>) -> Option<&Link> {
        let (start, end) = (sentence.at() - NEAR, sentence.span.end() + NEAR);
        self.own
            .iter()
            .find(|link| parse_clock(&link.at).is_some_and(|at| (start..=end).contains(&at)))
    }

    fn resolve(&self, address: &Address, sentence: &Sentence<'_>) -> (String, Kept, Option<Link>) {
        let shown = address.shown();
        let known = self
            .links
            .iter()
            .find(|link| leads_to(&link.url, address))
            .or_else(|| self.links.iter().find(|link| is_within(&link.url, address)));
        if let Some(link) = known {
            return (shown, Kept::Resolved, Some(link.clone()));
        }
        let url = address.url().or_else(|| profile(address, &sentence.folded()));
        let link = url.map(|url| Link { text: shown.clone(), url, ..Link::default() });
        let kept = if link.is_some() { Kept::AsSpoken } else { Kept::Missing };
        (shown, kept, link)
    }

    /// The glossary's terms with an address that are said, where the sentence sends listeners there.
    fn terms(&self, words: &[&str]) -> Vec<Link> {
        let words: Vec<String> = words.iter().map(|word| folded(word)).collect();
        let mut found: Vec<Link> = Vec::new();
        for (form, link) in &self.glossary {
            let at = words.windows(form.len()).position(|window| window == form.as_slice());
            let sent = at.is_some_and(|at| {
                let before = words.get(at.saturating_sub(8)..at).unwrap_or_default();
                before.iter().any(|word| SENDING.contains(&word.as_str()))
            });
            if sent && !found.contains(link) {
                found.push(link.clone());
            }
        }
        found
    }

    /// The episode's own link whose text or address has most words of what was just said.
    fn about(&self, near: &[Sentence<'_>], stop: &Stop) -> Option<Link> {
        let said: BTreeSet<String> =
            near.iter().flat_map(|sentence| stop.terms(sentence.words.iter().copied())).collect();
        let shared = |link: &Link| {
            let url = link.url.split_once("://").map_or("", |(_, rest)| rest);
            let path = url.split_once('/').map_or("", |(_, path)| path);
            let words = link.text.split_whitespace().chain(path.split(['/', '-', '_', '.', '?']));
            let words: BTreeSet<String> = stop.terms(words).into_iter().collect();
            words.intersection(&said).count()
        };
        let own = self.own.iter().filter(|link| addresses::link(&link.url).is_some());
        let best = own.map(|link| (shared(link), link)).rev().max_by_key(|(shared, _)| *shared);
        best.filter(|(shared, _)| *shared > 0).map(|(_, link)| link.clone())
    }
}

/// The links in the summary's Markdown.
fn summary_links(summary: &str) -> Vec<Link> {
    use pulldown_cmark::{Event, Parser, Tag, TagEnd};
    let mut links: Vec<Link> = Vec::new();
    let mut open: Option<Link> = None;
    for event in Parser::new(summary) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                open = Some(Link { url: dest_url.to_string(), ..Link::default() });
            }
            Event::Text(text) => {
                if let Some(link) = &mut open {
                    link.text.push_str(&text);
                }
            }
            Event::End(TagEnd::Link) => links.extend(open.take()),
            _ => {}
        }
    }
    links
}

/// An address without scheme, `www.` and the stroke at its end, in lower case.
fn plain(url: &str) -> String {
    let url = url.trim().to_lowercase();
    let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let rest = rest.strip_prefix("mailto:").or_else(|| rest.strip_prefix("tel:")).unwrap_or(rest);
    rest.strip_prefix("www.").unwrap_or(rest).trim_end_matches('/').to_owned()
}

/// Whether a link leads exactly to an address.
fn leads_to(url: &str, address: &Address) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    match address {
        Address::Web(wanted) | Address::Email(wanted) => plain(url) == wanted.to_lowercase(),
        Address::Handle(name) => plain(url)
            .rsplit('/')
            .next()
            .is_some_and(|last| last.trim_start_matches('@') == name.to_lowercase()),
        Address::Phone(number) => url.starts_with("tel:") && digits(url).ends_with(&digits(number)),
    }
}

/// Whether a link leads to a page of a site that was named without one.
fn is_within(url: &str, address: &Address) -> bool {
    match address {
        Address::Web(host) => {
            !host.contains('/') && plain(url).split('/').next() == Some(host.as_str())
        }
        Address::Email(_) | Address::Handle(_) | Address::Phone(_) => false,
    }
}

/// The page of a handle on the platform that the sentence names.
fn profile(address: &Address, sentence: &str) -> Option<String> {
    let Address::Handle(name) = address else { return None };
    [
        ("instagram", "https://www.instagram.com/"),
        ("github", "https://github.com/"),
        ("tiktok", "https://www.tiktok.com/@"),
        ("threads", "https://www.threads.net/@"),
        ("twitter", "https://twitter.com/"),
    ]
    .iter()
    .find(|(platform, _)| sentence.contains(platform))
    .map(|(_, start)| format!("{start}{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::episode::Episode;
    use crate::library::show::{Show, Term};

    fn found(text: &str, episode: &Episode, show: &Show) -> Vec<(String, Kept)> {
        let texts = text.split_inclusive(". ").zip(0..);
        let sentences: Vec<Sentence<'_>> =
            texts.map(|(text, at)| Sentence::of_text(text, at * 10_000)).collect();
        let promises = promises(&sentences, Stated::new(show, episode));
        promises.into_iter().map(|promise| (promise.what, promise.kept)).collect()
    }

    fn link(text: &str, url: &str, at: &str) -> Link {
        Link { text: text.into(), url: url.into(), at: at.into() }
    }

    #[test]
    fn a_promise_is_kept_by_a_link_that_is_about_it() {
        let text = "Jeremy wrote a post about the outages. We'll link to it in the show notes.";
        let missing = found(text, &Episode::default(), &Show::default());
        assert_eq!(missing, [("a link in the show notes".to_owned(), Kept::Missing)]);
        for (links, kept) in [
            (vec![link("Jeremy’s post", "https://e.org/a", "")], Kept::Resolved),
            (vec![link("The band", "https://e.org/outage", "")], Kept::Resolved),
            (vec![link("The band", "https://e.org/band", "")], Kept::Missing),
            (vec![link("The band", "https://e.org/band", "00:00:11")], Kept::Resolved),
            (vec![link("", "", "00:00:11")], Kept::Waived),
        ] {
            let episode = Episode { links, ..Episode::default() };
            assert_eq!(found(text, &episode, &Show::default())[0].1, kept, "{episode:?}");
        }
    }

    #[test]
    fn spoken_addresses_are_resolved_or_given_as_spoken() {
        let term = |term: &str, heard: &str, url: &str| Term {
            term: term.into(),
            heard_as: vec![heard.into()],
            url: url.into(),
        };
        let show = Show {
            base_url: "https://www.rework.fm/".into(),
            glossary: vec![term("slow.example", "slow dot example", "https://slow.example")],
            ..Show::default()
        };
        let episode = Episode {
            links: vec![link("The books", "https://basecamp.com/books", "")],
            ..Episode::default()
        };
        for (text, what, kept) in [
            ("It is at basecamp dot com slash books.", "basecamp.com/books", Kept::Resolved),
            ("Go to basecamp.com.", "basecamp.com", Kept::Resolved),
            ("Find us at rework dot fm.", "rework.fm", Kept::Resolved),
            ("Find us at slow dot example.", "slow.example", Kept::Resolved),
            ("Find us at other.com/x.", "other.com/x", Kept::AsSpoken),
            ("He is on twitter at @bitsweat.", "@bitsweat", Kept::AsSpoken),
            ("He is at @bitsweat.", "@bitsweat", Kept::Missing),
            ("Leave us a voicemail at 708-628-7850.", "708-628-7850", Kept::AsSpoken),
            (
                "You can find the posts at And more.",
                "the address after “find the posts at”",
                Kept::Missing,
            ),
        ] {
            assert_eq!(found(text, &episode, &show), [(what.to_owned(), kept)], "{text}");
        }
        assert_eq!(found("We met at home. I found it.", &episode, &show), []);
    }
}
