//! Progress as people see it: bars in audio time on a terminal, one plain line per stage elsewhere,
//! JSON lines for machines.

use std::collections::BTreeMap;
use std::fmt;
use std::io::IsTerminal;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{
    HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle,
};
use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::{console, interrupt, report};
use crate::models::{FetchEvent, FetchProgress, Model, Source};
use crate::progress::Progress;
use crate::stage::Stage;
use crate::time::Ms;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Bars,
    Lines,
    Json,
    Nothing,
}

/// Shows the progress of stages and of downloads.
pub(super) struct Bars {
    style: Style,
    multi: MultiProgress,
    running: Mutex<BTreeMap<Stage, Running>>,
    download: Mutex<Option<ProgressBar>>,
}

struct Running {
    bar: ProgressBar,
    begun: Instant,
    told: Instant,
    total: Ms,
    /// Whether it is known how far it is.
    has_figure: bool,
}

/// How often machines are told.
const JSON_EVERY: Duration = Duration::from_millis(500);

impl Bars {
    pub(super) fn new(common: &CommonArgs) -> Bars {
        let style = if common.json {
            Style::Json
        } else if common.quiet || std::env::var_os("NO_PROGRESS").is_some() {
            Style::Nothing
        } else if std::io::stderr().is_terminal() {
            Style::Bars
        } else {
            Style::Lines
        };
        let target = if style == Style::Bars {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Bars {
            style,
            multi: MultiProgress::with_draw_target(target),
            running: Mutex::default(),
            download: Mutex::default(),
        }
    }

    /// How progress is shown.
    pub(super) fn style(&self) -> Style {
        self.style
    }

    /// A line between the bars, for people.
    pub(super) fn say(&self, line: &str) {
        match self.style {
            Style::Bars => {
                if self.multi.println(console::for_bars(line)).is_err() {
                    tracing::debug!("standard error cannot be written to");
                }
            }
            Style::Lines => report::note(line),
            Style::Json | Style::Nothing => {}
        }
    }

    /// Says something while the bars stand aside.
    pub(super) fn aside(&self, say: impl FnOnce()) {
        self.multi.suspend(say);
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<Stage, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another bar below those that are there.
    pub(super) fn bar(&self, template: &str, total: u64) -> ProgressBar {
        self.multi.add(ProgressBar::new(total).with_style(style(template)))
    }

    /// Takes the bar of a download away.
    pub(super) fn download_done(&self) {
        if let Some(bar) = self.download.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish_and_clear();
        }
    }

    fn download_step(&self, label: &str, total: u64) {
        let bar =
            self.bar("{prefix:>12} {bar:30.cyan/dim} {bytes} / {total_bytes} {eta:>4}", total);
        bar.set_prefix(console::for_bars(label));
        if let Some(before) =
            self.download.lock().unwrap_or_else(PoisonError::into_inner).replace(bar)
        {
            before.finish_and_clear();
        }
    }
}

/// Until it is known how far a stage is: that it works, and for how long it has.
const WAITING: &str = "{prefix:>12} {spinner:.cyan} {elapsed}";
/// Once that is known.
const GOING: &str = "{prefix:>12} {bar:30.cyan/dim} {msg:<20} {left}";

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).expect("the template is one of ours");
    style.progress_chars("━╸─").with_key("left", show_time_left)
}

/// How long a stage will take. What comes behind the last second of sound, as hearing doubtful places
/// again, is of unknown length.
fn show_time_left(state: &ProgressState, out: &mut dyn fmt::Write) {
    let written = match (state.pos(), state.len()) {
        (done, Some(total)) if done >= total => out.write_str("going over it"),
        (done, Some(total)) => match time_left(done, total, state.elapsed()) {
            Some(left) => write!(out, "{:>4} left", format!("{:#}", HumanDuration(left))),
            None => Ok(()),
        },
        _ => Ok(()),
    };
    if written.is_err() {
        tracing::debug!("a progress bar cannot be written");
    }
}

