//! The page's view model: what a template may see, and nothing more.
//!
//! Fields whose names end in `_html` are markup made here, safe to print as they are
//! (`{{ summary_html | safe }}`); all others are text, which the template escapes.

use std::borrow::Cow;

use serde::Serialize;

use crate::edit::{Edition, Paragraph, Status};
use crate::library::episode::{Episode, Kind};
use crate::library::show::{Music, Show, Subscribe};
use crate::library::stated::{Listed, Stated};
use crate::render::outputs::OUTPUTS;
use crate::render::talk::{self, Cast, Speaker};
use crate::render::transcript::{self, Heading, Part};
use crate::render::words::Words;
use crate::render::{Artifact, Context, PageFacts, RenderError, Templates, csp, markup, values};
use crate::speech::ModelId;

#[derive(Debug, Serialize)]
struct Page<'a> {
    language: &'a str,
    direction: &'static str,
    /// The pages' own words, as templates/words.en.toml has them.
    words: &'a toml::Table,
    /// Those that the script says, as JSON.
    script_words_html: String,
    /// `lang` for the own words, where they are of another language than what is said.
    own_html: String,
    show: ShowView<'a>,
    title: Cow<'a, str>,
    /// `Episode 16`, `Bonus episode`; absent where there is nothing to say.
    kind: Option<String>,
    date: Option<DateView>,
    length: Option<String>,
    duration_cs: i64,
    duration_clock: String,
    /// What search engines read: schema.org's `PodcastEpisode`.
    json_ld_html: String,
    promo: Option<PromoView<'a>>,
    /// Where people listen and subscribe.
    subscribe: Vec<LinkView<'a>>,
    summary_html: String,
    /// The summary without marks, for search engines.
    description: String,
    links: Vec<LinkView<'a>>,
    people: Vec<PersonView>,
    /// The pieces of music, as `“Low Water” by The Tidemarks`.
    music: Vec<String>,
    /// Whether a chapter has the name of the credits.
    has_credits_chapter: bool,
    audio: Option<AudioView<'a>>,
    artwork: Option<&'a str>,
    /// The picture as a whole address, for those who show links to the page.
    artwork_address: Option<String>,
    /// The page's own address.
    address: Option<&'a str>,
    chapters: Vec<Heading>,
    /// Whether the chapters are only proposed.
    chapters_draft: bool,
    speakers: Vec<Speaker>,
    heading: &'a str,
    parts: Vec<Part>,
    has_fillers: bool,
    labels: Labels,
    downloads: Vec<Download<'a>>,
    made: Made<'a>,
    /// How fast the player may play.
    speeds: Vec<SpeedView>,
    /// `100 %`.
    full_volume: String,
    style: String,
    script: String,
    policy: String,
}

#[derive(Debug, Serialize)]
struct ShowView<'a> {
    name: &'a str,
    tagline: &'a str,
    url: Option<&'a str>,
}

/// A date for people and for machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct DateView {
    /// `September 15, 2020`, or what the file says where that is no date.
    pub(crate) long: String,
    /// `2020-09-15`, where it is one.
    pub(crate) iso: Option<String>,
}

/// A speed of the player.
#[derive(Debug, Serialize)]
struct SpeedView {
    value: &'static str,
    /// `1.5×`, with the language's decimal mark.
    name: String,
}

#[derive(Debug, Serialize)]
struct PromoView<'a> {
    text: &'a str,
    link_text: &'a str,
    url: Option<&'a str>,
}

/// A link that may be followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LinkView<'a> {
    pub(crate) text: &'a str,
    pub(crate) url: Option<&'a str>,
}

/// Somebody in the credits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PersonView {
    pub(crate) name: String,
    pub(crate) about: Option<String>,
    pub(crate) url: Option<String>,
}

#[derive(Debug, Serialize)]
struct AudioView<'a> {
    href: &'a str,
    media_type: Option<&'a str>,
}

