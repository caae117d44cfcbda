//! Names that the show knows, listened for where the recognizer was in doubt.
//!
//! A chunk with doubtful words is decoded once more after a prompt of the show's names and terms.
//! Of that second text only the terms are taken, and only where the first was in doubt: so the
//! prompt helps to hear a name, and can never put anything else into the transcript. What was
//! heard without it stays in [`Word::heard`].

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::speech::Word;
use crate::time::{Ms, Span};
use crate::transcribe::TranscribeError;
use crate::transcribe::chunk::Chunk;
use crate::transcribe::chunk_result::{ChunkDecoder, ChunkResult, Decode};
use crate::transcribe::faults::bare;
use crate::transcribe::glossary::{DOUBT, Glossary};
use crate::transcribe::recognizer::Job;
use crate::transcribe::words;

/// A word below this probability makes a second hearing worth its time.
const VERY_DOUBTFUL: f32 = 0.5;
/// Whisper takes 223 tokens of a prompt, which names fill at some three letters each.
const MAX_PROMPT_CHARS: usize = 500;
/// Words that one name may stand for in either text.
const MOST_WORDS: usize = 4;
/// How far the two texts' times of a name may be apart.
const SAME_PLACE: Ms = Ms::new(1_000);

impl ChunkDecoder<'_> {
    /// Listens for the terms of `glossary` in the chunks with doubtful words.
    pub(crate) fn listen_for(
        &self,
        glossary: &Glossary,
        chunks: &[Chunk],
        results: &mut [ChunkResult],
        decode: &mut Decode<'_>,
    ) -> Result<(), TranscribeError> {
        let mut doubtful: Vec<(usize, &Chunk, String)> = Vec::new();
        for (index, (chunk, result)) in chunks.iter().zip(results.iter()).enumerate() {
            let texts: Vec<&str> = result
                .words
                .iter()
                .filter(|word| word.probability < VERY_DOUBTFUL && !is_common(&word.text))
                .map(|word| word.text.as_str())
                .collect();
            let prompt = glossary.prompt(&texts, MAX_PROMPT_CHARS);
            if !texts.is_empty() && !prompt.is_empty() {
                doubtful.push((index, chunk, prompt));
            }
        }
        let jobs: Vec<Job<'_>> = doubtful
            .iter()
            // What the names are taken from need not be the best text.
            .map(|(_, chunk, prompt)| Job { prompt, beam: 1, ..self.job(chunk) })
            .collect();
        for ((index, chunk, _), hypothesis) in doubtful.iter().zip(decode(&jobs)?) {
            if let Some(result) = results.get_mut(*index) {
                let hinted = words::build(&hypothesis, chunk.heard.start());
                take_terms(&mut result.words, &hinted, glossary);
            }
        }
        Ok(())
    }
}

/// Short words are doubtful everywhere, and no name.
fn is_common(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphanumeric()).count() < 3
}

/// Writes the terms of `hinted` in place of the doubtful words of `words` that they stand for.
fn take_terms(words: &mut Vec<Word>, hinted: &[Word], glossary: &Glossary) {
    let (own, other) = (bare(words), bare(hinted));
    let changes = capture_diff_slices(Algorithm::Myers, &own, &other);
    // From the last to the first, so that the places of the others stay as they are.
    for change in changes.into_iter().rev() {
        let DiffOp::Replace { old_index, old_len, new_index, new_len } = change else { continue };
        if old_len > MOST_WORDS || new_len > MOST_WORDS {
            continue;
        }
        let old = old_index..old_index + old_len;
        let (Some(heard), Some(named)) =
            (words.get(old.clone()), hinted.get(new_index..new_index + new_len))
        else {
            continue;
        };
        let doubt = heard.iter().map(|word| word.probability).fold(1.0, f32::min) < DOUBT;
        let clear = heard.iter().all(|word| word.suspect.is_none() && word.heard.is_none());
        if doubt && clear && near(heard, named) && glossary.holds(named) {
            let named = in_place_of(words, &old, named);
            words.splice(old, named);
        }
    }
}

