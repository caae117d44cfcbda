//! Windows -> units: stretches of one local speaker alone, from pause to pause.
//!
//! Speakers change at pauses more than anywhere else, also where the segmentation network hears no
//! change, so a unit never goes on over a pause and a long one is cut where speech dips lowest.

use std::ops::Range;

use super::tuning::Tuning;
use crate::detect::SpeechRegions;
use crate::segmentation::{
    FRAME_SAMPLES, FrameIndex, LOCAL_SPEAKERS, WINDOW_FRAMES, Window, speech_probability,
};
use crate::time::{Ms, Span};

/// Frames in which one speaker alone speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    /// Frames of the recording, never empty.
    pub(super) frames: Range<usize>,
    /// Which local speaker, followed from window to window as far as that is clear.
    pub(super) track: usize,
}

impl Unit {
    pub(super) fn span(&self) -> Span {
        let start = FrameIndex(self.frames.start).start();
        Span::at_least_1ms(start, FrameIndex(self.frames.end).start())
    }

    pub(super) fn seconds(&self) -> f32 {
        #[expect(clippy::cast_possible_truncation, reason = "seconds of a few")]
        let seconds = self.span().duration().as_seconds() as f32;
        seconds
    }
}

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    Silence,
    Overlap,
    Alone(usize),
}

/// The units in order. `speech` masks frames, shape (frames,).
pub(super) fn units(windows: &[Window], speech: &[bool], tuning: &Tuning) -> Vec<Unit> {
    let frames = frames(windows, &tracks(windows), speech);
    let certainty = smoothed(&speech_probability(windows, speech.len()));
    let mut units = Vec::new();
    for unit in joined(&frames, frames_in(tuning.closure_ms)) {
        cut(unit, &certainty, tuning, &mut units);
    }
    units
}

/// How many frames come nearest to a length.
fn frames_in(ms: i64) -> usize {
    let samples = Ms::new(ms).to_sample().0;
    (samples + FRAME_SAMPLES / 2) / FRAME_SAMPLES
}

/// The track of each window's local speakers: the same number where two windows overlap and hear
/// the same speaker in most of the frames that they share.
fn tracks(windows: &[Window]) -> Vec<[usize; LOCAL_SPEAKERS]> {
    let mut next = 0;
    let mut fresh = || {
        next += 1;
        next - 1
    };
    let mut tracks: Vec<[usize; LOCAL_SPEAKERS]> = Vec::with_capacity(windows.len());
    let mut before: Option<(&Window, Vec<[bool; LOCAL_SPEAKERS]>)> = None;
    for window in windows {
        let active: Vec<_> = window.active().collect();
        let mut own: [Option<usize>; LOCAL_SPEAKERS] = [None; LOCAL_SPEAKERS];
        if let (Some((earlier, theirs)), Some(known)) = (&before, tracks.last()) {
            let shift = window.first.0 - earlier.first.0;
            let shared = theirs.get(shift..).unwrap_or_default();
            for (slot, earlier_slot) in same_speakers(shared, &active) {
                own[slot] = Some(known[earlier_slot]);
            }
        }
        tracks.push(own.map(|track| track.unwrap_or_else(&mut fresh)));
        before = Some((window, active));
    }
    tracks
}

/// Pairs of a later and an earlier slot that are the same speaker.
fn same_speakers(
    earlier: &[[bool; LOCAL_SPEAKERS]],
    later: &[[bool; LOCAL_SPEAKERS]],
) -> Vec<(usize, usize)> {
    let mut together = [[0_usize; LOCAL_SPEAKERS]; LOCAL_SPEAKERS];
    let (mut in_earlier, mut in_later) = ([0_usize; LOCAL_SPEAKERS], [0_usize; LOCAL_SPEAKERS]);
    for (a, b) in earlier.iter().zip(later) {
        for i in 0..LOCAL_SPEAKERS {
            in_earlier[i] += usize::from(a[i]);
            in_later[i] += usize::from(b[i]);
            for j in 0..LOCAL_SPEAKERS {
                together[i][j] += usize::from(a[i] && b[j]);
            }
        }
    }
    let best = PERMUTATIONS
        .iter()
        .max_by_key(|order| (0..LOCAL_SPEAKERS).map(|i| together[i][order[i]]).sum::<usize>())
        .expect("there are six permutations");
    (0..LOCAL_SPEAKERS)
        .map(|i| (i, best[i]))
        .filter(|&(i, j)| {
            together[i][j] > 0 && 2 * together[i][j] >= in_earlier[i].min(in_later[j])
        })
        .map(|(i, j)| (j, i))
        .collect()
}

