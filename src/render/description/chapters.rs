//! Chapters as players make them of a description: from 0:00 on, at least three, none shorter than
//! ten seconds. A list that breaks one of these shows no chapters at all, so a chapter that does is
//! left out.

use crate::characters::cleaned;
use crate::formats::{clock, one_line};
use crate::render::Context;
use crate::render::description::Place;
use crate::speech::Chapter;
use crate::time::Ms;

/// What `YouTube` asks of a chapter.
const SHORTEST_S: i64 = 10;
/// What `YouTube` and Spotify ask of a list.
const FEWEST: usize = 3;

/// A chapter as it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// Whole seconds, as they are written.
    start_s: i64,
    title: String,
}

impl Listed {
    fn start(&self) -> String {
        clock::short(Ms::new(self.start_s * 1_000))
    }

    /// Its line: `1:02 Title`, for Spotify `(01:02) Title`.
    pub(super) fn line(&self, place: Place) -> String {
        let (start, title) = (self.start(), &self.title);
        match place {
            Place::Spotify if start.len() == 4 => format!("(0{start}) {title}"),
            Place::Spotify => format!("({start}) {title}"),
            Place::YouTube | Place::Host => format!("{start} {title}"),
        }
    }
}

/// The chapters that somebody wrote, as the text may have them, and what was changed for it.
pub(super) fn fitted(context: &Context<'_>) -> (Vec<Listed>, Vec<String>) {
    let (edition, stated) = (context.edition, context.stated);
    let mut told = Vec::new();
    let mut listed = titled(&edition.chapters, edition.duration, &mut told);
    if listed.is_empty() {
        return (listed, told);
    }
    let names = [&stated.episode.title, &stated.show.name].map(|name| one_line(&cleaned(name)));
    let opening = names.into_iter().find(|name| !name.is_empty());
    begin_at_zero(&mut listed, opening.as_deref().unwrap_or(&stated.title()), &mut told);
    let listed = long_enough(listed, edition.duration, &mut told);
    if listed.len() < FEWEST {
        let count = listed.len();
        told.push(format!(
            "no chapters stand in the text: players ask for {FEWEST} of {SHORTEST_S} seconds, and there {}",
            if count == 1 { "is 1".to_owned() } else { format!("are {count}") }
        ));
        return (Vec::new(), told);
    }
    (listed, told)
}

/// Those that have a title and begin before the end, by their times.
fn titled(chapters: &[Chapter], end: Ms, told: &mut Vec<String>) -> Vec<Listed> {
    let mut listed = Vec::new();
    for chapter in chapters.iter().filter(|chapter| end == Ms::ZERO || chapter.start < end) {
        let title = one_line(&cleaned(&chapter.title));
        let one = Listed { start_s: chapter.start.get().max(0) / 1_000, title };
        if one.title.is_empty() {
            told.push(format!("the chapter at {} has no title and is left out", one.start()));
        } else {
            listed.push(one);
        }
    }
    listed.sort_by_key(|chapter| chapter.start_s);
    listed
}

/// The first begins at 0:00, or one with the episode's own title is put before it.
fn begin_at_zero(listed: &mut Vec<Listed>, opening: &str, told: &mut Vec<String>) {
    let Some(first) = listed.first_mut().filter(|first| first.start_s > 0) else { return };
    if first.start_s < SHORTEST_S {
        told.push(format!("the first chapter, at {}, is listed at 0:00", first.start()));
        first.start_s = 0;
    } else {
        told.push(format!(
            "the first chapter begins at {}, and players ask for one at 0:00: `{opening}` stands there",
            first.start()
        ));
        listed.insert(0, Listed { start_s: 0, title: opening.to_owned() });
    }
}

/// Without those that are too short. The one before goes on; where the first is too short, the next
/// takes its place.
fn long_enough(listed: Vec<Listed>, end: Ms, told: &mut Vec<String>) -> Vec<Listed> {
    let mut short = |chapter: &Listed| {
        told.push(format!(
            "`{}` at {} is shorter than {SHORTEST_S} seconds and is left out",
            chapter.title,
            chapter.start()
        ));
    };
    let mut kept: Vec<Listed> = Vec::new();
    for mut next in listed {
        if let Some(last) = kept.pop_if(|last| next.start_s - last.start_s < SHORTEST_S) {
            short(&last);
            if kept.is_empty() {
                next.start_s = 0;
            }
        }
        kept.push(next);
    }
    let end_s = end.get() / 1_000;
    let ends_early = |last: &mut Listed| end_s > 0 && end_s - last.start_s < SHORTEST_S;
    if kept.len() > 1
        && let Some(last) = kept.pop_if(ends_early)
    {
        short(&last);
    }
    kept
}

/// Whether a line begins as a chapter's does.
pub(super) fn begins_with_time(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix('(').unwrap_or(line);
    clock::leading(line).is_some_and(|clock| {
        clock.minute_second_digits.1 == 2
            && clock.rest.chars().next().is_none_or(|c| !c.is_alphanumeric())
    })
}
