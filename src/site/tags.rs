//! What the podcast namespace says of an episode: transcripts, chapters, people, soundbites.

use crate::edit::Edition;
use crate::library::show::Show;
use crate::render::outputs::{InFeed, OUTPUTS, Output};
use crate::render::page;
use crate::render::podcast_tags::{self, Tag};
use crate::site::Entry;

/// The namespace.
pub(super) const NAMESPACE: &str = "https://podcastindex.org/namespace/1.0";

/// How feeds call it, too, without the scheme: its page as it was and is.
const OTHER_NAMES: [&str; 3] = [
    "podcastindex.org/namespace/1.0",
    "github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    "github.com/podcastindex-org/podcast-namespace/blob/master/docs/1.0.md",
];

/// Whether a name is that of the podcast namespace, in one of the forms that feeds have and apps
/// take.
pub(crate) fn is_podcast_namespace(uri: &str) -> bool {
    let bare = uri.trim().split_once("://").map_or(uri, |(_, rest)| rest);
    let bare = bare.trim_end_matches('/').to_ascii_lowercase();
    uri == NAMESPACE || OTHER_NAMES.contains(&bare.as_str())
}

/// All tags of an episode whose files are at `address`, which ends with a slash.
pub(super) fn of_episode(show: &Show, entry: &Entry, edition: &Edition, address: &str) -> Vec<Tag> {
    let language =
        page::first_language([&edition.language, &entry.episode.language, &show.language]);
    let mut tags = Vec::new();
    for Output { file, media_type, in_feed, .. } in &OUTPUTS {
        if !entry.files.contains(*file) {
            continue;
        }
        let (name, is_transcript) = match in_feed {
            InFeed::Nothing => continue,
            InFeed::Chapters => ("chapters", false),
            InFeed::Transcript | InFeed::Captions => ("transcript", true),
        };
        let mut attributes =
            vec![("url", format!("{address}{file}")), ("type", (*media_type).to_owned())];
        attributes.extend(is_transcript.then(|| ("language", language.to_owned())));
        attributes.extend(in_feed.rel().map(|rel| ("rel", rel.to_owned())));
        tags.push(Tag { name, attributes, text: None });
    }
    tags.extend(podcast_tags::persons(entry.stated(show)));
    tags.extend(podcast_tags::soundbites(&edition.soundbites));
    tags
}
