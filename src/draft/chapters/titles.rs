//! Titles for chapters: the question that is asked, or the thing that is named.

use std::collections::BTreeSet;

use crate::draft::phrases::{self, Phrase, capital, phrases};
use crate::draft::sentences::Sentence;
use crate::draft::terms::Stop;
use crate::draft::words::{INTERROGATIVES, LEAD_INS};
use crate::speech::Chapter;
use crate::time::Ms;

/// The length of a question that serves as a title, in words.
const QUESTION: std::ops::RangeInclusive<usize> = 3..=10;

/// The chapters at the chosen places. `places` has the start and the first sentence of each place,
/// `named` the titles of those that are something known. A chapter for which nothing is found stays
/// out.
pub(super) fn titled(
    chosen: &[usize],
    places: &[(Ms, usize)],
    named: &[(usize, &str)],
    sentences: &[Sentence<'_>],
    stop: &Stop,
) -> Vec<Chapter> {
    let first = |place: Option<&usize>| place.and_then(|at| places.get(*at)).map(|place| place.1);
    let parts: Vec<&[Sentence<'_>]> = (0..chosen.len())
        .map(|at| {
            let from = first(chosen.get(at)).unwrap_or(0);
            let to = first(chosen.get(at + 1)).unwrap_or(sentences.len());
            sentences.get(from..to).unwrap_or_default()
        })
        .collect();
    let spread = phrases::spread(&parts, stop);
    let mut taken: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut chapters = Vec::new();
    for (place, part) in chosen.iter().zip(&parts) {
        let known = named.iter().find(|(at, _)| at == place).map(|(_, title)| (*title).to_owned());
        let title = known.or_else(|| {
            let things = phrases(part, (&spread, parts.len()), stop);
            question(part, &things, stop).or_else(|| thing(things, &mut taken))
        });
        let start = places.get(*place).map_or(Ms::ZERO, |place| place.0);
        chapters.extend(title.map(|title| Chapter { start, title, url: None }));
    }
    chapters
}

/// The question with which a chapter begins, where it is short and asks about something that comes
/// back; of a long one, what it ends with.
fn question(part: &[Sentence<'_>], things: &[Phrase], stop: &Stop) -> Option<String> {
    let block = part.first()?.block;
    let again: BTreeSet<&String> =
        things.iter().filter(|thing| thing.times > 1).flat_map(|thing| &thing.terms).collect();
    let asked = part.iter().take_while(|sentence| sentence.block == block).filter(|s| s.asks());
    asked.filter_map(core).find_map(|words| {
        let terms = stop.terms(words.iter().copied());
        let text = words.join(" ");
        terms
            .iter()
            .any(|term| again.contains(term))
            .then(|| capital(text.trim_matches(['“', '”', '"', '(', ')'])))
    })
}

/// The question itself, without what leads to it.
fn core<'a>(sentence: &'a Sentence<'_>) -> Option<&'a [&'a str]> {
    let begins = |at: usize| {
        let word = sentence.words.get(at).map(|word| word.to_lowercase().replace('’', "'"));
        word.is_some_and(|word| INTERROGATIVES.contains(&word.trim_matches(['“', '"', ','])))
    };
    let count = sentence.words.len();
    let starts = (0..count).filter(|at| begins(*at) && QUESTION.contains(&(count - at)));
    // a question in the middle of a sentence follows what leads to it
    let leads_in = |at: &usize| {
        at.checked_sub(1).and_then(|before| sentence.words.get(before)).is_none_or(|before| {
            before.ends_with([',', '—', '–', ':'])
                || LEAD_INS.contains(&before.to_lowercase().as_str())
        })
    };
    starts.filter(leads_in).find_map(|at| sentence.words.get(at..))
}

/// The thing that says most of the chapter and stands in no title yet.
fn thing(things: Vec<Phrase>, taken: &mut BTreeSet<Vec<String>>) -> Option<String> {
    let found = things.into_iter().find(|thing| !taken.contains(&thing.terms))?;
    taken.insert(found.terms);
    Some(capital(&found.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_asked_without_what_leads_to_it() {
        for (said, wanted) in [
            ("What’s package relay?", Some("What’s package relay?")),
            ("So, how do you write a post?", Some("how do you write a post?")),
            ("And now tell me, why did the pumps fail?", Some("why did the pumps fail?")),
            ("They’ve got colours and stuff though?", None),
            ("Is it?", None),
        ] {
            let sentence = Sentence::of_text(said, 0);
            assert_eq!(core(&sentence).map(|words| words.join(" ")).as_deref(), wanted, "{said}");
        }
    }
}
