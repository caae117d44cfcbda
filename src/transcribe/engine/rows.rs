//! What is done to rows of numbers between matrix products, in the processor's widest vectors.
//!
//! Every function works on one row and gives the same numbers whatever rows stand beside it, so
//! that a text depends neither on the number of windows nor of threads.

use rten_simd::ops::{BitOps, FloatOps, NarrowSaturate, NumOps, ToFloat};
use rten_simd::{Isa, Simd, SimdOp, SimdUnaryOp, f16};
use rten_vecmath::{Exp, Gelu, MaxNum};

/// The zero point of quantised activations.
pub(crate) const ZERO_POINT: u8 = 128;

/// Quantises a row to unsigned bytes around [`ZERO_POINT`] and returns its scale.
pub(crate) fn quantize(row: &[f32], to: &mut [u8]) -> f32 {
    let (least, most) = rten_vecmath::MinMax::new(row).dispatch();
    let largest = most.max(-least).max(1e-9);
    let inverse = 127.0 / largest;
    Quantize { row, to, inverse }.dispatch();
    largest / 127.0
}

struct Quantize<'a> {
    row: &'a [f32],
    to: &'a mut [u8],
    inverse: f32,
}

impl SimdOp for Quantize<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (floats, ints, shorts) = (isa.f32(), isa.i32(), isa.i16());
        let bytes = isa.u8();
        let (inverse, zero) = (floats.splat(self.inverse), ints.splat(i32::from(ZERO_POINT)));
        let step = floats.len();
        let whole = self.row.len() / (4 * step) * (4 * step);
        let (row, row_tail) = self.row.split_at(whole);
        let (to, to_tail) = self.to.split_at_mut(whole);
        for (from, to) in row.chunks_exact(4 * step).zip(to.chunks_exact_mut(4 * step)) {
            let (first, second) = from.split_at(2 * step);
            let (a, b) = first.split_at(step);
            let (c, d) = second.split_at(step);
            let a = ints.add(floats.to_int_round(floats.mul(floats.load(a), inverse)), zero);
            let b = ints.add(floats.to_int_round(floats.mul(floats.load(b), inverse)), zero);
            let c = ints.add(floats.to_int_round(floats.mul(floats.load(c), inverse)), zero);
            let d = ints.add(floats.to_int_round(floats.mul(floats.load(d), inverse)), zero);
            let (low, high) = (ints.narrow_saturate(a, b), ints.narrow_saturate(c, d));
            bytes.store(shorts.narrow_saturate(low, high), to);
        }
        for (from, to) in row_tail.iter().zip(to_tail) {
            let rounded = (from * self.inverse).round_ties_even() + f32::from(ZERO_POINT);
            *to = to_byte(rounded);
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn to_byte(number: f32) -> u8 {
    number as u8
}

/// What becomes of a product's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// It is stored.
    Store,
    /// Its GELU is stored.
    Gelu,
    /// It is added to what is there.
    Add,
}

/// `to = then(sums * scale * scales + bias)`.
pub(crate) fn dequantize(
    sums: &[i32],
    scale: f32,
    scales: &[f32],
    bias: &[f32],
    to: &mut [f32],
    then: Then,
) {
    Dequantize { sums, scale, scales, bias, to, then }.dispatch();
}

struct Dequantize<'a> {
    sums: &'a [i32],
    scale: f32,
    scales: &'a [f32],
    bias: &'a [f32],
    to: &'a mut [f32],
    then: Then,
}

