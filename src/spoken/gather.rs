//! An episode's edition -> what was said in it.

use crate::draft::Drafts;
use crate::draft::sentences::sentences;
use crate::edit::Edition;
use crate::edit::edits::{Edits, OnStretch};
use crate::library::episode::Episode;
use crate::library::show::Show;
use crate::library::stated::Stated;
use crate::render::talk::Cast;
use crate::render::words::Words;
use crate::render::{Context, markup};
use crate::site::base_address;
use crate::spoken::{Facts, Speaker, SpokenEpisode, SpokenParagraph, SpokenWord};
use crate::time::Span;

/// What was said in the episode of that folder name. Words that may have been invented are left out,
/// as they are on the page.
pub fn gather(
    name: &str,
    edition: &Edition,
    edits: &Edits,
    show: &Show,
    episode: &Episode,
) -> SpokenEpisode {
    let (stated, drafts) = (Stated::new(show, episode), Drafts::default());
    let cast = Cast::of(&Context::new(edition, stated, &drafts), Words::english());
    let speakers = cast.speakers.iter().map(|speaker| Speaker {
        name: speaker.name.clone(),
        full_name: speaker.full_name.clone(),
        about: speaker.about.clone(),
    });
    let mut spoken = SpokenEpisode {
        facts: facts(name, edition, show, episode),
        speakers: speakers.collect(),
        cuts: edits.cut.iter().filter_map(span).collect(),
        chapters: edition.chapters.iter().map(|chapter| chapter.title.clone()).collect(),
        ..SpokenEpisode::default()
    };
    for paragraph in edition.paragraphs().filter(|paragraph| paragraph.is_printed()) {
        let speaker = paragraph.speaker.as_ref();
        let author = paragraph.quotation.as_ref().and_then(|read| read.author.clone());
        spoken.paragraphs.push(SpokenParagraph {
            speaker: speaker.map(|name| cast.index_of(Some(name))),
            author: author.filter(|author| !author.trim().is_empty()),
            status: paragraph.status,
        });
        spoken.words.extend(paragraph.printed().map(|printed| SpokenWord {
            text: printed.word.text.clone(),
            glued: printed.glued,
            span: printed.word.span,
            probability: printed.word.probability,
            speaker_confidence: printed.speaker_confidence,
            paragraph: spoken.paragraphs.len() - 1,
            ends_sentence: false,
            is_disfluency: printed.word.disfluency.is_some(),
        }));
    }
    let mut last = 0_usize;
    for sentence in sentences(edition) {
        last += sentence.words.len();
        if let Some(word) = last.checked_sub(1).and_then(|at| spoken.words.get_mut(at)) {
            word.ends_sentence = true;
        }
    }
    spoken
}

/// The time of a cut that is named by times.
fn span(cut: &impl OnStretch) -> Option<Span> {
    let stretch = cut.stretch();
    Span::new(stretch.from?, stretch.to?)
}

fn facts(name: &str, edition: &Edition, show: &Show, episode: &Episode) -> Facts {
    let base = base_address(show);
    Facts {
        name: name.to_owned(),
        title: match episode.title.trim() {
            "" => name.to_owned(),
            title => title.to_owned(),
        },
        show: show.name.trim().to_owned(),
        number: episode.number,
        date: episode.date.trim().to_owned(),
        language: edition.language.clone(),
        page: base.map(|base| format!("{base}/{}/", markup::file_href(name))),
    }
}