/// The time left at the rate that was measured so far: what is done of the audio, over the time that
/// it took. A rate of the last moment would jump, as stages tell of long stretches at once.
pub(super) fn time_left(done: u64, total: u64, elapsed: Duration) -> Option<Duration> {
    if done == 0 || done > total {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a recording")]
    let share = (total - done) as f64 / done as f64;
    Duration::try_from_secs_f64(elapsed.as_secs_f64() * share).ok()
}

impl Progress for Bars {
    fn start(&self, stage: Stage, total: Ms) {
        let bar = self.bar(WAITING, positive(total));
        bar.set_prefix(stage.verb());
        if self.style == Style::Bars {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        let now = Instant::now();
        self.running()
            .insert(stage, Running { bar, begun: now, told: now, total, has_figure: false });
        if self.style == Style::Json {
            report::json_line(&json!({"event": "start", "stage": stage, "total_ms": total}));
        }
    }

    fn advance(&self, stage: Stage, done: Ms) {
        if let Some(running) = self.running().get_mut(&stage) {
            if !running.has_figure && done > Ms::ZERO {
                running.has_figure = true;
                running.bar.set_style(style(GOING));
            }
            running.bar.set_position(positive(done));
            running.bar.set_message(format!(
                "{} / {}",
                short_clock(done),
                short_clock(running.total)
            ));
            if self.style == Style::Json && running.told.elapsed() >= JSON_EVERY {
                running.told = Instant::now();
                let total = running.total;
                report::json_line(
                    &json!({"event": "progress", "stage": stage, "done_ms": done, "total_ms": total}),
                );
            }
        }
    }

    fn finish(&self, stage: Stage) {
        let Some(running) = self.running().remove(&stage) else { return };
        running.bar.finish_and_clear();
        let seconds = running.begun.elapsed().as_secs_f64();
        match self.style {
            Style::Json => {
                report::json_line(&json!({"event": "finish", "stage": stage, "seconds": seconds}))
            }
            Style::Bars | Style::Lines => {
                self.say(&format!(
                    "{:>12} {} in {seconds:.1} s",
                    stage.verb(),
                    short_clock(running.total)
                ));
            }
            Style::Nothing => {}
        }
    }

    fn cancelled(&self) -> bool {
        interrupt::asked()
    }
}

impl FetchProgress for Bars {
    fn event(&self, event: FetchEvent<'_>) {
        match event {
            FetchEvent::Waiting { model } => {
                self.say(&format!("another run fetches `{}`; waiting for it", model.name))
            }
            FetchEvent::Source { model, source } => self.say(&source_line(model, source)),
            FetchEvent::Damaged { model, reason } => self.say(&format!(
                "the file of `{}` is damaged: {reason}; it is fetched again",
                model.name
            )),
            FetchEvent::Step { label, total } => self.download_step(label, total),
            FetchEvent::Advance { done } => {
                if let Some(bar) = &*self.download.lock().unwrap_or_else(PoisonError::into_inner) {
                    bar.set_position(done);
                }
            }
            FetchEvent::SourceFailed { source, reason } => {
                self.say(&format!("{source} did not work: {reason}"))
            }
            FetchEvent::Done { model } => {
                self.download_done();
                self.say(&format!("`{}` is in place", model.name));
            }
        }
    }

    fn cancelled(&self) -> bool {
        interrupt::asked()
    }
}

fn source_line(model: &Model, source: &Source) -> String {
    format!(
        "fetching `{}` ({} MB to download, licence {}) from {source}",
        model.name,
        source.download_bytes() / 1_000_000,
        model.license
    )
}

pub(super) fn positive(time: Ms) -> u64 {
    u64::try_from(time.get()).unwrap_or(0)
}

/// `12:40`, and `1:02:40` from an hour on.
pub(super) fn short_clock(time: Ms) -> String {
    let clock = time.clock();
    clock
        .strip_prefix("00:")
        .map_or_else(|| clock.trim_start_matches('0').to_string(), str::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_that_of_the_rate_so_far() {
        let left = |done, elapsed| time_left(done, 70_000, Duration::from_secs(elapsed));
        assert_eq!(left(0, 20), None, "nothing is known yet");
        assert_eq!(left(35_000, 20), Some(Duration::from_secs(20)));
        assert_eq!(left(70_000, 40), Some(Duration::ZERO));
        assert_eq!(left(80_000, 40), None);
    }

    #[test]
    fn clocks_are_short() {
        assert_eq!(short_clock(Ms::new(760_000)), "12:40");
        assert_eq!(short_clock(Ms::new(3_760_000)), "1:02:40");
    }
}
