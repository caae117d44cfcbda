//! Where something was said, by whom, and how sure that is.

use crate::edit::Status;
use crate::spoken::{Facts, Speaker, SpokenEpisode};
use crate::time::{Ms, Span};

/// Below this a word, or a speaker, should be heard before it is quoted.
const DOUBTFUL: f32 = 0.5;

/// Where and by whom it was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The episode.
    pub facts: Facts,
    /// Who says it; several where several do, none where nobody could be named.
    pub speakers: Vec<Speaker>,
    /// Who wrote it, where it is read aloud.
    pub author: Option<String>,
    /// From the first word to the last.
    pub span: Span,
    /// The words, as they were said.
    pub text: String,
    /// The address of the words, where the show says where it is published.
    pub link: Option<String>,
    /// How sure the least sure word is, 0 to 1.
    pub confidence: f32,
    /// How sure the speaker is, at the least sure word, 0 to 1.
    pub speaker_confidence: f32,
    /// Whether a person has listened to all of it.
    pub is_checked: bool,
    /// The first and the last word in the episode.
    pub words: (usize, usize),
}

impl Said {
    /// What was said from the first word to the last, of which those count that are `matched`.
    pub(super) fn of(
        episode: &SpokenEpisode,
        (first, last): (usize, usize),
        matched: &[usize],
    ) -> Option<Said> {
        let span = episode.span(first, last)?;
        let mut speakers: Vec<Speaker> = Vec::new();
        let mut author = None;
        for word in matched {
            if let Some(speaker) = episode.speaker(*word)
                && !speakers.contains(speaker)
            {
                speakers.push(speaker.clone());
            }
            let read = episode.paragraph(*word).and_then(|one| one.author.clone());
            author = author.or(read);
        }
        let words = || matched.iter().filter_map(|word| episode.words.get(*word));
        let least = |values: &mut dyn Iterator<Item = f32>| values.fold(1.0, f32::min);
        Some(Said {
            facts: episode.facts.clone(),
            speakers,
            author,
            span,
            text: episode.text(first, last),
            link: episode.link(span),
            confidence: least(&mut words().map(|word| word.probability)),
            speaker_confidence: least(&mut words().map(|word| word.speaker_confidence)),
            is_checked: matched.iter().all(|word| {
                episode.paragraph(*word).is_some_and(|one| one.status == Status::Checked)
            }),
            words: (first, last),
        })
    }

    /// What to hear before it is quoted, where anything is in doubt and nobody checked it by ear.
    pub fn doubt(&self) -> Option<String> {
        if self.is_checked {
            return None;
        }
        let what = match (self.confidence < DOUBTFUL, self.speaker_confidence < DOUBTFUL) {
            (false, false) => return None,
            (true, false) => "the transcript is not sure of every word",
            (false, true) => "the transcript is not sure who speaks",
            (true, true) => "the transcript is sure neither of every word nor of who speaks",
        };
        // the end of the stretch is rounded up to a whole second
        let (start, end) = (self.span.start().clock(), (self.span.end() + Ms::new(999)).clock());
        Some(format!("doubtful: {what}; listen to {start}–{end}"))
    }
}
