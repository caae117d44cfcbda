//! What was heard, as the decoder's cross-attention reads it: keys and values in half precision.
//!
//! A step of the decoder reads all of it, and the time it takes is the time that memory needs to
//! hand it over. So it is stored as it is read: in blocks of [`BLOCK`] neighbours.

use rten_simd::ops::{BitOps, Extend, NumOps};
use rten_simd::{Isa, SimdOp, f16};

use super::rows;

/// Neighbours that lie side by side.
pub(crate) const BLOCK: usize = 32;
/// Numbers of a head; all of Whisper's sizes have the same.
pub(crate) const HEAD: usize = 64;
/// Rows that are answered in one reading.
const ROWS: usize = 5;

/// One sound for all layers of the decoder.
pub(crate) struct Heard {
    pub(crate) layers: Vec<LayerHeard>,
}

impl Heard {
    /// The memory that it takes.
    pub(crate) fn bytes(&self) -> usize {
        let numbers = self.layers.iter().map(|layer| layer.keys.len() + layer.values.len());
        numbers.sum::<usize>() * size_of::<f16>()
    }
}

/// One sound for a layer.
pub(crate) struct LayerHeard {
    frames: usize,
    /// Shape (heads, blocks of frames, [`HEAD`], [`BLOCK`]); frames beyond the last are 0.
    keys: Vec<f16>,
    /// Shape (heads, [`HEAD`] / [`BLOCK`], frames, [`BLOCK`]).
    values: Vec<f16>,
}

impl LayerHeard {
    /// Packs keys and values of shape (frames, width).
    pub(crate) fn new(keys: &[f32], values: &[f32], width: usize) -> LayerHeard {
        let frames = keys.len() / width;
        let padded = frames.next_multiple_of(BLOCK);
        let mut packed = vec![f16::default(); width * padded];
        let mut half = vec![f16::default(); width];
        for (frame, row) in keys.chunks_exact(width).enumerate() {
            rows::halve(row, &mut half);
            let (block, place) = (frame / BLOCK, frame % BLOCK);
            for (head, numbers) in half.chunks_exact(HEAD).enumerate() {
                let start = head * HEAD * padded + block * HEAD * BLOCK + place;
                for (number, to) in numbers.iter().zip(packed[start..].iter_mut().step_by(BLOCK)) {
                    *to = *number;
                }
            }
        }
        let mut packed_values = vec![f16::default(); width * frames];
        for (frame, row) in values.chunks_exact(width).enumerate() {
            for (part, numbers) in row.chunks_exact(BLOCK).enumerate() {
                let start = (part * frames + frame) * BLOCK;
                rows::halve(numbers, &mut packed_values[start..start + BLOCK]);
            }
        }
        LayerHeard { frames, keys: packed, values: packed_values }
    }

    /// Answers `queries`, shape (rows, width), into `to` of the same shape. `seen` is shown the
    /// attention of each head and row.
    pub(crate) fn answer(
        &self,
        queries: &[f32],
        width: usize,
        to: &mut [f32],
        scores: &mut Vec<f32>,
        seen: &mut dyn FnMut(usize, usize, &[f32]),
    ) {
        let padded = self.frames.next_multiple_of(BLOCK);
        scores.resize(ROWS * padded, 0.0);
        for head in 0..width / HEAD {
            let keys = &self.keys[head * HEAD * padded..(head + 1) * HEAD * padded];
            let values = &self.values[head * HEAD * self.frames..(head + 1) * HEAD * self.frames];
            let mut row = 0;
            for (queries, to) in queries.chunks(ROWS * width).zip(to.chunks_mut(ROWS * width)) {
                let count = queries.len() / width;
                let part = Part { head, width, frames: self.frames, queries, keys, values, to };
                match count {
                    1 => part.answer::<1>(scores),
                    2 => part.answer::<2>(scores),
                    3 => part.answer::<3>(scores),
                    4 => part.answer::<4>(scores),
                    _ => part.answer::<5>(scores),
                }
                for scores in scores.chunks_exact(padded).take(count) {
                    seen(head, row, &scores[..self.frames]);
                    row += 1;
                }
            }
        }
    }
}

