//! An edition on the time of the audio from which its cuts are taken out.

use crate::edit::{Block, Edition, Paragraph, cuts};
use crate::retime::map::{Map, Piece};
use crate::speech::Chapter;
use crate::time::{Ms, Span};

/// The edition without what says that something is left out, as the audio without its cuts has it.
pub fn without_cuts(edition: &Edition) -> Edition {
    let cuts = cuts(edition);
    let map = map(&cuts, edition.duration);
    let blocks = edition.blocks.iter().filter_map(|block| match block {
        Block::Paragraph(paragraph) => Some(Block::Paragraph(moved(paragraph.clone(), &map))),
        Block::Sound(sound) if cuts.contains(&sound.span) => None,
        Block::Sound(sound) => {
            let span = map.stretch(sound.span)?;
            Some(Block::Sound(crate::edit::Sound { span, ..sound.clone() }))
        }
    });
    let turns = edition.turns.iter().flat_map(|turn| {
        let parts = map.parts(turn.span).into_iter();
        parts.map(|span| crate::edit::NamedTurn { span, ..turn.clone() })
    });
    let bites = edition.soundbites.iter().filter_map(|bite| {
        Some(crate::edit::Soundbite { span: map.stretch(bite.span)?, ..bite.clone() })
    });
    Edition {
        language: edition.language.clone(),
        duration: map.new_duration(),
        blocks: blocks.collect(),
        chapters: chapters(&edition.chapters, edition.duration, &map),
        soundbites: bites.collect(),
        turns: turns.collect(),
    }
}

/// What is left, piece by piece.
fn map(cuts: &[Span], duration: Ms) -> Map {
    let mut pieces = Vec::new();
    let (mut at, mut gone) = (Ms::ZERO, Ms::ZERO);
    for cut in cuts {
        let old = Span::new(at, cut.start().min(duration));
        pieces.extend(old.map(|old| Piece { old, later: Ms::ZERO - gone }));
        let end = cut.end().min(duration).max(at);
        gone = gone + (end - cut.start().max(at).min(end));
        at = end;
    }
    pieces.extend(Span::new(at, duration).map(|old| Piece { old, later: Ms::ZERO - gone }));
    Map::new(pieces, duration, duration - gone)
}

/// Every word stays; one that the edge of a cut goes through is where the cut was.
fn moved(mut paragraph: Paragraph, map: &Map) -> Paragraph {
    let at = |at: Ms| map.start(at).unwrap_or(map.new_duration());
    let span = |span: Span| {
        map.word(span).unwrap_or_else(|| Span::at_least_1ms(at(span.start()), at(span.end())))
    };
    for edited in &mut paragraph.words {
        edited.word.span = span(edited.word.span);
    }
    paragraph.span = span(paragraph.span);
    if let (Some(first), Some(last)) = (paragraph.words.first(), paragraph.words.last()) {
        paragraph.span = Span::at_least_1ms(first.word.span.start(), last.word.span.end());
    }
    paragraph
}

/// A chapter of which nothing is left goes.
fn chapters(chapters: &[Chapter], duration: Ms, map: &Map) -> Vec<Chapter> {
    let ends = chapters.iter().skip(1).map(|chapter| chapter.start).chain([duration]);
    let moved = |(chapter, end): (&Chapter, Ms)| {
        let span = map.stretch(Span::new(chapter.start, end)?)?;
        Some(Chapter { start: span.start(), ..chapter.clone() })
    };
    chapters.iter().zip(ends).filter_map(moved).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_at_once() {
        let span = |from: i64, to: i64| Span::new(Ms::new(from), Ms::new(to)).unwrap();
        let map = map(&[span(0, 1_000), span(4_000, 6_000)], Ms::new(10_000));
        assert_eq!(map.new_duration(), Ms::new(7_000));
        assert_eq!(map.at(Ms::new(7_000)), Some(Ms::new(4_000)));
        let chapter = |start: i64| Chapter { start: Ms::new(start), title: "x".into(), url: None };
        let left = chapters(
            &[chapter(0), chapter(4_000), chapter(5_500), chapter(8_000)],
            Ms::new(10_000),
            &map,
        );
        let starts: Vec<i64> = left.iter().map(|chapter| chapter.start.get()).collect();
        assert_eq!(starts, [0, 3_000, 5_000]);
    }
}
