//! Segmentation-3.0: learned band-pass filters, two convolutions, four recurrent layers that listen in
//! both directions, and a classifier.
//!
//! Windows are listened to side by side, so that a recurrent step multiplies several rows at once.
//! Those that overlap share what the filters make of their sound. Numbers lie channels last.

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp, SimdUnaryOp};
use rten_vecmath::{Sigmoid, Tanh};

use super::{CLASSES, Classes, FRAME_SAMPLES, FrameIndex, WINDOW_FRAMES, WINDOW_SAMPLES};
use crate::network::{Dense, Weights, taps_first};

/// Filters, their length in samples, and samples from one output to the next.
const FILTERS: usize = 80;
const FILTER_SAMPLES: usize = 251;
const FILTER_STEP: usize = 10;
/// Outputs of the filters in a window, and from one frame to the next.
const FILTERED: usize = (WINDOW_SAMPLES - FILTER_SAMPLES) / FILTER_STEP + 1;
const FILTERED_STEP: usize = FRAME_SAMPLES / FILTER_STEP;
/// Channels of the convolutions, frames that they look at, and outputs of which the largest is kept.
const CHANNELS: usize = 60;
const TAPS: usize = 5;
const POOLED: usize = 3;
/// Width of a recurrent layer in one direction, and its gates: input, output, forget, cell.
const HIDDEN: usize = 128;
const GATES: usize = 4 * HIDDEN;
/// Slope below 0.
const LEAK: f32 = 0.01;
/// PyTorch's default for instance normalisation.
const EPSILON: f32 = 1e-5;

/// The loaded network.
pub(super) struct Network {
    sound: [f32; 2],
    filters: Dense,
    /// The sum of each filter: what it makes of a constant 1.
    filter_sums: Vec<f32>,
    norms: [Norm; 3],
    convolutions: [Dense; 2],
    recurrent: Vec<[Direction; 2]>,
    linear: [Dense; 2],
    classifier: Dense,
}

/// Instance normalisation: gain and offset of each channel.
struct Norm {
    gain: Vec<f32>,
    offset: Vec<f32>,
}

/// One direction of a recurrent layer.
struct Direction {
    input: Dense,
    recurrence: Dense,
}