/// Some rows of one head.
struct Part<'a> {
    head: usize,
    width: usize,
    frames: usize,
    queries: &'a [f32],
    keys: &'a [f16],
    values: &'a [f16],
    to: &'a mut [f32],
}

impl Part<'_> {
    /// Leaves the attention of each row in `scores`.
    fn answer<const R: usize>(self, scores: &mut [f32]) {
        let padded = self.frames.next_multiple_of(BLOCK);
        let from = self.head * HEAD;
        let queries: [&[f32]; R] = std::array::from_fn(|row| {
            &self.queries[row * self.width + from..row * self.width + from + HEAD]
        });
        let mut rows = scores.chunks_exact_mut(padded);
        let mut rows: [&mut [f32]; R] =
            std::array::from_fn(|_| rows.next().expect("there are scores for ROWS rows"));
        Scores { queries, keys: self.keys, scores: &mut rows }.dispatch();
        for row in &mut rows {
            let sum = rows::exponentials(&mut row[..self.frames]);
            let inverse = 1.0 / sum;
            for score in &mut row[..self.frames] {
                *score *= inverse;
            }
        }
        let mut to: Vec<&mut [f32]> = Vec::with_capacity(R);
        let mut rest = self.to;
        for _ in 0..R {
            let (row, after) = rest.split_at_mut(self.width);
            to.push(&mut row[from..from + HEAD]);
            rest = after;
        }
        Sums {
            scores: rows.map(|row| &*row),
            values: self.values,
            frames: self.frames,
            to: &mut to,
        }
        .dispatch();
    }
}

/// `scores = queries . keys`.
struct Scores<'a, 'b, const R: usize> {
    queries: [&'a [f32]; R],
    keys: &'a [f16],
    scores: &'a mut [&'b mut [f32]; R],
}

impl<const R: usize> SimdOp for Scores<'_, '_, R> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (floats, halves) = (isa.f32(), isa.f16());
        let step = halves.len();
        for (block, keys) in self.keys.chunks_exact(HEAD * BLOCK).enumerate() {
            for at in (0..BLOCK).step_by(step) {
                let mut sums = [[floats.zero(); 2]; R];
                for (index, keys) in keys.chunks_exact(BLOCK).enumerate() {
                    let keys = halves.load(&keys[at..at + step]);
                    let (low, high) = (halves.extend_low(keys), halves.extend_high(keys));
                    for (sums, query) in sums.iter_mut().zip(&self.queries) {
                        let query = floats.splat(query[index]);
                        sums[0] = floats.mul_add(query, low, sums[0]);
                        sums[1] = floats.mul_add(query, high, sums[1]);
                    }
                }
                let start = block * BLOCK + at;
                for (sums, scores) in sums.iter().zip(self.scores.iter_mut()) {
                    let scores = &mut scores[start..start + step];
                    floats.store(sums[0], &mut scores[..step / 2]);
                    floats.store(sums[1], &mut scores[step / 2..]);
                }
            }
        }
    }
}

/// `to = scores . values`.
struct Sums<'a, 'b, const R: usize> {
    scores: [&'a [f32]; R],
    values: &'a [f16],
    frames: usize,
    to: &'a mut [&'b mut [f32]],
}

impl<const R: usize> SimdOp for Sums<'_, '_, R> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (floats, halves) = (isa.f32(), isa.f16());
        let step = halves.len();
        for (part, values) in self.values.chunks_exact(self.frames * BLOCK).enumerate() {
            for at in (0..BLOCK).step_by(step) {
                let mut sums = [[floats.zero(); 2]; R];
                for (frame, values) in values.chunks_exact(BLOCK).enumerate() {
                    let values = halves.load(&values[at..at + step]);
                    let (low, high) = (halves.extend_low(values), halves.extend_high(values));
                    for (sums, scores) in sums.iter_mut().zip(&self.scores) {
                        let score = floats.splat(scores[frame]);
                        sums[0] = floats.mul_add(score, low, sums[0]);
                        sums[1] = floats.mul_add(score, high, sums[1]);
                    }
                }
                let start = part * BLOCK + at;
                for (sums, to) in sums.iter().zip(self.to.iter_mut()) {
                    let to = &mut to[start..start + step];
                    floats.store(sums[0], &mut to[..step / 2]);
                    floats.store(sums[1], &mut to[step / 2..]);
                }
            }
        }
    }
}
