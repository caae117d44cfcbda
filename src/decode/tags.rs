//! What a file says of itself, as read: tags, front cover, embedded chapters. Nothing is guessed.

use std::path::Path;

use symphonia::core::meta::{
    Chapter as FileChapter, ChapterGroup, ChapterGroupItem, MetadataRevision, RawValue,
    StandardTag, StandardVisualKey, Tag, Visual,
};

use super::container::{self, Opened};
use super::{Artwork, DecodeError, DecodeLimits, SourceInfo, Tags, codecs, pull};
use crate::speech::Chapter;
use crate::time::Ms;

/// Reads what a file says of itself without decoding its sound. The duration is 0 where the file
/// does not tell it.
pub fn read(path: &Path) -> Result<SourceInfo, DecodeError> {
    let limits = DecodeLimits::default();
    let mut opened = container::open(path, &limits)?;
    Ok(source_info(&mut opened, &limits))
}

/// The same from a file that is open already.
pub(super) fn source_info(opened: &mut Opened, limits: &DecodeLimits) -> SourceInfo {
    let mut tags = Tags::default();
    let mut picture = None;
    let mut text_chapters = Vec::new();
    let mut metadata = opened.format.metadata();
    loop {
        if let Some(revision) = metadata.current() {
            collect(revision, &mut tags, &mut picture, &mut text_chapters, limits);
        }
        if metadata.pop().is_none() {
            break;
        }
    }
    tags.artwork = picture.map(|(_, artwork)| artwork);
    if tags.language.is_none() {
        let language = opened.track.language.as_deref().and_then(|text| clean(text, limits));
        tags.language = language.filter(|language| language != "und");
    }
    let mut chapters = Vec::new();
    if let Some(group) = opened.format.chapters() {
        flatten(group, &mut chapters, limits, 0);
    }
    chapters.sort_by_key(|chapter| chapter.start);
    SourceInfo {
        container: opened.container.to_owned(),
        codec: codecs::name(opened.params.codec),
        sample_rate_hz: opened.params.sample_rate.unwrap_or(0),
        channels: opened
            .params
            .channels
            .as_ref()
            .and_then(|channels| u16::try_from(channels.count()).ok())
            .unwrap_or(0),
        duration: pull::announced(opened).unwrap_or(Ms::ZERO),
        tags,
        chapters,
        skipped: Vec::new(),
    }
}

/// How well a picture serves as the front cover: the lower the better.
fn rank(visual: &Visual) -> u8 {
    match visual.usage {
        Some(StandardVisualKey::FrontCover) => 0,
        None | Some(StandardVisualKey::Other | StandardVisualKey::Media) => 1,
        Some(_) => 2,
    }
}

fn collect(
    revision: &MetadataRevision,
    tags: &mut Tags,
    picture: &mut Option<(u8, Artwork)>,
    _text_chapters: &mut Vec<Chapter>,
    limits: &DecodeLimits,
) {
    let per_track = revision.per_track.iter().flat_map(|track| &track.metadata.tags);
    for tag in revision.media.tags.iter().chain(per_track) {
        take(tag, tags, limits);
    }
    for visual in &revision.media.visuals {
        if let Some(artwork) = artwork(visual, limits) {
            let rank = rank(visual);
            if picture.as_ref().is_none_or(|(known, _)| rank < *known) {
                *picture = Some((rank, artwork));
            }
        }
    }
}

/// Puts a tag in its field unless the field is taken: earlier tags are the richer ones.
fn take(tag: &Tag, tags: &mut Tags, limits: &DecodeLimits) {
    let set = |field: &mut Option<String>, text: &str| {
        if field.is_none() {
            *field = clean(text, limits);
        }
    };
    match &tag.std {
        Some(StandardTag::TrackTitle(text)) => set(&mut tags.title, text),
        Some(StandardTag::Album(text)) => set(&mut tags.album, text),
        Some(StandardTag::Artist(text)) => set(&mut tags.artist, text),
        Some(
            StandardTag::ReleaseDate(text)
            | StandardTag::RecordingDate(text)
            | StandardTag::OriginalReleaseDate(text),
        ) => set(&mut tags.date, text),
        Some(StandardTag::ReleaseYear(year) | StandardTag::RecordingYear(year)) => {
            set(&mut tags.date, &year.to_string());
        }
        Some(StandardTag::TrackNumber(number) | StandardTag::TvEpisodeNumber(number)) => {
            tags.number = tags.number.or_else(|| u32::try_from(*number).ok());
        }
        Some(
            StandardTag::Description(text)
            | StandardTag::PodcastDescription(text)
            | StandardTag::Comment(text)
            | StandardTag::Synopsis(text)
            | StandardTag::Summary(text),
        ) => {
            // Of several, the longest says the most; iTunes hides numbers in comments.
            let better = tags.description.as_ref().is_none_or(|old| old.len() < text.len());
            let technical = tag.raw.sub_fields.iter().flat_map(|fields| fields.iter()).any(
                |field| match &field.value {
                    RawValue::String(text) => text.starts_with("iTun"),
                    _ => false,
                },
            );
            if better && !technical {
                tags.description = clean(text, limits).or(tags.description.take());
            }
        }
        Some(StandardTag::Language(text)) => set(&mut tags.language, text),
        _ => {}
    }
}

/// The text without white space around it, NULs and what is beyond the limit; `None` if blank.
fn clean(text: &str, limits: &DecodeLimits) -> Option<String> {
    let mut end = text.len().min(limits.max_text_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text: String = text
        .get(..end)?
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t' | '\r'))
        .collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn artwork(visual: &Visual, limits: &DecodeLimits) -> Option<Artwork> {
    if visual.data.len() > limits.max_artwork_bytes {
        return None;
    }
    // The bytes are surer than what the tag calls them.
    let media_type = if visual.data.starts_with(&[0xff, 0xd8, 0xff]) {
        "image/jpeg"
    } else if visual.data.starts_with(b"\x89PNG\r\n\x1a\n") {
        "image/png"
    } else {
        return None;
    };
    Some(Artwork { media_type: media_type.to_owned(), bytes: visual.data.to_vec() })
}

fn flatten(group: &ChapterGroup, to: &mut Vec<Chapter>, limits: &DecodeLimits, depth: usize) {
    for item in &group.items {
        if to.len() >= limits.max_chapters {
            return;
        }
        match item {
            ChapterGroupItem::Chapter(chapter) => to.push(chapter_of(chapter, limits)),
            // Nobody nests chapters deeper than books.
            ChapterGroupItem::Group(inner) if depth < 8 => flatten(inner, to, limits, depth + 1),
            ChapterGroupItem::Group(_) => {}
        }
    }
}

fn chapter_of(chapter: &FileChapter, limits: &DecodeLimits) -> Chapter {
    let mut title = None;
    let mut url = None;
    for tag in &chapter.tags {
        match &tag.std {
            Some(StandardTag::ChapterTitle(text) | StandardTag::TrackTitle(text)) => {
                title = title.or_else(|| clean(text, limits));
            }
            Some(
                StandardTag::Url(text)
                | StandardTag::UrlOfficial(text)
                | StandardTag::UrlSource(text)
                | StandardTag::UrlPodcast(text),
            ) => url = url.or_else(|| clean(text, limits)),
            _ => {}
        }
    }
    let millis = i64::try_from(chapter.start_time.as_millis()).unwrap_or(0);
    Chapter { start: Ms::new(millis.max(0)), title: title.unwrap_or_default(), url }
}