impl Network {
    /// Takes the network's numbers; a sentence where they are of another network.
    pub(super) fn take(mut weights: Weights) -> Result<Network, String> {
        let weights = &mut weights;
        let sound = [
            weights.take("sincnet.wav_norm1d.weight", &[1])?[0],
            weights.take("sincnet.wav_norm1d.bias", &[1])?[0],
        ];
        let filters =
            weights.take("/sincnet/conv1d.0/Concat_2_output_0", &[FILTERS, 1, FILTER_SAMPLES])?;
        let filter_sums =
            filters.chunks_exact(FILTER_SAMPLES).map(|row| row.iter().sum()).collect();
        let mut norm = |number: usize, channels: usize| -> Result<Norm, String> {
            let name = format!("sincnet.norm1d.{number}");
            Ok(Norm {
                gain: weights.take(&format!("{name}.weight"), &[channels])?,
                offset: weights.take(&format!("{name}.bias"), &[channels])?,
            })
        };
        let norms = [norm(0, FILTERS)?, norm(1, CHANNELS)?, norm(2, CHANNELS)?];
        let convolutions = [convolution(weights, 1, FILTERS)?, convolution(weights, 2, CHANNELS)?];
        let recurrent = weights
            .inputs_of("LSTM")
            .iter()
            .enumerate()
            .map(|(layer, names)| {
                let inputs = if layer == 0 { CHANNELS } else { 2 * HIDDEN };
                directions(weights, names, inputs)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let products = weights.inputs_of("MatMul");
        let mut linear = |number: usize, name: &str, inputs: usize, outputs: usize| {
            let matrix = products.get(number).and_then(|names| names.get(1));
            let matrix = matrix.ok_or_else(|| format!("`{name}` is not in it"))?;
            let stored = weights.take(matrix, &[inputs, outputs])?;
            let transposed =
                (0..outputs).flat_map(|n| stored.iter().skip(n).step_by(outputs).copied());
            let bias = weights.take(&format!("{name}.bias"), &[outputs])?;
            Ok::<Dense, String>(Dense::new(transposed.collect(), Some(bias), inputs))
        };
        Ok(Network {
            sound,
            filters: Dense::new(filters, None, FILTER_SAMPLES),
            filter_sums,
            norms,
            convolutions,
            recurrent,
            linear: [
                linear(0, "linear.0", 2 * HIDDEN, HIDDEN)?,
                linear(1, "linear.1", HIDDEN, HIDDEN)?,
            ],
            classifier: linear(2, "classifier", HIDDEN, CLASSES)?,
        })
    }

    /// The probabilities of the classes in each frame of the windows that begin at `starts`, which
    /// rise and overlap each other; shape (windows, frames). Behind the end there is silence.
    pub(super) fn classes(&self, samples: &[f32], starts: &[FrameIndex]) -> Vec<Vec<Classes>> {
        let (Some(origin), Some(last)) = (starts.first(), starts.last()) else { return Vec::new() };
        let from = origin.0 * FRAME_SAMPLES;
        let mut sound = vec![0.0; (last.0 - origin.0) * FRAME_SAMPLES + WINDOW_SAMPLES];
        let there = samples.get(from..).unwrap_or_default();
        let count = there.len().min(sound.len());
        sound[..count].copy_from_slice(&there[..count]);
        let outputs = (last.0 - origin.0) * FILTERED_STEP + FILTERED;
        let mut filtered = vec![0.0; outputs * FILTERS];
        self.filters.apply(&sound, FILTER_STEP, &mut filtered);

        let mut x = vec![0.0; WINDOW_FRAMES * starts.len() * CHANNELS];
        for (number, start) in starts.iter().enumerate() {
            let first = start.0 - origin.0;
            let window = &sound[first * FRAME_SAMPLES..][..WINDOW_SAMPLES];
            let filtered = &filtered[first * FILTERED_STEP * FILTERS..][..FILTERED * FILTERS];
            let features = self.features(window, filtered);
            let to = x.chunks_exact_mut(CHANNELS).skip(number).step_by(starts.len());
            for (to, row) in to.zip(features.chunks_exact(CHANNELS)) {
                to.copy_from_slice(row);
            }
        }
        let mut inputs = CHANNELS;
        for layer in &self.recurrent {
            x = listen(layer, &x, inputs, starts.len());
            inputs = 2 * HIDDEN;
        }
        let rows = self.classified(&x);
        let window = |number| rows.iter().skip(number).step_by(starts.len()).copied().collect();
        (0..starts.len()).map(window).collect()
    }

    /// What the convolutions make of a window, shape (frames, channels).
    fn features(&self, sound: &[f32], filtered: &[f32]) -> Vec<f32> {
        let (mean, variance) = moments(sound);
        let [gain, offset] = self.sound;
        let factor = gain / (variance + EPSILON).sqrt();
        let constants: Vec<f32> =
            self.filter_sums.iter().map(|sum| sum * (offset - mean * factor)).collect();
        let mut x = Vec::with_capacity(filtered.len() / POOLED);
        for rows in filtered.chunks_exact(POOLED * FILTERS) {
            let (a, rest) = rows.split_at(FILTERS);
            let (b, c) = rest.split_at(FILTERS);
            x.extend(a.iter().zip(b).zip(c).zip(&constants).map(|(((a, b), c), constant)| {
                let of = |x: &f32| (x * factor + constant).abs();
                of(a).max(of(b)).max(of(c))
            }));
        }
        self.norms[0].apply(&mut x);
        let mut width = FILTERS;
        for (convolution, norm) in self.convolutions.iter().zip(&self.norms[1..]) {
            let frames = x.len() / width + 1 - TAPS;
            let mut wide = vec![0.0; frames * CHANNELS];
            convolution.apply(&x, width, &mut wide);
            x = wide
                .chunks_exact(POOLED * CHANNELS)
                .flat_map(|rows| {
                    (0..CHANNELS)
                        .map(|n| rows[n].max(rows[n + CHANNELS]).max(rows[n + 2 * CHANNELS]))
                })
                .collect();
            norm.apply(&mut x);
            width = CHANNELS;
        }
        x
    }

    fn classified(&self, x: &[f32]) -> Vec<Classes> {
        let rows = x.len() / (2 * HIDDEN);
        let (mut a, mut b) = (vec![0.0; rows * HIDDEN], vec![0.0; rows * HIDDEN]);
        self.linear[0].apply(x, 2 * HIDDEN, &mut a);
        a.iter_mut().for_each(leaky);
        self.linear[1].apply(&a, HIDDEN, &mut b);
        b.iter_mut().for_each(leaky);
        let mut classes = vec![0.0; rows * CLASSES];
        self.classifier.apply(&b, HIDDEN, &mut classes);
        let rows = classes.as_chunks::<CLASSES>().0.iter();
        rows.map(|row| {
            let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let powers = row.map(|x| (x - most).exp());
            let sum: f32 = powers.iter().sum();
            powers.map(|power| power / sum)
        })
        .collect()
    }
}

fn leaky(x: &mut f32) {
    *x = x.max(*x * LEAK);
}

fn convolution(weights: &mut Weights, number: usize, inputs: usize) -> Result<Dense, String> {
    let name = format!("sincnet.conv1d.{number}");
    let stored = weights.take(&format!("{name}.weight"), &[CHANNELS, inputs, TAPS])?;
    let bias = weights.take(&format!("{name}.bias"), &[CHANNELS])?;
    Ok(Dense::new(taps_first(&stored, inputs, TAPS), Some(bias), inputs * TAPS))
}

/// Both directions of a recurrent layer whose operator takes these tensors.
fn directions(
    weights: &mut Weights,
    names: &[String],
    inputs: usize,
) -> Result<[Direction; 2], String> {
    let [_, input, recurrence, bias, ..] = names else {
        return Err("a recurrent layer has no weights".into());
    };
    let input = weights.take(input, &[2, GATES, inputs])?;
    let recurrence = weights.take(recurrence, &[2, GATES, HIDDEN])?;
    let bias = weights.take(bias, &[2, 2 * GATES])?;
    Ok(std::array::from_fn(|direction| {
        let part = |all: &[f32]| {
            let size = all.len() / 2;
            all[direction * size..(direction + 1) * size].to_vec()
        };
        let bias = part(&bias);
        let (of_input, of_recurrence) = bias.split_at(GATES);
        let bias = of_input.iter().zip(of_recurrence).map(|(a, b)| a + b).collect();
        Direction {
            input: Dense::new(part(&input), Some(bias), inputs),
            recurrence: Dense::new(part(&recurrence), None, HIDDEN),
        }
    }))
}

/// A recurrent layer over rows of shape (frames, windows, inputs); both directions side by side.
fn listen(layer: &[Direction; 2], x: &[f32], inputs: usize, windows: usize) -> Vec<f32> {
    let rows = x.len() / inputs;
    let frames = rows / windows;
    let mut out = vec![0.0; rows * 2 * HIDDEN];
    let mut gates = vec![0.0; rows * GATES];
    for (number, direction) in layer.iter().enumerate() {
        direction.input.apply(x, inputs, &mut gates);
        let mut cells = vec![0.0; windows * HIDDEN];
        let mut before: Option<usize> = None;
        for step in 0..frames {
            let frame = if number == 0 { step } else { frames - 1 - step };
            let gates = &mut gates[frame * windows * GATES..][..windows * GATES];
            if let Some(before) = before {
                let said = &out[before * windows * 2 * HIDDEN + number * HIDDEN..];
                direction.recurrence.add(said, 2 * HIDDEN, gates);
            }
            let now = &mut out[frame * windows * 2 * HIDDEN..][..windows * 2 * HIDDEN];
            let states = cells.chunks_exact_mut(HIDDEN).zip(now.chunks_exact_mut(2 * HIDDEN));
            for (gates, (cells, out)) in gates.chunks_exact(GATES).zip(states) {
                Gates { gates, cells, out: &mut out[number * HIDDEN..][..HIDDEN] }.dispatch();
            }
            before = Some(frame);
        }
    }
    out
}

/// One step of one window: what the gates let in, keep and say.
struct Gates<'a> {
    gates: &'a [f32],
    cells: &'a mut [f32],
    out: &'a mut [f32],
}

impl SimdOp for Gates<'_> {
    type Output = ();

