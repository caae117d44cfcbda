//! `linernotes quote WORDS`: the sentence that was said, whole and with its source.

mod files;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::commands::spoken::{ShowArgs, open, shortened, tell_older};
use crate::cli::{hints, report};
use crate::quoting::{Citation, Only, Recalled, Wish, recall, said_before};
use crate::spoken::{SpokenEpisode, SpokenIndex};
use crate::time::Ms;

/// The best place is taken where the next one has so much less of the words.
const CLEARLY: f32 = 0.85;
/// So much of a sentence is shown in a list.
const SHOWN: usize = 100;

/// What to quote, and in which form.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct QuoteArgs {
    /// The words as they are remembered
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
    /// Take this one of several places, as they are listed
    #[arg(long, value_name = "N")]
    pick: Option<usize>,
    /// The form of the citation
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    format: Form,
    /// Leave out fillers, repetitions and false starts, and say which
    #[arg(long)]
    clean: bool,
    /// At most so many words, in whole sentences
    #[arg(long = "words", value_name = "N")]
    most: Option<usize>,
    /// Show what was said so long before and after, as `15s`
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    around: Option<Ms>,
    /// Show where the same person said nearly the same before
    #[arg(long)]
    before: bool,
    /// Play the words, with a player of this machine
    #[arg(long)]
    play: bool,
    /// Cut the sound of the words out, into a WAV or an MP3 file
    #[arg(long, value_name = "FILE")]
    clip: Option<PathBuf>,
    /// Make a picture of the words, an SVG or PNG file in the show's colours
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
    /// The picture's form
    #[arg(long, value_name = "FORM", value_enum, default_value_t, requires = "card")]
    shape: CardShape,
    /// Add the words to the soundbites in the episode's `edits.toml`
    #[arg(long)]
    soundbite: bool,
}

impl QuoteArgs {
    /// Whether files are asked for beside the citation.
    pub(in crate::cli) fn makes_files(&self) -> bool {
        self.clip.is_some() || self.card.is_some() || self.soundbite
    }
}

/// The forms of a citation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A block quote in Markdown
    #[default]
    Markdown,
    /// A `blockquote` with its `cite`
    Html,
    /// Plain text
    Text,
    /// JSON, as with `--json`
    Json,
}

/// The forms of a card.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum CardShape {
    /// 1200 by 630, as links are shown
    #[default]
    Wide,
    /// 1:1
    Square,
    /// 9:16
    Tall,
}

/// `15s`, `15`, `1.5m`
fn seconds(text: &str) -> Result<Ms, String> {
    let (number, unit) = match text.strip_suffix('m') {
        Some(minutes) => (minutes, 60.0),
        None => (text.strip_suffix('s').unwrap_or(text), 1.0),
    };
    let number: Option<f64> = number.trim().parse().ok().filter(|number: &f64| *number >= 0.0);
    let time = number.and_then(|number| Ms::stated_seconds(number * unit).ok());
    time.ok_or_else(|| "write a time as `15s` or `1m`".to_owned())
}

pub(super) fn quote(args: &QuoteArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    let words = args.words.join(" ");
    if !words.contains(char::is_alphanumeric) {
        return Err(hints::refusal(
            format!("`{words}` has no words to look for"),
            "write what you remember of the sentence",
        ));
    }
    let place = args.show.place(None)?;
    let index = open(&place)?;
    let speaker = args.speaker.as_deref().unwrap_or_default().to_lowercase();
    let only = Only {
        speaker: speaker.split_whitespace().map(str::to_owned).collect(),
        episode: args.episode.clone(),
        before: None,
    };
    let found = recall(&index, &words, &only)?;
    let Some(chosen) = choose(&found, args.pick) else {
        return many_or_none(&index, &found, &words, args.pick, common);
    };
    let known = &index.episodes()[chosen.episode];
    let episode = index.episode(known)?;
    tell_older(&place, std::iter::once(known.facts.name.as_str()));
    let wish = Wish { clean: args.clean, words: args.most, around: args.around };
    let Some(citation) = Citation::of(&episode, chosen.words, wish) else {
        return many_or_none(&index, &[], &words, None, common);
    };
    let is_json = common.json || args.format == Form::Json;
    tell_doubts(&citation, chosen);
    give(args, &index, &citation, is_json)?;
    files::make(args, &place, &episode, &citation)?;
    Ok(ExitCode::SUCCESS)
}

/// The place that is meant: the one that was picked, the only one, or one that is clearly the best.
fn choose(found: &[Recalled], pick: Option<usize>) -> Option<&Recalled> {
    if let Some(number) = pick {
        return number.checked_sub(1).and_then(|at| found.get(at));
    }
    let best = found.first()?;
    let is_clear = found.get(1).is_none_or(|next| {
        best.is_exact != next.is_exact || !best.is_exact && next.score < best.score * CLEARLY
    });
    is_clear.then_some(best)
}

