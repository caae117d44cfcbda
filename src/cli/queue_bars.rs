//! The progress of many episodes: a line for each that is at work, and one for the whole.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar};
use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::bars::{Bars, Style, positive, short_clock, time_left};
use crate::cli::{console, interrupt, report};
use crate::models::{FetchEvent, FetchProgress};
use crate::progress::Progress;
use crate::stage::Stage;
use crate::time::Ms;

/// How the time of an episode is shared by the stages that listen, in hundredths. Measured;
/// `docs/scale.md` has the figures.
const SHARES: [(Stage, u64); 4] =
    [(Stage::Decode, 1), (Stage::Detect, 14), (Stage::Transcribe, 69), (Stage::Diarize, 16)];

/// How often machines are told.
const JSON_EVERY: Duration = Duration::from_millis(500);

const WHOLE: &str = "{prefix:>12} {bar:30.cyan/dim} {msg}";
const EPISODE: &str = "{prefix:>12} {spinner:.cyan} {msg}";

/// Shows how far a queue is.
pub(super) struct QueueBars {
    bars: Bars,
    whole: ProgressBar,
    counts: Mutex<Counts>,
    begun: Instant,
}

struct Counts {
    episodes: usize,
    ended: usize,
    audio: Ms,
    /// What is done of the audio, in ms.
    done: u64,
}

impl QueueBars {
    /// For so many episodes, in which so much has to be heard.
    pub(super) fn new(common: &CommonArgs, episodes: usize, audio: Ms) -> QueueBars {
        let bars = Bars::new(common);
        let whole = bars.bar(WHOLE, positive(audio).max(1));
        whole.set_prefix("all");
        if bars.style() == Style::Bars {
            whole.enable_steady_tick(Duration::from_millis(500));
        }
        let counts = Mutex::new(Counts { episodes, ended: 0, audio, done: 0 });
        let shown = QueueBars { bars, whole, counts, begun: Instant::now() };
        shown.went_on(0, 0);
        shown
    }

    /// Says something while the bars stand aside.
    pub(super) fn aside(&self, say: impl FnOnce()) {
        self.bars.aside(say);
    }

    /// The line of an episode that begins, in which so much has to be heard.
    pub(super) fn begin<'q>(&'q self, name: &'q str, audio: Ms) -> EpisodeBar<'q> {
        let bar = self.bars.bar(EPISODE, 1);
        bar.set_message(console::for_bars(name));
        if self.bars.style() == Style::Bars {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        if self.bars.style() == Style::Json {
            report::json_line(
                &json!({"event": "episode", "episode": name, "state": "begun", "audio_ms": audio}),
            );
        }
        let at = Mutex::new(At { total: Ms::ZERO, done: 0, told: Instant::now() });
        EpisodeBar { queue: self, name, audio, bar, at }
    }

    /// `heard` more of the audio is done, and so many more episodes have ended.
    fn went_on(&self, heard: u64, ended: usize) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.done += heard;
        counts.ended += ended;
        self.whole.set_position(counts.done);
        self.whole.set_message(counts.said(self.begun.elapsed()));
    }

    /// Says what became of an episode, and how far the whole is.
    fn ended(&self, said: &str) {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = counts.said(self.begun.elapsed());
        drop(counts);
        match self.bars.style() {
            Style::Lines => self.bars.say(&format!("{said}\n{:>10} {whole}", "all")),
            Style::Bars => self.bars.say(said),
            Style::Json | Style::Nothing => {}
        }
    }
}

impl Drop for QueueBars {
    fn drop(&mut self) {
        self.whole.finish_and_clear();
    }
}

impl Counts {
    /// `3 of 24 episodes, 1:02:40 of 8:10:00, 2h left`
    fn said(&self, elapsed: Duration) -> String {
        let episodes = report::counted(self.episodes, "episode", "episodes");
        let mut said = format!("{} of {episodes}", self.ended);
        if self.audio > Ms::ZERO {
            let done = Ms::new(i64::try_from(self.done).unwrap_or(i64::MAX));
            said.push_str(&format!(", {} of {}", short_clock(done), short_clock(self.audio)));
        }
        if let Some(left) = time_left(self.done, positive(self.audio), elapsed)
            && self.ended < self.episodes
        {
            said.push_str(&format!(", {:#} left", HumanDuration(left)));
        }
        said
    }
}