    #[expect(
        clippy::inline_always,
        reason = "only what is inlined is compiled for the processor's widest vectors"
    )]
    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        // The widest vectors hold 16 numbers, of which a layer's width is a multiple.
        for at in (0..HIDDEN).step_by(ops.len()) {
            let gate = |number: usize| ops.load(&self.gates[number * HIDDEN + at..]);
            let (input, output) = (Sigmoid {}.eval(isa, gate(0)), Sigmoid {}.eval(isa, gate(1)));
            let (forget, new) = (Sigmoid {}.eval(isa, gate(2)), Tanh {}.eval(isa, gate(3)));
            let kept = ops.mul(forget, ops.load(&self.cells[at..]));
            let cell = ops.mul_add(input, new, kept);
            ops.store(cell, &mut self.cells[at..at + ops.len()]);
            let said = ops.mul(output, Tanh {}.eval(isa, cell));
            ops.store(said, &mut self.out[at..at + ops.len()]);
        }
    }
}

impl Norm {
    /// Normalises each channel over all rows, and leaks below 0.
    fn apply(&self, x: &mut [f32]) {
        let width = self.gain.len();
        let mut sums = vec![(0.0_f64, 0.0_f64); width];
        // Short stretches are summed in 32 bits, which is faster and exact enough.
        for rows in x.chunks(64 * width) {
            let (mut sum, mut squares) = (vec![0.0_f32; width], vec![0.0_f32; width]);
            for row in rows.chunks_exact(width) {
                for ((sum, squares), x) in sum.iter_mut().zip(&mut squares).zip(row) {
                    *sum += x;
                    *squares += x * x;
                }
            }
            for ((all, sum), squares) in sums.iter_mut().zip(sum).zip(squares) {
                *all = (all.0 + f64::from(sum), all.1 + f64::from(squares));
            }
        }
        let count = count(x.len() / width);
        let scales: Vec<(f32, f32)> = sums
            .iter()
            .zip(self.gain.iter().zip(&self.offset))
            .map(|((sum, squares), (gain, offset))| {
                let mean = sum / count;
                let variance = (squares / count - mean * mean).max(0.0);
                let factor = gain / (narrow(variance) + EPSILON).sqrt();
                (factor, offset - narrow(mean) * factor)
            })
            .collect();
        for row in x.chunks_exact_mut(width) {
            for (x, (factor, offset)) in row.iter_mut().zip(&scales) {
                *x = *x * factor + offset;
                leaky(x);
            }
        }
    }
}

