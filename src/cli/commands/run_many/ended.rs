//! What became of the episodes of a queue, and how it is told.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;
use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::queue_bars::{EpisodeBar, QueueBars};
use crate::cli::{hints, interrupt, report};
use crate::library::LibraryError;
use crate::pipeline::{PipelineError, Report};

/// What became of one episode.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    /// Its folder, or what was typed for it.
    pub(super) name: String,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Made(Box<Report>),
    /// Nothing was to be done.
    Fresh(Box<Report>),
    /// Another run is at work on it.
    Busy,
    /// The queue was stopped before it, or while it was at it.
    Stopped,
    Failed(Failure),
}

/// Why an episode was not made.
#[derive(Debug, Clone, Serialize)]
struct Failure {
    said: String,
    hint: String,
    /// Whether the disk is full or cannot be written to, which no other episode gets by either.
    is_for_the_disk: bool,
}

impl Ended {
    /// The end of a run.
    pub(super) fn of(name: String, run: Result<Report, PipelineError>) -> Ended {
        let state = match run {
            Ok(report) if report.ran.is_empty() => State::Fresh(Box::new(report)),
            Ok(report) => State::Made(Box::new(report)),
            Err(PipelineError::Library(LibraryError::Busy { .. })) => State::Busy,
            Err(fault) => return Ended::failed(name, &fault.into()),
        };
        Ended { name, state }
    }

    pub(super) fn failed(name: String, error: &anyhow::Error) -> Ended {
        if report::is_interruption(error) {
            return Ended { name, state: State::Stopped };
        }
        let (said, hint) = (report::chain(error), hints::of(error));
        let is_for_the_disk = hints::is_for_the_disk(error);
        Ended { name, state: State::Failed(Failure { said, hint, is_for_the_disk }) }
    }

    pub(super) fn busy(name: String) -> Ended {
        Ended { name, state: State::Busy }
    }

    pub(super) fn not_begun(name: String) -> Ended {
        Ended { name, state: State::Stopped }
    }

    /// A panic ended it, and no other.
    pub(super) fn broken_off(name: String) -> Ended {
        let said =
            "the program broke off in the middle of it; the lines above say where".to_owned();
        let hint = "run it alone with `-v`, and report what it says".to_owned();
        Ended { name, state: State::Failed(Failure { said, hint, is_for_the_disk: false }) }
    }

    pub(super) fn is_busy(&self) -> bool {
        matches!(self.state, State::Busy)
    }

    pub(super) fn is_for_the_disk(&self) -> bool {
        matches!(&self.state, State::Failed(Failure { is_for_the_disk: true, .. }))
    }

    fn failure(&self) -> Option<&Failure> {
        if let State::Failed(failure) = &self.state { Some(failure) } else { None }
    }

    fn report(&self) -> Option<&Report> {
        match &self.state {
            State::Made(report) | State::Fresh(report) => Some(report),
            _ => None,
        }
    }

    /// Tells it when it has ended.
    pub(super) fn tell(&self, bar: EpisodeBar<'_>, bars: &QueueBars, common: &CommonArgs) {
        let name = &self.name;
        match &self.state {
            State::Made(report) => {
                let seconds: f64 = report.ran.iter().map(|(_, seconds)| seconds).sum();
                bar.end(&format!("{:>12} {name} in {seconds:.1} s{}", "made", left_to_do(report)));
            }
            State::Fresh(_) => bar.end(&format!("{:>12} {name} is up to date", "fresh")),
            State::Busy => bar.end(&format!("{:>12} {name}: another run is at work on it", "busy")),
            State::Stopped => bar.end(&format!("{:>12} {name}", "stopped")),
            State::Failed(failure) => {
                bar.end(&format!("{:>12} {name}: {}", "failed", failure.said));
            }
        }
        bars.aside(|| self.tell_results(common));
    }

    fn tell_results(&self, common: &CommonArgs) {
        let name = &self.name;
        if common.json {
            report::json_line(&self.in_json());
            return;
        }
        if let State::Made(report) = &self.state {
            for (stage, warning) in &report.warnings {
                report::note(&format!("warning: {name}: {stage}: {warning}"));
            }
        }
        if let Some(page) = self.report().and_then(|report| report.page.as_ref()) {
            report::result(&page.display().to_string());
        }
    }

    fn in_json(&self) -> serde_json::Value {
        let state = match &self.state {
            State::Made(_) => "made",
            State::Fresh(_) => "fresh",
            State::Busy => "busy",
            State::Stopped => "stopped",
            State::Failed(_) => "failed",
        };
        json!({
            "event": "episode", "episode": self.name, "state": state,
            "report": self.report(), "failure": self.failure(),
        })
    }
}

