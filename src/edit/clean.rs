//! An edition without characters that act instead of being seen: all that is published is made of it.

use std::borrow::Cow;

use crate::characters::cleaned;
use crate::edit::{Block, Edition, Paragraph};
use crate::speech::{Chapter, SpeakerName};

impl Edition {
    /// The edition with every text cleaned. A word that was nothing else is left out.
    pub(super) fn cleaned(mut self) -> Edition {
        for block in &mut self.blocks {
            match block {
                Block::Paragraph(paragraph) => clean_paragraph(paragraph),
                Block::Sound(sound) => clean(&mut sound.text),
            }
        }
        self.blocks.retain(|block| match block {
            Block::Paragraph(paragraph) => !paragraph.words.is_empty(),
            Block::Sound(_) => true,
        });
        for Chapter { title, url, .. } in &mut self.chapters {
            clean(title);
            url.iter_mut().for_each(clean);
        }
        self.soundbites.iter_mut().for_each(|bite| clean(&mut bite.title));
        self.turns.iter_mut().for_each(|turn| clean_name(&mut turn.speaker));
        clean(&mut self.language);
        self
    }
}

fn clean_paragraph(paragraph: &mut Paragraph) {
    paragraph.speaker.iter_mut().for_each(clean_name);
    for word in &mut paragraph.words {
        clean(&mut word.word.text);
        word.word.heard.iter_mut().for_each(clean);
    }
    paragraph.words.retain(|word| !word.word.text.is_empty());
    if let Some(quotation) = &mut paragraph.quotation {
        let texts = [&mut quotation.author, &mut quotation.source, &mut quotation.url];
        texts.into_iter().flatten().for_each(clean);
    }
}

/// A name stands on one line.
fn clean_name(name: &mut SpeakerName) {
    clean(&mut name.0);
    if name.0.contains('\n') {
        name.0 = name.0.split_whitespace().collect::<Vec<_>>().join(" ");
    }
}

fn clean(text: &mut String) {
    if let Cow::Owned(clean) = cleaned(text) {
        *text = clean;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::characters::acts;
    use crate::edit::{EditedWord, NamedTurn, Quotation, Sound, Soundbite, Status};
    use crate::speech::Word;
    use crate::time::{Ms, Span};

    #[test]
    fn every_text_is_cleaned_and_words_of_nothing_go() {
        let trap = || "a\u{1b}[31m\u{202e}b\u{9b}\u{2028}".to_owned();
        let span = Span::new(Ms::new(0), Ms::new(900)).unwrap();
        let word = |text: &str| {
            let mut word = Word::new(span, text, 1.0);
            word.heard = Some(trap());
            EditedWord { word, speaker_confidence: 1.0 }
        };
        let paragraph = |words: Vec<EditedWord>| Paragraph {
            span,
            speaker: Some(SpeakerName(trap())),
            label: None,
            words,
            quotation: Some(Quotation {
                author: Some(trap()),
                source: Some(trap()),
                url: Some(trap()),
            }),
            status: Status::Machine,
        };
        let edition = Edition {
            language: trap(),
            duration: Ms::new(900),
            blocks: vec![
                Block::Paragraph(paragraph(vec![word(&trap()), word("\u{7}")])),
                Block::Paragraph(paragraph(vec![word("\u{1b}[2J")])),
                Block::Sound(Sound { span, text: trap() }),
            ],
            chapters: vec![Chapter { start: Ms::ZERO, title: trap(), url: Some(trap()) }],
            soundbites: vec![Soundbite { span, title: trap() }],
            turns: vec![NamedTurn { span, speaker: SpeakerName(trap()) }],
        };
        let clean = edition.cleaned();
        assert_eq!(clean.blocks.len(), 2);
        assert_eq!(clean.paragraphs().next().unwrap().words.len(), 1);
        // JSON escapes only the first 32, so the rest would be seen; those show as their codes
        let json = serde_json::to_string(&clean).unwrap();
        assert!(!json.chars().any(acts) && !json.contains("\\u00"), "{json}");
    }
}
