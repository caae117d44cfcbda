//! Tokens so far + what was heard -> how likely each next token is.
//!
//! A step takes rows: one row is one token of one text. Rows of several windows, and of several
//! texts of a window, are computed together; what each sees of its own past is a list of slots.

use std::io;

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp, f16};

use super::cross::{HEAD, Heard};
use super::encoder::{linear, norm, projections, queries};
use super::ggml::Model;
use super::linear::{Kernels, Linear};
use super::rows::{self, Norm, Then};

/// Whisper's decoder.
pub(crate) struct Decoder {
    width: usize,
    /// Shape (vocabulary, width).
    embeddings: Vec<f16>,
    /// Shape (context, width).
    positions: Vec<f32>,
    layers: Vec<Layer>,
    norm: Norm,
    /// Products with all embeddings: a token's likelihood.
    pub(crate) likelihoods: Linear,
}

struct Layer {
    self_norm: Norm,
    projections: Linear,
    self_out: Linear,
    cross_norm: Norm,
    cross_queries: Linear,
    cross_out: Linear,
    mlp_norm: Norm,
    widen: Linear,
    narrow: Linear,
}

/// The keys and values of the tokens of one window's texts, shared where texts begin alike.
pub(crate) struct Past {
    /// For each layer, shape (slots, width).
    keys: Vec<Vec<f32>>,
    values: Vec<Vec<f32>>,
    free: Vec<u32>,
    slots: u32,
}

/// Slots that are added when none is free.
const MORE: u32 = 64;

impl Past {
    fn new(layers: usize) -> Past {
        let none = || (0..layers).map(|_| Vec::new()).collect();
        Past { keys: none(), values: none(), free: Vec::new(), slots: 0 }
    }

    /// A slot that no text uses. `used` tells which are, and is asked only where none is free.
    pub(crate) fn slot(&mut self, width: usize, used: &dyn Fn() -> Vec<u32>) -> u32 {
        if self.free.is_empty() {
            let mut taken = vec![false; self.slots as usize];
            for slot in used() {
                taken[slot as usize] = true;
            }
            self.free = (0..self.slots).rev().filter(|slot| !taken[*slot as usize]).collect();
        }
        if self.free.is_empty() {
            self.free = (self.slots..self.slots + MORE).rev().collect();
            self.slots += MORE;
            for numbers in self.keys.iter_mut().chain(&mut self.values) {
                numbers.resize(self.slots as usize * width, 0.0);
            }
        }
        self.free.pop().expect("slots were just added")
    }
}

/// A window under way: its sound and the past of its texts.
pub(crate) struct Window {
    pub(crate) heard: std::sync::Arc<Heard>,
    pub(crate) past: Past,
}

/// One token of one text.
pub(crate) struct Row {
    pub(crate) token: u32,
    /// Tokens before it.
    pub(crate) position: usize,
    /// Where its past stands, itself last.
    pub(crate) slots: Vec<u32>,
}

/// Shown the attention to the sound: layer, head, row of all rows, and shares of shape (frames).
pub(crate) type Seen<'a> = &'a mut dyn FnMut(usize, usize, usize, &[f32]);

