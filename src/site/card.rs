//! An episode as the site's lists show it.

use serde::Serialize;

use crate::edit::Edition;
use crate::render::markup;
use crate::render::page::DateView;
use crate::render::words::Words;
use crate::site::Entry;
use crate::site::people::OnCard;

/// How much of the summary a card shows, in characters.
const SUMMARY_CHARS: usize = 260;

/// What every mention of an episode says.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Head {
    /// Its folder on the site, as an address.
    pub(super) folder: String,
    pub(super) title: String,
    /// `Episode 16`.
    pub(super) kind: Option<String>,
    pub(super) date: Option<DateView>,
    /// `23 min`.
    pub(super) length: Option<String>,
}

/// An episode on the site's first page.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Card {
    pub(super) head: Head,
    pub(super) summary: String,
    pub(super) artwork: Option<String>,
    pub(super) people: Vec<OnCard>,
}

impl Head {
    pub(super) fn of(entry: &Entry, edition: &Edition, words: &Words) -> Head {
        Head {
            folder: markup::file_href(&entry.name),
            title: entry.title().into_owned(),
            kind: entry.kind(words),
            date: entry.date(words),
            length: (edition.duration.get() > 0).then(|| words.length(edition.duration)),
        }
    }
}

/// The start of a summary, cut between words.
pub(super) fn summary(markdown: &str) -> String {
    let whole = markup::markdown_text(markdown);
    if whole.chars().count() <= SUMMARY_CHARS {
        return whole;
    }
    let start: String = whole.chars().take(SUMMARY_CHARS).collect();
    let cut = start.rfind(' ').unwrap_or(start.len());
    let start = start.get(..cut).unwrap_or(&start);
    format!("{} …", start.trim_end_matches([',', ';', ':', '–', '—']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_summary_ends_between_words() {
        assert_eq!(summary("Short, *and* sweet."), "Short, and sweet.");
        let cut = summary(&"measuring, ".repeat(60));
        assert!(cut.ends_with("measuring …") && cut.chars().count() < SUMMARY_CHARS + 3, "{cut}");
    }
}
