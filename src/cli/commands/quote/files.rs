//! What `linernotes quote` makes of the words beside the citation: sound, a picture, a soundbite.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{CardShape, QuoteArgs, words_of};
use crate::cli::{hints, report};
use crate::decode::{DecodeLimits, cut_mp3, decode};
use crate::disk;
use crate::edit::edits::{Edits, SoundbiteEdit, TimeText};
use crate::library::artifact::write_atomic;
use crate::library::edits;
use crate::library::folder::EpisodeFolder;
use crate::library::theme;
use crate::progress::Silent;
use crate::quoting::{Citation, Colours, Shape, card, wav, with_breath};
use crate::render::{TemplateSource, Templates};
use crate::spoken::{Place, SpokenEpisode};
use crate::time::{Ms, Span};

/// What the podcast namespace allows, in seconds.
const SOUNDBITE_S: (i64, i64) = (15, 120);
const LONGEST_TITLE: usize = 128;

/// Players that can begin in the middle of a file, and how each is told to.
const PLAYERS: [(&str, &[&str]); 3] = [
    ("mpv", &["--no-video", "--really-quiet", "--start={start}", "--length={length}"]),
    ("ffplay", &["-nodisp", "-autoexit", "-loglevel", "error", "-ss", "{start}", "-t", "{length}"]),
    ("play", &["-q"]),
];

pub(super) fn make(
    args: &QuoteArgs,
    place: &Place,
    episode: &SpokenEpisode,
    citation: &Citation,
) -> anyhow::Result<()> {
    let Some(folder) = place.folder(&episode.facts.name) else { return Ok(()) };
    let Some(span) = with_breath(episode, words_of(citation, episode)) else { return Ok(()) };
    if let Some(file) = &args.clip {
        clip(folder, span, file)?;
    }
    if let Some(file) = &args.card {
        picture(place, citation, args.shape, file)?;
    }
    if args.soundbite {
        soundbite(folder, span, &citation.words())?;
    }
    if args.play {
        play(folder, span)?;
    }
    Ok(())
}

fn ending(file: &Path) -> String {
    file.extension().map_or_else(String::new, |ending| ending.to_string_lossy().to_lowercase())
}

fn is_new(file: &Path) -> anyhow::Result<()> {
    if !disk::is_there(file) {
        return Ok(());
    }
    Err(hints::refusal(
        format!("`{}` exists already, and is left as it is", file.display()),
        "choose another name, or move that file away",
    ))
}

fn clip(folder: &EpisodeFolder, span: Span, file: &Path) -> anyhow::Result<()> {
    is_new(file)?;
    let audio = folder.audio(&folder.read_episode()?)?;
    let bytes = match ending(file).as_str() {
        "mp3" => cut_mp3(&audio, span).map_err(|cause| {
            hints::refusal(
                format!("cannot cut `{}` as MP3: {cause}", audio.display()),
                "end the clip's name with `.wav`, which any audio can be cut to",
            )
        })?,
        "wav" => {
            let (recording, _) = decode(&audio, &DecodeLimits::default(), &Silent)?;
            wav(&recording, span)?
        }
        _ => {
            return Err(hints::refusal(
                format!("`{}` is no name of a clip", file.display()),
                "end it with `.wav`, or with `.mp3` where the episode's audio is MP3",
            ));
        }
    };
    write_atomic(file, &bytes)?;
    report::note(&format!(
        "{}: {}–{}",
        file.display(),
        span.start().clock_ms(),
        span.end().clock_ms()
    ));
    Ok(())
}

fn picture(
    place: &Place,
    citation: &Citation,
    shape: CardShape,
    file: &Path,
) -> anyhow::Result<()> {
    is_new(file)?;
    if ending(file) != "svg" {
        return Err(hints::refusal(
            format!("`{}` cannot be made: a card is an SVG file", file.display()),
            "end its name with `.svg`; a browser shows it and saves it as another picture",
        ));
    }
    let sources = theme::sources(place.root())?.into_iter();
    let sources = sources.map(|(name, path, text)| TemplateSource { name, path, text });
    let colours = Colours::of_style(&Templates::with_overrides(sources)?.site_style());
    let shape = match shape {
        CardShape::Wide => Shape::Wide,
        CardShape::Square => Shape::Square,
        CardShape::Tall => Shape::Tall,
    };
    let Some(svg) = card(citation, &colours, shape) else {
        return Err(hints::refusal(
            "there are too many words for a card",
            "`--words 40` keeps the first sentences, or choose `--shape tall`",
        ));
    };
    write_atomic(file, svg.as_bytes())?;
    report::note(&file.display().to_string());
    Ok(())
}

/// Adds a soundbite to a person's edits, at their request: at the end, and nothing else is changed.
fn soundbite(folder: &EpisodeFolder, span: Span, words: &str) -> anyhow::Result<()> {
    let seconds = span.duration().get() / 1000;
    if !(SOUNDBITE_S.0..=SOUNDBITE_S.1).contains(&seconds) {
        return Err(hints::refusal(
            format!("the words take {seconds} s, and a soundbite takes 15 to 120 s"),
            "name words of several sentences in a row; or shorten them with `--words`",
        ));
    }
    let path = folder.edits_toml();
    let soundbite = SoundbiteEdit {
        from: Some(TimeText(span.start())),
        to: Some(TimeText(span.end())),
        title: words.chars().take(LONGEST_TITLE).collect(),
        ..SoundbiteEdit::default()
    };
    edits::add(&path, &Edits { soundbite: vec![soundbite], ..Edits::default() })?;
    report::note(&format!(
        "a soundbite is added to `{}`; `linernotes run {}` brings it in",
        path.display(),
        folder.root().display()
    ));
    Ok(())
}

fn play(folder: &EpisodeFolder, span: Span) -> anyhow::Result<()> {
    let audio = folder.audio(&folder.read_episode()?)?;
    let seconds = |time: Ms| format!("{:.3}", time.as_seconds());
    let (start, length) = (seconds(span.start()), seconds(span.duration()));
    for (player, options) in PLAYERS {
        let options =
            options.iter().map(|one| one.replace("{start}", &start).replace("{length}", &length));
        let mut command = Command::new(player);
        command.args(options).arg(&audio).stdin(Stdio::null());
        if player == "play" {
            command.args(["trim", &start, &length]);
        }
        match command.status() {
            Ok(status) if status.success() => return Ok(()),
            Ok(status) => report::note(&format!("warning: {player} ended with {status}")),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
            Err(cause) => report::note(&format!("warning: {player} cannot be started: {cause}")),
        }
    }
    report::note(&format!(
        "no player is on this machine that begins in the middle of a file; with mpv, it is\n\
         mpv --start={start} --length={length} {}",
        audio.display()
    ));
    Ok(())
}
