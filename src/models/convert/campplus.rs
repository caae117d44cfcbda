//! The CAM++ voice embedder of 3D-Speaker, from its PyTorch state dict to ONNX.
//!
//! In: features `feats`, shape (batch, frames, 80). Out: `embedding`, shape (batch, 192), not
//! normalised. A residual front end over time and frequency, then three blocks of densely connected
//! time-delay layers whose outputs are weighted by a mask made of the context (the mean over the
//! whole utterance plus the mean over the layer's 100-frame part), then mean and unbiased deviation
//! over time. Reference: Wang et al., "CAM++: A Fast and Efficient Network for Speaker Verification
//! Using Context-Aware Masking", Interspeech 2023.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use super::ConvertError;
use super::onnx::{Attribute, Graph};
use super::pytorch::StateDict;

/// Layers, kernel and dilation of the three densely connected blocks.
const BLOCKS: [Block; 3] = [
    Block { layers: 12, kernel: 3, dilation: 1 },
    Block { layers: 24, kernel: 3, dilation: 2 },
    Block { layers: 16, kernel: 3, dilation: 2 },
];
/// Frames of one part of the context.
const PART_FRAMES: i64 = 100;
/// Channels of a dense layer's bottleneck, whose parts are averaged.
const BOTTLENECK: i64 = 128;
/// Channels times remaining frequency bands after the front end.
const FRONT_CHANNELS: i64 = 320;
/// PyTorch's default for batch normalisation.
const EPSILON: f32 = 1e-5;

struct Block {
    layers: usize,
    kernel: i64,
    dilation: i64,
}

/// Converts the state dict at `path` and writes the ONNX model.
///
/// A tensor that the network does not use is an error: it would mean another network.
pub fn state_dict_to_onnx(path: &Path, out: &mut dyn Write) -> Result<(), ConvertError> {
    let state = StateDict::open(path)?;
    let mut network = Network { state, graph: Graph::default(), used: BTreeSet::new() };
    network.build()?;
    let unused = network
        .state
        .names()
        .find(|name| !network.used.contains(*name) && !name.ends_with("num_batches_tracked"));
    if let Some(name) = unused {
        return Err(ConvertError::unsupported(
            path,
            format!("`{name}` has no place in the CAM++ network"),
        ));
    }
    let model = network.graph.finish(
        "campplus",
        ("feats", &["batch", "frames", "80"]),
        ("embedding", &["batch", "192"]),
    );
    out.write_all(&model).map_err(ConvertError::Write)
}

type Built = Result<String, ConvertError>;

struct Network {
    state: StateDict,
    graph: Graph,
    used: BTreeSet<String>,
}

impl Network {
    fn build(&mut self) -> Result<(), ConvertError> {
        let front = self.front_end()?;
        let mut x = self.normed_relu(&front, "xvector.tdnn.nonlinear.batchnorm")?;
        let frames = self.frame_count(&x);
        for (index, block) in BLOCKS.iter().enumerate() {
            let number = index + 1;
            for layer in 1..=block.layers {
                x = self.dense_layer(
                    &x,
                    &format!("xvector.block{number}.tdnnd{layer}"),
                    block,
                    &frames,
                )?;
            }
            let transit = format!("xvector.transit{number}");
            x = self.normed_relu(&x, &format!("{transit}.nonlinear.batchnorm"))?;
            x = self.conv_time(&x, &format!("{transit}.linear"), 1, 0, 1)?;
        }
        x = self.normed_relu(&x, "xvector.out_nonlinear.batchnorm")?;
        x = self.statistics(&x, &frames);
        x = self.conv_time(&x, "xvector.dense.linear", 1, 0, 1)?;
        x = self.norm(&x, "xvector.dense.nonlinear.batchnorm", false)?;
        let last = self.graph.ints("axis_last", &[-1]);
        self.graph.named_node("Squeeze", &[&x, &last], &[], "embedding");
        Ok(())
    }

    /// Two-dimensional residual layers that halve the frequencies three times, then the first
    /// time-delay layer, which halves the frames.
    fn front_end(&mut self) -> Built {
        let x = self.graph.node("Transpose", &["feats"], &[Attribute::Ints("perm", &[0, 2, 1])]);
        let channel = self.graph.ints("axis_channel", &[1]);
        let mut x = self.graph.node("Unsqueeze", &[&x, &channel], &[]);
        x = self.conv_plane(&x, "head.conv1", 1, 1)?;
        x = self.normed_relu(&x, "head.bn1")?;
        for layer in ["head.layer1", "head.layer2"] {
            x = self.residual(&x, &format!("{layer}.0"), 2)?;
            x = self.residual(&x, &format!("{layer}.1"), 1)?;
        }
        x = self.conv_plane(&x, "head.conv2", 2, 1)?;
        x = self.normed_relu(&x, "head.bn2")?;
        let flat = self.graph.ints("shape_front", &[0, FRONT_CHANNELS, -1]);
        x = self.graph.node("Reshape", &[&x, &flat], &[]);
        self.conv_time(&x, "xvector.tdnn.linear", 2, 2, 1)
    }