impl SimdOp for Dequantize<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (floats, ints) = (isa.f32(), isa.i32());
        let step = floats.len();
        let scale = floats.splat(self.scale);
        let whole = self.sums.len() / step * step;
        let parts = self.sums[..whole].chunks_exact(step).zip(self.scales.chunks_exact(step));
        let parts = parts.zip(self.bias.chunks_exact(step)).zip(self.to.chunks_exact_mut(step));
        for (((sums, scales), bias), to) in parts {
            let sums = ints.to_float(ints.load(sums));
            let value =
                floats.mul_add(sums, floats.mul(scale, floats.load(scales)), floats.load(bias));
            let value = match self.then {
                Then::Store => value,
                Then::Gelu => Gelu {}.eval(isa, value),
                Then::Add => floats.add(value, floats.load(to)),
            };
            floats.store(value, to);
        }
        for index in whole..self.sums.len() {
            #[expect(clippy::cast_precision_loss, reason = "sums stay below 2^31, rounded alike")]
            let sum = self.sums[index] as f32;
            let value = sum.mul_add(self.scale * self.scales[index], self.bias[index]);
            let to = &mut self.to[index];
            *to = match self.then {
                Then::Store => value,
                Then::Gelu => Gelu {}.scalar_eval(value),
                Then::Add => value + *to,
            };
        }
    }
}

/// Layer normalisation with its gain and bias.
#[derive(Debug)]
pub(crate) struct Norm {
    pub(crate) gain: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

impl Norm {
    /// Normalises the rows of `from` into `to`.
    pub(crate) fn apply(&self, from: &[f32], to: &mut [f32]) {
        let width = self.gain.len();
        for (from, to) in from.chunks_exact(width).zip(to.chunks_exact_mut(width)) {
            NormRow { from, to, norm: self }.dispatch();
        }
    }
}

struct NormRow<'a> {
    from: &'a [f32],
    to: &'a mut [f32],
    norm: &'a Norm,
}

impl SimdOp for NormRow<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        #[expect(clippy::cast_precision_loss, reason = "a width is at most 4,096")]
        let width = self.from.len() as f32;
        let step = ops.len();
        let whole = self.from.len() / step * step;
        let (vectors, rest) = self.from.split_at(whole);
        let mut sum = ops.zero();
        for part in vectors.chunks_exact(step) {
            sum = ops.add(sum, ops.load(part));
        }
        let mean = (ops.sum(sum) + rest.iter().sum::<f32>()) / width;
        let middle = ops.splat(mean);
        let mut squares = ops.zero();
        for part in vectors.chunks_exact(step) {
            let off = ops.sub(ops.load(part), middle);
            squares = ops.mul_add(off, off, squares);
        }
        let mut of_rest = 0.0;
        for value in rest {
            of_rest += (value - mean) * (value - mean);
        }
        let scale = 1.0 / ((ops.sum(squares) + of_rest) / width + 1e-5).sqrt();
        let factor = ops.splat(scale);
        for at in (0..whole).step_by(step) {
            let part = at..at + step;
            let value = ops.mul(ops.sub(ops.load(&self.from[part.clone()]), middle), factor);
            let value = ops.mul_add(
                value,
                ops.load(&self.norm.gain[part.clone()]),
                ops.load(&self.norm.bias[part.clone()]),
            );
            ops.store(value, &mut self.to[part]);
        }
        for at in whole..self.from.len() {
            let value = (self.from[at] - mean) * scale;
            self.to[at] = value.mul_add(self.norm.gain[at], self.norm.bias[at]);
        }
    }
}

/// Replaces a row by the numerators of its softmax and returns their sum.
pub(crate) fn exponentials(row: &mut [f32]) -> f32 {
    let largest = MaxNum::new(row).dispatch();
    Exponentials { row, largest }.dispatch()
}

struct Exponentials<'a> {
    row: &'a mut [f32],
    largest: f32,
}

impl SimdOp for Exponentials<'_> {
    type Output = f32;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> f32 {
        let ops = isa.f32();
        let largest = ops.splat(self.largest);
        let step = ops.len();
        let whole = self.row.len() / step * step;
        let (vectors, rest) = self.row.split_at_mut(whole);
        let mut sum = ops.zero();
        for part in vectors.chunks_exact_mut(step) {
            let value = Exp {}.eval(isa, ops.sub(ops.load(part), largest));
            ops.store(value, part);
            sum = ops.add(sum, value);
        }
        let mut of_rest = 0.0;
        for value in rest {
            *value = Exp {}.scalar_eval(*value - self.largest);
            of_rest += *value;
        }
        ops.sum(sum) + of_rest
    }
}