/// The line of an episode that is at work.
pub(super) struct EpisodeBar<'q> {
    queue: &'q QueueBars,
    name: &'q str,
    audio: Ms,
    bar: ProgressBar,
    at: Mutex<At>,
}

struct At {
    total: Ms,
    /// What counts of the episode's audio as done, in ms.
    done: u64,
    told: Instant,
}

impl EpisodeBar<'_> {
    /// The episode has ended, as `said` says.
    pub(super) fn end(self, said: &str) {
        self.bar.finish_and_clear();
        let done = self.at.lock().unwrap_or_else(PoisonError::into_inner).done;
        self.queue.went_on(positive(self.audio).saturating_sub(done), 1);
        self.queue.ended(said);
    }

    /// `done` of the stage's audio is through.
    fn went_on(&self, stage: Stage, done: Ms) {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let (done, total) = (positive(done), positive(at.total).max(1));
        let (before, share) = shares_until(stage);
        let parts = before * total + share * done.min(total);
        let heard = (positive(self.audio) * parts / (100 * total)).max(at.done);
        let more = heard - at.done;
        at.done = heard;
        let percent = 100 * done.min(total) / total;
        self.bar.set_message(console::for_bars(&format!(
            "{:<11} {percent:>3} %  {}",
            stage.verb(),
            self.name
        )));
        let told = at.told.elapsed() >= JSON_EVERY;
        if told {
            at.told = Instant::now();
        }
        drop(at);
        if told && self.queue.bars.style() == Style::Json {
            report::json_line(&json!({
                "event": "progress", "episode": self.name, "stage": stage,
                "done_ms": done, "total_ms": total,
            }));
        }
        self.queue.went_on(more, 0);
    }
}

/// The share of the stages before one that listens, and its own, in hundredths.
fn shares_until(stage: Stage) -> (u64, u64) {
    let before = SHARES.iter().filter(|(other, _)| *other < stage).map(|(_, share)| share).sum();
    let own = SHARES.iter().find(|(other, _)| *other == stage).map_or(0, |(_, share)| *share);
    (before, own)
}

impl Progress for EpisodeBar<'_> {
    fn start(&self, stage: Stage, total: Ms) {
        self.at.lock().unwrap_or_else(PoisonError::into_inner).total = total;
        self.went_on(stage, Ms::ZERO);
    }

    fn advance(&self, stage: Stage, done: Ms) {
        self.went_on(stage, done);
    }

    fn finish(&self, stage: Stage) {
        let total = self.at.lock().unwrap_or_else(PoisonError::into_inner).total;
        self.went_on(stage, total);
    }

    fn cancelled(&self) -> bool {
        interrupt::asked()
    }
}

/// Weights are in place before the queue begins; what is left to say of them is said as ever.
impl FetchProgress for EpisodeBar<'_> {
    fn event(&self, event: FetchEvent<'_>) {
        self.queue.bars.event(event);
    }

    fn cancelled(&self) -> bool {
        interrupt::asked()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(ended: usize, done: u64) -> Counts {
        Counts { episodes: 24, ended, audio: Ms::new(7_200_000), done }
    }

    #[test]
    fn the_line_of_the_whole_counts_episodes_and_audio() {
        let hour = Duration::from_hours(1);
        assert_eq!(counts(0, 0).said(hour), "0 of 24 episodes, 00:00 of 2:00:00");
        assert_eq!(
            counts(3, 3_600_000).said(hour),
            "3 of 24 episodes, 1:00:00 of 2:00:00, 60m left"
        );
        assert_eq!(counts(24, 7_200_000).said(hour), "24 of 24 episodes, 2:00:00 of 2:00:00");
        let none = Counts { episodes: 1, ended: 1, audio: Ms::ZERO, done: 0 };
        assert_eq!(none.said(hour), "1 of 1 episode");
    }

    #[test]
    fn the_shares_of_the_stages_make_a_whole() {
        assert_eq!(SHARES.iter().map(|(_, share)| share).sum::<u64>(), 100);
        assert_eq!(shares_until(Stage::Decode), (0, 1));
        assert_eq!(shares_until(Stage::Diarize), (84, 16));
        assert_eq!(shares_until(Stage::Publish), (100, 0));
    }
}
