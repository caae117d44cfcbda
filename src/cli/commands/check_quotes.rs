//! `linernotes check-quotes POST`: every quotation in a post, beside what was said.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::cli::args::CommonArgs;
use crate::cli::commands::spoken::{ShowArgs, open, shortened, tell_older};
use crate::cli::{hints, report};
use crate::formats::source::MAX_BYTES;
use crate::library::artifact::write_atomic;
use crate::library::regular;
use crate::quoting::{Change, Judged, Names, Post, Said, Verdict, check as judge, fix, quotations};

/// The schema of what `--json` prints.
const SCHEMA: u32 = 1;
/// So much of a quotation is shown.
const SHOWN: usize = 72;

/// What to check.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CheckQuotesArgs {
    /// The post: Markdown, HTML, plain text, docx or odt; `-` for standard input
    post: PathBuf,
    #[command(flatten)]
    show: ShowArgs,
    /// Put the exact words back into altered quotations, in the post itself; for `-`, write the post
    /// to standard output
    #[arg(long, conflicts_with = "json")]
    fix: bool,
    /// End with exit code 3 also where words are left out and nothing says so
    #[arg(long)]
    strict: bool,
}

pub(super) fn check(args: &CheckQuotesArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let is_stdin = args.post.as_os_str() == "-";
    let bytes =
        if is_stdin { standard_input()? } else { regular::read(&args.post, MAX_BYTES as u64)? };
    let post = Post::read(bytes, &args.post)
        .with_context(|| format!("cannot read `{}`", args.post.display()))?;
    if args.fix && post.is_document() {
        return Err(hints::refusal(
            format!("`{}` cannot be written again, as only its text is read", args.post.display()),
            "leave out `--fix`, and change what is reported in the document itself",
        ));
    }
    let place = args.show.place((!is_stdin).then_some(args.post.as_path()))?;
    let index = open(&place)?;
    let (found, unclosed) = quotations(&post, &Names::of(index.episodes()));
    let judged = judge(&index, &found)?;
    let name = if is_stdin { "-".to_owned() } else { args.post.display().to_string() };
    for mark in unclosed {
        report::note(&format!(
            "warning: {name}:{}:{}: this quotation mark is never closed, so nothing behind it is checked",
            mark.line, mark.column
        ));
    }
    let episodes = judged.iter().filter_map(|one| one.said.as_ref());
    tell_older(&place, episodes.map(|said| said.facts.name.as_str()));
    if common.json {
        let quotes: Vec<Value> = judged.iter().map(in_json).collect();
        report::json_line(&json!({"schema": SCHEMA, "quotes": quotes}));
    } else if args.fix {
        put_back(args, &post, &judged)?;
    } else {
        for one in &judged {
            tell(&name, one);
        }
    }
    if !common.json {
        report::note(&summary(&judged));
    }
    let is_bad = |one: &Judged| one.is_bad() || args.strict && one.is_silent();
    let bad = judged.iter().any(is_bad);
    Ok(if bad { ExitCode::from(report::WARNED) } else { ExitCode::SUCCESS })
}

fn standard_input() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = MAX_BYTES as u64 + 1;
    std::io::stdin()
        .lock()
        .take(most)
        .read_to_end(&mut bytes)
        .context("cannot read standard input")?;
    Ok(bytes)
}

/// Writes the post with the exact words; nothing is written where nothing is to be put right.
fn put_back(args: &CheckQuotesArgs, post: &Post, judged: &[Judged]) -> anyhow::Result<()> {
    let fixed = fix(post, judged);
    let to_output = args.post.as_os_str() == "-";
    if to_output {
        report::bytes(&fixed.bytes);
    } else if !fixed.changed.is_empty() {
        write_atomic(Path::new(&args.post), &fixed.bytes)?;
    }
    for (line, written, said) in &fixed.changed {
        report::note(&format!("line {line}: “{written}” is now “{}”", said.trim()));
    }
    for line in &fixed.left {
        report::note(&format!(
            "warning: line {line}: markup stands within the words; put it right by hand"
        ));
    }
    Ok(())
}

fn summary(judged: &[Judged]) -> String {
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    for one in judged {
        *counts.entry(one.verdict).or_default() += 1;
    }
    let parts: Vec<String> =
        counts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
    let all = report::counted(judged.len(), "quotation", "quotations");
    if parts.is_empty() { all } else { format!("{all}: {}", parts.join(", ")) }
}

fn tell(name: &str, one: &Judged) {
    let quotation = &one.quotation;
    report::result(&format!(
        "{name}:{}:{}  {:<12}  “{}”",
        quotation.line,
        quotation.column,
        one.verdict,
        shortened(&quotation.text, SHOWN)
    ));
    if let Some(said) = &one.said {
        report::result(&format!("    {}", place(said)));
        if let Some(doubt) = said.doubt() {
            report::result(&format!("    {doubt}"));
        }
    }
    for change in &one.changes {
        report::result(&format!("    {}", described(change)));
    }
    for note in &one.notes {
        report::result(&format!("    {note}"));
    }
}

fn place(said: &Said) -> String {
    let checked = if said.is_checked { ", checked by ear" } else { "" };
    let link = said.link.as_ref().map(|link| format!("  {link}")).unwrap_or_default();
    format!(
        "{}, {} [{}]{checked}{link}",
        speakers(said),
        said.facts.title,
        said.span.start().clock()
    )
}

/// The names of those who say it.
fn speakers(said: &Said) -> String {
    let names: Vec<&str> = said.speakers.iter().map(|one| one.full_name.as_str()).collect();
    if names.is_empty() { "nobody who could be named".to_owned() } else { names.join(" and ") }
}

fn described(change: &Change) -> String {
    match change {
        Change::Cleaned(said) => format!("left out, a filler: “{said}”"),
        Change::LeftOut(said) => format!("left out, as marked: “{}”", shortened(said, SHOWN)),
        Change::LeftOutSilently(said) => {
            format!("left out without a mark: “{}”", shortened(said, SHOWN))
        }
        Change::Insert { written, said } if said.is_empty() => {
            format!("the writer’s own: “{written}”")
        }
        Change::Insert { written, said } => format!("the writer’s own: “{written}” for “{said}”"),
        Change::Spelled { written, said } => format!("written otherwise: “{written}” for “{said}”"),
        Change::Interjection(said) => format!("somebody else says in between: “{said}”"),
        Change::Altered { written, said, .. } if written.is_empty() => {
            format!("left out, and it turns the meaning: “{said}”")
        }
        Change::Altered { written, said, .. } if said.is_empty() => {
            format!("nobody says “{written}”")
        }
        Change::Altered { written, said, .. } => format!("“{written}” is “{said}”"),
    }
}

fn in_json(one: &Judged) -> Value {
    let quotation = &one.quotation;
    let said = one.said.as_ref();
    let changes: Vec<String> = one.changes.iter().map(described).collect();
    json!({
        "line": quotation.line,
        "column": quotation.column,
        "text": quotation.text,
        "verdict": one.verdict,
        "episode": said.map(|said| &said.facts.name),
        "speaker": said.filter(|said| !said.speakers.is_empty()).map(speakers),
        "start": said.map(|said| said.span.start().as_seconds()),
        "end": said.map(|said| said.span.end().as_seconds()),
        "said": said.map(|said| &said.text),
        "attributed": quotation.attributed,
        "url": said.and_then(|said| said.link.as_ref()),
        "checked": said.map(|said| said.is_checked),
        "changes": changes,
        "notes": one.notes,
    })
}
