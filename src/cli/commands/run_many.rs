//! `linernotes run` of many episodes: a show, several files, `--all`, `--watch`.
//!
//! Each episode is what `run EPISODE` would be, with the same bytes in the end; the queue only says
//! when it begins and with how many threads.

mod ended;
mod planned;
mod watching;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Context;

use crate::cli::args::{CommonArgs, RunArgs, StageArgs};
use crate::cli::commands::run;
use crate::cli::queue_bars::QueueBars;
use crate::cli::{hints, interrupt, report, settings};
use crate::library::folder::{EpisodeFolder, episodes_of};
use crate::library::numbered;
use crate::pipeline::{Pipeline, PipelineError, Request};
use crate::queue::{self, Outcome, Room};
use crate::stage::Stage;
use crate::time::Ms;
use ended::{Ended, Summary};
use planned::{Planned, models, plan, plan_one, provide};

/// Whether more than one episode is meant.
pub(super) fn is_meant(args: &RunArgs) -> bool {
    let target = args.stage.target.as_deref();
    args.all
        || args.watch.is_some()
        || !args.more.is_empty()
        || target.is_some_and(numbered::is_show)
}

/// Runs all that is meant, and goes on with a watched folder.
pub(super) fn run_all(args: &RunArgs, common: &CommonArgs) -> anyhow::Result<ExitCode> {
    refuse_what_is_one_episodes(args)?;
    let targets = targets(args)?;
    let queue = Queue { args, common };
    let mut code = ExitCode::SUCCESS;
    if !targets.is_empty() {
        let (folders, mut failed) = folders(&targets, &args.stage);
        if args.explain {
            return Ok(queue.explain(folders, failed));
        }
        let mut summary = queue.work_off(folders)?;
        summary.put_first(&mut failed);
        code = summary.tell(args.stage.strict, common);
    }
    match &args.watch {
        Some(folder) if !interrupt::asked() => watching::watch(folder, &queue),
        _ => Ok(code),
    }
}

/// Tracks, channels and a folder of its own belong to one episode.
fn refuse_what_is_one_episodes(args: &RunArgs) -> anyhow::Result<()> {
    if !args.stage.track.is_empty() || !args.stage.channels.is_empty() {
        return Err(hints::refusal(
            "`--track` and `--channels` are for one episode, and several are meant",
            "run that one by itself, or write `[[tracks]]` into its `episode.toml`",
        ));
    }
    let is_show = |folder: &PathBuf| numbered::is_show(folder);
    if args.stage.output.as_ref().is_some_and(|folder| !is_show(folder)) {
        return Err(hints::refusal(
            "several episodes cannot be made in one episode's folder",
            "give a show's folder with `-o`, one with a `show.toml`; `linernotes new DIR` makes one",
        ));
    }
    if args.explain && args.watch.is_some() {
        return Err(hints::refusal(
            "`--explain` says what would run now, and `--watch` waits for what comes",
            "leave one of them out",
        ));
    }
    Ok(())
}

/// What was typed, and the show that we stand in with `--all`.
fn targets(args: &RunArgs) -> anyhow::Result<Vec<PathBuf>> {
    let mut targets: Vec<PathBuf> = args.stage.target.iter().chain(&args.more).cloned().collect();
    if args.all {
        let here = std::env::current_dir().context("cannot tell the folder that we stand in")?;
        let show = here.ancestors().find(|folder| numbered::is_show(folder)).ok_or_else(|| {
            hints::refusal(
                "`--all` runs all episodes of the show that you stand in, and this is none",
                "go into a folder with a `show.toml`, or name it: `linernotes run SHOW`",
            )
        })?;
        let is_here = show == here;
        targets.push(if is_here { PathBuf::from(".") } else { show.to_path_buf() });
    }
    Ok(targets)
}

/// The episodes that are meant, each once, in order; and what is none, with the reason.
fn folders(targets: &[PathBuf], args: &StageArgs) -> (Vec<EpisodeFolder>, Vec<Ended>) {
    let (mut folders, mut failed, mut known) = (Vec::new(), Vec::new(), BTreeSet::new());
    for target in targets {
        let found = if numbered::is_show(target) {
            episodes_of(target).map_err(anyhow::Error::from)
        } else {
            let one = StageArgs { target: Some(target.clone()), ..args.clone() };
            run::folder(&one).map(|folder| vec![folder])
        };
        match found {
            Ok(found) => folders.extend(found.into_iter().filter(|folder| {
                let root = folder.root();
                known.insert(std::fs::canonicalize(root).unwrap_or_else(|_| root.to_path_buf()))
            })),
            Err(error) => failed.push(Ended::failed(shown(target), &error)),
        }
    }
    (folders, failed)
}

