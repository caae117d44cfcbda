//! The text below an episode on YouTube, on Spotify and at a podcast host: the summary, the chapters in
//! the form from which players make them, and the links, within what the place takes.
//!
//! Only what a person wrote stands in it: no draft, whatever the show does with drafts. What does not
//! fit is left out whole where it can be, and is told. The text has no words of its own, so that it
//! is in the show's language.

mod chapters;
mod plain;

use crate::characters::cleaned;
use crate::formats::one_line;
use crate::library::stated::Stated;
use crate::render::words::Languages;
use crate::render::{Context, markup, page};

/// Where the text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Below a video.
    YouTube,
    /// Into Spotify for Creators.
    Spotify,
    /// Into the form of a podcast host, which puts it into its feed.
    Host,
}

impl Place {
    /// What it is called.
    const fn name(self) -> &'static str {
        match self {
            Place::YouTube => "YouTube",
            Place::Spotify => "Spotify",
            Place::Host => "a host",
        }
    }

    /// How many characters it takes. Spotify's and the hosts' is what Apple Podcasts takes, too.
    const fn room(self) -> usize {
        match self {
            Place::YouTube => 5_000,
            Place::Spotify | Place::Host => 4_000,
        }
    }
}

/// The text, and what had to be changed or left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// The text.
    pub text: String,
    /// What a person should know of it, a sentence each.
    pub told: Vec<String>,
}

/// Makes the text. `page` is the address of the episode's page, where it has one.
pub fn description(context: &Context<'_>, page: Option<&str>, place: Place) -> Description {
    let Stated { show, episode, .. } = context.stated;
    let mut told = Vec::new();
    let summary = plain::plain(&episode.summary);
    if summary.is_empty() {
        told.push("the episode has no summary; `notes.md` offers a draft of one".to_owned());
    }
    if summary.lines().any(chapters::begins_with_time) {
        let place = place.name();
        told.push(format!(
            "a line of the summary begins with a time, which {place} takes for a chapter"
        ));
    }
    let (listed, changes) = chapters::fitted(context);
    told.extend(changes);

    let mut room = Room { left: place.room(), place, told };
    let heading = line(context.heading());
    let page = page.map(|page| format!("{}: {page}", heading.trim_end_matches(':')));
    let page = room.lines("addresses of the page", page.into_iter().collect());
    // A long list of chapters leaves the summary its beginning.
    let kept = summary.chars().count().min(place.room() / 4);
    room.left = room.left.saturating_sub(kept);
    let lines = listed.iter().map(|chapter| chapter.line(place)).collect();
    let chapters = room.lines("chapters", lines);
    room.left += kept;
    let summary = room.text(&summary);
    let links = room.lines("links", links(context.stated));
    let people = room.lines("people", people(context));
    let music = room.lines("pieces of music", music(context.stated));
    let promo = show.promo.iter().filter_map(|promo| {
        let url = markup::link(&promo.url)?;
        Some(format!("{}: {url}", line(&format!("{} {}", promo.text, promo.link_text))))
    });
    let promo = room.lines("promotions", promo.collect());
    let blocks: Vec<String> = [summary, chapters, page, links, people, music, promo]
        .into_iter()
        .filter(|block| !block.is_empty())
        .collect();
    let mut text = blocks.join("\n\n");
    text.push('\n');
    let mut told = room.told;
    if place == Place::YouTube {
        as_youtube_takes_it(&mut text, &mut told);
    }
    Description { text, told }
}

/// `YouTube` refuses a text with angle brackets, and its interface for programs counts bytes.
fn as_youtube_takes_it(text: &mut String, told: &mut Vec<String>) {
    if text.contains(['<', '>']) {
        *text = text.replace('<', "‹").replace('>', "›");
        told.push("YouTube takes no `<` and `>`; they are written `‹` and `›`".to_owned());
    }
    if text.trim_end().len() > Place::YouTube.room() {
        told.push(format!(
            "the text has {} bytes; YouTube's page takes it, its interface for programs takes 5000",
            text.trim_end().len()
        ));
    }
}

/// The room that is left in the text.
struct Room {
    left: usize,
    place: Place,
    told: Vec<String>,
}

impl Room {
    /// As many of the lines as fit, as one block; how many do not is told.
    fn lines(&mut self, what: &str, lines: Vec<String>) -> String {
        let all = lines.len();
        let (mut block, mut taken) = (String::new(), 0);
        for line in lines {
            // the line feed before it, or the blank line before the block
            let needed = line.chars().count() + if taken == 0 { 2 } else { 1 };
            if needed > self.left {
                break;
            }
            self.left -= needed;
            if taken > 0 {
                block.push('\n');
            }
            block.push_str(&line);
            taken += 1;
        }
        if taken < all {
            let (name, takes) = (self.place.name(), self.place.room());
            self.told.push(format!(
                "{} of {all} {what} are left out: {name} takes {takes} characters",
                all - taken
            ));
        }
        block
    }

    /// The text, or its beginning up to the end of a sentence or a word.
    fn text(&mut self, text: &str) -> String {
        let room = self.left.saturating_sub(2);
        let length = text.chars().count();
        let taken = if length <= room { text.to_owned() } else { beginning(text, room) };
        if length > room {
            self.told.push(format!(
                "the summary is cut to {} of its {length} characters: {} takes {} in all",
                taken.chars().count(),
                self.place.name(),
                self.place.room()
            ));
        }
        self.left = self.left.saturating_sub(taken.chars().count() + 2);
        taken
    }
}

/// The beginning of a text within so many characters: up to the end of a sentence in its second half,
/// else of a word.
fn beginning(text: &str, room: usize) -> String {
    let end = text.char_indices().nth(room.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    let part = text.get(..end).unwrap_or_default();
    let ends_sentence = |c: char| matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？');
    let sentence = part
        .char_indices()
        .filter(|(at, c)| {
            let next = text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
            ends_sentence(*c) && (next.is_none_or(char::is_whitespace) || !c.is_ascii())
        })
        .map(|(at, c)| at + c.len_utf8())
        .next_back()
        .filter(|end| *end > part.len() / 2);
    if let Some(end) = sentence {
        return part.get(..end).unwrap_or_default().to_owned();
    }
    let word = part.rfind(char::is_whitespace).unwrap_or(part.len());
    format!("{}…", part.get(..word).unwrap_or_default().trim_end())
}

fn line(text: &str) -> String {
    one_line(&cleaned(text))
}

fn links(stated: Stated<'_>) -> Vec<String> {
    let links = page::links(stated.episode).into_iter().filter_map(|link| {
        let url = link.url?;
        let text = line(link.text);
        Some(if text == url { text } else { format!("{text}: {url}") })
    });
    links.collect()
}

fn people(context: &Context<'_>) -> Vec<String> {
    let languages = [context.edition.language.as_str(), context.stated.show.language.as_str()];
    let words = Languages::builtin().of(languages);
    let people = page::people(context.stated, words).into_iter().map(|person| {
        let about = person.about.map_or_else(String::new, |about| format!(", {about}"));
        let url = person.url.map_or_else(String::new, |url| format!(": {url}"));
        format!("{}{url}", line(&format!("{}{about}", person.name)))
    });
    people.collect()
}

fn music(stated: Stated<'_>) -> Vec<String> {
    let pieces = stated.music().into_iter().map(|piece| {
        let named = [&piece.title, &piece.artist].map(|name| line(name));
        let named: Vec<String> = named.into_iter().filter(|name| !name.is_empty()).collect();
        format!("♪ {}", named.join(" – "))
    });
    pieces.collect()
}

#[cfg(test)]
mod tests;
