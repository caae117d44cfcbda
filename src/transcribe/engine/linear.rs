//! Matrix products with weights: bytes times bytes, summed exactly.
//!
//! Weights are quantised once, a scale for each output; activations as they come, a scale for each
//! row. Sums are whole numbers, so that they are the same whatever is computed beside them.

use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix, QuantParams};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};

use super::rows::{self, Then, ZERO_POINT};

/// Rows that are multiplied together: their sums stay in the processor's cache.
const ROWS: usize = 96;

/// The products that the processor is best at.
pub(crate) struct Kernels {
    /// Bytes times signed bytes.
    pub(crate) bytes: GemmExecutor<u8, i8, i32>,
    /// Floats times floats.
    pub(crate) floats: GemmExecutor<f32, f32, f32>,
}

impl std::fmt::Debug for Kernels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.names())
    }
}

impl Kernels {
    pub(crate) fn new() -> Kernels {
        Kernels { bytes: GemmExecutor::new(), floats: GemmExecutor::new() }
    }

    /// What the products are called, and how many bits of the weights are used.
    pub(crate) fn names(&self) -> String {
        format!(
            "{} ({} bits), {}",
            self.bytes.kernel_name(),
            if self.bytes.may_saturate() { 7 } else { 8 },
            self.floats.kernel_name()
        )
    }

    /// The largest weight: a processor that adds pairs in 16 bits must not overflow them.
    fn most(&self) -> f32 {
        if self.bytes.may_saturate() { 63.0 } else { 127.0 }
    }
}

/// `y = x W + b` with quantised weights.
pub(crate) struct Linear {
    weights: PackedBMatrix<i8>,
    /// One scale for each output.
    pub(crate) scales: Vec<f32>,
    bias: Vec<f32>,
    inputs: usize,
    pub(crate) outputs: usize,
}

impl Linear {
    /// Packs weights of shape (outputs, inputs); no bias is none.
    pub(crate) fn new(
        kernels: &Kernels,
        weights: &[f32],
        bias: Option<Vec<f32>>,
        inputs: usize,
        outputs: usize,
    ) -> Linear {
        let mut quantized = Vec::with_capacity(weights.len());
        let mut scales = Vec::with_capacity(outputs);
        for row in weights.chunks_exact(inputs) {
            let largest = row.iter().fold(1e-9_f32, |most, w| most.max(w.abs()));
            let inverse = kernels.most() / largest;
            scales.push(largest / kernels.most());
            quantized.extend(row.iter().map(|w| to_signed((w * inverse).round())));
        }
        let quantized = NdTensor::from_data([outputs, inputs], quantized);
        let weights = kernels.bytes.prepack_b(quantized.view().transposed());
        let bias = bias.unwrap_or_else(|| vec![0.0; outputs]);
        Linear { weights, scales, bias, inputs, outputs }
    }

    /// Multiplies rows of `x` and does with each row of the result as `then` says.
    pub(crate) fn apply(&self, kernels: &Kernels, x: &[f32], to: &mut [f32], then: Then) {
        let mut work = Quantized::default();
        let blocks = x.chunks(ROWS * self.inputs).zip(to.chunks_mut(ROWS * self.outputs));
        for (x, to) in blocks {
            self.sums(kernels, x, &mut work);
            let rows = work.sums.chunks_exact(self.outputs).zip(&work.scales);
            for ((sums, scale), to) in rows.zip(to.chunks_exact_mut(self.outputs)) {
                rows::dequantize(sums, *scale, &self.scales, &self.bias, to, then);
            }
        }
    }

    /// The whole sums of the products of rows, and the rows' scales.
    pub(crate) fn sums(&self, kernels: &Kernels, x: &[f32], work: &mut Quantized) {
        let count = x.len() / self.inputs;
        work.bytes.resize(x.len(), 0);
        work.zeros.resize(count, ZERO_POINT);
        work.sums.resize(count * self.outputs, 0);
        work.scales.clear();
        for (row, to) in x.chunks_exact(self.inputs).zip(work.bytes.chunks_exact_mut(self.inputs)) {
            work.scales.push(rows::quantize(row, to));
        }
        let options = GemmOptions {
            a_quant: Some(QuantParams { zero_point: &work.zeros }),
            ..GemmOptions::default()
        };
        let a = NdTensorView::from_data([count, self.inputs], work.bytes.as_slice());
        kernels
            .bytes
            .gemm(
                &mut work.sums,
                GemmInputA::Unpacked(a),
                GemmInputB::Packed(&self.weights),
                options,
            )
            .expect("the shapes agree: all come from this layer's sizes");
    }
}

/// Quantised rows and what they gave.
#[derive(Debug, Default)]
pub(crate) struct Quantized {
    bytes: Vec<u8>,
    zeros: Vec<u8>,
    /// Shape (rows, outputs).
    pub(crate) sums: Vec<i32>,
    /// One scale for each row.
    pub(crate) scales: Vec<f32>,
}

#[expect(clippy::cast_possible_truncation, reason = "between -127 and 127")]
fn to_signed(number: f32) -> i8 {
    number as i8
}
