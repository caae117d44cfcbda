//! `linernotes search WORDS`: where they were said, in all episodes of a show.

use std::process::ExitCode;

use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::commands::spoken::{ShowArgs, open, tell_older};
use crate::cli::{hints, report};
use crate::search::{Hit, Query, search as look_up};

/// What to look for.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SearchArgs {
    /// The words, all of which are to be found; those in quotation marks side by side
    #[arg(required = true)]
    words: Vec<String>,
    #[command(flatten)]
    show: ShowArgs,
    /// Only what this person says: a name or a part of one
    #[arg(long, value_name = "NAME")]
    speaker: Option<String>,
    /// Only this episode: its folder's name, its number, or words of its title
    #[arg(long, value_name = "NAME")]
    episode: Option<String>,
    /// Only episodes from this day on, as `2026-01-31`, `2026-01` or `2026`
    #[arg(long, value_name = "DAY", value_parser = day)]
    since: Option<String>,
    /// Only episodes up to this day
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Option<String>,
    /// So many hits at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
}

fn day(text: &str) -> Result<String, String> {
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    match whole.parse::<jiff::civil::Date>() {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("write a day as `2026-01-31`, a month as `2026-01`, or a year".to_owned()),
    }
}

pub(super) fn search(args: &SearchArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let query = Query {
        words: args.words.join(" "),
        speaker: args.speaker.clone(),
        episode: args.episode.clone(),
        since: args.since.clone(),
        until: args.until.clone(),
        limit: usize::from(args.limit),
    };
    if !query.words.contains(char::is_alphanumeric) {
        return Err(hints::refusal(
            format!("`{}` has no words to look for", query.words),
            "name one word or more, as `linernotes search \"human side\"`",
        ));
    }
    let place = args.show.place(None)?;
    let index = open(&place)?;
    let found = look_up(&index, &query)?;
    tell_older(&place, found.hits.iter().map(|hit| hit.facts.name.as_str()));
    for (word, instead) in &found.instead {
        report::note(&format!("nobody says “{word}”; looked for {}", instead.join(", ")));
    }
    for hit in &found.hits {
        if common.json {
            report::json_line(&json!({
                "event": "hit",
                "episode": hit.facts.name,
                "title": hit.facts.title,
                "date": hit.facts.date,
                "speaker": hit.speaker.as_ref().map(|speaker| &speaker.full_name),
                "start": hit.span.start().as_seconds(),
                "end": hit.span.end().as_seconds(),
                "text": hit.text,
                "url": hit.link,
            }));
        } else {
            tell(hit);
        }
    }
    if !common.json {
        let shown = if found.total > found.hits.len() {
            format!("; the best {} are shown, `--limit` shows more", found.hits.len())
        } else {
            String::new()
        };
        report::note(&format!("{}{shown}", report::counted(found.total, "passage", "passages")));
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(hit: &Hit) {
    let day =
        if hit.facts.date.is_empty() { String::new() } else { format!(" ({})", hit.facts.date) };
    report::result(&format!("{}{day} [{}]", hit.facts.title, hit.span.start().clock()));
    let speaker = hit.speaker.as_ref().map(|speaker| format!("{}: ", speaker.full_name));
    report::result(&format!("    {}{}", speaker.unwrap_or_default(), hit.text));
    if let Some(link) = &hit.link {
        report::result(&format!("    {link}"));
    }
}
