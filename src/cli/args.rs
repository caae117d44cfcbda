//! What was typed, as typed: no defaults that depend on anything, no files, no system calls.

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Parser, Subcommand, ValueEnum};

use crate::cli::commands::add::AddArgs;
use crate::cli::commands::check_quotes::CheckQuotesArgs;
use crate::cli::commands::doubts::DoubtsArgs;
use crate::cli::commands::export::ExportArgs;
use crate::cli::commands::import::ImportArgs;
use crate::cli::commands::lint::LintArgs;
use crate::cli::commands::models::ModelsArgs;
use crate::cli::commands::publish::PublishArgs;
use crate::cli::commands::quote::QuoteArgs;
use crate::cli::commands::retime::RetimeArgs;
use crate::cli::commands::review::ReviewArgs;
use crate::cli::commands::score::ScoreArgs;
use crate::cli::commands::search::SearchArgs;
use crate::cli::commands::serve::ServeArgs;
use crate::cli::commands::sync::SyncArgs;
use crate::cli::commands::text::TextArgs;
use crate::cli::commands::voices::VoicesArgs;
use crate::stage::Stage;

/// Turns a podcast episode's audio into everything that is published beside it: transcript page,
/// show notes, captions. All on this machine.
#[derive(Debug, Parser)]
#[command(name = "linernotes", version, max_term_width = 100)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) common: CommonArgs,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Where corrections are explained.
const EDITING: &str =
    "Corrections stand in `edits.toml` beside `episode.toml`; docs/editing.md explains every kind.";

/// Flags of all commands.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct CommonArgs {
    /// Show no progress; errors and warnings only
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    /// Show what the program and its libraries log, too; twice or thrice for more
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// Write JSON lines for machines to standard output
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Never use the network, not even for missing weights
    // a variable says yes as people and scripts write it: `1`, `true`, `yes`, `on`
    #[arg(long, global = true, env = "LINERNOTES_OFFLINE", value_parser = FalseyValueParser::new())]
    pub(super) offline: bool,
    /// Processor threads to use [default: all]
    #[arg(long, global = true, value_name = "N", env = "LINERNOTES_THREADS", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) threads: Option<u16>,
    /// What computes the words
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "LINERNOTES_ENGINE",
        value_enum,
        default_value_t
    )]
    pub(super) engine: EngineChoice,
}

/// What computes the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum EngineChoice {
    /// The graphics card where the program is built for one, else the program itself
    #[default]
    Auto,
    /// The program itself, on the processor
    Linernotes,
    /// whisper.cpp, where it is built in
    #[value(name = "whisper.cpp")]
    WhisperCpp,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make everything that is published beside an episode's audio
    ///
    /// The stages run in this order, each only where something changed: decode, detect,
    /// transcribe, diarize, attribute, edit, render, publish. A show's folder or several files are a
    /// queue that keeps all processors busy; what fails keeps no other from being made.
    #[command(after_help = EDITING)]
    Run(RunArgs),
    /// Make an empty show: a folder with a `show.toml` to fill in
    New {
        /// The folder to make
        dir: PathBuf,
    },
    /// Make episodes from an audio file's own tags or from a feed, without running anything
    ///
    /// In a show their folders are numbered. What else can be said of them, and every kind of correction,
    /// stands there as comments, to be filled in. Of a feed the episodes are listed; `--latest`, `--since`
    /// or `--all` downloads them into the show, with titles, dates, descriptions, chapters and
    /// transcripts. What is there already is not added again.
    Add(AddArgs),
    /// Decode the audio
    Decode(StageArgs),
    /// Find where anybody speaks
    Detect(StageArgs),
    /// Write down what is said, with times
    Transcribe(StageArgs),
    /// Tell the speakers apart
    Diarize(StageArgs),
    /// Give each word to a speaker
    Attribute(StageArgs),
    /// Apply names and the corrections of `edits.toml`
    #[command(after_help = EDITING)]
    Edit(StageArgs),
    /// Make the page, the notes and the captions
    Render(StageArgs),
    /// Put an episode's files in place in `out/`, or build a show's site
    ///
    /// In a show's folder: the list of episodes, their pages, the people, a search over all
    /// episodes. The site is a folder of plain files for any web host.
    Publish(PublishArgs),
    /// Make an episode from a transcript that somebody else made
    Import(ImportArgs),
    /// Write an episode in one format to standard output
    Export(ExportArgs),
    /// List the stretches that are most worth listening to before publishing
    Doubts(DoubtsArgs),
    /// Write the transcript as text to edit
    #[command(after_help = EDITING)]
    Text(TextArgs),
    /// Take over what was changed in a transcript's text, as corrections
    ///
    /// They go into `edits.toml`, every byte of which stays, and the page is made again.
    #[command(after_help = EDITING)]
    Sync(SyncArgs),
    /// Take another cut of an episode's audio: an ad exchanged, an intro put before, silence trimmed
    ///
    /// What was heard and what you wrote (chapters, corrections, soundbites) is moved to where it is now,
    /// and only what is new is listened to. Times in `episode.toml` and `edits.toml` are changed, and
    /// nothing else in them; the files before are kept.
    Retime(RetimeArgs),
    /// Correct an episode on its page in a browser, on this machine alone
    ///
    /// Hear while reading, and change words, names, speakers and paragraphs where they stand. Every change is a
    /// correction in `edits.toml` at once, and can be taken back, also on another day. Ctrl-C ends it.
    #[command(after_help = EDITING)]
    Review(ReviewArgs),
    /// Show what is published in a browser, on this machine alone
    ///
    /// A page is shown as it is published; links to a moment play there, and it loads itself again when it is
    /// published anew. Ctrl-C ends it.
    Serve(ServeArgs),
    /// Find words in everything that was said in a show's episodes
    Search(SearchArgs),
    /// Give the sentence that was said, with its source, as a citation
    Quote(QuoteArgs),
    /// Compare every quotation in a post with what was said, word by word
    ///
    /// Ends with exit code 3 where one is altered, nobody's, or given to the wrong person.
    CheckQuotes(CheckQuotesArgs),
    /// Check transcripts, captions, chapters and feeds by their formats' rules
    Lint(LintArgs),
    /// List, get, verify and import the weights
    Models(ModelsArgs),
    /// Remember people's voices from episode to episode, and forget them
    Voices(VoicesArgs),
    /// Say how far a result is from the truth: words, times, speakers
    Score(ScoreArgs),
    /// Say what this machine has: processor, memory, weights
    Doctor,
    /// Write completions for shells, and man pages
    #[cfg(feature = "extras")]
    #[command(hide = true)]
    Extras {
        /// The folder to write them into
        folder: PathBuf,
    },
}

