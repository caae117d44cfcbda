//! Products of rows with weights, in 32-bit floats.

use rten_gemm::{BiasVector, GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};

thread_local! {
    /// The product that the processor is best at: the same on every thread.
    static GEMM: GemmExecutor = GemmExecutor::new();
}

/// `y = x W + b`.
pub(crate) struct Dense {
    weights: PackedBMatrix<f32>,
    bias: Option<Vec<f32>>,
    inputs: usize,
    outputs: usize,
}

impl Dense {
    /// Packs weights of shape (outputs, inputs).
    pub(crate) fn new(weights: Vec<f32>, bias: Option<Vec<f32>>, inputs: usize) -> Dense {
        let outputs = weights.len() / inputs;
        let weights = NdTensor::from_data([outputs, inputs], weights);
        let weights = GEMM.with(|gemm| gemm.prepack_b(weights.view().transposed()));
        Dense { weights, bias, inputs, outputs }
    }

    /// Numbers in a row of the result.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// Multiplies as many rows as `to` has room for. The rows of `x` begin `step` numbers after each
    /// other; they may overlap, as those of a convolution do.
    pub(crate) fn apply(&self, x: &[f32], step: usize, to: &mut [f32]) {
        self.multiply(x, step, to, 0.0);
    }

    /// The same, added to what is there.
    pub(crate) fn add(&self, x: &[f32], step: usize, to: &mut [f32]) {
        self.multiply(x, step, to, 1.0);
    }

    fn multiply(&self, x: &[f32], step: usize, to: &mut [f32], beta: f32) {
        let count = to.len() / self.outputs;
        let rows = NdTensorView::from_slice_with_strides([count, self.inputs], x, [step, 1])
            .expect("the caller's rows lie in what it hands over");
        let bias = self.bias.as_deref().map(BiasVector::Row);
        let options = GemmOptions { beta, bias, ..GemmOptions::default() };
        let (rows, weights) = (GemmInputA::Unpacked(rows), GemmInputB::Packed(&self.weights));
        GEMM.with(|gemm| gemm.gemm(to, rows, weights, options))
            .expect("the shapes agree: all come from this layer's sizes");
    }
}

/// Weights of shape (outputs, inputs, taps) as (outputs, taps, inputs): in the order of the numbers of
/// rows that lie side by side.
pub(crate) fn taps_first(stored: &[f32], inputs: usize, taps: usize) -> Vec<f32> {
    let mut ordered = Vec::with_capacity(stored.len());
    for output in stored.chunks_exact(inputs * taps) {
        for tap in 0..taps {
            ordered.extend(output.iter().skip(tap).step_by(taps));
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_may_overlap_and_results_add_up() {
        // Two sums of three neighbours, the second doubled, and a bias.
        let dense = Dense::new(vec![1.0, 1.0, 1.0, 2.0, 2.0, 2.0], Some(vec![0.5, 0.0]), 3);
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        let mut to = vec![0.0; 4];
        dense.apply(&x, 2, &mut to);
        assert_eq!(to, [6.5, 12.0, 12.5, 24.0]);
        dense.add(&x, 2, &mut to);
        assert_eq!(to, [13.0, 24.0, 25.0, 48.0]);
        dense.apply(&x, 1, &mut to);
        assert_eq!(to, [6.5, 12.0, 9.5, 18.0]);
    }
}