/// `./one` as `one`.
fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

/// The queue of what was typed.
struct Queue<'a> {
    args: &'a RunArgs,
    common: &'a CommonArgs,
}

impl Queue<'_> {
    fn request(&self) -> Request {
        Request { from: self.args.from, until: Stage::Publish }
    }

    /// Says what would run, episode by episode, and what is in the way.
    fn explain(&self, folders: Vec<EpisodeFolder>, mut failed: Vec<Ended>) -> ExitCode {
        for folder in folders {
            let name = shown(folder.root());
            match plan_one(&folder, &self.args.stage, self.request(), self.common) {
                Ok((stages, job)) => {
                    for (stage, why) in &stages {
                        run::tell_plan(Some(&name), *stage, why.as_deref(), self.common);
                    }
                    if self.common.json {
                        report::json_line(&job.in_json(&name, &stages, self.common));
                    }
                }
                Err(fault) => failed.push(Ended::failed(name, &fault.into())),
            }
            folder.take_back();
        }
        Summary { ended: failed, ..Summary::default() }.tell(false, self.common)
    }

    /// Runs the episodes, as many side by side as there is room for. Those that another run is at work
    /// on are looked at once more in the end: it may have been killed since.
    fn work_off(&self, folders: Vec<EpisodeFolder>) -> anyhow::Result<Summary> {
        let begun = Instant::now();
        let (planned, mut ended) = plan(folders, &self.args.stage, self.request(), self.common);
        provide(&models(&planned), self.common)?;
        let mut busy = planned;
        for _ in 0..2 {
            let (round, left) = self.round(busy);
            ended.extend(round);
            busy = left;
        }
        let of_others = busy.iter().map(|job| Ended::busy(shown(job.folder.root())));
        ended.extend(of_others);
        Ok(Summary { ended, seconds: begun.elapsed().as_secs_f64() })
    }

    /// Runs each of them once. Gives what became of them, and those that another run is at work on.
    fn round(&self, jobs: Vec<Planned>) -> (Vec<Ended>, Vec<Planned>) {
        let audio = jobs.iter().fold(Ms::ZERO, |sum, job| sum + job.audio);
        let bars = QueueBars::new(self.common, jobs.len(), audio);
        let needs: Vec<u64> = jobs.iter().map(|job| job.memory).collect();
        let bound = self.args.memory.map_or_else(queue::bound_bytes, |mib| mib << 20);
        let room = Room::within(bound, settings::threads(self.common));
        tracing::info!("{} threads and {} MiB for episodes", room.threads, room.memory >> 20);
        let disk_refuses = AtomicBool::new(false);
        let stop = || interrupt::asked() || disk_refuses.load(Ordering::SeqCst);
        let outcomes = queue::work_off(&needs, room, stop, |number, threads| {
            let ended = jobs.get(number).map(|job| self.episode(job, threads, &bars));
            if ended.as_ref().is_some_and(Ended::is_for_the_disk) {
                disk_refuses.store(true, Ordering::SeqCst);
            }
            ended
        });
        drop(bars);
        let (mut ended, mut busy) = (Vec::new(), Vec::new());
        for (job, outcome) in jobs.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Done(Some(done)) if done.is_busy() => busy.push(job),
                Outcome::Done(Some(done)) => ended.push(done),
                Outcome::NotBegun | Outcome::Done(None) => {
                    ended.push(Ended::not_begun(shown(job.folder.root())));
                }
                Outcome::Panicked => ended.push(Ended::broken_off(shown(job.folder.root()))),
            }
        }
        (ended, busy)
    }

    /// Runs one episode.
    fn episode(&self, job: &Planned, threads: usize, bars: &QueueBars) -> Ended {
        let name = shown(job.folder.root());
        let bar = bars.begin(&name, job.audio);
        let mut engines = settings::engines(self.common, &bar);
        engines.threads = threads;
        let resolved =
            settings::resolve(&self.args.stage, &job.folder.read_episode().unwrap_or_default());
        let run = Pipeline::open(job.folder.clone(), resolved, &mut engines, &bar)
            .and_then(|mut pipeline| pipeline.run(self.request()))
            .inspect_err(|fault: &PipelineError| run::taken_back(&job.folder, fault));
        let ended = Ended::of(name.clone(), run);
        ended.tell(bar, bars, self.common);
        ended
    }
}