/// GELU of every number.
pub(crate) fn gelu(numbers: &mut [f32]) {
    Gelu {}.map_mut(numbers);
}

/// Rounds numbers to half precision.
pub(crate) fn halve(from: &[f32], to: &mut [f16]) {
    Halve { from, to }.dispatch();
}

struct Halve<'a> {
    from: &'a [f32],
    to: &'a mut [f16],
}

impl SimdOp for Halve<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (floats, halves) = (isa.f32(), isa.f16());
        let step = 2 * floats.len();
        let whole = self.from.len() / step * step;
        let parts = self.from[..whole].chunks_exact(step).zip(self.to.chunks_exact_mut(step));
        for (from, to) in parts {
            let (low, high) = from.split_at(step / 2);
            let (low, high) = (floats.load(low), floats.load(high));
            halves.store(floats.narrow_saturate(low, high), to);
        }
        for (from, to) in self.from[whole..].iter().zip(&mut self.to[whole..]) {
            *to = f16::from_f32(*from);
        }
    }
}

/// The log of the sum of exponentials of a product's row, and its `count` largest entries, the
/// largest first. `offset` is added to each entry: 0, or minus infinity where it may not be taken.
pub(crate) fn likeliest(
    sums: &[i32],
    scale: f32,
    scales: &[f32],
    offset: &[f32],
    count: usize,
) -> (f32, Vec<(f32, usize)>) {
    let mut top = Top { count, found: Vec::with_capacity(count + 1) };
    let log_sum = Likeliest { sums, scale, scales, offset, top: &mut top }.dispatch();
    (log_sum, top.found)
}

/// The largest entries so far.
struct Top {
    count: usize,
    found: Vec<(f32, usize)>,
}

impl Top {
    /// What an entry must exceed to be among the largest.
    fn bar(&self) -> f32 {
        match self.found.last() {
            Some((value, _)) if self.found.len() == self.count => *value,
            _ => f32::NEG_INFINITY,
        }
    }

    fn offer(&mut self, value: f32, index: usize) {
        if value <= self.bar() {
            return;
        }
        let at = self.found.partition_point(|(other, _)| *other >= value);
        self.found.insert(at, (value, index));
        self.found.truncate(self.count);
    }
}

struct Likeliest<'a> {
    sums: &'a [i32],
    scale: f32,
    scales: &'a [f32],
    offset: &'a [f32],
    top: &'a mut Top,
}

/// Entries that are looked at together; a block whose largest is far below the best adds nothing.
const BLOCK: usize = 1024;