const PERMUTATIONS: [[usize; LOCAL_SPEAKERS]; 6] =
    [[2, 1, 0], [2, 0, 1], [1, 2, 0], [1, 0, 2], [0, 2, 1], [0, 1, 2]];

/// Each frame as the window hears it in whose middle it lies.
fn frames(windows: &[Window], tracks: &[[usize; LOCAL_SPEAKERS]], speech: &[bool]) -> Vec<Frame> {
    let mut frames = vec![Frame::Silence; speech.len()];
    let middle = |window: &Window| window.first.0 + WINDOW_FRAMES / 2;
    for (number, window) in windows.iter().enumerate() {
        let from = match number.checked_sub(1).and_then(|before| windows.get(before)) {
            Some(before) => usize::midpoint(middle(before), middle(window)).max(window.first.0),
            None => window.first.0,
        };
        let end = window.first.0 + window.classes.len();
        let to = match windows.get(number + 1) {
            Some(after) => usize::midpoint(middle(window), middle(after)).min(end),
            None => end,
        };
        for (row, active) in window.active().enumerate() {
            let at = window.first.0 + row;
            if at < from || at >= to || !speech[at] {
                continue;
            }
            let mut slots = (0..LOCAL_SPEAKERS).filter(|&slot| active[slot]);
            frames[at] = match (slots.next(), slots.next()) {
                (None, _) => Frame::Silence,
                (Some(slot), None) => Frame::Alone(tracks[number][slot]),
                (Some(_), Some(_)) => Frame::Overlap,
            };
        }
    }
    frames
}

/// Runs of one track, over silences up to `closure` frames but not over pauses.
fn joined(frames: &[Frame], closure: usize) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut at = 0;
    let mut only_silence_since = false;
    for run in frames.chunk_by(|a, b| a == b) {
        let range = at..at + run.len();
        at = range.end;
        match run[0] {
            Frame::Silence => {}
            Frame::Overlap => only_silence_since = false,
            Frame::Alone(track) => {
                match units.last_mut() {
                    Some(last)
                        if only_silence_since
                            && last.track == track
                            && range.start - last.frames.end <= closure =>
                    {
                        last.frames.end = range.end;
                    }
                    _ => units.push(Unit { frames: range, track }),
                }
                only_silence_since = true;
            }
        }
    }
    units
}

/// Cuts a long unit where speech dips lowest, as often as needed.
fn cut(unit: Unit, certainty: &[f32], tuning: &Tuning, units: &mut Vec<Unit>) {
    let mut todo = vec![unit];
    while let Some(unit) = todo.pop() {
        let length = unit.frames.len();
        if length <= frames_in(tuning.max_unit_ms) {
            units.push(unit);
            continue;
        }
        let margin = frames_in(tuning.min_cut_ms).max(length / tuning.min_cut_share);
        let inside = unit.frames.start + margin..unit.frames.end - margin;
        let mut lowest = inside.start;
        for at in inside {
            if certainty[at] < certainty[lowest] {
                lowest = at;
            }
        }
        if certainty[lowest] > tuning.no_dip {
            lowest = usize::midpoint(unit.frames.start, unit.frames.end);
        }
        todo.push(Unit { frames: lowest..unit.frames.end, track: unit.track });
        todo.push(Unit { frames: unit.frames.start..lowest, track: unit.track });
    }
}

