//! What is said, sentence by sentence.

use crate::draft::words::ABBREVIATIONS;
use crate::edit::{self, Block, Edition, Paragraph, Printed};
use crate::speech::SpeakerName;
use crate::time::{Ms, Span};

/// A sentence with its speaker and its time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sentence<'a> {
    /// The block of the edition that it stands in.
    pub(crate) block: usize,
    pub(crate) span: Span,
    pub(crate) speaker: Option<&'a SpeakerName>,
    /// The printed words, with their punctuation.
    pub(crate) words: Vec<&'a str>,
    /// The words as a line of text.
    pub(crate) text: String,
    /// Whether it is read aloud from somewhere.
    pub(crate) is_quotation: bool,
}

#[cfg(test)]
impl<'a> Sentence<'a> {
    /// A sentence of three seconds from `start_ms` on.
    pub(crate) fn of_text(text: &'a str, start_ms: i64) -> Sentence<'a> {
        Sentence {
            block: 0,
            span: Span::at_least_1ms(Ms::new(start_ms), Ms::new(start_ms + 3_000)),
            speaker: None,
            words: text.split_whitespace().collect(),
            text: text.trim().to_owned(),
            is_quotation: false,
        }
    }
}

impl Sentence<'_> {
    /// When it begins.
    pub(crate) fn at(&self) -> Ms {
        self.span.start()
    }

    /// The text in lower case with plain apostrophes, for looking things up.
    pub(crate) fn folded(&self) -> String {
        self.text.to_lowercase().replace('’', "'")
    }

    /// Whether it asks something.
    pub(crate) fn asks(&self) -> bool {
        self.words.last().is_some_and(|word| word.trim_end_matches(['”', '"']).ends_with('?'))
    }
}

/// The sentences of the transcript in order. A sentence ends with its paragraph at the latest.
pub(crate) fn sentences(edition: &Edition) -> Vec<Sentence<'_>> {
    let mut sentences = Vec::new();
    for (block, content) in edition.blocks.iter().enumerate() {
        if let Block::Paragraph(paragraph) = content {
            of_paragraph(block, paragraph, &mut sentences);
        }
    }
    sentences
}

fn of_paragraph<'a>(block: usize, paragraph: &'a Paragraph, to: &mut Vec<Sentence<'a>>) {
    let printed: Vec<Printed<'a>> = paragraph.printed().collect();
    let mut from = 0;
    for (at, Printed { word, .. }) in printed.iter().enumerate() {
        let is_last = at + 1 == printed.len();
        let stops = word.ends_sentence()
            && !ABBREVIATIONS.contains(&word.text.to_lowercase().as_str())
            && printed
                .get(at + 1)
                .is_none_or(|next| !next.word.text.starts_with(char::is_lowercase));
        if !(stops || is_last) {
            continue;
        }
        let run = &printed[from..=at];
        from = at + 1;
        if let (Some(first), Some(last)) = (run.first(), run.last()) {
            to.push(Sentence {
                block,
                span: Span::at_least_1ms(first.word.span.start(), last.word.span.end()),
                speaker: paragraph.speaker.as_ref(),
                words: run.iter().map(|printed| printed.word.text.as_str()).collect(),
                text: edit::running(run.iter().copied()),
                is_quotation: paragraph.quotation.is_some(),
            });
        }
    }
}
