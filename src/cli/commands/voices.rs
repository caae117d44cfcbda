//! `linernotes voices`: what the show remembers of people's voices.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use crate::attribute::names::Evidence;
use crate::cli::args::CommonArgs;
use crate::cli::report;
use crate::library::LibraryError;
use crate::library::folder::EpisodeFolder;
use crate::library::voices::{RememberedVoice, VoiceFolder};
use crate::pipeline::{self, Because, Outcome};
use crate::speech::Speaker;

/// What to do with the voices.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct VoicesArgs {
    #[command(subcommand)]
    action: Action,
    /// The show's folder, the one with `show.toml`
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    show: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say whose voices the show remembers, and what they rest on
    List,
    /// Remember the voices of an episode whose names are confirmed or very sure
    Learn {
        /// The episodes' folders
        #[arg(required = true)]
        episodes: Vec<PathBuf>,
    },
    /// Forget somebody's voice: its file is deleted
    Forget {
        /// The person's full name, or the first name where one person has it
        name: String,
    },
    /// Say what is remembered of one person
    Show {
        /// The person's full name, or the first name where one person has it
        name: String,
    },
}

pub(super) fn run(args: &VoicesArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::List => list(&voices_of(&args.show)?, common)?,
        Action::Learn { episodes } => {
            for episode in episodes {
                let (folder, outcomes) = pipeline::learn(&EpisodeFolder::open(episode)?)?;
                tell(&folder, &outcomes, common);
            }
        }
        Action::Forget { name } => {
            let folder = voices_of(&args.show)?;
            let path = folder.forget(&find(&folder, name)?)?;
            if common.json {
                report::json_line(&json!({"forgotten": path}));
            } else {
                report::result(&format!("deleted {}", path.display()));
            }
        }
        Action::Show { name } => {
            let folder = voices_of(&args.show)?;
            show(&find(&folder, name)?, common);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The voices of the show at or above `dir`.
fn voices_of(dir: &Path) -> Result<VoiceFolder, LibraryError> {
    let absolute = std::path::absolute(dir).map_err(LibraryError::io("read", dir))?;
    absolute
        .ancestors()
        .take(4)
        .find(|above| above.join("show.toml").is_file())
        .map(VoiceFolder::of_show)
        .ok_or(LibraryError::NoShow { path: dir.to_path_buf() })
}

fn find(folder: &VoiceFolder, name: &str) -> Result<RememberedVoice, LibraryError> {
    folder.find(name)?.ok_or_else(|| LibraryError::NoSuchVoice {
        path: folder.root().to_path_buf(),
        name: name.to_owned(),
    })
}

fn list(folder: &VoiceFolder, common: &CommonArgs) -> Result<(), LibraryError> {
    let voices = folder.read_all()?;
    if common.json {
        report::json_line(&voices.iter().map(described).collect::<Vec<_>>());
        return Ok(());
    }
    let width = voices.iter().map(|voice| voice.name.0.chars().count()).max().unwrap_or(0);
    for voice in &voices {
        report::result(&format!(
            "{:width$}  {:>6.0} s  {:>12}  {}",
            voice.name.0,
            voice.speech().as_seconds(),
            report::counted(voice.episodes.len(), "episode", "episodes"),
            voice.model.name
        ));
    }
    report::note(&if voices.is_empty() {
        "no voice is remembered; `linernotes voices learn EPISODE` does so".to_owned()
    } else {
        format!("kept in `{}`", folder.root().display())
    });
    Ok(())
}

fn described(voice: &RememberedVoice) -> serde_json::Value {
    json!({
        "name": voice.name, "model": voice.model, "speech_ms": voice.speech(),
        "episodes": voice.episodes.iter().map(|heard| {
            json!({"episode": heard.episode, "speech_ms": heard.speech})
        }).collect::<Vec<_>>(),
        "left_out": voice.outliers(),
    })
}

fn show(voice: &RememberedVoice, common: &CommonArgs) {
    if common.json {
        report::json_line(&described(voice));
        return;
    }
    report::result(&format!("{}, by {} ({:.8})", voice.name, voice.model.name, voice.model.sha256));
    let outliers = voice.outliers();
    for heard in &voice.episodes {
        let counted = if outliers.contains(&heard.episode.as_str()) {
            "  (unlike the others: does not count)"
        } else {
            ""
        };
        let seconds = heard.speech.as_seconds();
        report::result(&format!("{seconds:>8.1} s  {}{counted}", heard.episode));
    }
}

fn tell(folder: &VoiceFolder, outcomes: &[Outcome], common: &CommonArgs) {
    if common.json {
        report::json_line(&outcomes);
        return;
    }
    for outcome in outcomes {
        let voice = Speaker::Numbered(outcome.number);
        let who = outcome
            .name
            .as_ref()
            .map_or_else(|| voice.to_string(), |name| format!("{name} ({voice})"));
        let because = because(&outcome.because);
        report::result(&match outcome.learned {
            Some(speech) => format!("learned   {who}: {:.0} s; {because}", speech.as_seconds()),
            None => format!("left out  {who}: {because}"),
        });
    }
    if outcomes.iter().any(|outcome| outcome.learned.is_some()) && !common.quiet {
        report::note(&format!(
            "kept in `{}`; a voice print is personal data, and `linernotes voices forget NAME` deletes it",
            folder.root().display()
        ));
    }
}

/// Why a voice was learned, or was not, in words.
fn because(because: &Because) -> String {
    match because {
        Because::Confirmed => "named in `edits.toml`".into(),
        Because::Heard(Evidence::Said { text, .. }) => format!("“{text}”"),
        Because::Heard(Evidence::KnownVoice(known)) => format!(
            "a known voice, from {}",
            report::counted(known.episodes, "episode", "episodes")
        ),
        Because::Heard(Evidence::OwnTrack) => "a microphone of their own".into(),
        Because::Nobody => "nobody says who it is".into(),
        Because::Unsure { confidence } => format!(
            "the name is not sure enough ({:.0} %); confirm it in `edits.toml`",
            confidence * 100.0
        ),
        Because::SeveralPeople => "several people have that name".into(),
        Because::Unlisted => {
            "only people listed in `show.toml` or `episode.toml` are remembered".into()
        }
        Because::TooShort { clear, needed } => format!(
            "only {:.1} s are long and clear enough, of {:.0} s that are needed",
            clear.as_seconds(),
            needed.as_seconds()
        ),
        Because::Mixed { consistency } => {
            format!(
                "the speech of this voice is unlike itself ({consistency:.2}): perhaps several people"
            )
        }
        Because::Corrected { share } => format!("{:.0} % of it was given to others", share * 100.0),
        Because::OtherWeights { remembered, heard } => format!(
            "what is remembered was made by {} ({:.8}) and cannot be joined with {} ({:.8}); `linernotes voices forget` first",
            remembered.name, remembered.sha256, heard.name, heard.sha256
        ),
        Because::Unlike { similarity } => format!(
            "it is unlike the voice that is remembered ({similarity:.2}); if it is the same person, `linernotes voices forget` first"
        ),
        Because::LikeAnother { person } => format!("it is like the remembered voice of {person}"),
    }
}
