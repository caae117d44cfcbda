//! When each token is said: the path through the attention that follows the sound.

use super::decoder::{Decoder, Row, Window};
use super::linear::Kernels;

/// Milliseconds of a frame of the encoder.
pub(crate) const FRAME_MS: usize = 20;
/// Frames of the median that smooths attention.
const MEDIAN: usize = 7;

/// Where each token of a text begins and where the last ends, in frames of [`FRAME_MS`]; one more
/// than there are tokens. `before` are the tokens before the text, `frames` those of the sound.
pub(crate) fn times(
    decoder: &Decoder,
    kernels: &Kernels,
    heads: &[(usize, usize)],
    window: &mut Window,
    opening: &[u32],
    text: &[u32],
    frames: usize,
) -> Vec<usize> {
    let width = decoder.width();
    window.past = decoder.past();
    let mut slots: Vec<u32> = Vec::new();
    let rows: Vec<Row> = opening
        .iter()
        .chain(text)
        .enumerate()
        .map(|(position, token)| {
            let slot = window.past.slot(width, &|| slots.clone());
            slots.push(slot);
            Row { token: *token, position, slots: slots.clone() }
        })
        .collect();
    // The row of a token shows where the next one is said: the last of the opening, the first.
    let first = opening.len() - 1;
    let tokens = text.len() + 1;
    let mut attention = vec![vec![0.0_f32; tokens * frames]; heads.len()];
    decoder.step(kernels, &mut [(window, rows)], &mut |layer, head, row, shares| {
        let place = heads.iter().position(|known| *known == (layer, head));
        if let (Some(place), Some(row)) = (place, row.checked_sub(first)) {
            let to = &mut attention[place][row * frames..(row + 1) * frames];
            to.copy_from_slice(&shares[..frames]);
        }
    });
    let mut mean = vec![0.0; tokens * frames];
    for shares in &mut attention {
        standardize(shares, frames);
        let mut smooth = vec![0.0; frames];
        for (row, to) in shares.chunks_exact(frames).zip(mean.chunks_exact_mut(frames)) {
            median(row, &mut smooth);
            for (to, value) in to.iter_mut().zip(&smooth) {
                *to += value;
            }
        }
    }
    path(&mean, frames)
}

/// Gives the shares of each frame, over all tokens, the mean 0 and the deviation 1.
#[expect(clippy::cast_precision_loss, reason = "a text has a few hundred tokens")]
fn standardize(shares: &mut [f32], frames: usize) {
    let tokens = shares.len() / frames;
    for frame in 0..frames {
        let column = || (0..tokens).map(|token| token * frames + frame);
        let mean = column().map(|at| shares[at]).sum::<f32>() / tokens as f32;
        let variance = column().map(|at| (shares[at] - mean).powi(2)).sum::<f32>() / tokens as f32;
        let deviation = variance.sqrt().max(1e-9);
        for at in column() {
            shares[at] = (shares[at] - mean) / deviation;
        }
    }
}

/// The median of [`MEDIAN`] neighbours, mirrored at both ends.
fn median(row: &[f32], to: &mut [f32]) {
    let reach = MEDIAN / 2;
    let last = row.len() - 1;
    for (at, to) in to.iter_mut().enumerate() {
        let mut near = [0.0; MEDIAN];
        for (index, near) in near.iter_mut().enumerate() {
            let place = (at + index).abs_diff(reach);
            let place = if place > last { (2 * last).saturating_sub(place) } else { place };
            *near = row[place];
        }
        near.sort_by(f32::total_cmp);
        *to = near[reach];
    }
}

/// The first frame of each row on the way from the first to the last corner that collects most.
fn path(gains: &[f32], frames: usize) -> Vec<usize> {
    const DIAGONAL: u8 = 0;
    const UP: u8 = 1;
    const LEFT: u8 = 2;
    let rows = gains.len() / frames;
    let mut came = vec![LEFT; rows * frames];
    let mut before = vec![f32::NEG_INFINITY; frames + 1];
    before[0] = 0.0;
    for (row, gains) in gains.chunks_exact(frames).enumerate() {
        let mut now = vec![f32::NEG_INFINITY; frames + 1];
        for (frame, gain) in gains.iter().enumerate() {
            let (diagonal, up, left) = (before[frame], before[frame + 1], now[frame]);
            let (best, from) = if diagonal >= up && diagonal >= left {
                (diagonal, DIAGONAL)
            } else if up >= left {
                (up, UP)
            } else {
                (left, LEFT)
            };
            now[frame + 1] = best + gain;
            came[row * frames + frame] = from;
        }
        before = now;
    }
    let mut starts = vec![0; rows];
    let (mut row, mut frame) = (rows - 1, frames - 1);
    loop {
        starts[row] = frame;
        match came[row * frames + frame] {
            DIAGONAL if row > 0 && frame > 0 => (row, frame) = (row - 1, frame - 1),
            UP if row > 0 => row -= 1,
            _ if frame > 0 => frame -= 1,
            _ => break,
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_follows_what_is_attended_to() {
        // Three tokens, in the frames 0-1, 2-4 and 5.
        let gains = [
            [2.0, 2.0, -1.0, -1.0, -1.0, -1.0],
            [-1.0, -1.0, 2.0, 2.0, 2.0, -1.0],
            [-1.0, -1.0, -1.0, -1.0, -1.0, 2.0],
        ];
        assert_eq!(path(gains.as_flattened(), 6), [0, 2, 5]);
    }

    #[test]
    fn more_tokens_than_frames_still_have_places() {
        let starts = path(&[1.0; 12], 2);
        assert_eq!(starts.len(), 6);
        assert!(starts.is_sorted() && starts.iter().all(|start| *start < 2));
    }

    #[test]
    fn a_median_forgets_one_frame_that_stands_out() {
        let mut to = [0.0; 9];
        median(&[0.0, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0], &mut to);
        assert_eq!(to, [0.0; 9]);
        median(&[1.0], &mut to[..1]);
        assert_eq!(to[0], 1.0);
    }
}
