//! Speech probabilities -> regions: hysteresis, least durations, padding. Pure.

use crate::time::{Ms, Span};

/// How probabilities become regions.
#[derive(Debug, Clone, PartialEq)]
pub struct Binarize {
    /// A region begins where the probability reaches this, 0 to 1.
    pub onset: f32,
    /// A region ends where the probability falls below this, at most the onset.
    pub offset: f32,
    /// Regions whose probability never reaches this are dropped, 0 to 1.
    pub min_peak: f32,
    /// Regions that are shorter than this before padding are dropped.
    pub min_duration_on: Ms,
    /// Gaps that are shorter than this before padding are filled.
    pub min_duration_off: Ms,
    /// Added before each region.
    pub pad_onset: Ms,
    /// Added after each region.
    pub pad_offset: Ms,
}

/// The regions of a recording of length `duration`, whose frame `n` has probability
/// `probabilities[n]` and begins at `frame_start(n)`; the result is sorted, disjoint, and lies in
/// the recording. Regions that come to touch by padding are one.
pub fn binarize(
    probabilities: &[f32],
    frame_start: impl Fn(usize) -> Ms,
    duration: Ms,
    settings: &Binarize,
) -> Vec<Span> {
    let runs = join(hysteresis(probabilities, settings), &frame_start, settings.min_duration_off);
    let spans = runs.into_iter().filter(|run| run.peak >= settings.min_peak).filter_map(|run| {
        let end = if run.end < probabilities.len() { frame_start(run.end) } else { duration };
        Span::new(frame_start(run.start), end.min(duration))
    });
    let lasting = spans.filter(|span| span.duration() >= settings.min_duration_on);
    let padded = lasting.filter_map(|span| {
        let start = (span.start() - settings.pad_onset).max(Ms::ZERO);
        Span::new(start, (span.end() + settings.pad_offset).min(duration))
    });
    merge(padded.collect(), Ms::new(1))
}

/// Frames `start..end` of speech and their highest probability.
struct Run {
    start: usize,
    end: usize,
    peak: f32,
}

fn hysteresis(probabilities: &[f32], settings: &Binarize) -> Vec<Run> {
    let offset = settings.offset.min(settings.onset);
    let mut runs: Vec<Run> = Vec::new();
    let mut speaking = false;
    for (frame, &probability) in probabilities.iter().enumerate() {
        speaking = probability >= if speaking { offset } else { settings.onset };
        if !speaking {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.end == frame => {
                run.end = frame + 1;
                run.peak = run.peak.max(probability);
            }
            _ => runs.push(Run { start: frame, end: frame + 1, peak: probability }),
        }
    }
    runs
}

/// Joins runs whose gap is shorter than `shortest_gap`.
fn join(runs: Vec<Run>, frame_start: impl Fn(usize) -> Ms, shortest_gap: Ms) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs {
        match joined.last_mut() {
            Some(last) if frame_start(run.start) - frame_start(last.end) < shortest_gap => {
                last.end = run.end;
                last.peak = last.peak.max(run.peak);
            }
            _ => joined.push(run),
        }
    }
    joined
}