/// `; 2 voices have no name`, in short what a person may do about it.
fn left_to_do(report: &Report) -> String {
    let next = &report.next;
    let mut said = String::new();
    if !next.nameless.is_empty() {
        let voices = report::counted(next.nameless.len(), "voice has", "voices have");
        said.push_str(&format!("; {voices} no name"));
    }
    let minutes = next.doubtful.get() / 60_000;
    if minutes > 0 {
        said.push_str(&format!("; {minutes} min of doubtful places"));
    }
    said
}

/// What became of all of them.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) ended: Vec<Ended>,
    pub(super) seconds: f64,
}

impl Summary {
    /// Puts these in front.
    pub(super) fn put_first(&mut self, others: &mut Vec<Ended>) {
        others.append(&mut self.ended);
        std::mem::swap(&mut self.ended, others);
    }

    fn count(&self, is_meant: impl Fn(&State) -> bool) -> usize {
        self.ended.iter().filter(|ended| is_meant(&ended.state)).count()
    }

    /// Says it at the end, with the next steps, and gives the exit code.
    pub(super) fn tell(&self, strict: bool, common: &CommonArgs) -> ExitCode {
        let made = self.count(|state| matches!(state, State::Made(_)));
        let fresh = self.count(|state| matches!(state, State::Fresh(_)));
        let busy = self.count(|state| matches!(state, State::Busy));
        let stopped = self.count(|state| matches!(state, State::Stopped));
        let failed: Vec<(&str, &Failure)> =
            self.ended.iter().filter_map(|one| Some((one.name.as_str(), one.failure()?))).collect();
        if common.json {
            report::json_line(&json!({
                "event": "done", "made": made, "fresh": fresh, "busy": busy, "stopped": stopped,
                "failed": failed.len(), "seconds": self.seconds,
                "failures": failed.iter().map(|(name, failure)| json!({"episode": name, "failure": failure}))
                    .collect::<Vec<_>>(),
            }));
        } else {
            self.tell_people([made, fresh, busy, stopped], &failed, common);
        }
        let warned = self
            .ended
            .iter()
            .any(|ended| ended.report().is_some_and(|report| !report.warnings.is_empty()));
        match () {
            () if interrupt::asked() => ExitCode::from(report::INTERRUPTED),
            () if !failed.is_empty() || stopped > 0 => ExitCode::FAILURE,
            () if strict && warned => ExitCode::from(report::WARNED),
            () => ExitCode::SUCCESS,
        }
    }

    fn tell_people(
        &self,
        [made, fresh, busy, stopped]: [usize; 4],
        failed: &[(&str, &Failure)],
        common: &CommonArgs,
    ) {
        if !common.quiet && self.seconds > 0.0 {
            let mut said = format!(
                "{:>12} {} in {:.0} s: {made} made, {fresh} up to date",
                "all",
                report::counted(self.ended.len(), "episode", "episodes"),
                self.seconds
            );
            for (count, what) in
                [(busy, "with another run"), (stopped, "not begun"), (failed.len(), "failed")]
            {
                if count > 0 {
                    said.push_str(&format!(", {count} {what}"));
                }
            }
            report::note(&said);
            if made > 0 {
                self.tell_publish();
            }
        }
        if interrupt::asked() {
            report::interrupted();
        }
        if failed.is_empty() {
            return;
        }
        let mut said = format!(
            "error: {} not made",
            report::counted(failed.len(), "episode was", "episodes were")
        );
        for (name, failure) in failed {
            said.push_str(&format!("\n{name}: {}\n  {}", failure.said, failure.hint));
        }
        report::note(&said);
        report::note(if stopped > 0 && !interrupt::asked() {
            "hint: the others were not begun, as the disk would refuse them too; then run the same command again"
        } else {
            "hint: follow what stands below each, and run the same command again; what is made is not made again"
        });
    }

    /// The next command for each show.
    fn tell_publish(&self) {
        let shows: BTreeSet<PathBuf> =
            self.ended.iter().filter_map(|ended| show_of(&ended.name)).collect();
        for show in shows {
            let show = show.display();
            report::note(&format!(
                "{:>12} `linernotes publish {show}` puts them on the show's site",
                "next"
            ));
        }
    }
}

/// The show's folder, as it is typed from here.
fn show_of(episode: &str) -> Option<PathBuf> {
    let here = PathBuf::from(".");
    let above = PathBuf::from(episode);
    let mut folders = above
        .ancestors()
        .skip(1)
        .take(3)
        .map(|folder| if folder.as_os_str().is_empty() { here.as_path() } else { folder });
    folders.find(|folder| crate::library::numbered::is_show(folder)).map(PathBuf::from)
}
