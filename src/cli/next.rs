//! What to do after a run, the shortest first.

use std::path::Path;

use crate::cli::report;
use crate::library::folder::EpisodeFolder;
use crate::pipeline::Next;
use crate::time::Ms;

/// The lines; none where nothing is left to do.
pub(super) fn lines(next: &Next, folder: &EpisodeFolder) -> Vec<String> {
    let root = folder.root().display();
    let notes = folder.out().join("notes.md");
    let mut lines = names(next, folder);
    if let Some(first) = next.strong.first() {
        let more = match next.strong.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        lines.push(format!(
            "strong language (“{}” at {}{more}): `explicit = true` in `{}` says so to the apps",
            first.word,
            first.at.clock(),
            folder.episode_toml().display()
        ));
    }
    lines.extend(drafted(next, &notes));
    if next.missing_links > 0 {
        lines.push(format!(
            "{} promised and missing: `{}` lists them, with the lines to fill in",
            report::counted(next.missing_links, "link is", "links are"),
            notes.display()
        ));
    }
    if next.doubtful >= Ms::new(1_000) {
        lines.push(format!(
            "{} of doubtful places to listen to: `linernotes doubts {root}`",
            length(next.doubtful)
        ));
    }
    if !lines.is_empty() {
        lines.push(format!("then `linernotes run {root}` brings it in"));
    }
    if let Some(show) = folder.show_root().filter(|show| show.as_path() != Path::new(".")) {
        lines.push(format!("`linernotes publish {}` puts it on the show's site", relative(&show)));
    }
    lines
}

/// How loud the audio is, and what of that is away from the aim; nothing of it is ever changed.
pub(super) fn loudness(next: &Next) -> Option<String> {
    let loudness = next.loudness?;
    let measured = format!(
        "{:.1} LUFS, true peak {:.1} dBTP",
        loudness.integrated_lufs, loudness.true_peak_dbtp
    );
    Some(match next.loudness_faults.as_slice() {
        [] => measured,
        faults => format!("{measured}: {}", faults.join("; ")),
    })
}

/// The voices without a name, with the lines that name them.
fn names(next: &Next, folder: &EpisodeFolder) -> Vec<String> {
    if next.nameless.is_empty() {
        return Vec::new();
    }
    let mut text = format!(
        "{} no name: put it into `{}`\n[names]",
        report::counted(next.nameless.len(), "voice has", "voices have"),
        folder.edits_toml().display()
    );
    for voice in &next.nameless {
        text.push_str(&format!(
            "\n{} = \"\"   # {}, to be heard at {}#t={}",
            voice.label,
            voice.shown,
            folder.out().join("index.html").display(),
            voice.at.clock()
        ));
    }
    vec![text]
}

fn drafted(next: &Next, notes: &Path) -> Option<String> {
    let chapters = report::counted(next.drafted_chapters, "chapter", "chapters");
    let what = match (next.has_drafted_summary, next.drafted_chapters) {
        (false, 0) => return None,
        (true, 0) => "a summary is".to_owned(),
        (false, 1) => format!("{chapters} is"),
        (false, _) => format!("{chapters} are"),
        (true, _) => format!("a summary and {chapters} are"),
    };
    Some(format!(
        "{what} proposed and not published: `{}` has the lines that take them over",
        notes.display()
    ))
}

/// `40 s`, `12 min`
fn length(time: Ms) -> String {
    let seconds = time.get() / 1000;
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min", (seconds + 30) / 60) }
}

/// A path as it is typed from here.
fn relative(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let below = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    match below {
        Some(below) if below.as_os_str().is_empty() => ".".to_owned(),
        Some(below) => below.display().to_string(),
        None => path.display().to_string(),
    }
}
