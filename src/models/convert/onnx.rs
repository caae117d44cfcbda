//! Writes an ONNX model: just the part of the format that a network of plain operators needs.
//!
//! ONNX is protocol buffers: fields of a number, a wire type and a value. Field numbers are those of
//! `onnx.proto` (IR version 8).

use std::collections::BTreeSet;

const IR_VERSION: u64 = 8;
/// The operator set; 13 is the last in which `ReduceMean` takes its axes as an attribute.
const OPSET: u64 = 13;
const FLOAT: u64 = 1;
const INT64: u64 = 7;

/// One operator's attribute.
pub(super) enum Attribute<'a> {
    Int(&'a str, i64),
    Ints(&'a str, &'a [i64]),
    Float(&'a str, f32),
}

/// A network under construction; values are known by their names.
#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: Vec<Vec<u8>>,
    tensors: Vec<Vec<u8>>,
    names: BTreeSet<String>,
    values: usize,
}

impl Graph {
    /// A constant of floats; a second one of the same name is taken to be the first.
    pub(super) fn floats(&mut self, name: &str, dims: &[usize], values: &[f32]) -> String {
        if self.names.insert(name.to_owned()) {
            let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            self.tensors.push(tensor(name, dims, FLOAT, &raw));
        }
        name.to_owned()
    }

    /// A constant list of whole numbers.
    pub(super) fn ints(&mut self, name: &str, values: &[i64]) -> String {
        if self.names.insert(name.to_owned()) {
            let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            self.tensors.push(tensor(name, &[values.len()], INT64, &raw));
        }
        name.to_owned()
    }

    /// Adds an operator and gives the name of its result.
    pub(super) fn node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: &[Attribute<'_>],
    ) -> String {
        self.values += 1;
        let output = format!("{}_{}", operator.to_lowercase(), self.values);
        self.named_node(operator, inputs, attributes, &output);
        output
    }

    /// Adds an operator whose result has a given name.
    pub(super) fn named_node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: &[Attribute<'_>],
        output: &str,
    ) {
        let mut node = Message::default();
        for input in inputs {
            node.text(1, input);
        }
        node.text(2, output);
        node.text(3, &format!("node_{}", self.nodes.len()));
        node.text(4, operator);
        for attribute in attributes {
            node.bytes(5, &attribute.encode());
        }
        self.nodes.push(node.0);
    }

    /// The whole model, with one float input and one float output; a dimension is a name.
    pub(super) fn finish(
        self,
        name: &str,
        input: (&str, &[&str]),
        output: (&str, &[&str]),
    ) -> Vec<u8> {
        let mut graph = Message::default();
        for node in &self.nodes {
            graph.bytes(1, node);
        }
        graph.text(2, name);
        for tensor in &self.tensors {
            graph.bytes(5, tensor);
        }
        graph.bytes(11, &value_info(input.0, input.1));
        graph.bytes(12, &value_info(output.0, output.1));
        let mut opset = Message::default();
        opset.text(1, "");
        opset.number(2, OPSET);
        let mut model = Message::default();
        model.number(1, IR_VERSION);
        model.text(2, "linernotes");
        model.bytes(7, &graph.0);
        model.bytes(8, &opset.0);
        model.0
    }
}

impl Attribute<'_> {
    fn encode(&self) -> Vec<u8> {
        let mut message = Message::default();
        match self {
            Attribute::Float(name, value) => {
                message.text(1, name);
                message.float(2, *value);
                message.number(20, 1);
            }
            Attribute::Int(name, value) => {
                message.text(1, name);
                message.number(3, value.cast_unsigned());
                message.number(20, 2);
            }
            Attribute::Ints(name, values) => {
                message.text(1, name);
                for value in *values {
                    message.number(8, value.cast_unsigned());
                }
                message.number(20, 7);
            }
        }
        message.0
    }
}

fn tensor(name: &str, dims: &[usize], data_type: u64, raw: &[u8]) -> Vec<u8> {
    let mut message = Message::default();
    for dimension in dims {
        message.number(1, *dimension as u64);
    }
    message.number(2, data_type);
    message.text(8, name);
    message.bytes(9, raw);
    message.0
}

fn value_info(name: &str, dims: &[&str]) -> Vec<u8> {
    let mut shape = Message::default();
    for dimension in dims {
        let mut encoded = Message::default();
        match dimension.parse() {
            Ok(fixed) => encoded.number(1, fixed),
            Err(_) => encoded.text(2, dimension),
        }
        shape.bytes(1, &encoded.0);
    }
    let mut tensor_type = Message::default();
    tensor_type.number(1, FLOAT);
    tensor_type.bytes(2, &shape.0);
    let mut value_type = Message::default();
    value_type.bytes(1, &tensor_type.0);
    let mut info = Message::default();
    info.text(1, name);
    info.bytes(2, &value_type.0);
    info.0
}

/// A protocol buffer message being written.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn float(&mut self, field: u64, value: f32) {
        self.varint(field << 3 | 5);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn text(&mut self, field: u64, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_seven_bits_at_a_time() {
        for (value, bytes) in [(0, &[0x08, 0][..]), (127, &[0x08, 127]), (300, &[0x08, 0xac, 0x02])]
        {
            let mut message = Message::default();
            message.number(1, value);
            assert_eq!(message.0, bytes, "{value}");
        }
    }

    #[test]
    fn small_network_runs_in_the_engine() {
        use rten_tensor::prelude::*;

        let mut graph = Graph::default();
        let factor = graph.floats("factor", &[1], &[2.5]);
        let scaled = graph.node("Mul", &["x", &factor], &[]);
        graph.named_node("Relu", &[&scaled], &[], "y");
        let bytes = graph.finish("small", ("x", &["n"]), ("y", &["n"]));
        let model = rten::Model::load(bytes).unwrap();
        let input = rten_tensor::NdTensor::from([2.0_f32, -4.0]);
        let y: rten_tensor::NdTensor<f32, 1> =
            model.run_one(input.view().into(), None).unwrap().try_into().unwrap();
        assert_eq!(y.to_vec(), [5.0, 0.0]);
    }
}