/// How many paragraphs a person has gone over.
#[derive(Debug, Default, Serialize)]
struct Labels {
    paragraphs: usize,
    machine: usize,
    edited: usize,
    checked: usize,
    /// Whether some paragraph has another label than the rest, so that labels say something.
    mixed: bool,
    /// How many paragraphs have an uncertain speaker.
    unsure: usize,
    /// Whether single words have one.
    dotted: bool,
}

#[derive(Debug, Serialize)]
struct Download<'a> {
    href: &'static str,
    name: &'a str,
    media_type: &'static str,
}

#[derive(Debug, Serialize)]
struct Made<'a> {
    /// `linernotes 0.1.0`.
    tool: String,
    recognizer: Option<&'a str>,
    embedder: Option<&'a str>,
}

/// The transcript page. `files` are those beside it.
pub(crate) fn page(
    context: &Context<'_>,
    facts: &PageFacts,
    templates: &Templates,
    files: &[Artifact],
) -> Result<String, RenderError> {
    let (edition, Stated { show, episode, .. }) = (context.edition, context.stated);
    let language = context.language();
    let words = templates.words([language, &show.language]);
    let cast = Cast::of(context, words);
    let parts = transcript::parts(context, &cast, words);
    let audio = markup::resource(&facts.audio_href);
    let artwork = markup::resource(&facts.artwork_href);
    let (style, script) = (templates.style(), templates.script());
    let policy =
        csp::policy(&style, &script, audio.unwrap_or_default(), artwork.unwrap_or_default());
    let chapters = transcript::headings(context.chapters(), words);
    let view = Page {
        language,
        direction: direction(language),
        words: words.table(),
        script_words_html: words.for_script("script"),
        own_html: own(words, language),
        show: ShowView {
            name: &show.name,
            tagline: &show.tagline,
            url: markup::link(&show.base_url),
        },
        title: context.stated.title(),
        kind: kind(episode, words),
        date: date(&episode.date, words),
        length: (edition.duration.get() > 0).then(|| words.length(edition.duration)),
        duration_clock: edition.duration.clock(),
        json_ld_html: json_ld(context, facts),
        duration_cs: transcript::centiseconds(edition.duration),
        promo: show.promo.as_ref().map(|promo| PromoView {
            text: &promo.text,
            link_text: &promo.link_text,
            url: markup::link(&promo.url),
        }),
        subscribe: subscribe(show),
        summary_html: markup::markdown(&episode.summary, markup::Allowed::Page),
        description: markup::markdown_text(&episode.summary),
        links: links(episode),
        people: people(context.stated, words),
        music: music(context.stated, words),
        has_credits_chapter: is_among(words.text("page.credits"), &chapters),
        audio: audio.map(|href| AudioView {
            href,
            media_type: Some(facts.audio_media_type.as_str()).filter(|kind| !kind.is_empty()),
        }),
        artwork,
        artwork_address: artwork.and_then(|href| whole_address(href, facts)),
        address: markup::link(&facts.page_url),
        chapters,
        chapters_draft: context.chapters_are_drafts(),
        has_fillers: has_fillers(edition),
        labels: labels(&parts),
        parts,
        speakers: cast.speakers,
        heading: context.stated_heading().unwrap_or(words.text("page.heading")),
        downloads: downloads(files, words),
        made: Made {
            tool: format!("linernotes {}", facts.tool_version).trim().to_owned(),
            recognizer: facts.recognizer.as_ref().map(model_name),
            embedder: facts.embedder.as_ref().map(model_name),
        },
        speeds: speeds(words),
        full_volume: words.percent(100),
        style,
        script,
        policy,
    };
    templates.fill("page.html", &view)
}

