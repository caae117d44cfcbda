//! The front end: convolutions over time and frequency, with what passes by them.

use super::Scale;
use crate::network::{Dense, Weights, taps_first};

/// Channels of the front end.
pub(super) const PLANES: usize = 32;

/// A convolution over time and frequency, 3 by 3.
pub(super) struct Plane {
    weights: Dense,
    /// Bands of the input for each of the output.
    stride: usize,
}

/// Two convolutions whose input is added to what they make.
pub(super) struct Residual {
    first: Plane,
    second: Plane,
    /// What takes the input past both where the bands are halved.
    shortcut: Option<Dense>,
}

/// Frames by bands by channels. Each cell holds the channels of its own frame between those of the
/// frame before and the frame after, and an empty cell stands on each side of a frame's bands, so that
/// three cells in a row are all that a convolution looks at.
pub(super) struct Cells {
    numbers: Vec<f32>,
    pub(super) frames: usize,
    bands: usize,
    channels: usize,
}

impl Cells {
    pub(super) fn new(frames: usize, bands: usize, channels: usize) -> Cells {
        // Rows of the last, empty cells reach over the end.
        let numbers = vec![0.0; (frames * (bands + 2) + 2) * 3 * channels];
        Cells { numbers, frames, bands, channels }
    }

    fn at(&self, frame: usize, band: usize) -> usize {
        (frame * (self.bands + 2) + band + 1) * 3 * self.channels
    }

    fn own(&self, frame: usize, band: usize) -> &[f32] {
        let at = self.at(frame, band) + self.channels;
        &self.numbers[at..at + self.channels]
    }

    /// Puts down what a frame has in a band, also for its neighbours.
    pub(super) fn put(&mut self, frame: usize, band: usize, channels: &[f32]) {
        let first = frame.saturating_sub(1);
        for near in first..self.frames.min(frame + 2) {
            let at = self.at(near, band) + (frame + 1 - near) * self.channels;
            self.numbers[at..at + self.channels].copy_from_slice(channels);
        }
    }
}

impl Plane {
    pub(super) fn take(
        weights: &mut Weights,
        conv: &str,
        norm: &str,
        channels: usize,
        stride: usize,
    ) -> Result<Plane, String> {
        let stored = weights.take(&format!("{conv}.weight"), &[PLANES, channels, 3, 3])?;
        let scale = Scale::take(weights, norm, PLANES, true)?;
        // Stored as (outputs, channels, bands, frames); cells are (bands, frames, channels).
        let ordered = taps_first(&stored, channels, 9);
        Ok(Plane { weights: scale.fold(ordered, 9 * channels), stride })
    }

    /// Rows of 32 channels, [`Plane::rows`] a frame, of which those behind the bands mean nothing.
    pub(super) fn apply(&self, cells: &Cells) -> Vec<f32> {
        let mut to = vec![0.0; cells.frames * self.rows(cells) * PLANES];
        self.weights.apply(&cells.numbers, self.stride * 3 * cells.channels, &mut to);
        to
    }

    pub(super) fn rows(&self, cells: &Cells) -> usize {
        (cells.bands + 2) / self.stride
    }

    /// What is above 0, as cells; `passed` is added before.
    pub(super) fn cells(&self, before: &Cells, rows: &[f32], passed: Option<&Cells>) -> Cells {
        let mut cells = Cells::new(before.frames, before.bands / self.stride, PLANES);
        let frames = rows.chunks_exact(self.rows(before) * PLANES);
        for (frame, rows) in frames.enumerate() {
            for (band, row) in rows.chunks_exact(PLANES).take(cells.bands).enumerate() {
                let mut row: [f32; PLANES] = std::array::from_fn(|n| row[n]);
                if let Some(passed) = passed {
                    row.iter_mut().zip(passed.own(frame, band)).for_each(|(to, x)| *to += x);
                }
                cells.put(frame, band, &row.map(|x| x.max(0.0)));
            }
        }
        cells
    }
}

impl Residual {
    pub(super) fn take(
        weights: &mut Weights,
        name: &str,
        stride: usize,
    ) -> Result<Residual, String> {
        let mut plane = |number: usize, stride| {
            let (conv, norm) = (format!("{name}.conv{number}"), format!("{name}.bn{number}"));
            Plane::take(weights, &conv, &norm, PLANES, stride)
        };
        let (first, second) = (plane(1, stride)?, plane(2, 1)?);
        let shortcut = if stride == 1 {
            None
        } else {
            let name = format!("{name}.shortcut");
            let stored = weights.take(&format!("{name}.0.weight"), &[PLANES, PLANES, 1, 1])?;
            let scale = Scale::take(weights, &format!("{name}.1"), PLANES, true)?;
            Some(scale.fold(stored, PLANES))
        };
        Ok(Residual { first, second, shortcut })
    }

    pub(super) fn apply(&self, cells: &Cells) -> Cells {
        let inner = self.first.cells(cells, &self.first.apply(cells), None);
        let mut rows = self.second.apply(&inner);
        let Some(shortcut) = &self.shortcut else {
            return self.second.cells(&inner, &rows, Some(cells));
        };
        // A frame has as many rows in the wide plane as in the narrow one but for the empty cells.
        let wide = self.first.rows(cells);
        let mut passed = vec![0.0; cells.frames * wide * PLANES];
        let own = &cells.numbers[4 * PLANES..];
        shortcut.apply(own, self.first.stride * 3 * PLANES, &mut passed);
        let narrow = self.second.rows(&inner);
        let frames = rows.chunks_exact_mut(narrow * PLANES);
        for (rows, passed) in frames.zip(passed.chunks_exact(wide * PLANES)) {
            rows.iter_mut().zip(passed).for_each(|(to, x)| *to += x);
        }
        self.second.cells(&inner, &rows, None)
    }
}