impl SimdOp for Likeliest<'_> {
    type Output = f32;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> f32 {
        let (floats, ints) = (isa.f32(), isa.i32());
        let step = floats.len();
        let scale = floats.splat(self.scale);
        let mut block = [0.0_f32; BLOCK];
        let (mut largest, mut sum) = (f32::NEG_INFINITY, 0.0_f32);
        for from in (0..self.sums.len()).step_by(BLOCK) {
            let to = self.sums.len().min(from + BLOCK);
            let length = to - from;
            let whole = length / step * step;
            let mut most = floats.splat(f32::NEG_INFINITY);
            for at in (0..whole).step_by(step) {
                let part = from + at..from + at + step;
                let value = floats.mul_add(
                    ints.to_float(ints.load(&self.sums[part.clone()])),
                    floats.mul(scale, floats.load(&self.scales[part.clone()])),
                    floats.load(&self.offset[part]),
                );
                most = floats.max(most, value);
                floats.store(value, &mut block[at..at + step]);
            }
            let mut most =
                floats.fold_splat(most, f32::NEG_INFINITY, f32::max).to_array().as_ref()[0];
            for (place, at) in block[whole..length].iter_mut().zip(from + whole..) {
                #[expect(clippy::cast_precision_loss, reason = "as the vectors do")]
                let sum = self.sums[at] as f32;
                *place = sum.mul_add(self.scale * self.scales[at], self.offset[at]);
                most = most.max(*place);
            }
            if most > largest {
                sum *= (largest - most).exp();
                largest = most;
            }
            if most == f32::NEG_INFINITY {
                continue;
            }
            let middle = floats.splat(largest);
            let mut part = floats.zero();
            for values in block[..whole].chunks_exact(step) {
                let value = Exp {}.eval(isa, floats.sub(floats.load(values), middle));
                part = floats.add(part, value);
            }
            sum += floats.sum(part);
            for value in &block[whole..length] {
                sum += Exp {}.scalar_eval(value - largest);
            }
            if most > self.top.bar() {
                for (at, value) in block[..length].iter().enumerate() {
                    self.top.offer(*value, from + at);
                }
            }
        }
        largest + sum.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from a fixed seed between -1 and 1; a length that fills no vector tests the rest.
    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from(u16::try_from(state >> 16).unwrap()) / 32_768.0 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    fn close(a: f32, b: f32) -> bool {
        (a - b).abs() <= 1e-5 * b.abs().max(1.0)
    }

    #[test]
    fn bytes_stand_for_the_numbers_they_were_made_of() {
        let row = numbers(77, 1);
        let mut bytes = vec![0; row.len()];
        let scale = quantize(&row, &mut bytes);
        for (number, byte) in row.iter().zip(&bytes) {
            let back = (f32::from(*byte) - f32::from(ZERO_POINT)) * scale;
            assert!((number - back).abs() <= 0.51 * scale, "{number} became {back}");
        }
    }

    #[test]
    fn sums_become_numbers_again_everywhere_in_a_row() {
        let sums: Vec<i32> = numbers(37, 2).iter().map(|x| (x * 1e5) as i32).collect();
        let (scales, bias, there) = (numbers(37, 3), numbers(37, 4), numbers(37, 5));
        for then in [Then::Store, Then::Gelu, Then::Add] {
            let mut to = there.clone();
            dequantize(&sums, 1e-4, &scales, &bias, &mut to, then);
            for index in 0..sums.len() {
                let value = sums[index] as f32 * 1e-4 * scales[index] + bias[index];
                let expected = match then {
                    Then::Store => value,
                    Then::Gelu => Gelu {}.scalar_eval(value),
                    Then::Add => value + there[index],
                };
                assert!(close(to[index], expected), "{then:?} at {index}");
            }
        }
    }

    #[test]
    fn a_normalised_row_has_no_mean_and_one_deviation() {
        let norm = Norm { gain: vec![1.0; 70], bias: vec![0.0; 70] };
        let mut to = vec![0.0; 140];
        norm.apply(&numbers(140, 6), &mut to);
        for row in to.chunks_exact(70) {
            let mean = row.iter().sum::<f32>() / 70.0;
            let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 70.0;
            assert!(mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-3, "{mean} {variance}");
        }
    }

    #[test]
    fn the_likeliest_are_those_of_a_sort_and_their_sum_is_of_all() {
        let sums: Vec<i32> = numbers(2_500, 7).iter().map(|x| (x * 1e4) as i32).collect();
        let scales = vec![1e-3; sums.len()];
        let mut offset = vec![0.0; sums.len()];
        offset[2_400..].fill(f32::NEG_INFINITY);
        let (log_sum, found) = likeliest(&sums, 1.0, &scales, &offset, 7);
        let mut all: Vec<(f32, usize)> =
            sums[..2_400].iter().map(|sum| *sum as f32 * 1e-3).zip(0..).collect();
        let total: f32 = all.iter().map(|(value, _)| value.exp()).sum();
        assert!(close(log_sum, total.ln()), "{log_sum} {}", total.ln());
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for ((value, _), (expected, _)) in found.iter().zip(&all) {
            assert!(close(*value, *expected));
        }
        assert_eq!(found.len(), 7);
    }
}
