//! `linernotes add FEED`: a show's back catalogue from its feed, or a single file from the web.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use crate::catalogue::{self, Address, CatalogueError, Feed, Item, Known, Reference, Taker, Web};
use crate::cli::args::CommonArgs;
use crate::cli::bars::Bars;
use crate::cli::{hints, interrupt, report};
use crate::library::{numbered, regular};
use crate::time::Ms;

use super::add::AddArgs;

/// How many pages of a feed are read.
const MOST_PAGES: usize = 1_000;
/// How much of a file shows what it is.
const BEGINNING: u64 = 512;

/// Whether it is a web address or a feed's file, rather than an audio file.
pub(super) fn is_meant(target: &Path) -> bool {
    if target.to_str().is_some_and(Address::is_meant) {
        return true;
    }
    let mut beginning = Vec::new();
    let read = File::open(target).map(|file| file.take(BEGINNING).read_to_end(&mut beginning));
    regular::check(target).is_ok() && matches!(read, Ok(Ok(_))) && is_markup(&beginning)
}

/// Whether a file begins as XML or HTML does, in whatever encoding.
fn is_markup(beginning: &[u8]) -> bool {
    let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
    let behind = marks.iter().find_map(|mark| beginning.strip_prefix(*mark)).unwrap_or(beginning);
    behind.iter().find(|byte| !byte.is_ascii_whitespace() && **byte != 0) == Some(&b'<')
}

pub(super) fn add(args: &AddArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let typed = args.target.to_str().filter(|text| Address::is_meant(text));
    let address = typed.map(Address::parse).transpose()?;
    let web = Web::new(address.clone(), common.offline);
    let feed = match &address {
        Some(address) if is_sound(&web, address)? => {
            return add_one(&sound_at(address), &web, args, common);
        }
        Some(address) => read_pages(&web, address)?,
        None => read_file(&args.target)?,
    };
    let show = show(args);
    let known = show.as_deref().map(Known::of).transpose()?.unwrap_or_default();
    let chosen = chosen(&feed, args, common);
    if !args.chooses() {
        list(&feed, &known, common);
        return Ok(ExitCode::SUCCESS);
    }
    let show = show.ok_or_else(no_show)?;
    let new: Vec<&Item> = chosen.iter().copied().filter(|item| !known.has(item)).collect();
    let there = chosen.len() - new.len();
    let adding = Adding { show: &show, web: &web, base: address.as_ref(), common };
    let (added, failed) = adding.all(&new)?;
    tell(&show, [added, there], &failed, common);
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether there is sound at the address, and no feed.
fn is_sound(web: &Web, address: &Address) -> Result<bool, CatalogueError> {
    let heard = web.look(address)?;
    let (kind, shown) = (heard.kind(), heard.address.shown());
    let beginning = heard.beginning(BEGINNING)?;
    let lower = String::from_utf8_lossy(&beginning).to_ascii_lowercase();
    if kind == "text/html" && !lower.contains("<rss") || lower.contains("<!doctype html") {
        return Err(CatalogueError::Page { address: shown, wanted: "a feed or an audio file" });
    }
    Ok(!is_markup(&beginning))
}

/// A single file of the web, as if a feed named it.
fn sound_at(address: &Address) -> Item {
    Item {
        guid: address.identity(),
        audio: Some(Reference { url: address.whole().to_owned(), kind: String::new() }),
        ..Item::default()
    }
}

fn add_one(
    item: &Item,
    web: &Web,
    args: &AddArgs,
    common: &CommonArgs,
) -> anyhow::Result<ExitCode> {
    if args.chooses() {
        return Err(hints::refusal(
            format!("`{}` is no feed that episodes could be chosen from", args.target.display()),
            "leave `--latest`, `--since` and `--all` out for an audio file",
        ));
    }
    let show = show(args).ok_or_else(no_show)?;
    if Known::of(&show)?.has(item) {
        report::note("it is there already");
        return Ok(ExitCode::SUCCESS);
    }
    let adding = Adding { show: &show, web, base: None, common };
    let (added, failed) = adding.all(&[item])?;
    tell(&show, [added, 0], &failed, common);
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The show: the one that was typed, or the one that we stand in.
fn show(args: &AddArgs) -> Option<PathBuf> {
    let here = || Some(PathBuf::from(".")).filter(|here| numbered::is_show(here));
    args.output.clone().filter(|folder| numbered::is_show(folder)).or_else(here)
}

fn no_show() -> anyhow::Error {
    hints::refusal(
        "what comes from the web goes into a show, and there is none here",
        "`linernotes new DIR` makes one; then give it with `-o DIR`",
    )
}

/// The feed with the older items that its further pages list.
fn read_pages(web: &Web, address: &Address) -> anyhow::Result<Feed> {
    let mut feed = Feed::default();
    let mut seen = BTreeSet::new();
    let mut next = Some(address.clone());
    while let Some(at) = next.take() {
        if seen.len() == MOST_PAGES || interrupt::asked() || !seen.insert(at.whole().to_owned()) {
            break;
        }
        let (bytes, _) = web.read(&at, catalogue::MOST_FEED_BYTES)?;
        let page = catalogue::read(&bytes)
            .map_err(|cause| CatalogueError::Feed { place: at.shown(), cause })?;
        next = page.older.map(|older| at.join(&older)).transpose()?;
        if feed.title.is_empty() {
            feed.title = page.title;
        }
        feed.items.extend(page.items);
    }
    let mut guids = BTreeSet::new();
    feed.items.retain(|item| guids.insert(item.guid.clone()));
    Ok(feed)
}

fn read_file(path: &Path) -> anyhow::Result<Feed> {
    let bytes = regular::read(path, catalogue::MOST_FEED_BYTES)?;
    let place = path.display().to_string();
    Ok(catalogue::read(&bytes).map_err(|cause| CatalogueError::Feed { place, cause })?)
}

/// The episodes that are wanted, the oldest first, as they are numbered so.
fn chosen<'f>(feed: &'f Feed, args: &AddArgs, common: &CommonArgs) -> Vec<&'f Item> {
    let mut items: Vec<&Item> =
        feed.items.iter().rev().filter(|item| item.audio.is_some()).collect();
    // feeds have the latest first; days decide where they are stated
    items.sort_by_key(|item| item.date);
    if let Some(since) = args.since {
        let undated = items.iter().filter(|item| item.date.is_none()).count();
        if undated > 0 && !common.json {
            let undated = report::counted(undated, "episode has", "episodes have");
            report::note(&format!(
                "warning: {undated} no day that can be read, and so is not `--since` one"
            ));
        }
        items.retain(|item| item.date.is_some_and(|day| day >= since));
    }
    let most = args.latest.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    items.split_off(items.len().saturating_sub(most))
}

