//! CAM++: features of a piece of speech -> 192 numbers that tell voices apart.
//!
//! A residual front end over time and frequency, then three blocks of densely connected time-delay
//! layers, each weighed by a mask made of its context, then mean and deviation over time. Numbers lie
//! channels last, so that a convolution is a product of overlapping rows. Batch normalisation is
//! folded into the weights before it. Reference: Wang et al., "CAM++: A Fast and Efficient Network for
//! Speaker Verification Using Context-Aware Masking", Interspeech 2023.

use self::plane::{Cells, PLANES, Plane, Residual};
use super::fbank::MELS;
use crate::network::{Dense, Weights};

mod plane;

/// Channels that the front end hands on, times its frequency bands.
const FRONT: usize = PLANES * MELS / 8;
/// Channels behind the first time-delay layer.
const FIRST: usize = 128;
/// Channels that a dense layer adds, and those of its bottleneck and of its mask's.
const GROWTH: usize = 32;
const BOTTLENECK: usize = 128;
const MASK: usize = 64;
/// Layers and dilation of the dense blocks.
const BLOCKS: [(usize, usize); 3] = [(12, 1), (24, 2), (16, 2)];
/// Frames of one part of the context.
const PART_FRAMES: usize = 100;
/// Numbers of an embedding.
const EMBEDDING: usize = 192;
/// PyTorch's default for batch normalisation.
const EPSILON: f32 = 1e-5;

/// The loaded network.
pub(super) struct CamPlus {
    first: Plane,
    residuals: Vec<Residual>,
    last: Plane,
    time_delay: Dense,
    blocks: Vec<Block>,
    out: Scale,
    embedding: Dense,
}

struct Block {
    layers: Vec<Layer>,
    /// Halves the channels.
    transit_scale: Scale,
    transit: Dense,
}

/// A densely connected layer: what it makes is put behind its input.
struct Layer {
    scale: Scale,
    narrow: Dense,
    /// The three taps of the convolution over time.
    local: [Dense; 3],
    dilation: usize,
    mask: Dense,
    mask_out: Dense,
}

/// Batch normalisation on its own: a factor and an offset for each channel.
struct Scale {
    factor: Vec<f32>,
    offset: Vec<f32>,
}

impl Scale {
    fn take(
        weights: &mut Weights,
        name: &str,
        count: usize,
        affine: bool,
    ) -> Result<Scale, String> {
        let mut part = |part: &str| weights.take(&format!("{name}.{part}"), &[count]);
        let (mean, variance) = (part("running_mean")?, part("running_var")?);
        let (gain, bias) = if affine {
            (part("weight")?, part("bias")?)
        } else {
            (vec![1.0; count], vec![0.0; count])
        };
        let factor: Vec<f32> =
            gain.iter().zip(&variance).map(|(g, v)| g / (v + EPSILON).sqrt()).collect();
        let offset = bias.iter().zip(&mean).zip(&factor).map(|((b, m), f)| b - m * f).collect();
        Ok(Scale { factor, offset })
    }

    /// What is above 0 of the first numbers of each row of `width`, normalised; as many as there are
    /// channels.
    fn above(&self, x: &[f32], width: usize) -> Vec<f32> {
        let channels = self.factor.len();
        let mut above = vec![0.0; x.len() / width * channels];
        for (row, to) in x.chunks_exact(width).zip(above.chunks_exact_mut(channels)) {
            self.relu(&row[..channels], to);
        }
        above
    }

    /// Folds it into the weights of shape (outputs, inputs) that come before it.
    fn fold(self, mut weights: Vec<f32>, inputs: usize) -> Dense {
        for (row, factor) in weights.chunks_exact_mut(inputs).zip(&self.factor) {
            for weight in row {
                *weight *= factor;
            }
        }
        Dense::new(weights, Some(self.offset), inputs)
    }

    /// What is above 0 of the normalised row.
    fn relu(&self, row: &[f32], to: &mut [f32]) {
        for (((to, x), factor), offset) in
            to.iter_mut().zip(row).zip(&self.factor).zip(&self.offset)
        {
            *to = (x * factor + offset).max(0.0);
        }
    }
}

