//! What is left for a person to do before an episode goes out.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::decode::Loudness;
use crate::detect::SpeechRegions;
use crate::draft::{Drafts, Kept, StrongWord};
use crate::edit::Edition;
use crate::library::LibraryError;
use crate::pipeline::Pipeline;
use crate::pipeline::records::{DRAFTS, EDITION, SPEECH, TRANSCRIPT};
use crate::speech::{SpeakerLabel, SpeakerName};
use crate::stage::Stage;
use crate::time::Ms;
use crate::transcribe::Transcript;
use crate::transcribe::coverage::doubts;

/// How much of the doubtful places is counted.
const MOST: Ms = Ms::new(3_600_000);

/// What is left to do.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Next {
    /// The voices without a name, those that speak most first.
    pub nameless: Vec<Nameless>,
    /// Strong language in an episode that is said to have none.
    pub strong: Vec<StrongWord>,
    /// How many links are promised and missing.
    pub missing_links: usize,
    /// Whether a summary is proposed.
    pub has_drafted_summary: bool,
    /// How many chapters are proposed.
    pub drafted_chapters: usize,
    /// How long the places are that are worth listening to.
    pub doubtful: Ms,
    /// How loud the audio is, where it was measured.
    pub loudness: Option<Loudness>,
    /// What of that is away from what podcasts aim at.
    pub loudness_faults: Vec<String>,
}

/// A voice without a name.
#[derive(Debug, Clone, Serialize)]
pub struct Nameless {
    /// Its label, which `edits.toml` takes.
    pub label: SpeakerLabel,
    /// What it is called in print.
    pub shown: SpeakerName,
    /// Where it speaks longest.
    pub at: Ms,
}

impl Pipeline<'_> {
    /// What is left to do once everything is made.
    pub(super) fn next(&self) -> Result<Next, LibraryError> {
        let edition: Edition = self.load(EDITION)?;
        let drafts: Drafts = self.load(DRAFTS)?;
        let is_explicit = self.episode.explicit.unwrap_or(self.show.explicit);
        let missing = drafts.promises.iter().filter(|promise| promise.kept == Kept::Missing);
        let source = self.source()?;
        let faults = |loudness: Loudness| loudness.faults(source.channels);
        Ok(Next {
            loudness: source.loudness,
            loudness_faults: source.loudness.map(faults).unwrap_or_default(),
            nameless: nameless(&edition),
            missing_links: missing.count(),
            has_drafted_summary: drafts.summary.is_some(),
            drafted_chapters: drafts.chapters.len(),
            strong: if is_explicit { Vec::new() } else { drafts.strong },
            doubtful: self.doubtful()?,
        })
    }

    /// How long the doubtful places are; of an imported transcript nobody knows.
    fn doubtful(&self) -> Result<Ms, LibraryError> {
        if self.is_imported() || !self.applies(Stage::Transcribe) {
            return Ok(Ms::ZERO);
        }
        let transcript: Transcript = self.load(TRANSCRIPT)?;
        let regions: SpeechRegions = self.load(SPEECH)?;
        let found = doubts(&transcript, &regions, MOST);
        Ok(found.iter().fold(Ms::ZERO, |sum, doubt| sum + doubt.span.duration()))
    }
}

fn nameless(edition: &Edition) -> Vec<Nameless> {
    let mut voices: BTreeMap<&SpeakerLabel, (Ms, Ms, &SpeakerName, Ms)> = BTreeMap::new();
    for paragraph in edition.paragraphs() {
        let (Some(name), Some(label)) = (&paragraph.speaker, &paragraph.label) else { continue };
        if !name.is_numbered() {
            continue;
        }
        let (start, length) = (paragraph.span.start(), paragraph.span.duration());
        let voice = voices.entry(label).or_insert((Ms::ZERO, Ms::ZERO, name, start));
        voice.0 = voice.0 + length;
        if length > voice.1 {
            (voice.1, voice.3) = (length, start);
        }
    }
    let mut found: Vec<_> = voices.into_iter().collect();
    found.sort_by_key(|(_, (talk, ..))| std::cmp::Reverse(*talk));
    found
        .into_iter()
        .map(|(label, (_, _, name, at))| Nameless { label: label.clone(), shown: name.clone(), at })
        .collect()
}
