//! Proposed chapters beside those that a person made.

use std::path::Path;

use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::{hints, report};
use crate::draft;
use crate::edit::Edition;
use crate::edit::edits::parse_clock;
use crate::formats::chapters_json;
use crate::library::folder::EpisodeFolder;
use crate::library::stated::Stated;
use crate::pipeline;
use crate::score::chapters::{WITHIN, score};
use crate::speech::Chapter;

/// Drafts the chapters of an episode as if nobody had made any, and compares.
pub(super) fn run(reference: &Path, episode: &Path, common: &CommonArgs) -> anyhow::Result<()> {
    let wanted = read(reference)?;
    let folder = EpisodeFolder::open(episode)?;
    let (show, written) = (folder.read_show()?, folder.read_episode()?);
    let edition = Edition { chapters: Vec::new(), ..pipeline::edition_of(&folder)? };
    let known = pipeline::known_people_of(&folder)?;
    let stated = Stated { known: &known, ..Stated::new(&show, &written) };
    let proposed = draft::draft(&edition, stated).chapters;
    let result = score(&wanted, &proposed, WITHIN);
    if common.json {
        report::json_line(&json!({
            "wanted": result.wanted,
            "proposed": result.proposed,
            "found": result.found,
            "f1": result.f1(),
        }));
        return Ok(());
    }
    let mut all: Vec<(&Chapter, &str)> =
        wanted.iter().map(|chapter| (chapter, "wanted  ")).collect();
    all.extend(proposed.iter().map(|chapter| (chapter, "proposed")));
    all.sort_by_key(|(chapter, kind)| (chapter.start, std::cmp::Reverse(*kind)));
    for (chapter, kind) in all {
        report::note(&format!("{kind}  {}  {}", chapter.start.clock(), chapter.title));
    }
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    report::result(&format!(
        "F1 {} within {} s: {} of {} found, {} proposed (precision {}, recall {})",
        percent(result.f1()),
        WITHIN.get() / 1000,
        result.found,
        result.wanted,
        result.proposed,
        percent(result.precision()),
        percent(result.recall()),
    ));
    Ok(())
}

/// Chapters as JSON, or as lines of a time and a title.
fn read(path: &Path) -> anyhow::Result<Vec<Chapter>> {
    let text = super::read(path)?;
    if let Ok((file, _)) = chapters_json::parse(&text) {
        return Ok(file.to_chapters());
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let (clock, title) = line.trim().split_once(char::is_whitespace).unwrap_or((line, ""));
            let wrong = || {
                hints::refusal(
                    format!("`{}`: `{clock}` is not a time", path.display()),
                    "give chapters as JSON, or lines as `00:12:40 What it is about`",
                )
            };
            let start = parse_clock(clock).ok_or_else(wrong)?;
            Ok(Chapter { start, title: title.trim().to_owned(), url: None })
        })
        .collect()
}