impl Layer {
    fn take(
        weights: &mut Weights,
        name: &str,
        inputs: usize,
        dilation: usize,
    ) -> Result<Layer, String> {
        let scale = Scale::take(weights, &format!("{name}.nonlinear1.batchnorm"), inputs, true)?;
        let narrow = weights.take(&format!("{name}.linear1.weight"), &[BOTTLENECK, inputs, 1])?;
        let norm = format!("{name}.nonlinear2.batchnorm");
        let narrow = Scale::take(weights, &norm, BOTTLENECK, true)?.fold(narrow, inputs);
        let cam = format!("{name}.cam_layer");
        let local = format!("{cam}.linear_local.weight");
        let local = weights.take(&local, &[GROWTH, BOTTLENECK, 3])?;
        let tap = |tap: usize| {
            Dense::new(local.iter().skip(tap).step_by(3).copied().collect(), None, BOTTLENECK)
        };
        let mut linear = |part: &str, inputs: usize, outputs: usize| -> Result<Dense, String> {
            let bias = weights.take(&format!("{cam}.{part}.bias"), &[outputs])?;
            let stored = weights.take(&format!("{cam}.{part}.weight"), &[outputs, inputs, 1])?;
            Ok(Dense::new(stored, Some(bias), inputs))
        };
        let mask = linear("linear1", BOTTLENECK, MASK)?;
        let mask_out = linear("linear2", MASK, GROWTH)?;
        Ok(Layer { scale, narrow, local: [tap(0), tap(1), tap(2)], dilation, mask, mask_out })
    }

    /// What is to be put behind rows of `width` numbers, of which the first are the layer's input.
    fn apply(&self, x: &[f32], width: usize) -> Vec<f32> {
        let (inputs, frames) = (self.scale.factor.len(), x.len() / width);
        let above = self.scale.above(x, width);
        let beside = self.dilation * BOTTLENECK;
        let mut padded = vec![0.0; frames * BOTTLENECK + 2 * beside];
        let narrow = &mut padded[beside..beside + frames * BOTTLENECK];
        self.narrow.apply(&above, inputs, narrow);
        relu(narrow);
        let masks = self.masks(narrow);
        let mut local = vec![0.0; frames * GROWTH];
        self.local[0].apply(&padded, BOTTLENECK, &mut local);
        self.local[1].add(&padded[beside..], BOTTLENECK, &mut local);
        self.local[2].add(&padded[2 * beside..], BOTTLENECK, &mut local);
        let parts = local.chunks_mut(PART_FRAMES * GROWTH).zip(masks.chunks_exact(GROWTH));
        for (part, mask) in parts {
            for row in part.chunks_exact_mut(GROWTH) {
                row.iter_mut().zip(mask).for_each(|(x, mask)| *x *= mask);
            }
        }
        local
    }

    /// For each part of 100 frames how much of each channel is let through, 0 to 1.
    fn masks(&self, narrow: &[f32]) -> Vec<f32> {
        let whole = mean(narrow, BOTTLENECK);
        let mut context = Vec::new();
        for part in narrow.chunks(PART_FRAMES * BOTTLENECK) {
            context.extend(mean(part, BOTTLENECK).iter().zip(&whole).map(|(part, all)| part + all));
        }
        let parts = context.len() / BOTTLENECK;
        let mut hidden = vec![0.0; parts * MASK];
        self.mask.apply(&context, BOTTLENECK, &mut hidden);
        relu(&mut hidden);
        let mut masks = vec![0.0; parts * GROWTH];
        self.mask_out.apply(&hidden, MASK, &mut masks);
        for x in &mut masks {
            *x = 1.0 / (1.0 + (-*x).exp());
        }
        masks
    }
}

