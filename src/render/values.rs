//! Values of `show.toml`, `episode.toml` and `edits.toml` that are there and cannot be read: each is
//! named with what it should look like, so that it is not taken for missing.

use std::fmt;

use crate::edit::edits::{Edits, parse_clock};
use crate::library::episode::{Episode, Person};
use crate::library::show::{Show, Term};
use crate::render::categories::category;
use crate::render::markup;

/// A value that is there and cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Its key, as `links[0].url`.
    pub key: String,
    /// What is written.
    pub value: String,
    /// What is wrong with it, as `is no whole address and is left out`.
    pub fault: &'static str,
    /// What to write instead.
    pub instead: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unreadable { key, value, fault, instead } = self;
        write!(f, "`{key} = {value:?}` {fault}; write {instead}")
    }
}

/// The unreadable values of a show.
pub fn of_show(show: &Show) -> Vec<Unreadable> {
    let mut found = Values::default();
    found.web("base_url", &show.base_url);
    found.language(&show.language);
    found.picture("image", &show.image);
    if let Err(fault) = category(&show.category)
        && !show.category.trim().is_empty()
    {
        let is_no = "is no category of Apple Podcasts and is left out";
        found.add("category", &show.category, is_no, fault.instead());
    }
    if !show.email.trim().is_empty() && !is_mail(&show.email) {
        let is_no = "is no mail address";
        found.add("email", &show.email, is_no, "it as `show@example.com`".to_owned());
    }
    if !show.guid.trim().is_empty() && uuid::Uuid::parse_str(show.guid.trim()).is_err() {
        let instead = "it as `917393e3-1b1e-5cef-ace4-edaa54e1f810`, or leave it out".to_owned();
        found.add("guid", &show.guid, "is no UUID, by which apps know a show", instead);
    }
    if let Some(promo) = &show.promo {
        found.link("promo.url", &promo.url);
    }
    for (index, place) in show.subscribe.iter().enumerate() {
        found.web(&format!("subscribe[{index}].url"), &place.url);
    }
    found.people(&show.people);
    found.glossary(&show.glossary);
    found.0
}

/// The unreadable values of an episode.
pub fn of_episode(episode: &Episode) -> Vec<Unreadable> {
    let mut found = Values::default();
    let date = episode.date.trim();
    if !date.is_empty() && date.parse::<jiff::civil::Date>().is_err() {
        let instead = mended_date(date).unwrap_or_else(|| "2026-01-31".to_owned());
        let fault = "is no day that feeds can take, and stands on the page as it is";
        found.add("date", date, fault, format!("it as `{instead}`"));
    }
    found.language(&episode.language);
    found.picture("image", &episode.image);
    found.web("audio_url", &episode.audio_url);
    for (index, link) in episode.links.iter().enumerate() {
        found.link(&format!("links[{index}].url"), &link.url);
        if !link.at.trim().is_empty() && parse_clock(&link.at).is_none() {
            let key = format!("links[{index}].at");
            found.add(
                &key,
                &link.at,
                "is no time and is left out",
                "`hh:mm:ss` or `hh:mm:ss.mmm`".to_owned(),
            );
        }
    }
    for (index, chapter) in episode.chapters.iter().enumerate() {
        found.link(&format!("chapters[{index}].url"), &chapter.url);
    }
    if episode.speakers == Some(0) {
        let fault = "is no number of people who speak";
        found.add("speakers", "0", fault, "how many they are, or leave it out".to_owned());
    }
    found.people(&episode.people);
    found.glossary(&episode.glossary);
    found.0
}

/// The unreadable values of a person's edits.
pub fn of_edits(edits: &Edits) -> Vec<Unreadable> {
    let mut found = Values::default();
    for (index, quotation) in edits.quotation.iter().enumerate() {
        found.link(&format!("quotation[{index}].url"), &quotation.url);
    }
    for (index, chapter) in edits.chapter.iter().enumerate() {
        found.link(&format!("chapter[{index}].url"), &chapter.url);
    }
    found.0
}

#[derive(Debug, Default)]
struct Values(Vec<Unreadable>);

impl Values {
    fn add(&mut self, key: &str, value: &str, fault: &'static str, instead: String) {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.0.push(Unreadable { key, value, fault, instead });
    }

    /// An address that may lead to mail and telephones, too.
    fn link(&mut self, key: &str, value: &str) {
        if !value.trim().is_empty() && markup::link(value).is_none() {
            let instead = mended(value).map_or_else(
                || "the whole address, as `https://example.com/page`".to_owned(),
                |mended| format!("it as `{mended}`"),
            );
            self.add(key, value, "is no whole address and is left out", instead);
        }
    }