impl Command {
    /// Whether files are what the command is for, and not what it prints.
    pub(super) fn makes_files(&self) -> bool {
        match self {
            Command::Export(_)
            | Command::Doubts(_)
            | Command::Text(_)
            | Command::CheckQuotes(_)
            | Command::Search(_)
            | Command::Lint(_)
            | Command::Models(_)
            | Command::Score(_)
            | Command::Voices(_)
            | Command::Doctor => false,
            Command::Quote(quote) => quote.makes_files(),
            Command::Run(run) => !run.explain,
            _ => true,
        }
    }
}

/// What a run works on, and how.
#[derive(Debug, clap::Args)]
#[command(mut_arg("target", |arg| arg
    .required_unless_present_any(["all", "watch"])
    .help("An audio or video file, an episode's folder, or a show's")))]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) stage: StageArgs,
    /// More of them
    pub(super) more: Vec<PathBuf>,
    /// All episodes of the show that you stand in
    #[arg(long, conflicts_with = "track")]
    pub(super) all: bool,
    /// Then wait for new files in this folder, and run each once it has stopped growing
    #[arg(long, value_name = "DIR", conflicts_with = "track")]
    pub(super) watch: Option<PathBuf>,
    /// The most memory that several episodes may take together [default: three quarters of what is free]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
    pub(super) memory: Option<u64>,
    /// Start at this stage even where nothing changed
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    pub(super) from: Option<Stage>,
    /// Say which stages would run and why, and run none
    #[arg(long)]
    pub(super) explain: bool,
}

/// What a stage works on, and how.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct StageArgs {
    /// An audio or video file, or an episode's folder
    #[arg(required_unless_present = "track")]
    pub(super) target: Option<PathBuf>,
    /// One person's microphone, once for each; without a TARGET a mix is made of them
    #[arg(long, value_name = "NAME=FILE", value_parser = track)]
    pub(super) track: Vec<(String, PathBuf)>,
    /// Who is on which channel of the file, as `Shaun,Wailin`
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        requires = "target",
        conflicts_with = "track"
    )]
    pub(super) channels: Vec<String>,
    /// The episode's folder, or a show's folder to make it in [default: named after the file]
    #[arg(long, short, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// The recognizer's weights, as `models list` names them [default: base]
    #[arg(long, value_name = "NAME", env = "LINERNOTES_MODEL")]
    pub(super) model: Option<String>,
    /// The language that is spoken, as `en` [default: listened for in several places]
    #[arg(long, value_name = "CODE")]
    pub(super) language: Option<String>,
    /// Write English whatever is spoken
    #[arg(long)]
    pub(super) translate: bool,
    /// How many people speak [default: found automatically]
    #[arg(long, value_name = "N", conflicts_with_all = ["min_speakers", "max_speakers"], value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(super) speakers: Option<u16>,
    /// At least so many people speak
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(super) min_speakers: Option<u16>,
    /// At most so many people speak
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(super) max_speakers: Option<u16>,
    /// End with exit code 3 where there are warnings
    #[arg(long)]
    pub(super) strict: bool,
    /// Take a new result that is plainly worse than the one before: a third fewer words, lost voices
    #[arg(long)]
    pub(super) force: bool,
}

fn stage(name: &str) -> Result<Stage, String> {
    Stage::ALL.into_iter().find(|stage| stage.to_string() == name).ok_or_else(|| {
        let names: Vec<String> = Stage::ALL.iter().map(Stage::to_string).collect();
        format!("the stages are {}", names.join(", "))
    })
}

/// `NAME=FILE`
fn track(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.trim().is_empty() && !file.is_empty() => {
            Ok((name.trim().to_owned(), PathBuf::from(file)))
        }
        _ => Err("write it as `NAME=FILE`, as in `Shaun=shaun.wav`".into()),
    }
}
