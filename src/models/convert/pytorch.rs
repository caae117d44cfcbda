//! Reads a state dict that PyTorch saved: a zip with one pickle and one file per storage.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use half::{bf16, f16};
use zip::ZipArchive;

use super::ConvertError;
use super::pickle::{self, StorageType, TensorView};

/// Pickles of state dicts have some 150 bytes a tensor.
const MAX_PICKLE_BYTES: u64 = 64 << 20;
/// Far above the largest storage of the models that are converted.
const MAX_STORAGE_BYTES: u64 = 1 << 30;

/// An opened state dict.
#[derive(Debug)]
pub(super) struct StateDict {
    path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
    /// The archive's top folder, with its slash.
    root: String,
    tensors: BTreeMap<String, TensorView>,
}

/// A tensor in memory.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tensor {
    /// The shape; empty for a scalar.
    pub(super) dims: Vec<usize>,
    /// The values, row by row.
    pub(super) values: Vec<f32>,
}

impl StateDict {
    /// Reads the names and shapes.
    pub(super) fn open(path: &Path) -> Result<StateDict, ConvertError> {
        let file = File::open(path).map_err(|cause| ConvertError::read(path, cause))?;
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| {
            ConvertError::unsupported(path, format!("it is no PyTorch archive ({error})"))
        })?;
        let pickle_name = archive
            .file_names()
            .find(|name| *name == "data.pkl" || name.ends_with("/data.pkl"))
            .map(str::to_owned)
            .ok_or_else(|| ConvertError::unsupported(path, "it is no PyTorch archive"))?;
        let root = pickle_name.trim_end_matches("data.pkl").to_owned();
        let bytes = read_entry(path, &mut archive, &pickle_name, MAX_PICKLE_BYTES)?;
        let order = format!("{root}byteorder");
        if archive.index_for_name(&order).is_some()
            && read_entry(path, &mut archive, &order, 16)? != b"little"
        {
            return Err(ConvertError::unsupported(path, "its numbers are big endian"));
        }
        let tensors =
            pickle::state_dict(&bytes).map_err(|reason| ConvertError::unsupported(path, reason))?;
        Ok(StateDict { path: path.to_owned(), archive, root, tensors })
    }

    /// The file's path, for messages.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The shape of a tensor, `None` where there is none of that name.
    pub(super) fn dims(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|view| view.dims.as_slice())
    }

    /// The names of all tensors, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// Reads a tensor of floats.
    pub(super) fn load(&mut self, name: &str) -> Result<Tensor, ConvertError> {
        let view = self.tensors.get(name).cloned().ok_or_else(|| {
            ConvertError::unsupported(&self.path, format!("the tensor `{name}` is missing"))
        })?;
        let entry = format!("{}data/{}", self.root, view.storage);
        let bytes = read_entry(&self.path, &mut self.archive, &entry, MAX_STORAGE_BYTES)?;
        let slice =
            extent(&view).and_then(|(start, end)| bytes.get(start..end)).ok_or_else(|| {
                ConvertError::malformed(&self.path, format!("`{name}` is larger than its storage"))
            })?;
        let values = floats(slice, view.storage_type).ok_or_else(|| {
            ConvertError::unsupported(&self.path, format!("`{name}` holds whole numbers"))
        })?;
        Ok(Tensor { dims: view.dims, values })
    }
}

/// The tensor's bytes in its storage.
fn extent(view: &TensorView) -> Option<(usize, usize)> {
    let size = view.storage_type.bytes();
    let count = view.dims.iter().try_fold(1_usize, |product, n| product.checked_mul(*n))?;
    let start = view.offset.checked_mul(size)?;
    Some((start, start.checked_add(count.checked_mul(size)?)?))
}

fn floats(bytes: &[u8], storage_type: StorageType) -> Option<Vec<f32>> {
    Some(match storage_type {
        StorageType::Float => bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
        StorageType::Half => {
            bytes.as_chunks().0.iter().map(|b| f16::from_le_bytes(*b).to_f32()).collect()
        }
        StorageType::Bfloat16 => {
            bytes.as_chunks().0.iter().map(|b| bf16::from_le_bytes(*b).to_f32()).collect()
        }
        StorageType::Double => bytes.as_chunks().0.iter().map(|b| narrow(*b)).collect(),
        StorageType::Long | StorageType::Int => return None,
    })
}

#[expect(clippy::cast_possible_truncation, reason = "the engines compute with 32-bit floats")]
fn narrow(bytes: [u8; 8]) -> f32 {
    f64::from_le_bytes(bytes) as f32
}

fn read_entry(
    path: &Path,
    archive: &mut ZipArchive<BufReader<File>>,
    name: &str,
    limit: u64,
) -> Result<Vec<u8>, ConvertError> {
    let entry = archive.by_name(name).map_err(|error| {
        ConvertError::malformed(path, format!("`{name}` in it cannot be read ({error})"))
    })?;
    let mut bytes = Vec::new();
    entry.take(limit + 1).read_to_end(&mut bytes).map_err(|error| {
        ConvertError::malformed(path, format!("`{name}` in it cannot be read ({error})"))
    })?;
    if bytes.len() as u64 > limit {
        return Err(ConvertError::malformed(path, format!("`{name}` in it is too large")));
    }
    Ok(bytes)
}
