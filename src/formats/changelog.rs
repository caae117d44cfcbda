//! The Markdown in which Changelog publishes its transcripts, and in which we write ours:
//! `**Name:** text`, further paragraphs without a name, times as `\[04:01\]`.

use crate::formats::names::UNKNOWN_SPEAKER;
use crate::formats::source::{Line, lines};
use crate::formats::{Diagnostic, FormatError, Passage, bounded, clock};
use crate::time::Ms;

/// Labels that stand for sounds and pauses rather than people.
const NOBODY: [&str; 9] =
    ["Break", "Jingle", "Outro", "Intro", "Music", "Theme", "Ad", "Sponsor", "Clip"];

/// Reads a file.
///
/// Times may lack hours, have hundredths, or stand within a paragraph, which they then part.
/// Mark-up is taken out of the text; no word is.
///
/// # Errors
/// If no paragraph begins with a name in bold type or with a time.
pub fn parse(text: &str) -> Result<(Vec<Passage>, Vec<Diagnostic>), FormatError> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut found = Vec::new();
    let mut speaker: Option<String> = None;
    let mut labels = 0;
    let mut block: Vec<Line<'_>> = Vec::new();
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(FormatError::Empty);
    }
    let end = Line { number: 0, text: "", end: "" };
    for line in lines(text).chain([end]) {
        let starts_anew = line.text.starts_with("**") && label(line.text.trim()).is_some();
        if !line.text.trim().is_empty() && !starts_anew {
            block.push(line);
            continue;
        }
        bounded(&mut found);
        let mut reader =
            Reader { speaker: &mut speaker, labels: &mut labels, passages: &mut passages };
        reader.block(&block, &mut found);
        block.clear();
        if starts_anew {
            block.push(line);
        }
    }
    if labels == 0 && passages.iter().all(|passage| passage.start.is_none()) {
        let problem = "neither speaker nor time was found: expected `**Name:** text`";
        return Err(FormatError::Malformed { line: 1, column: 1, problem: problem.to_owned() });
    }
    Ok((passages, found))
}

/// Whether a text has a paragraph that begins with a name in bold type or a time.
pub fn is_like(text: &str) -> bool {
    lines(text).any(|line| {
        let line = line.text.trim_start_matches("> ");
        let is_escaped = line.starts_with("\\[");
        label(line).is_some()
            || (is_escaped && next_time(line).is_some_and(|(before, ..)| before.is_empty()))
    })
}

struct Reader<'r> {
    speaker: &'r mut Option<String>,
    labels: &'r mut usize,
    passages: &'r mut Vec<Passage>,
}

impl Reader<'_> {
    fn block(&mut self, block: &[Line<'_>], found: &mut Vec<Diagnostic>) {
        let Some(first) = block.first() else { return };
        let joined: Vec<&str> = block.iter().map(|line| line.text.trim()).collect();
        let joined = joined.join(" ");
        let mut rest = joined.strip_prefix("> ").unwrap_or(&joined);
        // A title, a rule or a comment above the transcript.
        if rest.starts_with(['#', '<']) || rest.trim_matches(['-', '*', '_', ' ']).is_empty() {
            return;
        }
        let mut nobody = None;
        if let Some((name, text)) = label(rest) {
            *self.labels += 1;
            rest = text;
            let name = plain(name);
            if NOBODY.contains(&name.as_str()) {
                nobody = Some(name);
            } else {
                *self.speaker = Some(name).filter(|name| name != UNKNOWN_SPEAKER);
            }
        }
        let mut start = None;
        loop {
            let time = next_time(rest);
            let (before, at, after) = time.unwrap_or((rest, Ms::ZERO, ""));
            self.push(before, start, first.number, nobody.as_deref(), time.is_none());
            if time.is_none() {
                break;
            }
            start = Some(at);
            rest = after;
        }
        if rest.contains("\\[") && rest.contains(':') && next_time(rest).is_none() {
            let odd = rest.split("\\[").skip(1).find(|tail| {
                tail.starts_with(|c: char| c.is_ascii_digit()) && tail.contains("\\]")
            });
            if odd.is_some() {
                let message = "a time that cannot be read stays in the text";
                found.push(
                    Diagnostic::warning("L-TIME-FORM", first.number, 1, message)
                        .fix("write `\\[hh:mm:ss\\]`"),
                );
            }
        }
    }

    fn push(
        &mut self,
        text: &str,
        start: Option<Ms>,
        line: usize,
        nobody: Option<&str>,
        is_last: bool,
    ) {
        let bare = text.trim();
        let emphasised = bare
            .strip_prefix('*')
            .and_then(|inner| inner.strip_suffix('*'))
            .filter(|inner| !inner.is_empty() && !inner.replace("\\*", "").contains('*'));
        let mut text = plain(emphasised.unwrap_or(bare));
        let is_sound = nobody.is_some() || (emphasised.is_some() && start.is_some());
        if text.is_empty() {
            // A label that stands for a pause has no words of its own.
            match nobody.filter(|_| is_last) {
                Some(name) => name.clone_into(&mut text),
                None => return,
            }
        }
        let speaker = self.speaker.clone().filter(|_| !is_sound);
        self.passages.push(Passage { start, end: None, speaker, is_sound, text, line });
    }
}

