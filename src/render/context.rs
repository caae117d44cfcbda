//! One episode as everything that is printed of it sees it.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::draft::Drafts;
use crate::edit::{Block, Edition};
use crate::formats::names::UNKNOWN_SPEAKER;
use crate::library::show::{Drafting, Show};
use crate::library::stated::Stated;
use crate::render::cues::{Cue, CueSettings, cues};
use crate::render::page;
use crate::speech::{Chapter, SpeakerName};

/// Over the transcript in files where the show has nothing else.
const DEFAULT_HEADING: &str = "The Full Transcript:";

/// An episode's edition, with what people wrote about it and what is proposed for it.
#[derive(Debug)]
pub struct Context<'a> {
    /// What a person signed off.
    pub edition: &'a Edition,
    /// What people wrote.
    pub stated: Stated<'a>,
    /// What nobody wrote.
    pub drafts: &'a Drafts,
    named: OnceCell<Cow<'a, Edition>>,
    cues: OnceCell<Vec<Cue>>,
}

impl<'a> Context<'a> {
    /// All that is known of an episode.
    pub fn new(edition: &'a Edition, stated: Stated<'a>, drafts: &'a Drafts) -> Context<'a> {
        let (named, cues) = (OnceCell::new(), OnceCell::new());
        Context { edition, stated, drafts, named, cues }
    }

    /// The show.
    pub(crate) fn show(&self) -> &'a Show {
        self.stated.show
    }

    /// The drafts that are published, where the show wants that.
    pub(crate) fn published_drafts(&self) -> Option<&'a Drafts> {
        (self.show().drafts == Drafting::Publish).then_some(self.drafts)
    }

    /// The chapters that are published.
    pub(crate) fn chapters(&self) -> &'a [Chapter] {
        match self.published_drafts() {
            Some(drafts) if self.edition.chapters.is_empty() => &drafts.chapters,
            _ => &self.edition.chapters,
        }
    }

    /// Whether the chapters that are published are only proposed.
    pub(crate) fn chapters_are_drafts(&self) -> bool {
        self.edition.chapters.is_empty() && !self.chapters().is_empty()
    }

    /// Whether chapters are proposed, and none are published.
    pub fn has_only_drafted_chapters(&self) -> bool {
        self.chapters().is_empty() && !self.drafts.chapters.is_empty()
    }

    /// The language of what is said, as a tag that is one.
    pub(crate) fn language(&self) -> &'a str {
        let Stated { show, episode, .. } = self.stated;
        page::first_language([&self.edition.language, &episode.language, &show.language])
    }

    /// The heading over the transcript, as the show states it.
    pub(crate) fn stated_heading(&self) -> Option<&'a str> {
        Some(self.show().transcript_heading.trim()).filter(|heading| !heading.is_empty())
    }

    /// The heading over the transcript in files; readers of others find the text by it.
    pub(crate) fn heading(&self) -> &'a str {
        self.stated_heading().unwrap_or(DEFAULT_HEADING)
    }

    /// The edition with a name for those who have none, where others have one: readers carry a name
    /// on until the next.
    pub(crate) fn named(&self) -> &Edition {
        self.named.get_or_init(|| with_unknown(self.edition))
    }

    /// The cues of `WebVTT` and of the podcast namespace's JSON.
    pub(crate) fn cues(&self) -> &[Cue] {
        self.cues.get_or_init(|| cues(self.named(), &CueSettings::webvtt()))
    }
}

fn with_unknown(edition: &Edition) -> Cow<'_, Edition> {
    let is_named = |is: bool| edition.paragraphs().any(|one| one.speaker.is_some() == is);
    if !(is_named(true) && is_named(false)) {
        return Cow::Borrowed(edition);
    }
    let mut edition = edition.clone();
    for block in &mut edition.blocks {
        if let Block::Paragraph(paragraph) = block {
            paragraph.speaker.get_or_insert_with(|| SpeakerName(UNKNOWN_SPEAKER.to_owned()));
        }
    }
    Cow::Owned(edition)
}
