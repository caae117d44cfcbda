//! Characters that act instead of being seen: those that steer a terminal, end a line, or turn the
//! direction of writing around.
//!
//! File names, tags, captions and transcripts come from strangers, and any of them may hold such
//! characters. What is printed shows them as they are written in code ([`shown`]); what is published
//! is without them ([`cleaned`]). The marks that right-to-left text and joined letters need act on
//! nothing but their neighbours and stay: U+200C to U+200F, U+061C.

use std::borrow::Cow;
use std::fmt::Write as _;

const ESCAPE: char = '\u{1b}';
const BELL: char = '\u{7}';

/// Whether a character acts on more than its neighbours. Tabs and line feeds do not count.
pub fn acts(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || is_line_end(c) || turns(c)
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Embeddings, overrides and isolates, and what ends them.
fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with every acting character written as in code, `\u{1b}`.
///
/// ```
/// assert_eq!(linernotes::characters::shown("a\u{1b}[31m"), "a\\u{1b}[31m");
/// ```
pub fn shown(text: &str) -> Cow<'_, str> {
    written(text, |c, out| out.extend(c.escape_unicode()))
}

/// JSON with every acting character written as JSON does, `\u001b`; it stays the same value.
pub fn shown_in_json(json: &str) -> Cow<'_, str> {
    written(json, |c, out| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}").expect("a String takes every write");
        }
    })
}

fn written(text: &str, mut write: impl FnMut(char, &mut String)) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) { write(c, &mut out) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// The text without acting characters, for what is published.
///
/// Line ends of other systems become line feeds, separators become spaces, a terminal's whole
/// commands go. Of the characters that turn the direction, overrides go, and so does what is opened
/// and not closed in the same text; a pair stays, as it only holds its own words together.
pub fn cleaned(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(paired(&without_commands(text)))
}

fn without_commands(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        match c {
            '\r' => {
                letters.next_if(|(_, next)| *next == '\n');
                out.push('\n');
            }
            '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push(' '),
            ESCAPE | '\u{9b}' | '\u{9d}' => {
                let rest = text.get(at..).unwrap_or_default();
                let end = at + command(rest).unwrap_or(c.len_utf8());
                while letters.next_if(|(next, _)| *next < end).is_some() {}
            }
            c if acts(c) && !turns(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// The length in bytes of the terminal's command that the text begins with: a control sequence, as
/// `ESC [ 3 1 m`, or a system command, which a bell or `ESC \` ends.
fn command(text: &str) -> Option<usize> {
    let (rest, is_sequence) = match text.strip_prefix(ESCAPE) {
        Some(rest) if rest.starts_with('[') => (rest.get(1..)?, true),
        Some(rest) if rest.starts_with(']') => (rest.get(1..)?, false),
        Some(_) => return None,
        None if text.starts_with('\u{9b}') => (text.get(2..)?, true),
        None => (text.get(2..)?, false),
    };
    let before = text.len() - rest.len();
    if is_sequence {
        let end = rest.find(|c: char| !matches!(c, ' '..='?'))?;
        let last = rest.get(end..)?.chars().next().filter(|c| matches!(c, '@'..='~'))?;
        return Some(before + end + last.len_utf8());
    }
    let end = rest.find([BELL, ESCAPE, '\u{9c}', '\n'])?;
    let last = rest.get(end..)?;
    let length = [("\u{7}", 1), ("\u{1b}\\", 2), ("\u{9c}", 2)]
        .into_iter()
        .find_map(|(mark, length)| last.starts_with(mark).then_some(length))?;
    Some(before + end + length)
}

/// The text with those characters that open or close an embedding or an isolate as a pair on one
/// line, and no others that turn the direction.
fn paired(text: &str) -> String {
    // what is open: where it stands, where an override has no place, and what closes it
    let mut open: Vec<(Option<usize>, char)> = Vec::new();
    let mut kept: Vec<usize> = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '\u{202a}' | '\u{202b}' => open.push((Some(at), '\u{202c}')),
            '\u{202d}' | '\u{202e}' => open.push((None, '\u{202c}')),
            '\u{2066}'..='\u{2068}' => open.push((Some(at), '\u{2069}')),
            '\u{202c}' | '\u{2069}' => {
                if let Some((Some(start), _)) = open.pop_if(|(_, end)| *end == c) {
                    kept.extend([start, at]);
                }
            }
            '\n' => open.clear(),
            _ => {}
        }
    }
    kept.sort_unstable();
    let stays = |(at, c): &(usize, char)| !turns(*c) || kept.binary_search(at).is_ok();
    text.char_indices().filter(stays).map(|(_, c)| c).collect()
}

/// Whether XML 1.0 forbids this character, even as a reference.
pub(crate) fn is_forbidden_in_xml(c: char) -> bool {
    (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn xml_has_three_control_characters_of_ascii() {
        let allowed: String = ('\0'..' ').filter(|c| !is_forbidden_in_xml(*c)).collect();
        assert_eq!(allowed, "\t\n\r");
        assert!(is_forbidden_in_xml('\u{ffff}') && !is_forbidden_in_xml('\u{85}'));
    }

    #[test]
    fn what_acts_is_shown_and_what_writing_needs_stays() {
        assert_eq!(
            shown("a\u{1b}[2J\u{7}\r\u{9b}\u{202e}\u{2028}\tb\nc"),
            "a\\u{1b}[2J\\u{7}\\u{d}\\u{9b}\\u{202e}\\u{2028}\tb\nc"
        );
        for plain in ["שלום\u{200f}!", "م\u{200c}ی", "👩\u{200d}🚀", "\u{61c}1"] {
            assert_eq!(shown(plain), plain);
            assert_eq!(cleaned(plain), plain);
        }
        let json = serde_json::to_string("\u{9b}\u{202e}\u{1b}é").unwrap();
        let safe = shown_in_json(&json);
        assert!(!safe.chars().any(acts), "{safe}");
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), "\u{9b}\u{202e}\u{1b}é");
    }

    #[test]
    fn a_text_is_cleaned() {
        for (text, wanted) in [
            ("a\u{1b}[1;31mred\u{1b}[0m b", "ared b"),
            ("\u{9b}2Jx", "x"),
            ("\u{1b}]8;;https://e.org\u{1b}\\here\u{1b}]8;;\u{7}", "here"),
            ("\u{1b}]0;never ended", "]0;never ended"),
            ("\u{1b}", ""),
            ("one\r\ntwo\rthree\u{2028}four\u{b}five", "one\ntwo\nthree four five"),
            ("a\0b\u{7f}c\u{8}", "abc"),
            ("gpj.\u{202e}exe\u{202c}", "gpj.exe"),
            ("\u{2068}Rework\u{2069} שלום", "\u{2068}Rework\u{2069} שלום"),
            ("\u{2068}open", "open"),
            ("close\u{2069}", "close"),
            ("\u{202b}\u{2066}crossed\u{202c}\u{2069}", "\u{2066}crossed\u{2069}"),
        ] {
            assert_eq!(cleaned(text), wanted, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn cleaned_text_is_clean_and_stays_so(text in "[a\u{1b}\u{9b}\u{9d}\\[\\]m;1\u{7}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{2028}\r\n\t א]{0,24}") {
            let once = cleaned(&text).into_owned();
            prop_assert!(!once.chars().any(|c| acts(c) && !turns(c)), "{once:?}");
            prop_assert_eq!(cleaned(&once).into_owned(), once.clone());
            prop_assert!(!shown(&text).chars().any(acts));
        }
    }
}