/// Lists the places to choose from; refuses where there are none.
fn many_or_none(
    index: &SpokenIndex,
    found: &[Recalled],
    words: &str,
    pick: Option<usize>,
    common: &CommonArgs,
) -> anyhow::Result<ExitCode> {
    if found.is_empty() {
        return Err(hints::refusal(
            format!("nobody says anything like “{}”", shortened(words, SHOWN)),
            "name fewer words, or only the rare ones; `linernotes search` looks for single words",
        ));
    }
    if let Some(number) = pick {
        let count = found.len();
        return Err(hints::refusal(
            format!("there is no place {number}, only {count}"),
            "leave out `--pick` to see them all",
        ));
    }
    for (number, place) in found.iter().enumerate() {
        let known = &index.episodes()[place.episode];
        let episode = index.episode(known)?;
        let Some(citation) = Citation::of(&episode, place.words, Wish::default()) else { continue };
        let said = &citation.said;
        let speaker = said.speakers.first().map(|one| format!("{}: ", one.full_name));
        if common.json {
            report::json_line(&json!({
                "event": "place", "number": number + 1, "episode": said.facts.name,
                "start": said.span.start().as_seconds(), "text": said.text,
            }));
        } else {
            let (title, clock) = (&said.facts.title, said.span.start().clock());
            report::result(&format!("{:>2}. {title} [{clock}]", number + 1));
            report::result(&format!(
                "    {}{}",
                speaker.unwrap_or_default(),
                shortened(&said.text, SHOWN)
            ));
        }
    }
    report::note(&format!("{} places; `--pick N` takes one of them", found.len()));
    Ok(ExitCode::SUCCESS)
}

/// What an editor has to know before the words are used.
fn tell_doubts(citation: &Citation, place: &Recalled) {
    if let Some(doubt) = citation.doubt() {
        report::note(&doubt);
    }
    for cut in &citation.cuts {
        report::note(&format!(
            "a cut lies in it: {}–{} is left out of the transcript, and sounds in the audio",
            cut.start().clock(),
            cut.end().clock()
        ));
    }
    if !place.is_exact {
        report::note(&format!(
            "not said word by word as you remember it: {:.0} % of the words are there",
            place.score * 100.0
        ));
    }
    if !citation.dropped.is_empty() {
        report::note(&format!("left out: {}", citation.dropped.join(", ")));
    }
    if citation.is_trimmed {
        report::note("sentences at the end are left out");
    }
}

fn give(
    args: &QuoteArgs,
    index: &SpokenIndex,
    citation: &Citation,
    is_json: bool,
) -> anyhow::Result<()> {
    let said = &citation.said;
    let before = if args.before { said_before(index, said)? } else { None };
    if is_json {
        let speakers: Vec<_> = said
            .speakers
            .iter()
            .map(|one| json!({"name": one.full_name, "about": one.about}))
            .collect();
        report::json_line(&json!({
            "schema": 1,
            "text": citation.words(),
            "said": said.text,
            "speakers": speakers,
            "show": said.facts.show,
            "episode": said.facts.name,
            "title": said.facts.title,
            "date": said.facts.date,
            "start": said.span.start().as_seconds(),
            "end": said.span.end().as_seconds(),
            "url": said.link,
            "confidence": said.confidence,
            "speaker_confidence": said.speaker_confidence,
            "checked": said.is_checked,
            "doubt": citation.doubt(),
            "dropped": citation.dropped,
            "around": citation.around.as_ref().map(|(before, after)| json!({"before": before, "after": after})),
            "before": before.map(|one| json!({
                "text": one.text, "episode": one.facts.name, "start": one.span.start().as_seconds(), "url": one.link,
            })),
        }));
        return Ok(());
    }
    let text = match args.format {
        Form::Html => citation.html(),
        Form::Text => citation.plain(),
        Form::Markdown | Form::Json => citation.markdown(),
    };
    text.lines().for_each(report::result);
    let checked = if said.is_checked { "checked by ear" } else { "not checked by ear" };
    report::note(&format!(
        "words {:.0} % sure at least, speaker {:.0} %; {checked}",
        said.confidence * 100.0,
        said.speaker_confidence * 100.0
    ));
    if let Some((before, after)) = &citation.around {
        report::note(&format!("before: {before}"));
        report::note(&format!("after: {after}"));
    }
    if args.before {
        report::note(&before.map_or_else(
            || "nothing like it was said by the same person before".to_owned(),
            |one| {
                format!(
                    "said before, in {} [{}]: “{}”",
                    one.facts.title,
                    one.span.start().clock(),
                    one.text
                )
            },
        ));
    }
    Ok(())
}

/// The first and the last word of a citation.
fn words_of(citation: &Citation, episode: &SpokenEpisode) -> (usize, usize) {
    let (first, last) = citation.said.words;
    (first, last.min(episode.words.len().saturating_sub(1)))
}
