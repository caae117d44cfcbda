//! Windows -> the local speakers in them and the sound by which each can be known.

use super::embed::Piece;
use crate::segmentation::{FrameIndex, LOCAL_SPEAKERS, Window};
use crate::time::{Ms, Span};

/// One of the speakers of a window: not yet known to be one of another window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Local {
    /// The window's number.
    pub(super) window: usize,
    /// Which of the window's speakers.
    pub(super) slot: usize,
    /// Sound of this speaker alone, nearest to the window's middle first considered.
    pub(super) piece: Piece,
}

/// Who speaks in the frames of a window, outside speech regions nobody. Shape (frames, 3).
pub(super) fn active_frames(window: &Window, speech: &[bool]) -> Vec<[bool; LOCAL_SPEAKERS]> {
    window
        .active()
        .enumerate()
        .map(|(row, active)| {
            if speech.get(window.first.0 + row).copied().unwrap_or(false) {
                active
            } else {
                [false; LOCAL_SPEAKERS]
            }
        })
        .collect()
}

/// The local speakers of a window that speak at all, each with at most `max_frames` frames in which
/// nobody else speaks, those nearest to the window's middle.
pub(super) fn locals(
    number: usize,
    first: FrameIndex,
    active: &[[bool; LOCAL_SPEAKERS]],
    max_frames: usize,
) -> Vec<Local> {
    (0..LOCAL_SPEAKERS)
        .filter(|&slot| active.iter().any(|row| row[slot]))
        .map(|slot| {
            let alone: Vec<usize> = (0..active.len())
                .filter(|&row| {
                    active[row][slot] && active[row].iter().filter(|&&on| on).count() == 1
                })
                .collect();
            let mut chosen = alone;
            let middle = active.len() / 2;
            chosen.sort_by_key(|&row| (row.abs_diff(middle), row));
            chosen.truncate(max_frames);
            chosen.sort_unstable();
            Local { window: number, slot, piece: Piece { spans: spans(first, &chosen) } }
        })
        .collect()
}

/// Sorted rows as spans of time.
fn spans(first: FrameIndex, rows: &[usize]) -> Vec<Span> {
    rows.chunk_by(|a, b| a + 1 == *b)
        .filter_map(|run| {
            let start = FrameIndex(first.0 + run.first()?).start();
            let end = FrameIndex(first.0 + run.last()? + 1).start();
            Span::new(start, end)
        })
        .collect()
}

/// Which frames lie in the regions, or within `padding` of one.
pub(super) fn speech_frames(regions: &[Span], padding: Ms, frames: usize) -> Vec<bool> {
    let mut speech = vec![false; frames];
    for region in regions {
        let from = FrameIndex::at(region.start() - padding).0.min(frames);
        let to = (FrameIndex::at(region.end() + padding).0 + 1).min(frames);
        speech[from..to.max(from)].fill(true);
    }
    speech
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_speaker_is_known_by_frames_alone() {
        let mut active = vec![[false; 3]; 10];
        for row in &mut active[2..8] {
            row[1] = true;
        }
        active[4][2] = true;
        let locals = locals(7, FrameIndex(100), &active, 4);
        assert_eq!(locals.len(), 2);
        assert_eq!((locals[0].window, locals[0].slot), (7, 1));
        // Rows 2, 3, 5, 6, 7 are alone; 2 is the farthest from row 5.
        let starts: Vec<_> = locals[0].piece.spans.iter().map(|span| span.start()).collect();
        assert_eq!(starts, [FrameIndex(103).start(), FrameIndex(105).start()]);
        assert!(locals[1].piece.spans.is_empty());
    }

    #[test]
    fn speech_is_padded_inside_the_recording() {
        let region = Span::new(Ms::new(100), Ms::new(200)).unwrap();
        let speech = speech_frames(&[region], Ms::new(5_000), 20);
        assert_eq!(speech, [true; 20]);
        assert_eq!(speech_frames(&[], Ms::ZERO, 2), [false; 2]);
    }
}
