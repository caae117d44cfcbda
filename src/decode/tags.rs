//! What a file says of itself, as read: tags, front cover, embedded chapters. Nothing is guessed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use symphonia::core::meta::{
    Chapter as FileChapter, ChapterGroup, ChapterGroupItem, MetadataRevision, RawValue,
    StandardTag, StandardVisualKey, Tag, Visual,
};

use super::container::{self, Opened};
use super::fields::{Field, aiff_field, matroska_field, riff_field, utf_8_again};
use super::outline::Outline;
use super::{Artwork, DecodeError, DecodeLimits, SourceInfo, Tags, codecs, mp4, trim, whole};
use crate::characters::cleaned;
use crate::speech::Chapter;
use crate::time::Ms;

/// How much of a file is looked through for comments.
const COMMENT_BYTES: u64 = 1024 * 1024;

/// Reads what a file says of itself without decoding its sound. The duration is 0 where the file
/// does not tell it.
pub fn read(path: &Path) -> Result<SourceInfo, DecodeError> {
    let limits = DecodeLimits::default();
    let mut opened = container::open(path, &limits)?;
    let movie = trim::movie(&opened, path);
    Ok(source_info(&mut opened, &movie, path, &limits))
}

/// The same from a file that is open already.
pub(super) fn source_info(
    opened: &mut Opened,
    movie: &mp4::Movie,
    path: &Path,
    limits: &DecodeLimits,
) -> SourceInfo {
    let mut tags = Tags::default();
    let mut picture = None;
    let mut metadata = opened.format.metadata();
    let mut apple_gapless = None;
    loop {
        if let Some(revision) = metadata.current() {
            apple_gapless = apple_gapless.or_else(|| trim::apple_gapless(revision));
            collect(revision, &mut tags, &mut picture, limits);
        }
        if metadata.pop().is_none() {
            break;
        }
    }
    opened.apple_gapless = apple_gapless;
    match &opened.outline {
        Outline::Wave(wave) => {
            for (name, text) in &wave.tags {
                named(riff_field(*name), text, &mut tags, limits);
            }
        }
        Outline::Matroska(matroska) => {
            for (name, text) in matroska.tags() {
                named(matroska_field(&name), &text, &mut tags, limits);
            }
        }
        Outline::Fragments(_) | Outline::Caf(_) | Outline::None => {}
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
    if chapters.is_empty() {
        chapters = match (&opened.outline, opened.container) {
            (Outline::Matroska(matroska), _) => matroska.chapters(limits),
            (_, "ogg" | "flac") => comment_chapters(path, limits).unwrap_or_default(),
            _ => movie.chapters(path, limits),
        };
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
        duration: whole::announced(opened).unwrap_or(Ms::ZERO),
        tags,
        chapters,
        skipped: Vec::new(),
        loudness: None,
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

/// Puts a text in its field unless the field is taken.
fn named(field: Option<Field>, text: &str, tags: &mut Tags, limits: &DecodeLimits) {
    let to = match field {
        None => return,
        Some(Field::Number) => {
            // `7/12` is the seventh of twelve.
            let number = text.split('/').next().unwrap_or_default().trim().parse().ok();
            tags.number = tags.number.or(number);
            return;
        }
        Some(Field::Title) => &mut tags.title,
        Some(Field::Album) => &mut tags.album,
        Some(Field::Artist) => &mut tags.artist,
        Some(Field::Date) => &mut tags.date,
        Some(Field::Description) => &mut tags.description,
        Some(Field::Language) => &mut tags.language,
    };
    if to.is_none() {
        *to = clean(text, limits);
    }
}

/// Puts a tag in its field unless the field is taken: earlier tags are the richer ones.
fn take(tag: &Tag, tags: &mut Tags, limits: &DecodeLimits) {
    if let Some(field) = aiff_field(&tag.raw.key) {
        if let RawValue::String(text) = &tag.raw.value {
            named(Some(field), &utf_8_again(text), tags, limits);
        }
        return;
    }
    let set = |field: &mut Option<String>, text: &str| {
        if field.is_none() {
            *field = clean(text, limits);
        }
    };
    match &tag.std {
        Some(StandardTag::TrackTitle(text)) => set(&mut tags.title, text),
        Some(StandardTag::Album(text)) => set(&mut tags.album, text),
        Some(StandardTag::Artist(text)) => set(&mut tags.artist, text),
        // Day and month only, beside a tag for the year.
        Some(StandardTag::RecordingDate(_)) if tag.raw.key == "TDAT" => {}
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
            describe(tag, text, tags, limits);
        }
        Some(StandardTag::Language(text)) => set(&mut tags.language, text),
        Some(_) => {}
        // Some programs write these under names of their own.
        None => {
            if let RawValue::String(text) = &tag.raw.value {
                match own_name(tag).to_ascii_lowercase().as_str() {
                    "comment" | "description" | "ldes" => describe(tag, text, tags, limits),
                    "language" => set(&mut tags.language, text),
                    _ => {}
                }
            }
        }
    }
}

/// The name of a tag outside the standards: `comment` of `TXXX` with that description.
fn own_name(tag: &Tag) -> &str {
    let mut fields = tag.raw.sub_fields.iter().flat_map(|fields| fields.iter());
    let described = fields.find_map(|field| match &field.value {
        RawValue::String(text) if field.field == "DESCRIPTION" => Some(text.as_str()),
        _ => None,
    });
    described.unwrap_or_else(|| tag.raw.key.rsplit(':').next().unwrap_or_default())
}

/// Takes a comment or description: of several the longest, which says the most.
fn describe(tag: &Tag, text: &str, tags: &mut Tags, limits: &DecodeLimits) {
    // iTunes hides numbers in comments that it names so.
    let technical =
        tag.raw.sub_fields.iter().flat_map(|fields| fields.iter()).any(
            |field| matches!(&field.value, RawValue::String(text) if text.starts_with("iTun")),
        );
    let longer = tags.description.as_ref().is_none_or(|old| old.len() < text.len());
    if longer && !technical {
        tags.description = clean(text, limits).or(tags.description.take());
    }
}

/// The text without white space around it, acting characters and what is beyond the limit; `None` if
/// blank.
fn clean(text: &str, limits: &DecodeLimits) -> Option<String> {
    let mut end = text.len().min(limits.max_text_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = cleaned(text.get(..end)?);
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
            ChapterGroupItem::Chapter(chapter) => to.extend(chapter_of(chapter, limits)),
            // Nobody nests chapters deeper than books.
            ChapterGroupItem::Group(inner) if depth < 8 => flatten(inner, to, limits, depth + 1),
            ChapterGroupItem::Group(_) => {}
        }
    }
}

/// The chapters that Vorbis comments hold as `CHAPTER001=00:01:02.345` and `CHAPTER001NAME=…`.
/// Comments stand near the start of a file, each after its length; a foreign byte sequence that
/// looks like one is told by its length.
fn comment_chapters(path: &Path, limits: &DecodeLimits) -> io::Result<Vec<Chapter>> {
    let mut start = Vec::new();
    File::open(path)?.take(COMMENT_BYTES).read_to_end(&mut start)?;
    let mut found: BTreeMap<u32, (Option<Ms>, String, Option<String>)> = BTreeMap::new();
    for at in 4..start.len() {
        let Some(comment) = start.get(at..).filter(|rest| rest.starts_with(b"CHAPTER")) else {
            continue;
        };
        let length = start.get(at - 4..at).and_then(|bytes| bytes.first_chunk());
        let length = length.map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize);
        let text = comment.get(..length).and_then(|text| std::str::from_utf8(text).ok());
        let Some((key, value)) = text.and_then(|text| text.split_once('=')) else { continue };
        let (Some(number), Some(field)) = (key.get(7..10), key.get(10..)) else { continue };
        let Ok(number) = number.parse() else { continue };
        if found.len() >= limits.max_chapters && !found.contains_key(&number) {
            continue;
        }
        let entry = found.entry(number).or_default();
        match field {
            "" => entry.0 = entry.0.or_else(|| clock(value)),
            "NAME" => entry.1 = clean(value, limits).unwrap_or_default(),
            "URL" => entry.2 = clean(value, limits),
            _ => {}
        }
    }
    let chapters = found.into_values();
    Ok(chapters
        .filter_map(|(start, title, url)| Some(Chapter { start: start?, title, url }))
        .collect())
}

/// `hh:mm:ss.mmm`.
fn clock(text: &str) -> Option<Ms> {
    let mut parts = text.trim().split(':');
    let (hours, minutes): (u32, u32) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let seconds: f64 = parts.next()?.parse().ok()?;
    let total = f64::from(hours) * 3600.0 + f64::from(minutes) * 60.0 + seconds;
    Ms::stated_seconds(total).ok().filter(|_| parts.next().is_none())
}

fn chapter_of(chapter: &FileChapter, limits: &DecodeLimits) -> Option<Chapter> {
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
    let millis = i64::try_from(chapter.start_time.as_millis()).ok()?;
    let start = Ms::stated_offset(millis.max(0)).ok()?;
    Some(Chapter { start, title: title.unwrap_or_default(), url })
}