/// Joins sorted spans whose gap is shorter than `shortest_gap`.
pub fn merge(spans: Vec<Span>, shortest_gap: Ms) -> Vec<Span> {
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start() - last.end() < shortest_gap => {
                *last = Span::at_least_1ms(last.start(), last.end().max(span.end()));
            }
            _ => merged.push(span),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ten_ms(frame: usize) -> Ms {
        Ms::new(10 * frame as i64)
    }

    fn settings() -> Binarize {
        Binarize {
            onset: 0.6,
            offset: 0.4,
            min_peak: 0.0,
            min_duration_on: Ms::new(30),
            min_duration_off: Ms::new(50),
            pad_onset: Ms::ZERO,
            pad_offset: Ms::ZERO,
        }
    }

    fn check(probabilities: &[f32], settings: &Binarize, expected: &[(i64, i64)]) {
        let duration = ten_ms(probabilities.len());
        let got = binarize(probabilities, ten_ms, duration, settings);
        let got: Vec<_> = got.iter().map(|s| (s.start().get(), s.end().get())).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn hysteresis_bridges_what_is_between_the_thresholds() {
        check(&[0.5, 0.7, 0.5, 0.5, 0.7, 0.3, 0.5], &settings(), &[(10, 50)]);
    }

    #[test]
    fn short_gaps_are_filled_before_short_regions_are_dropped() {
        check(&[0.9, 0.9, 0.0, 0.0, 0.9, 0.9], &settings(), &[(0, 60)]);
        check(&[0.9, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.9, 0.9], &settings(), &[]);
    }

    #[test]
    fn padding_stays_inside_and_joins() {
        let wide = Binarize { pad_onset: Ms::new(40), pad_offset: Ms::new(40), ..settings() };
        let gap = [0.9, 0.9, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.9, 0.9, 0.9];
        check(&gap, &wide, &[(0, 120)]);
    }

    #[test]
    fn a_region_that_is_never_sure_is_dropped() {
        let sure = Binarize { min_peak: 0.8, ..settings() };
        check(
            &[0.7, 0.7, 0.7, 0.7, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.7, 0.9, 0.7],
            &sure,
            &[(100, 130)],
        );
    }

    #[test]
    fn nothing_gives_nothing() {
        check(&[], &settings(), &[]);
        check(&[f32::NAN; 9], &settings(), &[]);
    }

    fn any_settings() -> impl Strategy<Value = Binarize> {
        (0.0_f32..1.0, 0.0_f32..1.0, 0.0_f32..1.0, 0_i64..300, 0_i64..300, 0_i64..300, 0_i64..300)
            .prop_map(|(a, b, peak, on, off, before, after)| Binarize {
                onset: a.max(b),
                offset: a.min(b),
                min_peak: peak,
                min_duration_on: Ms::new(on),
                min_duration_off: Ms::new(off),
                pad_onset: Ms::new(before),
                pad_offset: Ms::new(after),
            })
    }

    proptest! {
        #[test]
        fn sorted_disjoint_and_inside(
            probabilities in prop::collection::vec(0.0_f32..1.0, 0..200),
            settings in any_settings(),
        ) {
            let duration = ten_ms(probabilities.len());
            let spans = binarize(&probabilities, ten_ms, duration, &settings);
            for pair in spans.windows(2) {
                prop_assert!(pair[0].end() < pair[1].start());
            }
            for span in spans {
                prop_assert!(span.start() >= Ms::ZERO && span.end() <= duration);
            }
        }

        #[test]
        fn a_longer_least_duration_never_adds_speech(
            probabilities in prop::collection::vec(0.0_f32..1.0, 0..200),
            settings in any_settings(),
            more in 0_i64..300,
        ) {
            let duration = ten_ms(probabilities.len());
            let before = binarize(&probabilities, ten_ms, duration, &settings);
            let longer = settings.min_duration_on + Ms::new(more);
            let stricter = Binarize { min_duration_on: longer, ..settings };
            for span in binarize(&probabilities, ten_ms, duration, &stricter) {
                let inside = |outer: &Span| outer.intersection(span) == Some(span);
                prop_assert!(before.iter().any(inside));
            }
        }

        #[test]
        fn frames_above_the_onset_are_kept(
            probabilities in prop::collection::vec(0.0_f32..1.0, 1..200),
            settings in any_settings(),
        ) {
            let all = Binarize { min_duration_on: Ms::ZERO, min_peak: 0.0, ..settings };
            let spans = binarize(&probabilities, ten_ms, ten_ms(probabilities.len()), &all);
            for (frame, &probability) in probabilities.iter().enumerate() {
                if probability >= all.onset {
                    prop_assert!(spans.iter().any(|span| span.contains(ten_ms(frame))));
                }
            }
        }
    }
}