    fn residual(&mut self, x: &str, prefix: &str, stride: i64) -> Built {
        let mut y = self.conv_plane(x, &format!("{prefix}.conv1"), stride, 1)?;
        y = self.normed_relu(&y, &format!("{prefix}.bn1"))?;
        y = self.conv_plane(&y, &format!("{prefix}.conv2"), 1, 1)?;
        y = self.norm(&y, &format!("{prefix}.bn2"), true)?;
        let shortcut = format!("{prefix}.shortcut.0");
        let passed = if self.state.dims(&format!("{shortcut}.weight")).is_some() {
            let y = self.conv_plane(x, &shortcut, stride, 0)?;
            self.norm(&y, &format!("{prefix}.shortcut.1"), true)?
        } else {
            x.to_owned()
        };
        let sum = self.graph.node("Add", &[&y, &passed], &[]);
        Ok(self.graph.node("Relu", &[&sum], &[]))
    }

    /// One densely connected layer: its masked output is put behind its input.
    fn dense_layer(&mut self, x: &str, prefix: &str, block: &Block, frames: &str) -> Built {
        let mut y = self.normed_relu(x, &format!("{prefix}.nonlinear1.batchnorm"))?;
        y = self.conv_time(&y, &format!("{prefix}.linear1"), 1, 0, 1)?;
        y = self.normed_relu(&y, &format!("{prefix}.nonlinear2.batchnorm"))?;
        let cam = format!("{prefix}.cam_layer");
        let padding = (block.kernel - 1) / 2 * block.dilation;
        let local =
            self.conv_time(&y, &format!("{cam}.linear_local"), 1, padding, block.dilation)?;
        let context = self.context(&y, frames);
        let mut mask = self.conv_time(&context, &format!("{cam}.linear1"), 1, 0, 1)?;
        mask = self.graph.node("Relu", &[&mask], &[]);
        mask = self.conv_time(&mask, &format!("{cam}.linear2"), 1, 0, 1)?;
        mask = self.graph.node("Sigmoid", &[&mask], &[]);
        let masked = self.graph.node("Mul", &[&local, &mask], &[]);
        Ok(self.graph.node("Concat", &[x, &masked], &[Attribute::Int("axis", 1)]))
    }

    /// The mean over the utterance plus, for each frame, the mean over its part.
    fn context(&mut self, y: &str, frames: &str) -> String {
        let whole = self.mean_over_time(y);
        let parts = self.graph.node(
            "AveragePool",
            &[y],
            &[
                Attribute::Ints("kernel_shape", &[PART_FRAMES]),
                Attribute::Ints("strides", &[PART_FRAMES]),
                Attribute::Int("ceil_mode", 1),
                Attribute::Int("count_include_pad", 0),
            ],
        );
        let last = self.graph.ints("axis_last", &[-1]);
        let parts = self.graph.node("Unsqueeze", &[&parts, &last], &[]);
        let spread = self.graph.ints("shape_spread", &[1, 1, 1, PART_FRAMES]);
        let parts = self.graph.node("Expand", &[&parts, &spread], &[]);
        let joined = self.graph.ints("shape_joined", &[0, BOTTLENECK, -1]);
        let parts = self.graph.node("Reshape", &[&parts, &joined], &[]);
        let start = self.graph.ints("zero", &[0]);
        let time = self.graph.ints("axis_time", &[2]);
        let parts = self.graph.node("Slice", &[&parts, &start, frames, &time], &[]);
        self.graph.node("Add", &[&whole, &parts], &[])
    }

