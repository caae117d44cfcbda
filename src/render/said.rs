//! What is said, sentence by sentence.

use crate::edit::{Block, Edition, Paragraph};
use crate::render::transcript;
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
    /// Whether it is read aloud from somewhere.
    pub(crate) is_quotation: bool,
}

impl Sentence<'_> {
    /// The words as a line of text.
    pub(crate) fn text(&self) -> String {
        self.words.join(" ")
    }

    /// When it begins.
    pub(crate) fn at(&self) -> Ms {
        self.span.start()
    }

    /// The text in lower case with plain apostrophes, for looking things up.
    pub(crate) fn folded(&self) -> String {
        self.text().to_lowercase().replace('’', "'")
    }

    /// Whether it asks something.
    pub(crate) fn asks(&self) -> bool {
        self.words.last().is_some_and(|word| word.trim_end_matches(['”', '"']).ends_with('?'))
    }
}

/// Words that end with a full stop in the middle of a sentence.
const ABBREVIATIONS: [&str; 14] = [
    "mr.", "mrs.", "ms.", "dr.", "prof.", "st.", "v.", "vs.", "jr.", "sr.", "e.g.", "i.e.", "no.",
    "mt.",
];

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
    let printed: Vec<_> = transcript::printed_words(paragraph).map(|edited| &edited.word).collect();
    let mut from = 0;
    for (at, word) in printed.iter().enumerate() {
        let is_last = at + 1 == printed.len();
        let stops = word.ends_sentence()
            && !ABBREVIATIONS.contains(&word.text.to_lowercase().as_str())
            && printed.get(at + 1).is_none_or(|next| !next.text.starts_with(char::is_lowercase));
        if !(stops || is_last) {
            continue;
        }
        let run = &printed[from..=at];
        from = at + 1;
        if let (Some(first), Some(last)) = (run.first(), run.last()) {
            to.push(Sentence {
                block,
                span: Span::at_least_1ms(first.span.start(), last.span.end()),
                speaker: paragraph.speaker.as_ref(),
                words: run.iter().map(|word| word.text.as_str()).collect(),
                is_quotation: paragraph.quotation.is_some(),
            });
        }
    }
}