impl Block {
    fn take(weights: &mut Weights, number: usize, inputs: usize) -> Result<Block, String> {
        let (count, dilation) = BLOCKS[number];
        let layers = (0..count)
            .map(|layer| {
                let name = format!("xvector.block{}.tdnnd{}", number + 1, layer + 1);
                Layer::take(weights, &name, inputs + layer * GROWTH, dilation)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let (name, width) = (format!("xvector.transit{}", number + 1), inputs + count * GROWTH);
        let norm = format!("{name}.nonlinear.batchnorm");
        let transit_scale = Scale::take(weights, &norm, width, true)?;
        let stored = weights.take(&format!("{name}.linear.weight"), &[width / 2, width, 1])?;
        Ok(Block { layers, transit_scale, transit: Dense::new(stored, None, width) })
    }

    fn outputs(&self) -> usize {
        self.transit.outputs()
    }

    fn apply(&self, x: &[f32], inputs: usize) -> Vec<f32> {
        let width = self.transit_scale.factor.len();
        let mut grown = vec![0.0; x.len() / inputs * width];
        for (to, row) in grown.chunks_exact_mut(width).zip(x.chunks_exact(inputs)) {
            to[..inputs].copy_from_slice(row);
        }
        for (number, layer) in self.layers.iter().enumerate() {
            let made = layer.apply(&grown, width);
            let at = inputs + number * GROWTH;
            for (to, row) in grown.chunks_exact_mut(width).zip(made.chunks_exact(GROWTH)) {
                to[at..at + GROWTH].copy_from_slice(row);
            }
        }
        let above = self.transit_scale.above(&grown, width);
        let mut to = vec![0.0; grown.len() / 2];
        self.transit.apply(&above, width, &mut to);
        to
    }
}

impl CamPlus {
    /// Takes the network's numbers; a sentence where they are of another network.
    pub(super) fn take(mut weights: Weights) -> Result<CamPlus, String> {
        let weights = &mut weights;
        let first = Plane::take(weights, "head.conv1", "head.bn1", 1, 1)?;
        let residuals = [("layer1.0", 2), ("layer1.1", 1), ("layer2.0", 2), ("layer2.1", 1)]
            .into_iter()
            .map(|(name, stride)| Residual::take(weights, &format!("head.{name}"), stride))
            .collect::<Result<Vec<_>, _>>()?;
        let last = Plane::take(weights, "head.conv2", "head.bn2", PLANES, 2)?;
        let time_delay = time_delay(weights)?;
        let mut blocks: Vec<Block> = Vec::with_capacity(BLOCKS.len());
        for number in 0..BLOCKS.len() {
            let inputs = blocks.last().map_or(FIRST, Block::outputs);
            blocks.push(Block::take(weights, number, inputs)?);
        }
        let width = blocks.last().map_or(FIRST, Block::outputs);
        let out = Scale::take(weights, "xvector.out_nonlinear.batchnorm", width, true)?;
        let stored = weights.take("xvector.dense.linear.weight", &[EMBEDDING, 2 * width, 1])?;
        let norm = "xvector.dense.nonlinear.batchnorm";
        let embedding = Scale::take(weights, norm, EMBEDDING, false)?.fold(stored, 2 * width);
        Ok(CamPlus { first, residuals, last, time_delay, blocks, out, embedding })
    }

    /// The embedding of features of shape (frames, 80), at least one frame; not normalised.
    pub(super) fn embed(&self, features: &[[f32; MELS]]) -> Vec<f32> {
        let mut cells = Cells::new(features.len(), MELS, 1);
        for (frame, row) in features.iter().enumerate() {
            for (band, value) in row.iter().enumerate() {
                cells.put(frame, band, &[*value]);
            }
        }
        cells = self.first.cells(&cells, &self.first.apply(&cells), None);
        for residual in &self.residuals {
            cells = residual.apply(&cells);
        }
        let mut x = self.over_time(&cells);
        let mut width = FIRST;
        for block in &self.blocks {
            x = block.apply(&x, width);
            width = block.outputs();
        }
        let above = self.out.above(&x, width);
        let mut embedding = vec![0.0; EMBEDDING];
        self.embedding.apply(&statistics(&above, width), 2 * width, &mut embedding);
        embedding
    }

    /// The front end's last layer and the first time-delay layer, which halves the frames.
    fn over_time(&self, cells: &Cells) -> Vec<f32> {
        let (rows, per_frame) = (self.last.apply(cells), self.last.rows(cells));
        let mut padded = vec![0.0; (cells.frames + 5) * FRONT];
        let frames = rows.chunks_exact(per_frame * PLANES);
        for (to, row) in padded[2 * FRONT..].chunks_exact_mut(FRONT).zip(frames) {
            to.iter_mut().zip(row).for_each(|(to, x)| *to = x.max(0.0));
        }
        let mut x = vec![0.0; cells.frames.div_ceil(2) * FIRST];
        self.time_delay.apply(&padded, 2 * FRONT, &mut x);
        relu(&mut x);
        x
    }
}

/// Five frames of the front end's channels, of which it has (channels, bands) and we (bands, channels).
fn time_delay(weights: &mut Weights) -> Result<Dense, String> {
    let bands = FRONT / PLANES;
    let stored = weights.take("xvector.tdnn.linear.weight", &[FIRST, FRONT, 5])?;
    let scale = Scale::take(weights, "xvector.tdnn.nonlinear.batchnorm", FIRST, true)?;
    let mut ordered = Vec::with_capacity(stored.len());
    for output in stored.chunks_exact(FRONT * 5) {
        for tap in 0..5 {
            for band in 0..bands {
                ordered.extend((0..PLANES).map(|c| output[(c * bands + band) * 5 + tap]));
            }
        }
    }
    Ok(scale.fold(ordered, 5 * FRONT))
}

fn relu(numbers: &mut [f32]) {
    for x in numbers {
        *x = x.max(0.0);
    }
}

/// The mean of rows.
fn mean(rows: &[f32], width: usize) -> Vec<f32> {
    let mut sum = vec![0.0_f32; width];
    for row in rows.chunks_exact(width) {
        sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
    }
    let count = count_of(rows, width);
    for sum in &mut sum {
        *sum /= count;
    }
    sum
}

/// Mean and unbiased deviation of rows, one behind the other.
fn statistics(rows: &[f32], width: usize) -> Vec<f32> {
    let mut statistics = mean(rows, width);
    let mut squares = vec![0.0_f32; width];
    for row in rows.chunks_exact(width) {
        for ((sum, x), mean) in squares.iter_mut().zip(row).zip(&statistics) {
            *sum += (x - mean) * (x - mean);
        }
    }
    let divisor = (count_of(rows, width) - 1.0).max(1.0);
    statistics.extend(squares.iter().map(|sum| (sum / divisor).sqrt()));
    statistics
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^24 frames")]
fn count_of(rows: &[f32], width: usize) -> f32 {
    (rows.len() / width) as f32
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rten::Model;
    use rten_tensor::NdTensor;
    use rten_tensor::prelude::*;

    use super::super::vectors::{cosine, normalised};
    use super::*;

    #[test]
    #[ignore = "needs weights"]
    fn embeddings_are_those_of_a_network_runtime() {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/models/campplus.onnx"));
        let network = CamPlus::take(Weights::read(path).unwrap()).unwrap();
        let model = Model::load_file(path).unwrap();
        // From less than one part of the context to more than two.
        for frames in [10, 57, 200, 431] {
            let value =
                |frame: usize, band: usize| ((frame * 7 + band * 13) % 31) as f32 * 0.2 - 3.0;
            let features: Vec<[f32; MELS]> =
                (0..frames).map(|frame| std::array::from_fn(|band| value(frame, band))).collect();
            let input = NdTensor::from_data([1, frames, MELS], features.clone().into_flattened());
            let (input_id, output_id) = (model.input_ids()[0], model.output_ids()[0]);
            let [output] = model.run_n(vec![(input_id, input.into())], [output_id], None).unwrap();
            let output: NdTensor<f32, 2> = output.try_into().unwrap();
            let reference = normalised(output.to_vec()).unwrap();
            let own = normalised(network.embed(&features)).unwrap();
            assert!(cosine(&own, &reference) > 0.99999, "{frames} frames");
        }
    }
}
