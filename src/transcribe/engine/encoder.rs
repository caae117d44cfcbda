//! Spectrogram -> what the decoder listens to: the keys and values of its cross-attention.

use std::io;

use rten_gemm::{BiasVector, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_tensor::NdTensorView;

use super::cross::{Heard, LayerHeard};
use super::ggml::{Model, Sizes};
use super::linear::{Kernels, Linear};
use super::mel::FRAMES;
use super::rows::{self, Norm, Then};
use crate::network::taps_first;

/// Rows of queries whose scores are held at once.
const QUERIES: usize = 96;

/// Whisper's encoder with the projections of the decoder's cross-attention.
pub(crate) struct Encoder {
    sizes: Sizes,
    first: Convolution,
    second: Convolution,
    /// Shape (context, width).
    positions: Vec<f32>,
    layers: Vec<Layer>,
    norm: Norm,
    cross: Vec<(Linear, Linear)>,
}

/// A convolution over three frames, as a product with three frames side by side.
struct Convolution {
    weights: PackedBMatrix<f32>,
    bias: Vec<f32>,
    inputs: usize,
    stride: usize,
}

struct Layer {
    attention_norm: Norm,
    /// Queries, keys and values side by side; queries are scaled.
    projections: Linear,
    out: Linear,
    mlp_norm: Norm,
    widen: Linear,
    narrow: Linear,
}

impl Encoder {
    pub(crate) fn load(model: &mut Model, kernels: &Kernels) -> io::Result<Encoder> {
        let sizes = model.sizes;
        let width = sizes.audio_width;
        let layers = (0..sizes.audio_layers)
            .map(|index| {
                let name = format!("encoder.blocks.{index}");
                let (weights, bias) = projections(model, &format!("{name}.attn"), width)?;
                Ok(Layer {
                    attention_norm: norm(model, &format!("{name}.attn_ln"), width)?,
                    projections: Linear::new(kernels, &weights, Some(bias), width, 3 * width),
                    out: linear(model, kernels, &format!("{name}.attn.out"), width, width)?,
                    mlp_norm: norm(model, &format!("{name}.mlp_ln"), width)?,
                    widen: linear(model, kernels, &format!("{name}.mlp.0"), width, 4 * width)?,
                    narrow: linear(model, kernels, &format!("{name}.mlp.2"), 4 * width, width)?,
                })
            })
            .collect::<io::Result<_>>()?;
        let cross = (0..sizes.text_layers)
            .map(|index| {
                let name = format!("decoder.blocks.{index}.cross_attn");
                let keys = model.tensor(&format!("{name}.key.weight"), width * width)?;
                let keys = Linear::new(kernels, &keys, None, width, width);
                Ok((keys, linear(model, kernels, &format!("{name}.value"), width, width)?))
            })
            .collect::<io::Result<_>>()?;
        let context = sizes.audio_context * width;
        Ok(Encoder {
            sizes,
            first: Convolution::load(model, kernels, "encoder.conv1", sizes.mels, 1)?,
            second: Convolution::load(model, kernels, "encoder.conv2", width, 2)?,
            positions: model.tensor("encoder.positional_embedding", context)?,
            layers,
            norm: norm(model, "encoder.ln_post", width)?,
            cross,
        })
    }

    /// Listens to a spectrogram of shape (frames, mels).
    pub(crate) fn encode(&self, kernels: &Kernels, mel: &[f32]) -> Heard {
        let mut x = self.convolve(kernels, mel);
        let mut normal = vec![0.0; x.len()];
        let mut projected = vec![0.0; 3 * x.len()];
        let mut wide = vec![0.0; 4 * x.len()];
        for layer in &self.layers {
            layer.attention_norm.apply(&x, &mut normal);
            layer.projections.apply(kernels, &normal, &mut projected, Then::Store);
            attend(kernels, &projected, self.sizes, &mut normal);
            layer.out.apply(kernels, &normal, &mut x, Then::Add);
            layer.mlp_norm.apply(&x, &mut normal);
            layer.widen.apply(kernels, &normal, &mut wide, Then::Gelu);
            layer.narrow.apply(kernels, &wide, &mut x, Then::Add);
        }
        self.norm.apply(&x, &mut normal);
        let (keys, values) = projected.split_at_mut(x.len());
        let values = &mut values[..x.len()];
        let layers = self.cross.iter().map(|(to_keys, to_values)| {
            to_keys.apply(kernels, &normal, keys, Then::Store);
            to_values.apply(kernels, &normal, values, Then::Store);
            LayerHeard::new(keys, values, self.sizes.audio_width)
        });
        Heard { layers: layers.collect() }
    }

    fn convolve(&self, kernels: &Kernels, mel: &[f32]) -> Vec<f32> {
        let wide = self.first.apply(kernels, mel, FRAMES);
        let mut x = self.second.apply(kernels, &wide, self.sizes.audio_context);
        for (x, position) in x.iter_mut().zip(&self.positions) {
            *x += position;
        }
        x
    }
}

impl Convolution {
    fn load(
        model: &mut Model,
        kernels: &Kernels,
        name: &str,
        inputs: usize,
        stride: usize,
    ) -> io::Result<Convolution> {
        let width = model.sizes.audio_width;
        let stored = model.tensor(&format!("{name}.weight"), width * inputs * 3)?;
        // Stored as (outputs, inputs, 3); three frames side by side are (outputs, 3, inputs).
        let weights = taps_first(&stored, inputs, 3);
        let weights = NdTensorView::from_data([width, 3 * inputs], weights.as_slice());
        let weights = kernels.floats.prepack_b(weights.transposed());
        let bias = model.tensor(&format!("{name}.bias"), width)?;
        Ok(Convolution { weights, bias, inputs, stride })
    }

    /// `count` frames out of the frames of `x`, each with its GELU.
    fn apply(&self, kernels: &Kernels, x: &[f32], count: usize) -> Vec<f32> {
        let mut padded = vec![0.0; x.len() + 2 * self.inputs];
        padded[self.inputs..self.inputs + x.len()].copy_from_slice(x);
        let mut to = vec![0.0; count * self.bias.len()];
        let mut frames = Vec::with_capacity(count * 3 * self.inputs);
        for first in (0..count).map(|frame| frame * self.stride * self.inputs) {
            frames.extend_from_slice(&padded[first..first + 3 * self.inputs]);
        }
        let frames = NdTensorView::from_data([count, 3 * self.inputs], frames.as_slice());
        kernels
            .floats
            .gemm(
                &mut to,
                GemmInputA::Unpacked(frames),
                GemmInputB::Packed(&self.weights),
                GemmOptions { bias: Some(BiasVector::Row(&self.bias)), ..GemmOptions::default() },
            )
            .expect("the shapes agree: all come from this layer's sizes");
        rows::gelu(&mut to);
        to
    }
}

/// Self-attention of all frames; `projected` has shape (frames, 3, heads, head width).
fn attend(kernels: &Kernels, projected: &[f32], sizes: Sizes, to: &mut [f32]) {
    let (width, frames) = (sizes.audio_width, sizes.audio_context);
    let head = width / sizes.audio_heads;
    let all = NdTensorView::from_data([frames, 3 * width], projected);
    let mut scores = vec![0.0; QUERIES * frames];
    let mut values = vec![0.0; QUERIES * head];
    for from in (0..width).step_by(head) {
        let part = |which: usize| {
            let start = which * width + from;
            all.slice((.., start..start + head))
        };
        let keys = kernels.floats.prepack_b(part(1).transposed());
        let heard = kernels.floats.prepack_b(part(2));
        for first in (0..frames).step_by(QUERIES) {
            let count = QUERIES.min(frames - first);
            let queries = all.slice((first..first + count, from..from + head));
            let scores = &mut scores[..count * frames];
            product(kernels, queries, &keys, scores);
            let sums: Vec<f32> = scores.chunks_exact_mut(frames).map(rows::exponentials).collect();
            let values = &mut values[..count * head];
            product(kernels, NdTensorView::from_data([count, frames], &*scores), &heard, values);
            for ((row, sum), at) in values.chunks_exact(head).zip(sums).zip(first..) {
                let to = &mut to[at * width + from..at * width + from + head];
                for (to, value) in to.iter_mut().zip(row) {
                    *to = value / sum;
                }
            }
        }
    }
}

fn product(kernels: &Kernels, a: NdTensorView<'_, f32, 2>, b: &PackedBMatrix<f32>, to: &mut [f32]) {
    kernels
        .floats
        .gemm(to, GemmInputA::Unpacked(a), GemmInputB::Packed(b), GemmOptions::default())
        .expect("the shapes agree: all come from the model's sizes");
}

/// The weights of queries, keys and values below each other; keys have no bias.
pub(crate) fn projections(
    model: &mut Model,
    name: &str,
    width: usize,
) -> io::Result<(Vec<f32>, Vec<f32>)> {
    let (mut weights, mut bias) = queries(model, name, width)?;
    weights.extend(model.tensor(&format!("{name}.key.weight"), width * width)?);
    weights.extend(model.tensor(&format!("{name}.value.weight"), width * width)?);
    bias.extend(std::iter::repeat_n(0.0, width));
    bias.extend(model.tensor(&format!("{name}.value.bias"), width)?);
    Ok((weights, bias))
}

/// The weights and bias of queries, scaled by the root of a head's width.
pub(crate) fn queries(
    model: &mut Model,
    name: &str,
    width: usize,
) -> io::Result<(Vec<f32>, Vec<f32>)> {
    #[expect(clippy::cast_precision_loss, reason = "a head has 64 numbers")]
    let scale = 1.0 / ((width / model.sizes.text_heads) as f32).sqrt();
    let scaled = |numbers: Vec<f32>| numbers.into_iter().map(|x| x * scale).collect();
    let weights = model.tensor(&format!("{name}.query.weight"), width * width)?;
    let bias = model.tensor(&format!("{name}.query.bias"), width)?;
    Ok((scaled(weights), scaled(bias)))
}

pub(crate) fn linear(
    model: &mut Model,
    kernels: &Kernels,
    name: &str,
    inputs: usize,
    outputs: usize,
) -> io::Result<Linear> {
    let weights = model.tensor(&format!("{name}.weight"), inputs * outputs)?;
    let bias = model.tensor(&format!("{name}.bias"), outputs)?;
    Ok(Linear::new(kernels, &weights, Some(bias), inputs, outputs))
}

pub(crate) fn norm(model: &mut Model, name: &str, width: usize) -> io::Result<Norm> {
    Ok(Norm {
        gain: model.tensor(&format!("{name}.weight"), width)?,
        bias: model.tensor(&format!("{name}.bias"), width)?,
    })
}
