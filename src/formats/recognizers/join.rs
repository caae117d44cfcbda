//! Words become sentences.

use super::entry::{Entry, Sort};
use crate::formats::{Passage, one_line};
use crate::time::Ms;

/// A pause of this length ends a sentence in any case.
const PAUSE: Ms = Ms::new(2_000);

/// What was said, sentence by sentence.
#[derive(Default)]
pub(super) struct Joined {
    pub(super) passages: Vec<Passage>,
    /// Whether the last passage is made of words, and may go on.
    is_open: bool,
}

impl Joined {
    /// Adds an entry with its times.
    pub(super) fn add(&mut self, entry: &Entry<'_>, start: Option<Ms>, end: Option<Ms>) {
        let text = one_line(&entry.text);
        if text.is_empty() {
            return;
        }
        if entry.sort == Sort::Mark
            && let Some(last) = self.passages.last_mut().filter(|_| self.is_open)
        {
            last.text.push_str(&text);
            return;
        }
        if entry.sort == Sort::Word
            && let Some(last) = self.passages.last_mut().filter(|_| self.is_open)
            && goes_on(last, entry, start)
        {
            if needs_space(&last.text, &text) {
                last.text.push(' ');
            }
            last.text.push_str(&text);
            last.end = end.or(last.end);
            return;
        }
        self.is_open = matches!(entry.sort, Sort::Word | Sort::Mark);
        let is_sound = entry.sort == Sort::Sound;
        let text = if is_sound { bare(&text) } else { text };
        let speaker = entry.speaker.clone().filter(|_| !is_sound);
        self.passages.push(Passage { start, end, speaker, is_sound, text, line: 0 });
    }
}

/// Whether a word belongs to the sentence before it. `WhisperX` gives words such as numbers no time
/// and no speaker.
fn goes_on(last: &Passage, word: &Entry<'_>, start: Option<Ms>) -> bool {
    let pause = last.end.zip(start).map_or(Ms::ZERO, |(end, start)| start - end);
    let same = word.speaker == last.speaker || (start.is_none() && word.speaker.is_none());
    same && !last.text.ends_with(['.', '?', '!', '…', '。', '？', '！']) && pause < PAUSE
}

/// Chinese, Japanese and Thai have no spaces between words.
fn needs_space(before: &str, after: &str) -> bool {
    let is_close = |c: char| matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{3000}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}');
    !(before.ends_with(is_close) && after.starts_with(is_close))
}

/// The name of a sound without its brackets.
fn bare(text: &str) -> String {
    text.trim_matches(['(', ')', '[', ']']).trim().to_owned()
}