/// Mean over five frames.
fn smoothed(values: &[f32]) -> Vec<f32> {
    (0..values.len())
        .map(|at| {
            let around = &values[at.saturating_sub(2)..values.len().min(at + 3)];
            around.iter().sum::<f32>() / 5.0
        })
        .collect()
}

/// Which frames may hold speech: those in the regions and a little beyond, but for other sounds.
pub(super) fn speech_frames(regions: &SpeechRegions, frames: usize, tuning: &Tuning) -> Vec<bool> {
    let beyond = Ms::new(tuning.beyond_regions_ms);
    let mut speech = vec![false; frames];
    let mut mark = |start: Ms, end: Ms, on: bool| {
        let from = FrameIndex::at(start).0.min(frames);
        let to = FrameIndex::at(end - Ms::new(1)).0.saturating_add(1).min(frames);
        speech[from..to.max(from)].fill(on);
    };
    for region in &regions.regions {
        mark(region.start() - beyond, region.end() + beyond, true);
    }
    for sound in &regions.sounds {
        mark(sound.start(), sound.end(), false);
    }
    speech
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A window from a picture: a letter per frame, `.` nobody, `a` `b` `c` alone, `x` a with b.
    fn window(first: usize, picture: &str) -> Window {
        let classes = picture
            .chars()
            .map(|c| {
                let mut row = [0.0; 7];
                row[".abcx".find(c).unwrap()] = 1.0;
                row
            })
            .collect();
        Window { first: FrameIndex(first), classes }
    }

    fn found(windows: &[Window], speech: &[bool]) -> Vec<Unit> {
        units(windows, speech, &Tuning::default())
    }

    fn spoken(units: &[Unit]) -> Vec<(Range<usize>, usize)> {
        units.iter().map(|unit| (unit.frames.clone(), unit.track)).collect()
    }

    #[test]
    fn a_unit_ends_at_a_pause_and_at_overlap() {
        let picture = "aa..aaaa........aaaxxaaabbb";
        let units = found(&[window(0, picture)], &vec![true; picture.len()]);
        assert_eq!(spoken(&units), [(0..8, 0), (16..19, 0), (21..24, 0), (24..27, 1)]);
    }

    #[test]
    fn a_speaker_keeps_the_track_in_another_slot() {
        let first = format!("{}{}", "a".repeat(300), "b".repeat(289));
        let second = format!("{}{}", "b".repeat(152), "c".repeat(437));
        let windows = [window(0, &first), window(148, &second)];
        let units = found(&windows, &vec![true; 148 + 589]);
        assert!(units.iter().all(|unit| unit.track == usize::from(unit.frames.start >= 300)));
        assert!(units.iter().any(|unit| unit.frames.start == 300), "{units:?}");
    }

    #[test]
    fn a_long_unit_is_cut_where_speech_dips() {
        let mut long = window(0, &"a".repeat(400));
        long.classes[150] = [0.4, 0.6, 0.0, 0.0, 0.0, 0.0, 0.0];
        let units = found(&[long], &vec![true; 400]);
        assert_eq!(units.len(), 3, "{units:?}");
        assert!((148..=152).contains(&units[0].frames.end));
        assert!(units.iter().all(|unit| unit.frames.len() <= 237));
    }

    #[test]
    fn nothing_far_from_the_regions_and_nothing_in_other_sounds() {
        let span = |start, end| Span::new(Ms::new(start), Ms::new(end)).unwrap();
        let regions =
            SpeechRegions { regions: vec![span(2_000, 3_000)], sounds: vec![span(3_500, 9_000)] };
        let speech = speech_frames(&regions, 589, &Tuning::default());
        let at = |ms| speech[FrameIndex::at(Ms::new(ms)).0];
        assert_eq!([900, 1_100, 2_500, 3_400, 3_600].map(at), [false, true, true, true, false]);
        assert_eq!(speech_frames(&SpeechRegions::default(), 2, &Tuning::default()), [false; 2]);
        let units = found(&[window(0, &"a".repeat(589))], &speech);
        assert_eq!(units.len(), 1);
    }
}
