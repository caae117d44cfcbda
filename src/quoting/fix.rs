//! A post with altered quotations -> the same with the words that were said.

use std::ops::Range;

use crate::quoting::check::{Judged, Verdict};
use crate::quoting::post::Post;
use crate::quoting::verdict::Change;

/// A post with the exact words put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// What was written, and what stands now.
    pub changed: Vec<(usize, String, String)>,
    /// The lines of those quotations that only a person can put right.
    pub left: Vec<usize>,
}

/// Puts the exact words back into every altered quotation. What stands between the words, markup
/// above all, stays as it is; a change that goes over markup is left to a person.
pub fn fix(post: &Post, judged: &[Judged]) -> Fixed {
    let mut changes: Vec<(Range<usize>, String, usize, String)> = Vec::new();
    let mut left = Vec::new();
    for one in judged.iter().filter(|one| one.verdict == Verdict::Altered) {
        let line = one.quotation.line;
        for change in &one.changes {
            let Change::Altered { written, said, at } = change else { continue };
            let place = one.quotation.source(post, at);
            let stands = place.as_ref().and_then(|place| post.source.text.get(place.clone()));
            match (place, stands) {
                (Some(place), Some(stands)) if stands == written && !written.is_empty() => {
                    changes.push((place, words_for(written, said), line, written.clone()));
                }
                (Some(place), _) if written.is_empty() => {
                    changes.push((place, format!("{said} "), line, String::new()));
                }
                _ => left.push(line),
            }
        }
    }
    changes.sort_by_key(|change| change.0.start);
    let mut text = post.source.text.clone();
    for (place, said, ..) in changes.iter().rev() {
        text.replace_range(place.clone(), said);
    }
    left.dedup();
    let source = crate::formats::source::SourceText { text, encoding: post.source.encoding };
    Fixed {
        bytes: source.encode(),
        changed: changes
            .into_iter()
            .map(|(_, said, line, written)| (line, written, said))
            .collect(),
        left,
    }
}

/// The words that were said, without the punctuation at their end: the writer's stays.
fn words_for(written: &str, said: &str) -> String {
    let bare = |c: char| !c.is_alphanumeric();
    let said = if written.ends_with(bare) { said } else { said.trim_end_matches(bare) };
    if written.starts_with(bare) {
        said.to_owned()
    } else {
        said.trim_start_matches(bare).to_owned()
    }
}
