//! The ggml form of Whisper's weights: what the header says, and f16 turned into bf16.
//!
//! A processor with `AVX512_BF16` multiplies bf16 numbers directly and is a quarter to a third
//! faster on Whisper's encoder with them; docs/decisions/0004-decoding.md has the figures.

use half::{bf16, f16};

const MAGIC: i32 = 0x6767_6d6c;
const TYPE_F32: i32 = 0;
const TYPE_F16: i32 = 1;
const TYPE_BF16: i32 = 30;
const FTYPE_F16: i32 = 1;
const FTYPE_BF16: i32 = 24;

/// Where the header holds the kind of the weights, counted in fields of four bytes.
const FTYPE_FIELD: usize = 11;

/// What the header says of the model's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// Entries of the vocabulary; 51,864 marks a model of English alone.
    pub(crate) vocabulary: i32,
    /// Layers of the encoder.
    pub(crate) encoder_layers: i32,
    /// Layers of the decoder.
    pub(crate) decoder_layers: i32,
    /// Mel bands, 80 or 128.
    pub(crate) mels: i32,
    ftype: i32,
}

impl Header {
    /// Reads the header; `None` where the bytes are no ggml model.
    pub(crate) fn read(bytes: &[u8]) -> Option<Header> {
        let mut reader = Reader { bytes, at: 0 };
        if reader.number()? != MAGIC {
            return None;
        }
        let mut fields = [0; FTYPE_FIELD];
        for field in &mut fields {
            *field = reader.number()?;
        }
        let [vocabulary, _, _, _, encoder_layers, _, _, _, decoder_layers, mels, ftype] = fields;
        Some(Header { vocabulary, encoder_layers, decoder_layers, mels, ftype })
    }
}

/// Turns the f16 matrices of a model into bf16, in place; biases, norms and convolutions stay.
/// Weights of another kind are left as they are, and so is a file without such matrices or whose
/// tables do not add up.
pub(crate) fn to_bf16(bytes: &mut [u8]) {
    if Header::read(bytes).is_none_or(|header| header.ftype != FTYPE_F16) {
        return;
    }
    let Some(tensors) = f16_matrices(bytes).filter(|found| !found.is_empty()) else { return };
    for tensor in tensors {
        write(bytes, tensor.type_at, TYPE_BF16);
        for number in bytes.get_mut(tensor.from..tensor.to).unwrap_or_default().chunks_exact_mut(2)
        {
            if let [low, high] = number {
                let value = f16::from_le_bytes([*low, *high]).to_f32();
                [*low, *high] = bf16::from_f32(value).to_le_bytes();
            }
        }
    }
    write(bytes, FTYPE_FIELD * 4, FTYPE_BF16);
}

fn write(bytes: &mut [u8], at: usize, number: i32) {
    if let Some(field) = bytes.get_mut(at..at + 4) {
        field.copy_from_slice(&number.to_le_bytes());
    }
}

/// Where a tensor's type and numbers stand in the file.
struct Matrix {
    type_at: usize,
    from: usize,
    to: usize,
}

/// All two-dimensional f16 tensors; `None` where the tables do not add up to the file's length.
fn f16_matrices(bytes: &[u8]) -> Option<Vec<Matrix>> {
    let mut reader = Reader { bytes, at: (FTYPE_FIELD + 1) * 4 };
    let filters = reader.count()?.checked_mul(reader.count()?)?.checked_mul(4)?;
    reader.skip(filters)?;
    for _ in 0..reader.count()? {
        let length = reader.count()?;
        reader.skip(length)?;
    }
    let mut found = Vec::new();
    while reader.at < bytes.len() {
        let dimensions = reader.count()?;
        let name = reader.count()?;
        let type_at = reader.at;
        let kind = reader.number()?;
        let mut numbers: usize = 1;
        for _ in 0..dimensions {
            numbers = numbers.checked_mul(reader.count()?)?;
        }
        reader.skip(name)?;
        let width = match kind {
            TYPE_F32 => 4,
            TYPE_F16 => 2,
            _ => return None,
        };
        let from = reader.at;
        reader.skip(numbers.checked_mul(width)?)?;
        if kind == TYPE_F16 && dimensions == 2 {
            found.push(Matrix { type_at, from, to: reader.at });
        }
    }
    Some(found)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn number(&mut self) -> Option<i32> {
        let field = self.bytes.get(self.at..self.at + 4)?;
        self.at += 4;
        Some(i32::from_le_bytes(field.try_into().ok()?))
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        self.at = self.at.checked_add(length).filter(|at| *at <= self.bytes.len())?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model with one vocabulary entry, one bias and one 1 x 2 matrix.
    fn model() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut number = |n: i32| bytes.extend_from_slice(&n.to_le_bytes());
        [MAGIC, 51_865, 1500, 8, 1, 2, 448, 8, 1, 3, 80, FTYPE_F16]
            .into_iter()
            .for_each(&mut number);
        [1, 1, 0, 1, 1].into_iter().for_each(&mut number); // one filter value, one entry of one byte
        bytes.push(b'a');
        let mut number = |n: i32| bytes.extend_from_slice(&n.to_le_bytes());
        [1, 1, TYPE_F32, 1].into_iter().for_each(&mut number);
        bytes.push(b'b');
        bytes.extend_from_slice(&0.5f32.to_le_bytes());
        let mut number = |n: i32| bytes.extend_from_slice(&n.to_le_bytes());
        [2, 1, TYPE_F16, 1, 2].into_iter().for_each(&mut number);
        bytes.push(b'w');
        bytes.extend_from_slice(&f16::from_f32(1.5).to_le_bytes());
        bytes.extend_from_slice(&f16::from_f32(-2.0).to_le_bytes());
        bytes
    }

    #[test]
    fn matrices_become_bf16_and_the_rest_stays() {
        let before = model();
        let mut after = before.clone();
        to_bf16(&mut after);
        let header = Header::read(&after).unwrap();
        assert_eq!((header.ftype, header.encoder_layers, header.decoder_layers), (24, 2, 3));
        let end = after.len();
        assert_eq!(after[end - 4..end - 2], bf16::from_f32(1.5).to_le_bytes());
        assert_eq!(after[end - 2..], bf16::from_f32(-2.0).to_le_bytes());
        let changed = before.iter().zip(&after).filter(|(a, b)| a != b).count();
        assert!(changed <= 6, "{changed} bytes changed");
    }

    #[test]
    fn broken_files_are_left_alone() {
        let whole = model();
        for length in 0..whole.len() {
            let mut cut = whole[..length].to_vec();
            to_bf16(&mut cut);
            assert_eq!(cut, whole[..length]);
        }
    }
}