fn near(heard: &[Word], named: &[Word]) -> bool {
    let span = |words: &[Word]| {
        Some(Span::at_least_1ms(words.first()?.span.start(), words.last()?.span.end()))
    };
    span(heard).zip(span(named)).is_some_and(|(a, b)| a.gap(b) <= SAME_PLACE)
}

/// The named words at the times of those that they replace, with the marks around them kept.
fn in_place_of(words: &[Word], old: &Range<usize>, named: &[Word]) -> Vec<Word> {
    let heard = &words[old.clone()];
    let texts: Vec<&str> = heard.iter().map(|word| word.text.as_str()).collect();
    let whole = Span::at_least_1ms(heard[0].span.start(), heard[heard.len() - 1].span.end());
    let probability = heard.iter().map(|word| word.probability).fold(1.0, f32::min);
    let count = i64::try_from(named.len()).unwrap_or(1).max(1);
    let length = whole.duration().get();
    (0i64..)
        .zip(named)
        .enumerate()
        .map(|(index, (n, word))| {
            let span = match heard.get(index) {
                Some(old) if heard.len() == named.len() => old.span,
                _ => Span::at_least_1ms(
                    whole.start() + Ms::new(length * n / count),
                    whole.start() + Ms::new(length * (n + 1) / count),
                ),
            };
            Word {
                span,
                glued: index == 0 && heard[0].glued,
                probability,
                heard: Some(if index == 0 { texts.join(" ") } else { String::new() }),
                suspect: None,
                disfluency: None,
                text: word.text.clone(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::show::Term;

    fn words(text: &str, doubtful: &[&str]) -> Vec<Word> {
        text.split_whitespace()
            .zip(0i64..)
            .map(|(word, n)| {
                let span = Span::at_least_1ms(Ms::new(n * 300), Ms::new(n * 300 + 280));
                Word::new(span, word, if doubtful.contains(&word) { 0.3 } else { 0.95 })
            })
            .collect()
    }

    fn taken(said: &str, doubtful: &[&str], hinted: &str) -> String {
        let terms =
            ["Mirren Ostby", "HEY"].map(|term| Term { term: term.into(), ..Term::default() });
        let mut said = words(said, doubtful);
        take_terms(&mut said, &words(hinted, &[]), &Glossary::new(&terms, []));
        said.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_name_is_taken_where_there_was_doubt() {
        assert_eq!(
            taken("with Miran Aspie, who left.", &["Aspie,"], "with Mirren Ostby, who left."),
            "with Mirren Ostby, who left."
        );
        assert_eq!(
            taken("I asked mirror and left hay", &["mirror", "hay"], "I asked Mirren and left HEY"),
            "I asked Mirren and left HEY"
        );
    }

    #[test]
    fn nothing_else_is_taken() {
        // no doubt; no term; the prompt repeated
        for (said, doubtful, hinted) in [
            ("I like hay.", vec![], "I like HEY."),
            ("I like ham.", vec!["ham."], "I like hats."),
            ("So it goes on.", vec!["So"], "Mirren Ostby, HEY, Mirren Ostby, HEY, So it goes on."),
        ] {
            assert_eq!(taken(said, &doubtful, hinted), said);
        }
    }

    #[test]
    fn what_was_heard_is_kept() {
        let terms = [Term { term: "Mirren Ostby".into(), ..Term::default() }];
        let mut said = words("with Miran Aspie.", &["Aspie."]);
        take_terms(&mut said, &words("with Mirren Ostby.", &[]), &Glossary::new(&terms, []));
        assert_eq!(said[1].heard.as_deref(), Some("Miran Aspie."));
        assert_eq!(said[2].heard.as_deref(), Some(""));
        assert_eq!(said[2].span, Span::at_least_1ms(Ms::new(600), Ms::new(880)));
    }
}