/// The files that are given to readers; none with nothing in it.
fn downloads<'a>(files: &[Artifact], words: &'a Words) -> Vec<Download<'a>> {
    let is_there =
        |href: &str| files.iter().any(|file| file.relative_path == href && !file.is_empty());
    let name = |label: &'static str| match label {
        "Text" => words.text("page.download_text"),
        "Words with times" => words.text("page.download_words"),
        label => label,
    };
    OUTPUTS
        .iter()
        .filter(|output| !output.label.is_empty() && is_there(output.file))
        .map(|output| Download {
            href: output.file,
            name: name(output.label),
            media_type: output.media_type,
        })
        .collect()
}

fn speeds(words: &Words) -> Vec<SpeedView> {
    let decimal = words.text("numbers.decimal");
    let view = |value: &'static str| {
        let name = format!("{}×", value.replace('.', decimal));
        SpeedView { value, name }
    };
    ["0.75", "1", "1.2", "1.5", "1.75", "2", "2.5", "3"].map(view).into()
}

/// A relative address as a whole one, where the page has one.
fn whole_address(href: &str, facts: &PageFacts) -> Option<String> {
    if href.contains("://") {
        return Some(href.to_owned());
    }
    let page = markup::link(&facts.page_url)?;
    Some(format!("{}/{href}", page.trim_end_matches('/')))
}

fn model_name(model: &ModelId) -> &str {
    &model.name
}

/// The first that is a language's tag; English where none is.
pub(crate) fn first_language<const N: usize>(tags: [&str; N]) -> &str {
    tags.into_iter().map(str::trim).find(|tag| values::is_language(tag)).unwrap_or("en")
}

/// The direction in which a language is written; a script that its tag names decides.
pub(crate) fn direction(language: &str) -> &'static str {
    const LANGUAGES: [&str; 13] =
        ["ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "ug", "ur", "yi"];
    const SCRIPTS: [&str; 7] = ["adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"];
    let tag = language.to_ascii_lowercase();
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let script =
        parts.find(|part| part.len() == 4 && part.bytes().all(|b| b.is_ascii_alphabetic()));
    let is_rtl = match script {
        Some(script) => SCRIPTS.contains(&script),
        None => LANGUAGES.contains(&first),
    };
    if is_rtl { "rtl" } else { "ltr" }
}

/// The attribute of what is said in own words, where these are of another language than the page.
fn own(words: &Words, language: &str) -> String {
    let start = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let own = words.language();
    if start(own) == start(language) {
        return String::new();
    }
    format!(" lang=\"{own}\"")
}

/// `Episode 16`, `Bonus episode`; nothing for an episode without a number.
pub(crate) fn kind(episode: &Episode, words: &Words) -> Option<String> {
    let (word, numbered) = match episode.kind {
        Kind::Full => (None, "show.episode"),
        Kind::Bonus => (Some("show.bonus"), "show.bonus_number"),
        Kind::Trailer => (Some("show.trailer"), "show.trailer_number"),
    };
    match episode.number {
        Some(number) => Some(words.fill(numbered, &[("n", &number.to_string())])),
        None => word.map(|word| words.text(word).to_owned()),
    }
}

/// A day as `episode.toml` has it, for machines; nothing where it is none.
pub(crate) fn day(written: &str) -> Option<jiff::civil::Date> {
    written.trim().parse().ok()
}

/// A date as `episode.toml` has it, for people.
pub(crate) fn date(written: &str, words: &Words) -> Option<DateView> {
    let written = written.trim();
    match day(written) {
        _ if written.is_empty() => None,
        Some(date) => Some(DateView { long: words.date(date), iso: Some(date.to_string()) }),
        None => Some(DateView { long: written.to_owned(), iso: None }),
    }
}

/// Where people listen and subscribe: the show's places with an address on the web.
pub(crate) fn subscribe(show: &Show) -> Vec<LinkView<'_>> {
    fn view(Subscribe { name, url }: &Subscribe) -> Option<LinkView<'_>> {
        let url = markup::link(url).filter(|url| markup::is_web(url))?;
        let text = Some(name.trim()).filter(|name| !name.is_empty()).unwrap_or(url);
        Some(LinkView { text, url: Some(url) })
    }
    show.subscribe.iter().filter_map(view).collect()
}

