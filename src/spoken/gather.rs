//! An episode's edition -> what was said in it.

use crate::edit::Edition;
use crate::edit::edits::Edits;
use crate::library::episode::Episode;
use crate::library::show::Show;
use crate::render::said::sentences;
use crate::render::talk::Cast;
use crate::render::{markup, transcript};
use crate::site::base_address;
use crate::spoken::{Facts, Speaker, SpokenEpisode, SpokenParagraph, SpokenWord};

/// What was said in the episode of that folder name. Words that may have been invented are left out,
/// as they are on the page.
pub fn gather(
    name: &str,
    edition: &Edition,
    edits: &Edits,
    show: &Show,
    episode: &Episode,
) -> SpokenEpisode {
    let cast = Cast::of(edition, show, episode);
    let speakers = cast.speakers.iter().map(|speaker| Speaker {
        name: speaker.name.clone(),
        full_name: speaker.full_name.clone(),
        about: speaker.about.clone(),
    });
    let mut spoken = SpokenEpisode {
        facts: facts(name, edition, show, episode),
        speakers: speakers.collect(),
        cuts: edits.cut.iter().filter_map(crate::edit::edits::Range::span).collect(),
        chapters: edition.chapters.iter().map(|chapter| chapter.title.clone()).collect(),
        ..SpokenEpisode::default()
    };
    for paragraph in edition.paragraphs().filter(|paragraph| transcript::is_printed(paragraph)) {
        let speaker = paragraph.speaker.as_ref();
        let author = paragraph.quotation.as_ref().and_then(|read| read.author.clone());
        spoken.paragraphs.push(SpokenParagraph {
            speaker: speaker.map(|name| cast.index_of(Some(name))),
            author: author.filter(|author| !author.trim().is_empty()),
            status: paragraph.status,
        });
        spoken.words.extend(transcript::printed_words(paragraph).map(|edited| SpokenWord {
            text: edited.word.text.clone(),
            glued: edited.word.glued,
            span: edited.word.span,
            probability: edited.word.probability,
            speaker_confidence: edited.speaker_confidence,
            paragraph: spoken.paragraphs.len() - 1,
            ends_sentence: false,
            is_disfluency: edited.word.disfluency.is_some(),
        }));
    }
    let mut last = 0;
    for sentence in sentences(edition) {
        last += sentence.words.len();
        if let Some(word) = last.checked_sub(1).and_then(|at| spoken.words.get_mut(at)) {
            word.ends_sentence = true;
        }
    }
    spoken
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
