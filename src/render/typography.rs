//! Straight quotes and apostrophes of what was said -> those that a printer sets.
//!
//! It is done for what people read: the page, the notes and the site. The edition keeps what was heard
//! and corrected, and so do captions, transcripts in other formats and the text that an editor changes.

use std::borrow::Cow;

use crate::edit::{Block, Edition};
use crate::library::show::{Show, Typography};
use crate::render::words::Words;

/// Words that begin with an apostrophe and are no quotation.
const CLIPPED: [&str; 14] = [
    "em", "til", "till", "cause", "cos", "cuz", "tis", "twas", "bout", "round", "n", "nuff", "kay",
    "neath",
];

/// The edition as it is printed. `language` is that of what is said, `words` has its marks.
pub(crate) fn typeset<'a>(
    edition: &'a Edition,
    show: &Show,
    language: &str,
    words: &Words,
) -> Cow<'a, Edition> {
    let is_english =
        language.split('-').next().is_some_and(|start| start.eq_ignore_ascii_case("en"));
    let usual = if is_english { Typography::Curly } else { Typography::AsWritten };
    let has_straight = |text: &str| text.contains(['"', '\'']);
    let is_straight =
        edition.paragraphs().flat_map(|one| &one.words).any(|one| has_straight(&one.word.text));
    if show.typography.unwrap_or(usual) == Typography::AsWritten || !is_straight {
        return Cow::Borrowed(edition);
    }
    let mark = |name: &str| words.text(&format!("marks.{name}"));
    let marks = Marks {
        outer: [mark("open"), mark("close")],
        inner: [mark("inner_open"), mark("inner_close")],
    };
    let mut edition = edition.clone();
    for block in &mut edition.blocks {
        let Block::Paragraph(paragraph) = block else { continue };
        let texts: Vec<String> = paragraph.words.iter().map(|one| one.word.text.clone()).collect();
        for (one, text) in paragraph.words.iter_mut().zip(set(&texts, marks)) {
            one.word.text = text;
        }
    }
    Cow::Owned(edition)
}

/// Opening and closing marks.
#[derive(Debug, Clone, Copy)]
struct Marks<'a> {
    outer: [&'a str; 2],
    inner: [&'a str; 2],
}

/// The words of a paragraph, which are read together: a quotation spans many.
fn set(texts: &[String], marks: Marks<'_>) -> Vec<String> {
    let (mut is_open, mut is_inner_open) = (false, false);
    let mut out = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let letters: Vec<char> = text.chars().collect();
        let mut set = String::with_capacity(text.len() + 2);
        for (at, letter) in letters.iter().enumerate() {
            let (before, after) = letters.split_at(at);
            let after = after.get(1..).unwrap_or_default();
            match letter {
                '"' if begins(before) && !after.is_empty() => {
                    is_open = true;
                    set.push_str(marks.outer[0]);
                }
                // five feet, two inches
                '"' if !is_open && is_digit(before.last()) => set.push('"'),
                '"' if begins(before) && !is_open => {
                    is_open = true;
                    set.push_str(marks.outer[0]);
                }
                '"' => {
                    is_open = false;
                    set.push_str(marks.outer[1]);
                }
                '\'' if is_digit(before.last()) && is_digit(after.first()) => set.push('\''),
                '\'' if begins(before)
                    && !is_clipped(after)
                    && closes(after, texts.get(index + 1..)) =>
                {
                    is_inner_open = true;
                    set.push_str(marks.inner[0]);
                }
                '\'' if is_inner_open && ends(after) && !begins(before) => {
                    is_inner_open = false;
                    set.push_str(marks.inner[1]);
                }
                '\'' => set.push('’'),
                other => set.push(*other),
            }
        }
        out.push(set);
    }
    out
}

fn is_digit(letter: Option<&char>) -> bool {
    letter.is_some_and(char::is_ascii_digit)
}

/// Whether nothing but opening marks stands before.
fn begins(before: &[char]) -> bool {
    before.last().is_none_or(|letter| {
        matches!(
            letter,
            '(' | '['
                | '{'
                | '"'
                | '\''
                | '“'
                | '‘'
                | '«'
                | '„'
                | '-'
                | '–'
                | '—'
                | '/'
                | '¿'
                | '¡'
                | '='
        )
    })
}

/// Whether the word ends here, but for marks.
fn ends(after: &[char]) -> bool {
    !after.iter().any(|letter| letter.is_alphanumeric())
}

/// Whether what follows an apostrophe is a word that has lost its beginning, or a decade.
fn is_clipped(after: &[char]) -> bool {
    let bare: String = after
        .iter()
        .take_while(|letter| letter.is_alphanumeric())
        .collect::<String>()
        .to_lowercase();
    bare.is_empty()
        || bare.starts_with(|c: char| c.is_ascii_digit())
        || CLIPPED.contains(&bare.as_str())
}

/// Whether a quotation that begins here has its end, in this word or a later one.
fn closes(after: &[char], rest: Option<&[String]>) -> bool {
    let own: String = after.iter().collect();
    std::iter::once(&own).chain(rest.unwrap_or_default()).any(|text| {
        let bare = text.trim_end_matches(|c: char| {
            matches!(c, '.' | ',' | '!' | '?' | ';' | ':' | ')' | '"' | '…')
        });
        bare.ends_with('\'') && bare.chars().any(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ENGLISH: Marks<'static> = Marks { outer: ["“", "”"], inner: ["‘", "’"] };

    fn curled(text: &str, marks: Marks<'_>) -> String {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        set(&words, marks).join(" ")
    }

    #[test]
    fn quotes_and_apostrophes_are_set_as_a_printer_sets_them() {
        for (text, wanted) in [
            ("Something's broken, I don't know.", "Something’s broken, I don’t know."),
            ("He said, \"It's late.\" And left.", "He said, “It’s late.” And left."),
            ("the \"five nines\" (\"so-called\")", "the “five nines” (“so-called”)"),
            ("\"She said 'go away' and 'stay'.\"", "“She said ‘go away’ and ‘stay’.”"),
            ("rock 'n' roll in the '90s, 'cause it's", "rock ’n’ roll in the ’90s, ’cause it’s"),
            ("the girls' boats and James's", "the girls’ boats and James’s"),
            ("'Tis true. 'Twas", "’Tis true. ’Twas"),
            ("he is 5'10\" tall, a 12\" record", "he is 5'10\" tall, a 12\" record"),
            ("\"to the end", "“to the end"),
            ("“set already,” he’s", "“set already,” he’s"),
            ("well—\"yes\"", "well—“yes”"),
            ("' alone \" two", "’ alone “ two"),
        ] {
            assert_eq!(curled(text, ENGLISH), wanted);
        }
        let german = Marks { outer: ["„", "“"], inner: ["‚", "‘"] };
        assert_eq!(curled("Er sagt: \"Geht's?\"", german), "Er sagt: „Geht’s?“");
    }

    proptest! {
        #[test]
        fn nothing_but_marks_changes(text in "[a-z0-9'\"., ()-]{0,60}") {
            let bare = |text: &str| text.replace(['"', '\'', '“', '”', '‘', '’'], "");
            let set = curled(&text, ENGLISH);
            prop_assert_eq!(bare(&set), bare(&text));
            prop_assert_eq!(curled(&set, ENGLISH), set);
        }
    }
}
