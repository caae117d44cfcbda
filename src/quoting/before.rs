//! What somebody says -> where the same person said nearly the same before.

use crate::quoting::recall::{Only, recall};
use crate::quoting::said::Said;
use crate::spoken::{SpokenError, SpokenIndex};

/// The nearest earlier sentence of the same person: in an earlier episode, or earlier in this one.
pub fn said_before(index: &SpokenIndex, said: &Said) -> Result<Option<Said>, SpokenError> {
    let [speaker] = &said.speakers[..] else { return Ok(None) };
    let only = Only {
        speaker: speaker.full_name.to_lowercase().split_whitespace().map(str::to_owned).collect(),
        episode: None,
        before: Some((said.facts.name.clone(), said.words.0)),
    };
    let Some(place) = recall(index, &said.text, &only)?.into_iter().next() else {
        return Ok(None);
    };
    let Some(known) = index.episodes().get(place.episode) else { return Ok(None) };
    let episode = index.episode(known)?;
    let words: Vec<usize> = (place.words.0..=place.words.1).collect();
    Ok(Said::of(&episode, place.words, &words))
}