impl Decoder {
    pub(crate) fn load(model: &mut Model, kernels: &Kernels) -> io::Result<Decoder> {
        let sizes = model.sizes;
        let width = sizes.text_width;
        let layers = (0..sizes.text_layers)
            .map(|index| {
                let name = format!("decoder.blocks.{index}");
                let (weights, bias) = projections(model, &format!("{name}.attn"), width)?;
                let (cross, cross_bias) = queries(model, &format!("{name}.cross_attn"), width)?;
                Ok(Layer {
                    self_norm: norm(model, &format!("{name}.attn_ln"), width)?,
                    projections: Linear::new(kernels, &weights, Some(bias), width, 3 * width),
                    self_out: linear(model, kernels, &format!("{name}.attn.out"), width, width)?,
                    cross_norm: norm(model, &format!("{name}.cross_attn_ln"), width)?,
                    cross_queries: Linear::new(kernels, &cross, Some(cross_bias), width, width),
                    cross_out: linear(
                        model,
                        kernels,
                        &format!("{name}.cross_attn.out"),
                        width,
                        width,
                    )?,
                    mlp_norm: norm(model, &format!("{name}.mlp_ln"), width)?,
                    widen: linear(model, kernels, &format!("{name}.mlp.0"), width, 4 * width)?,
                    narrow: linear(model, kernels, &format!("{name}.mlp.2"), 4 * width, width)?,
                })
            })
            .collect::<io::Result<_>>()?;
        let vocabulary = sizes.vocabulary;
        let stored = model.tensor("decoder.token_embedding.weight", vocabulary * width)?;
        let mut embeddings = vec![f16::default(); stored.len()];
        rows::halve(&stored, &mut embeddings);
        Ok(Decoder {
            width,
            embeddings,
            positions: model.tensor("decoder.positional_embedding", sizes.text_context * width)?,
            layers,
            norm: norm(model, "decoder.ln", width)?,
            likelihoods: Linear::new(kernels, &stored, None, width, vocabulary),
        })
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn past(&self) -> Past {
        Past::new(self.layers.len())
    }

    /// Computes rows, those of each window together, and returns what goes into
    /// [`Decoder::likelihoods`]; shape (rows, width).
    pub(crate) fn step(
        &self,
        kernels: &Kernels,
        batch: &mut [(&mut Window, Vec<Row>)],
        seen: Seen<'_>,
    ) -> Vec<f32> {
        let width = self.width;
        let mut x: Vec<f32> = Vec::new();
        for row in batch.iter().flat_map(|(_, rows)| rows) {
            let token = row.token as usize * width;
            let embedding = &self.embeddings[token..token + width];
            let position = &self.positions[row.position * width..(row.position + 1) * width];
            x.extend(embedding.iter().zip(position).map(|(a, b)| a.to_f32() + b));
        }
        let mut normal = vec![0.0; x.len()];
        let mut projected = vec![0.0; 3 * x.len()];
        let mut wide = vec![0.0; 4 * x.len()];
        let mut scores = Vec::new();
        for (index, layer) in self.layers.iter().enumerate() {
            layer.self_norm.apply(&x, &mut normal);
            layer.projections.apply(kernels, &normal, &mut projected, Then::Store);
            self.attend_to_past(batch, index, &projected, &mut normal, &mut scores);
            layer.self_out.apply(kernels, &normal, &mut x, Then::Add);
            layer.cross_norm.apply(&x, &mut normal);
            let queries = &mut projected[..x.len()];
            layer.cross_queries.apply(kernels, &normal, queries, Then::Store);
            let mut first = 0;
            for (window, rows) in batch.iter() {
                let part = first * width..(first + rows.len()) * width;
                window.heard.layers[index].answer(
                    &queries[part.clone()],
                    width,
                    &mut normal[part],
                    &mut scores,
                    &mut |head, row, shares| seen(index, head, first + row, shares),
                );
                first += rows.len();
            }
            layer.cross_out.apply(kernels, &normal, &mut x, Then::Add);
            layer.mlp_norm.apply(&x, &mut normal);
            layer.widen.apply(kernels, &normal, &mut wide, Then::Gelu);
            layer.narrow.apply(kernels, &wide, &mut x, Then::Add);
        }
        self.norm.apply(&x, &mut normal);
        normal
    }

    /// Self-attention; `projected` has shape (rows, 3, width).
    fn attend_to_past(
        &self,
        batch: &mut [(&mut Window, Vec<Row>)],
        layer: usize,
        projected: &[f32],
        to: &mut [f32],
        scores: &mut Vec<f32>,
    ) {
        let width = self.width;
        let mut projected = projected.chunks_exact(3 * width);
        let mut to = to.chunks_exact_mut(width);
        for (window, rows) in batch {
            let (keys, values) = (&mut window.past.keys[layer], &mut window.past.values[layer]);
            for (row, projected) in rows.iter().zip(projected.clone()) {
                let Some(slot) = row.slots.last() else { continue };
                let place = *slot as usize * width..(*slot as usize + 1) * width;
                keys[place.clone()].copy_from_slice(&projected[width..2 * width]);
                values[place].copy_from_slice(&projected[2 * width..]);
            }
            for ((row, projected), to) in rows.iter().zip(&mut projected).zip(&mut to) {
                let query = &projected[..width];
                PastAttention { query, keys, values, slots: &row.slots, scores, to }.dispatch();
            }
        }
    }
}

/// One row's attention to its past.
struct PastAttention<'a> {
    query: &'a [f32],
    keys: &'a [f32],
    values: &'a [f32],
    slots: &'a [u32],
    scores: &'a mut Vec<f32>,
    to: &'a mut [f32],
}

impl SimdOp for PastAttention<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let step = ops.len();
        let width = self.query.len();
        let count = self.slots.len();
        self.scores.resize((width / HEAD * count).max(self.scores.len()), 0.0);
        for (index, slot) in self.slots.iter().enumerate() {
            let keys = &self.keys[*slot as usize * width..(*slot as usize + 1) * width];
            let heads = self.query.chunks_exact(HEAD).zip(keys.chunks_exact(HEAD)).enumerate();
            for (head, (query, keys)) in heads {
                let mut sum = ops.zero();
                for (query, key) in query.chunks_exact(step).zip(keys.chunks_exact(step)) {
                    sum = ops.mul_add(ops.load(query), ops.load(key), sum);
                }
                self.scores[head * count + index] = ops.sum(sum);
            }
        }
        for (head, to) in self.to.chunks_exact_mut(HEAD).enumerate() {
            let scores = &mut self.scores[head * count..(head + 1) * count];
            let sum = rows::exponentials(scores);
            to.fill(0.0);
            for (slot, score) in self.slots.iter().zip(&*scores) {
                let start = *slot as usize * width + head * HEAD;
                let share = ops.splat(*score / sum);
                let values = &self.values[start..start + HEAD];
                for (value, to) in values.chunks_exact(step).zip(to.chunks_exact_mut(step)) {
                    ops.store(ops.mul_add(share, ops.load(value), ops.load(to)), to);
                }
            }
        }
    }
}