/// Whether a chapter is called so; case and what stands around do not matter.
fn is_among(title: &str, chapters: &[Heading]) -> bool {
    let bare = |text: &str| text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    chapters.iter().any(|chapter| bare(&chapter.title) == bare(title))
}

/// The episode's links that say something.
pub(crate) fn links(episode: &Episode) -> Vec<LinkView<'_>> {
    episode
        .links
        .iter()
        .filter_map(|entry| {
            let url = markup::link(&entry.url);
            let text = Some(entry.text.trim()).filter(|text| !text.is_empty()).or(url)?;
            Some(LinkView { text, url })
        })
        .collect()
}

/// Everybody with a name, and what they are.
pub(crate) fn people(stated: Stated<'_>, words: &Words) -> Vec<PersonView> {
    let view = |Listed { person, .. }: Listed| PersonView {
        about: talk::about(&person, words),
        url: markup::link(&person.url).map(str::to_owned),
        name: person.name,
    };
    stated.people().into_iter().map(view).collect()
}

/// The pieces of music that have a title.
fn music(stated: Stated<'_>, words: &Words) -> Vec<String> {
    let titled = stated.music().into_iter().filter(|piece| !piece.title.trim().is_empty());
    let said = |piece: &Music| match (piece.title.trim(), piece.artist.trim()) {
        (title, "") => words.fill("show.piece", &[("title", title)]),
        (title, artist) => words.fill("show.piece_by", &[("title", title), ("artist", artist)]),
    };
    titled.map(said).collect()
}

fn json_ld(context: &Context<'_>, facts: &PageFacts) -> String {
    let (edition, Stated { show, episode, .. }) = (context.edition, context.stated);
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mut entry = serde_json::json!({
        "@context": "https://schema.org",
        "@type": "PodcastEpisode",
        "name": context.stated.title(),
        "duration": format!("PT{}S", edition.duration.get().max(0) / 1000),
        "inLanguage": edition.language,
    });
    let mut set = |key: &str, value: Option<serde_json::Value>| {
        if let Some(value) = value {
            entry[key] = value;
        }
    };
    set("datePublished", day(&episode.date).map(|day| day.to_string().into()));
    set("description", said(&markup::markdown_text(&episode.summary)).map(Into::into));
    set("episodeNumber", episode.number.map(Into::into));
    set("url", markup::link(&facts.page_url).map(Into::into));
    let series =
        said(&show.name).map(|name| serde_json::json!({"@type": "PodcastSeries", "name": name}));
    set("partOfSeries", series);
    let audio = markup::resource(&facts.audio_href)
        .map(|href| serde_json::json!({"@type": "AudioObject", "contentUrl": href}));
    set("associatedMedia", audio);
    let picture = markup::resource(&facts.artwork_href).and_then(|href| whole_address(href, facts));
    set("image", picture.map(Into::into));
    // Nothing in it can end the element or open a comment.
    entry.to_string().replace('<', "\\u003c")
}

fn has_fillers(edition: &Edition) -> bool {
    edition.paragraphs().flat_map(Paragraph::printed).any(|word| word.word.disfluency.is_some())
}

fn labels(parts: &[Part]) -> Labels {
    let lines = parts.iter().flat_map(|part| match part {
        Part::Turn(turn) => turn.passages.as_slice(),
        Part::Heading(_) | Part::Sound(_) => &[],
    });
    let mut labels = Labels::default();
    for line in lines.flat_map(|passage| &passage.lines) {
        labels.paragraphs += 1;
        labels.edited += usize::from(line.status == Status::Edited);
        labels.checked += usize::from(line.status == Status::Checked);
        labels.unsure += usize::from(line.unsure);
        labels.dotted |= line.dotted;
    }
    labels.machine = labels.paragraphs - labels.edited - labels.checked;
    labels.mixed = [labels.machine, labels.edited, labels.checked]
        .into_iter()
        .all(|count| count < labels.paragraphs);
    labels
}