    /// An address on the web.
    fn web(&mut self, key: &str, value: &str) {
        if markup::link(value).is_some() && !markup::is_web(value) {
            let instead = "the whole address, as `https://example.com/page`".to_owned();
            self.add(key, value, "is no address on the web and is left out", instead);
        } else {
            self.link(key, value);
        }
    }

    /// A picture's address; one that is a file is looked for where it is used.
    fn picture(&mut self, key: &str, value: &str) {
        if value.contains("://") {
            self.web(key, value);
        }
    }

    fn language(&mut self, value: &str) {
        if !value.trim().is_empty() && !is_language(value.trim()) {
            let plain = value.trim().replace('_', "-");
            let instead = if is_language(&plain) {
                format!("it as `{plain}`")
            } else {
                "its code, as `en`, `de` or `pt-BR`".to_owned()
            };
            self.add("language", value, "is no code of a language", instead);
        }
    }

    fn people(&mut self, people: &[Person]) {
        for (index, person) in people.iter().enumerate() {
            self.link(&format!("people[{index}].url"), &person.url);
            self.picture(&format!("people[{index}].image"), &person.image);
        }
    }

    fn glossary(&mut self, terms: &[Term]) {
        for (index, term) in terms.iter().enumerate() {
            self.link(&format!("glossary[{index}].url"), &term.url);
        }
    }
}

/// The address that is meant, where that is plain: with its scheme, and with what no address may
/// hold in the way in which it may.
fn mended(value: &str) -> Option<String> {
    let value = value.trim();
    let start = value.split(['/', '?', '#', ' ']).next().unwrap_or_default();
    let whole = if let Some((scheme, rest)) = value.split_once(":/")
        && (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
    {
        format!("{}://{}", scheme.to_ascii_lowercase(), rest.trim_start_matches('/'))
    } else if let Some(rest) = value.strip_prefix("//") {
        format!("https://{rest}")
    } else if is_mail(value) {
        format!("mailto:{value}")
    } else if is_host(start) && !(start == value && is_file(value)) {
        format!("https://{value}")
    } else {
        return None;
    };
    let mut plain = String::with_capacity(whole.len());
    for c in whole.chars() {
        if c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"') {
            plain.push_str(&markup::file_href(&c.to_string()));
        } else {
            plain.push(c);
        }
    }
    markup::link(&plain).is_some().then_some(plain)
}

fn is_host(text: &str) -> bool {
    text.contains('.') && !text.contains(':') && !text.starts_with('.')
}

/// Whether a name is rather that of a file than of a host.
fn is_file(name: &str) -> bool {
    const ENDINGS: [&str; 12] =
        ["aac", "flac", "htm", "html", "jpg", "m4a", "mp3", "ogg", "opus", "pdf", "png", "wav"];
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    ENDINGS.contains(&ending.as_str())
}

/// `2026-03-01` of `2026-3-1`, `2026/03/01` or a day with a time.
fn mended_date(text: &str) -> Option<String> {
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    let mut numbers = day.split(['-', '/', '.']).map(str::parse::<i16>);
    let (year, month, date) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
    let (month, date) = (i8::try_from(month).ok()?, i8::try_from(date).ok()?);
    let is_plain = numbers.next().is_none() && year >= 1000;
    let day = jiff::civil::Date::new(year, month, date).ok().filter(|_| is_plain)?;
    Some(day.to_string())
}

fn is_mail(text: &str) -> bool {
    let text = text.trim();
    let Some((name, host)) = text.split_once('@') else { return false };
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control() || "/<>\"".contains(c));
    plain && !name.is_empty() && host.contains('.') && !host.contains('@')
}

/// The languages of ISO 639-1.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv \
    cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia \
    id ie ig ii ik io is it iu ja jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv \
    mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn \
    ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw \
    ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// A code of two letters that is one, or any of three; regions and scripts may follow.
