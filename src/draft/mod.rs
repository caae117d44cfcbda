//! Edition -> [`Drafts`]: what nobody wrote, proposed from what is said.
//!
//! A summary, chapters, credits, quotes to choose from, and what listeners are promised to find.
//! All of it is the editor's until a person takes it over: [`crate::render`] prints it into
//! `notes.md` and nowhere else, unless the show wants its drafts published.

mod chapters;
mod credits;
mod phrases;
mod promises;
mod quotes;
pub(crate) mod sentences;
mod strong;
mod summary;
mod terms;
mod words;

use serde::{Deserialize, Serialize};

use crate::edit::Edition;
use crate::library::show::Drafting;
use crate::library::stated::Stated;
use crate::speech::Chapter;
use sentences::Sentence;
use terms::Stop;

pub use credits::Credit;
pub use promises::{Kept, Promise};
pub use quotes::Quote;
pub use strong::StrongWord;

/// What is proposed for an episode.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drafts {
    /// What the episode is about, where nobody wrote a summary.
    pub summary: Option<String>,
    /// Where it has chapters and what they are called, where nobody made any; sorted by start.
    pub chapters: Vec<Chapter>,
    /// Who did what, as it was said.
    pub credits: Vec<Credit>,
    /// What may be quoted, and shared.
    pub quotes: Vec<Quote>,
    /// What listeners are promised to find.
    pub promises: Vec<Promise>,
    /// The strong language in it.
    pub strong: Vec<StrongWord>,
}

/// Drafts what nobody wrote. Promises and strong language are looked for also where the show wants no drafts.
pub fn draft(edition: &Edition, stated: Stated<'_>) -> Drafts {
    let sentences = sentences::sentences(edition);
    let promises = promises::promises(&sentences, stated);
    let strong = strong::strong(&sentences);
    if stated.show.drafts == Drafting::None {
        return Drafts { promises, strong, ..Drafts::default() };
    }
    let stop = Stop::of(&paragraphs(&sentences));
    let is_english = edition.language.starts_with("en");
    let has_summary = !stated.episode.summary.trim().is_empty();
    let chapters = if edition.chapters.is_empty() {
        chapters::chapters(edition, &sentences, stated, &stop)
    } else {
        Vec::new()
    };
    Drafts {
        summary: if has_summary {
            None
        } else {
            summary::summary(&sentences, stated, is_english, &stop)
        },
        chapters,
        credits: credits::credits(&sentences, stated),
        quotes: quotes::quotes(&sentences, stated, &stop),
        promises,
        strong,
    }
}

/// The words of each paragraph.
fn paragraphs<'a>(sentences: &[Sentence<'a>]) -> Vec<Vec<&'a str>> {
    let blocks = sentences.chunk_by(|a, b| a.block == b.block);
    blocks.map(|block| block.iter().flat_map(|s| s.words.iter().copied()).collect()).collect()
}