/// Splits `**Name:** text`.
fn label(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.strip_prefix("**")?.split_once("**")?;
    let (name, rest) = match name.trim_end().strip_suffix(':') {
        Some(name) => (name, rest),
        None => (name, rest.strip_prefix(':')?),
    };
    let fits = !name.trim().is_empty() && name.split_whitespace().count() <= 6;
    fits.then(|| (name.trim(), rest.trim_start()))
}

/// The first time in brackets, escaped or not: what stands before it, the time, what follows.
fn next_time(text: &str) -> Option<(&str, Ms, &str)> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find('[').map(|at| from + at) {
        let inner = text.get(at + 1..)?.trim_start_matches('\\');
        // `[12:30](https://…)` is a link.
        if let Some(clock) = clock::leading(inner)
            && let Some(after) = clock.rest.trim_start_matches('\\').strip_prefix(']')
            && !after.starts_with('(')
        {
            let before = text.get(..at)?;
            return Some((before.strip_suffix('\\').unwrap_or(before), clock.time, after));
        }
        from = at + 1;
    }
    None
}

/// The words of a link behind its `[`, and what follows it. Neither part has a bracket in it that
/// begins another, so that none is looked for to the end of the text.
fn link(text: &str) -> Option<(&str, &str)> {
    let (inner, rest) = text.split_at(text.find(['[', ']'])?);
    let address = rest.strip_prefix("](")?;
    let tail = address.get(address.find([')', '['])?..)?;
    Some((inner, tail.strip_prefix(')')?))
}

/// The text without mark-up: escapes, emphasis, links.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let after = rest.get(letter.len_utf8()..).unwrap_or_default();
        match letter {
            '\\' => {
                let escaped = after.chars().next().filter(char::is_ascii_punctuation);
                out.extend(escaped.or(Some('\\')));
                rest = after.get(escaped.map_or(0, char::len_utf8)..).unwrap_or_default();
                continue;
            }
            '*' | '`' => {}
            '[' => {
                if let Some((inner, tail)) = link(after) {
                    out.push_str(&plain(inner));
                    rest = tail;
                    continue;
                }
                out.push('[');
            }
            _ => out.push(letter),
        }
        rest = after;
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_times_and_sounds_are_read() {
        let text = "# Title\n\n**Adam Stacoviak:** Welcome *back* to [the show](https://x.y).\n\n\
                    Second \\[00:04:01.06\\] paragraph \\[laughs\\].\n\n**Break:** \\[31:22\\]\n\n\
                    **Jerod:** \\[04:01\\] It\\'s 2 \\* 3.\n\n\\[05:00\\] *A by B plays.*\n\n\
                    **Ann:** odd \\[1:2:3:4\\].\n";
        let (passages, found) = parse(text).unwrap();
        let read: Vec<_> = passages
            .iter()
            .map(|p| (p.start.map(Ms::get), p.speaker.as_deref(), p.is_sound, p.text.as_str()))
            .collect();
        assert_eq!(
            read,
            [
                (None, Some("Adam Stacoviak"), false, "Welcome back to the show."),
                (None, Some("Adam Stacoviak"), false, "Second"),
                (Some(241_060), Some("Adam Stacoviak"), false, "paragraph [laughs]."),
                (Some(1_882_000), None, true, "Break"),
                (Some(241_000), Some("Jerod"), false, "It's 2 * 3."),
                (Some(300_000), None, true, "A by B plays."),
                (None, Some("Ann"), false, "odd [1:2:3:4]."),
            ]
        );
        assert_eq!(found.iter().map(|d| d.rule).collect::<Vec<_>>(), ["L-TIME-FORM"]);
    }
}