pub(crate) fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default().to_ascii_lowercase();
    let known = match first.len() {
        2 => LANGUAGES.split_whitespace().any(|code| code == first),
        3 => first.bytes().all(|b| b.is_ascii_lowercase()),
        _ => false,
    };
    known
        && parts.all(|part| {
            matches!(part.len(), 1..=8) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::episode::{ChapterEntry, Link};
    use crate::library::show::{Promo, Subscribe};

    fn said(found: &[Unreadable]) -> Vec<String> {
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_value_that_cannot_be_read_is_named_with_what_it_should_be() {
        let link = |url: &str, at: &str| Link { text: "x".into(), url: url.into(), at: at.into() };
        let episode = Episode {
            date: "2026-3-1".into(),
            language: "english".into(),
            audio_url: "https://cdn.example/a b/é 1.mp3".into(),
            image: "https://x.example/a b.png".into(),
            links: vec![
                link("www.example.org/list", ""),
                link("", "soon"),
                link("https://e.org", "1:02"),
            ],
            chapters: vec![ChapterEntry { url: "there".into(), ..ChapterEntry::default() }],
            people: vec![Person { url: "javascript:alert(1)".into(), ..Person::default() }],
            ..Episode::default()
        };
        let all = said(&of_episode(&episode));
        for (key, instead) in [
            ("date = \"2026-3-1\"", "write it as `2026-03-01`"),
            ("language = \"english\"", "write its code, as `en`"),
            (
                "audio_url = \"https://cdn.example/a b/é 1.mp3\"",
                "`https://cdn.example/a%20b/é%201.mp3`",
            ),
            ("image = \"https://x.example/a b.png\"", "`https://x.example/a%20b.png`"),
            ("links[0].url = \"www.example.org/list\"", "`https://www.example.org/list`"),
            ("links[1].at = \"soon\"", "write `hh:mm:ss`"),
            ("chapters[0].url = \"there\"", "as `https://example.com/page`"),
            ("people[0].url = \"javascript:alert(1)\"", "as `https://example.com/page`"),
        ] {
            let told = all.iter().find(|text| text.contains(&format!("`{key}`")));
            assert!(told.is_some_and(|text| text.contains(instead)), "{key}: {all:?}");
        }
        assert_eq!(all.len(), 8, "{all:?}");
    }

    #[test]
    fn a_shows_values_are_gone_over_too() {
        let show = Show {
            base_url: "mailto:a@b.example".into(),
            language: "en_GB".into(),
            category: "society and culture > documentry".into(),
            email: "post at harbour".into(),
            guid: "my-show".into(),
            promo: Some(Promo { url: "https:/one.example".into(), ..Promo::default() }),
            subscribe: vec![Subscribe { name: "x".into(), url: "mailto:a@b.example".into() }],
            glossary: vec![Term { url: "a b".into(), ..Term::default() }],
            ..Show::default()
        };
        let all = said(&of_show(&show));
        assert_eq!(all.len(), 8, "{all:?}");
        for part in [
            "on the web",
            "`subscribe[0].url",
            "`en-GB`",
            "`Society & Culture",
            "show@example.com",
            "UUID",
            "`https://one.example`",
        ] {
            assert!(all.iter().any(|text| text.contains(part)), "{part}: {all:?}");
        }
    }

    #[test]
    fn what_can_be_read_is_not_told() {
        assert_eq!(of_show(&Show::default()), []);
        assert_eq!(of_episode(&Episode::default()), []);
        let show = Show {
            base_url: "https://example.com/podcast/".into(),
            language: "pt-BR".into(),
            category: "Society & Culture > Documentary".into(),
            email: "a.b+c@example.com".into(),
            guid: "917393e3-1b1e-5cef-ace4-edaa54e1f810".into(),
            image: "cover.jpg".into(),
            people: vec![Person { url: "mailto:a@b.example".into(), ..Person::default() }],
            ..Show::default()
        };
        assert_eq!(of_show(&show), []);
        for (text, wanted) in [
            ("example.com", Some("https://example.com")),
            ("example.com/a b", Some("https://example.com/a%20b")),
            ("audio.mp3", None),
            ("../audio.mp3", None),
            ("//example.com/a", Some("https://example.com/a")),
            ("a@b.example", Some("mailto:a@b.example")),
            ("ftp://example.com", None),
        ] {
            assert_eq!(mended(text).as_deref(), wanted, "{text}");
        }
        for (text, wanted) in [
            ("2026/3/1", Some("2026-03-01")),
            ("2026-03-01T10:00:00Z", Some("2026-03-01")),
            ("1.3.2026", None),
            ("2026-02-30", None),
            ("in spring", None),
        ] {
            assert_eq!(mended_date(text).as_deref(), wanted, "{text}");
        }
        for (tag, wanted) in
            [("en", true), ("zh-Hant-TW", true), ("xx", false), ("gsw", true), ("e", false)]
        {
            assert_eq!(is_language(tag), wanted, "{tag}");
        }
    }
}
