//! The page's view model: what a template may see, and nothing more.
//!
//! Fields whose names end in `_html` are markup made here, safe to print as they are
//! (`{{ summary_html | safe }}`); all others are text, which the template escapes.

use std::borrow::Cow;

use serde::Serialize;

use crate::edit::{Edition, Paragraph, Status};
use crate::library::episode::{Episode, Kind};
use crate::library::show::Music;
use crate::library::stated::{Listed, Stated};
use crate::render::outputs::OUTPUTS;
use crate::render::talk::{self, Cast, Speaker};
use crate::render::transcript::{self, Heading, Part};
use crate::render::{Artifact, Context, PageFacts, RenderError, Templates, csp, markup, values};
use crate::speech::ModelId;

#[derive(Debug, Serialize)]
struct Page<'a> {
    language: &'a str,
    direction: &'static str,
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
    summary_html: String,
    /// The summary without marks, for search engines.
    description: String,
    links: Vec<LinkView<'a>>,
    people: Vec<PersonView>,
    music: Vec<&'a Music>,
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
    downloads: Vec<Download>,
    made: Made<'a>,
    style: String,
    script: &'a str,
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
}

#[derive(Debug, Serialize)]
struct Download {
    href: &'static str,
    name: &'static str,
    media_type: &'static str,
}

#[derive(Debug, Serialize)]
struct Made<'a> {
    version: &'a str,
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
    let cast = Cast::of(context);
    let parts = transcript::parts(context, &cast);
    let audio = markup::resource(&facts.audio_href);
    let artwork = markup::resource(&facts.artwork_href);
    let style = templates.style();
    let policy = csp::policy(
        &style,
        templates.script(),
        audio.unwrap_or_default(),
        artwork.unwrap_or_default(),
    );
    let language = context.language();
    let view = Page {
        language,
        direction: direction(language),
        show: ShowView {
            name: &show.name,
            tagline: &show.tagline,
            url: markup::link(&show.base_url),
        },
        title: context.stated.title(),
        kind: kind(episode),
        date: date(&episode.date),
        length: (edition.duration.get() > 0).then(|| talk::length(edition.duration)),
        duration_clock: edition.duration.clock(),
        json_ld_html: json_ld(context, facts),
        duration_cs: transcript::centiseconds(edition.duration),
        promo: show.promo.as_ref().map(|promo| PromoView {
            text: &promo.text,
            link_text: &promo.link_text,
            url: markup::link(&promo.url),
        }),
        summary_html: markup::markdown(&episode.summary, markup::Allowed::Page),
        description: markup::markdown_text(&episode.summary),
        links: links(episode),
        people: people(context.stated),
        music: music(context.stated),
        audio: audio.map(|href| AudioView {
            href,
            media_type: Some(facts.audio_media_type.as_str()).filter(|kind| !kind.is_empty()),
        }),
        artwork,
        artwork_address: artwork.and_then(|href| whole_address(href, facts)),
        address: markup::link(&facts.page_url),
        chapters: transcript::headings(context.chapters()),
        chapters_draft: context.chapters_are_drafts(),
        has_fillers: has_fillers(edition),
        labels: labels(&parts),
        parts,
        speakers: cast.speakers,
        heading: context.heading(),
        downloads: downloads(files),
        made: Made {
            version: &facts.tool_version,
            recognizer: facts.recognizer.as_ref().map(model_name),
            embedder: facts.embedder.as_ref().map(model_name),
        },
        style,
        script: templates.script(),
        policy,
    };
    templates.fill("page.html", &view)
}

/// The files that are given to readers; none with nothing in it.
fn downloads(files: &[Artifact]) -> Vec<Download> {
    let is_there =
        |href: &str| files.iter().any(|file| file.relative_path == href && !file.is_empty());
    OUTPUTS
        .iter()
        .filter(|output| !output.label.is_empty() && is_there(output.file))
        .map(|output| Download {
            href: output.file,
            name: output.label,
            media_type: output.media_type,
        })
        .collect()
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

/// The direction in which a language is written; `rtl` for those of Whisper’s that are.
pub(crate) fn direction(language: &str) -> &'static str {
    match language.split('-').next().unwrap_or_default() {
        "ar" | "fa" | "he" | "ps" | "sd" | "ur" | "yi" => "rtl",
        _ => "ltr",
    }
}

/// `Episode 16`, `Bonus episode`; nothing for an episode without a number.
pub(crate) fn kind(episode: &Episode) -> Option<String> {
    let word = match episode.kind {
        Kind::Full => "Episode",
        Kind::Bonus => "Bonus episode",
        Kind::Trailer => "Trailer",
    };
    match (episode.number, episode.kind) {
        (Some(number), _) => Some(format!("{word} {number}")),
        (None, Kind::Full) => None,
        (None, _) => Some(word.to_owned()),
    }
}

/// A date as `episode.toml` has it, for people.
pub(crate) fn date(written: &str) -> Option<DateView> {
    let written = written.trim();
    let long = |date: jiff::civil::Date| date.strftime("%B %-d, %Y").to_string();
    match written.parse::<jiff::civil::Date>() {
        _ if written.is_empty() => None,
        Ok(date) => Some(DateView { long: long(date), iso: Some(date.to_string()) }),
        Err(_) => Some(DateView { long: written.to_owned(), iso: None }),
    }
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
pub(crate) fn people(stated: Stated<'_>) -> Vec<PersonView> {
    let view = |Listed { person, .. }: Listed| PersonView {
        about: talk::about(&person),
        url: markup::link(&person.url).map(str::to_owned),
        name: person.name,
    };
    stated.people().into_iter().map(view).collect()
}

/// The pieces of music that have a title.
fn music(stated: Stated<'_>) -> Vec<&Music> {
    stated.music().into_iter().filter(|piece| !piece.title.trim().is_empty()).collect()
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
    set("datePublished", date(&episode.date).and_then(|date| date.iso).map(Into::into));
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
    }
    labels.machine = labels.paragraphs - labels.edited - labels.checked;
    labels.mixed = [labels.machine, labels.edited, labels.checked]
        .into_iter()
        .all(|count| count < labels.paragraphs);
    labels
}