/// Lists what the feed has, the latest first.
fn list(feed: &Feed, known: &Known, common: &CommonArgs) {
    for item in &feed.items {
        let day = item.date.map_or_else(|| "no day    ".to_owned(), |day| day.to_string());
        let is_there = known.has(item);
        if common.json {
            report::json_line(&json!({
                "event": "item", "guid": item.guid, "title": item.title, "date": item.date,
                "is_there": is_there, "has_audio": item.audio.is_some(),
                "transcripts": item.transcripts.len(),
            }));
            continue;
        }
        let length = item.length.map_or_else(String::new, Ms::clock);
        let state = match () {
            () if is_there => "there",
            () if item.audio.is_none() => "no sound",
            () => "",
        };
        report::result(&format!("{day}  {length:>8}  {state:<8}  {}", item.title));
    }
    if !common.json && !common.quiet {
        report::note(&format!(
            "{} in `{}`; `--latest 3`, `--since 2026-01-31` or `--all` adds them to a show",
            report::counted(feed.items.len(), "episode", "episodes"),
            feed.title
        ));
    }
}

/// Takes items into a show.
struct Adding<'a> {
    show: &'a Path,
    web: &'a Web,
    base: Option<&'a Address>,
    common: &'a CommonArgs,
}

/// An item's title, what went wrong, and what to do.
type Failed = (String, String, String);

impl Adding<'_> {
    /// Gives how many were added, and what went wrong with the others.
    fn all(&self, items: &[&Item]) -> anyhow::Result<(usize, Vec<Failed>)> {
        let bars = Bars::new(self.common);
        let taker = Taker::new(self.show, self.web, &bars)?;
        let (mut added, mut failed) = (0, Vec::new());
        for (number, item) in (1..).zip(items) {
            let name = name_of(item);
            bars.say(&format!("{:>12} {number} of {}: {name}", "adding", items.len()));
            let taken = taker.take(item, self.base);
            bars.download_done();
            match taken {
                Ok(taken) => {
                    added += 1;
                    for warning in taken.warnings {
                        report::note(&format!("warning: {name}: {warning}"));
                    }
                    report::result(&taken.folder.root().display().to_string());
                }
                // what ends one of these ends all
                Err(
                    fault @ (CatalogueError::Interrupted
                    | CatalogueError::Offline { .. }
                    | CatalogueError::Library(_)),
                ) => return Err(fault.into()),
                Err(fault) => failed.push((name, fault.to_string(), fault.hint())),
            }
        }
        Ok((added, failed))
    }
}

/// What an item is called: its title, or the name of its sound.
fn name_of(item: &Item) -> String {
    let address = item.audio.as_ref().and_then(|audio| Address::parse(&audio.url).ok());
    let of_sound = || address.map_or_else(String::new, |address| address.name());
    if item.title.is_empty() { of_sound() } else { item.title.clone() }
}

fn tell(show: &Path, [added, there]: [usize; 2], failed: &[Failed], common: &CommonArgs) {
    if common.json {
        let failures: Vec<_> = failed
            .iter()
            .map(|(title, said, hint)| json!({"title": title, "said": said, "hint": hint}))
            .collect();
        report::json_line(
            &json!({"event": "done", "added": added, "there": there, "failures": failures}),
        );
        return;
    }
    if !common.quiet {
        let episodes = report::counted(added, "episode", "episodes");
        report::note(&format!("{episodes} added, {there} there already, {} failed", failed.len()));
        if added > 0 {
            report::note(&format!(
                "{:>12} `linernotes run {}` makes their pages",
                "next",
                show.display()
            ));
        }
    }
    if failed.is_empty() {
        return;
    }
    let mut said = format!(
        "error: {} not added",
        report::counted(failed.len(), "episode was", "episodes were")
    );
    for (title, fault, hint) in failed {
        said.push_str(&format!("\n{title}: {fault}\n  {hint}"));
    }
    report::note(&said);
    report::note(
        "hint: run the same command again; what is there is not added again, and a broken download goes on",
    );
}
