//! A network's numbers, read by name out of an ONNX file.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use rten_onnx::onnx::{ModelProto, TensorProto};

/// The named tensors of a file, and which of them each operator takes.
pub(crate) struct Weights {
    tensors: HashMap<String, (Vec<usize>, Vec<f32>)>,
    operators: Vec<(String, Vec<String>)>,
}

impl Weights {
    /// Reads the file; what is wrong with it as a sentence.
    pub(crate) fn read(path: &Path) -> Result<Weights, String> {
        let file = File::open(path).map_err(|error| error.to_string())?;
        let model = ModelProto::parse_file(file).map_err(|error| error.to_string())?;
        let graph = model.graph.ok_or("it holds no network")?;
        let tensors = graph.initializer.into_iter().filter_map(|tensor| {
            let dims = tensor.dims.iter().map(|&n| usize::try_from(n).unwrap_or(0)).collect();
            let numbers = floats(&tensor);
            Some((tensor.name?, (dims, numbers)))
        });
        let operators = graph.node.into_iter().filter_map(|node| Some((node.op_type?, node.input)));
        Ok(Weights { tensors: tensors.collect(), operators: operators.collect() })
    }

    /// Takes out the tensor of that name, which must have these dimensions.
    pub(crate) fn take(&mut self, name: &str, dims: &[usize]) -> Result<Vec<f32>, String> {
        match self.tensors.remove(name) {
            Some((found, numbers))
                if found == dims && numbers.len() == dims.iter().product::<usize>() =>
            {
                Ok(numbers)
            }
            Some((found, _)) => Err(format!("`{name}` has the shape {found:?}, not {dims:?}")),
            None => Err(format!("`{name}` is not in it")),
        }
    }

    /// The inputs of every operator of that kind, in the network's order.
    pub(crate) fn inputs_of(&self, operator: &str) -> Vec<Vec<String>> {
        let same = self.operators.iter().filter(|(kind, _)| kind == operator);
        same.map(|(_, inputs)| inputs.clone()).collect()
    }
}

/// The tensor's numbers; none where they are not 32-bit floats.
fn floats(tensor: &TensorProto) -> Vec<f32> {
    match &tensor.raw_data {
        Some(raw) => {
            raw.borrow().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
        }
        None => tensor.float_data.clone(),
    }
}