/// Mean and variance.
fn moments(x: &[f32]) -> (f32, f32) {
    let count = count(x.len());
    let mean = x.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
    let squares: f64 = x.iter().map(|x| (f64::from(*x) - mean) * (f64::from(*x) - mean)).sum();
    (narrow(mean), narrow(squares / count))
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
fn count(rows: usize) -> f64 {
    rows as f64
}

#[expect(clippy::cast_possible_truncation, reason = "32 bits are what is multiplied")]
fn narrow(x: f64) -> f32 {
    x as f32
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rten::Model;
    use rten_tensor::NdTensor;

    use super::*;

    #[test]
    #[ignore = "needs weights"]
    fn classes_are_those_of_a_network_runtime() {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/models/segmentation-3.0.onnx"));
        let network = Network::take(Weights::read(path).unwrap()).unwrap();
        let model = Model::load_file(path).unwrap();
        let chirp = |n: usize| (n as f32 * n as f32 * 3e-6).sin() * 0.3;
        let samples: Vec<f32> = (0..WINDOW_SAMPLES + 40 * FRAME_SAMPLES).map(chirp).collect();
        let starts = [FrameIndex(0), FrameIndex(40)];
        for (start, own) in starts.iter().zip(network.classes(&samples, &starts)) {
            let window = samples[start.0 * FRAME_SAMPLES..][..WINDOW_SAMPLES].to_vec();
            let input = NdTensor::from_data([1, 1, WINDOW_SAMPLES], window);
            let (input_id, output_id) = (model.input_ids()[0], model.output_ids()[0]);
            let [output] = model.run_n(vec![(input_id, input.into())], [output_id], None).unwrap();
            let output: NdTensor<f32, 3> = output.try_into().unwrap();
            assert_eq!(own.len(), WINDOW_FRAMES);
            for (frame, row) in own.iter().enumerate() {
                for (class, p) in row.iter().enumerate() {
                    assert!((p - output[[0, frame, class]].exp()).abs() < 1e-3, "frame {frame}");
                }
            }
        }
    }
}