    /// Mean and unbiased standard deviation over time, one behind the other.
    fn statistics(&mut self, x: &str, frames: &str) -> String {
        let mean = self.mean_over_time(x);
        let deviation = self.graph.node("Sub", &[x, &mean], &[]);
        let square = self.graph.node("Mul", &[&deviation, &deviation], &[]);
        let last = self.graph.ints("axis_last", &[-1]);
        let sum = self.graph.node("ReduceSum", &[&square, &last], &[Attribute::Int("keepdims", 1)]);
        let count = self.graph.node("Cast", &[frames], &[Attribute::Int("to", 1)]);
        let one = self.graph.floats("one", &[1], &[1.0]);
        let less = self.graph.node("Sub", &[&count, &one], &[]);
        let divisor = self.graph.node("Max", &[&less, &one], &[]);
        let variance = self.graph.node("Div", &[&sum, &divisor], &[]);
        let spread = self.graph.node("Sqrt", &[&variance], &[]);
        self.graph.node("Concat", &[&mean, &spread], &[Attribute::Int("axis", 1)])
    }

    fn mean_over_time(&mut self, x: &str) -> String {
        self.graph.node(
            "ReduceMean",
            &[x],
            &[Attribute::Ints("axes", &[-1]), Attribute::Int("keepdims", 1)],
        )
    }

    /// The number of frames of `x`, as a list of one.
    fn frame_count(&mut self, x: &str) -> String {
        let shape = self.graph.node("Shape", &[x], &[]);
        let from = self.graph.ints("axis_time", &[2]);
        let to = self.graph.ints("three", &[3]);
        let axis = self.graph.ints("zero", &[0]);
        self.graph.node("Slice", &[&shape, &from, &to, &axis], &[])
    }

    fn conv_plane(&mut self, x: &str, prefix: &str, stride: i64, padding: i64) -> Built {
        let (weight, kernel) = self.weight(&format!("{prefix}.weight"), 4)?;
        Ok(self.graph.node(
            "Conv",
            &[x, &weight],
            &[
                Attribute::Ints("kernel_shape", &kernel),
                Attribute::Ints("strides", &[stride, 1]),
                Attribute::Ints("pads", &[padding; 4]),
            ],
        ))
    }

    fn conv_time(
        &mut self,
        x: &str,
        prefix: &str,
        stride: i64,
        padding: i64,
        dilation: i64,
    ) -> Built {
        let (weight, kernel) = self.weight(&format!("{prefix}.weight"), 3)?;
        let bias_name = format!("{prefix}.bias");
        let bias = match self.state.dims(&bias_name) {
            Some(_) => Some(self.weight(&bias_name, 1)?.0),
            None => None,
        };
        let mut inputs = vec![x, weight.as_str()];
        inputs.extend(bias.as_deref());
        Ok(self.graph.node(
            "Conv",
            &inputs,
            &[
                Attribute::Ints("kernel_shape", &kernel),
                Attribute::Ints("strides", &[stride]),
                Attribute::Ints("pads", &[padding; 2]),
                Attribute::Ints("dilations", &[dilation]),
            ],
        ))
    }

    fn normed_relu(&mut self, x: &str, prefix: &str) -> Built {
        let normed = self.norm(x, prefix, true)?;
        Ok(self.graph.node("Relu", &[&normed], &[]))
    }

    fn norm(&mut self, x: &str, prefix: &str, affine: bool) -> Built {
        let mean = self.weight(&format!("{prefix}.running_mean"), 1)?.0;
        let variance = self.weight(&format!("{prefix}.running_var"), 1)?.0;
        let (scale, shift) = if affine {
            (
                self.weight(&format!("{prefix}.weight"), 1)?.0,
                self.weight(&format!("{prefix}.bias"), 1)?.0,
            )
        } else {
            let channels = self.state.dims(&mean).map_or(0, |dims| dims.iter().product());
            (
                self.graph.floats(&format!("{prefix}.ones"), &[channels], &vec![1.0; channels]),
                self.graph.floats(&format!("{prefix}.zeros"), &[channels], &vec![0.0; channels]),
            )
        };
        Ok(self.graph.node(
            "BatchNormalization",
            &[x, &scale, &shift, &mean, &variance],
            &[Attribute::Float("epsilon", EPSILON)],
        ))
    }

    /// Puts a tensor into the graph; gives its name and its shape behind the channels.
    fn weight(&mut self, name: &str, rank: usize) -> Result<(String, Vec<i64>), ConvertError> {
        let tensor = self.state.load(name)?;
        if tensor.dims.len() != rank {
            return Err(ConvertError::unsupported(
                self.state.path(),
                format!("`{name}` has the shape {:?}, not {rank} dimensions", tensor.dims),
            ));
        }
        let kernel = tensor.dims.iter().skip(2).filter_map(|n| i64::try_from(*n).ok()).collect();
        self.used.insert(name.to_owned());
        Ok((self.graph.floats(name, &tensor.dims, &tensor.values), kernel))
    }
}
