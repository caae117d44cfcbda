//! The podcast namespace's tags for an episode's people and soundbites.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use crate::edit::Soundbite;
use crate::formats::xml_line;
use crate::library::stated::{Listed, Stated};
use crate::lint::taxonomy;
use crate::render::markup;

/// The longest title of a soundbite and the longest name, in characters.
const MAX_TEXT: usize = 128;

/// A tag of the podcast namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its name without the namespace, as `person`.
    pub name: &'static str,
    /// Its attributes in order, with their values as they are meant.
    pub attributes: Vec<(&'static str, String)>,
    /// Its text as it is meant; an empty element where there is none.
    pub text: Option<String>,
}

impl Tag {
    /// The tag as XML, under the given prefix.
    pub(crate) fn print(&self, prefix: &str) -> String {
        let name = format!("{prefix}:{}", self.name);
        let mut out = format!("<{name}");
        for (key, value) in &self.attributes {
            let _ = write!(out, " {key}=\"{}\"", escape(value.as_str()));
        }
        match &self.text {
            Some(text) => {
                let _ = write!(out, ">{}</{name}>", escape(text.as_str()));
            }
            None => out.push_str("/>"),
        }
        out
    }

    /// The value of an attribute; empty where it is missing.
    pub(crate) fn attribute(&self, key: &str) -> &str {
        let found = self.attributes.iter().find(|(name, _)| *name == key);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// The soundbites.
pub(crate) fn soundbites(soundbites: &[Soundbite]) -> Vec<Tag> {
    let tag = |bite: &Soundbite| Tag {
        name: "soundbite",
        attributes: vec![
            ("startTime", bite.span.start().as_seconds().to_string()),
            ("duration", bite.span.duration().as_seconds().to_string()),
        ],
        text: Some(xml_line(&bite.title).chars().take(MAX_TEXT).collect()),
    };
    soundbites.iter().map(tag).collect()
}

/// The show's people and the episode's, since an item's list replaces the channel's.
pub(crate) fn persons(stated: Stated<'_>) -> Vec<Tag> {
    let mut tags: Vec<Tag> = Vec::new();
    for tag in stated.people().iter().map(person_tag) {
        let known = tags.iter().any(|known| known.text == tag.text);
        if tag.text.as_ref().is_some_and(|name| !name.is_empty()) && !known {
            tags.push(tag);
        }
    }
    tags
}

/// A role that the Podcast Taxonomy does not have is left to the page.
fn person_tag(Listed { person, usual_role }: &Listed) -> Tag {
    let role = xml_line(&person.role);
    let role = if taxonomy::has_role(&role) { role } else { (*usual_role).to_owned() };
    let mut attributes = vec![("role", role)];
    for (name, value) in [("img", &person.image), ("href", &person.url)] {
        if let Some(address) = markup::link(value).filter(|address| markup::is_web(address)) {
            attributes.push((name, address.to_owned()));
        }
    }
    let name = xml_line(&person.name).chars().take(MAX_TEXT).collect();
    Tag { name: "person", attributes, text: Some(name) }
}
