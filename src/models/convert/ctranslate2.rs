//! Reads CTranslate2's `model.bin`: an index of named variables first, one variable's bytes later.
//!
//! The layout is that of the converter of CTranslate2 4 (binary version 6): little endian; a string
//! is a u16 length that counts its final NUL.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use half::{bf16, f16};

use super::ConvertError;

/// The oldest binary version whose variables name their type.
const OLDEST_VERSION: u32 = 4;
/// The newest binary version that is known.
const NEWEST_VERSION: u32 = 6;
/// Far more than any Whisper has (large: 1,550).
const MAX_VARIABLES: u32 = 100_000;
/// Values converted at a time, so that a large tensor needs no second copy of itself.
const CHUNK_VALUES: usize = 16 * 1024;

/// The type of a variable's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueType {
    F32,
    I8,
    I16,
    I32,
    F16,
    Bf16,
}

impl ValueType {
    fn from_code(code: u8) -> Option<ValueType> {
        Some(match code {
            0 => ValueType::F32,
            1 => ValueType::I8,
            2 => ValueType::I16,
            3 => ValueType::I32,
            4 => ValueType::F16,
            5 => ValueType::Bf16,
            _ => return None,
        })
    }

    fn bytes(self) -> usize {
        match self {
            ValueType::I8 => 1,
            ValueType::I16 | ValueType::F16 | ValueType::Bf16 => 2,
            ValueType::F32 | ValueType::I32 => 4,
        }
    }
}

/// Where a variable lies and what it looks like.
#[derive(Debug, Clone)]
struct Entry {
    dims: Vec<usize>,
    value_type: ValueType,
    offset: u64,
    bytes: usize,
}

/// An opened `model.bin`, with its index read.
#[derive(Debug)]
pub(super) struct Ct2File {
    path: PathBuf,
    reader: BufReader<File>,
    entries: BTreeMap<String, Entry>,
    aliases: BTreeMap<String, String>,
}

impl Ct2File {
    /// Reads the index of a file whose specification must be `wanted` (`WhisperSpec`).
    pub(super) fn open(path: &Path, wanted: &str) -> Result<Ct2File, ConvertError> {
        let read_error = |cause| ConvertError::read(path, cause);
        let file = File::open(path).map_err(read_error)?;
        let length = file.metadata().map_err(read_error)?.len();
        let mut fields = Fields { path, reader: BufReader::new(file), length };
        let version = fields.u32()?;
        if !(OLDEST_VERSION..=NEWEST_VERSION).contains(&version) {
            return Err(ConvertError::unsupported(
                path,
                format!(
                    "it is no CTranslate2 model of binary version {OLDEST_VERSION} to {NEWEST_VERSION}"
                ),
            ));
        }
        let specification = fields.string()?;
        if specification != wanted {
            return Err(ConvertError::unsupported(
                path,
                format!("it is a `{specification}`, and a `{wanted}` is needed"),
            ));
        }
        let _revision = fields.u32()?;
        let entries = fields.entries()?;
        let aliases = fields.aliases()?;
        Ok(Ct2File { path: path.to_owned(), reader: fields.reader, entries, aliases })
    }

    /// The file's path, for messages.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is such a variable.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// The shape of a variable; empty for a scalar.
    pub(super) fn dims(&self, name: &str) -> Result<&[usize], ConvertError> {
        Ok(&self.require(name)?.dims)
    }

    /// A whole number that is stored as a scalar.
    pub(super) fn scalar(&mut self, name: &str) -> Result<i64, ConvertError> {
        let variable = self.load(name)?;
        let one = match (variable.value_type, variable.bytes.as_slice()) {
            (ValueType::I8, &[a]) => Some(i64::from(a.cast_signed())),
            (ValueType::I16, &[a, b]) => Some(i64::from(i16::from_le_bytes([a, b]))),
            (ValueType::I32, &[a, b, c, d]) => Some(i64::from(i32::from_le_bytes([a, b, c, d]))),
            _ => None,
        };
        one.ok_or_else(|| {
            ConvertError::malformed(&self.path, format!("`{name}` is not one whole number"))
        })
    }

    /// Reads a variable, with its scale where it is quantised.
    pub(super) fn load(&mut self, name: &str) -> Result<Variable, ConvertError> {
        let entry = self.require(name)?.clone();
        let bytes = self.bytes(&entry)?;
        let mut variable =
            Variable { dims: entry.dims, value_type: entry.value_type, bytes, scales: Vec::new() };
        if matches!(entry.value_type, ValueType::I8 | ValueType::I16) && !variable.dims.is_empty() {
            variable.scales = self.scales(name, variable.rows())?;
        }
        Ok(variable)
    }

    /// One scale for all rows or one each: a quantised value is `round(value * scale)`.
    fn scales(&mut self, name: &str, rows: usize) -> Result<Vec<f32>, ConvertError> {
        let scale_name = format!("{name}_scale");
        let entry = self.require(&scale_name)?.clone();
        let bytes = self.bytes(&entry)?;
        let scale =
            Variable { dims: entry.dims, value_type: entry.value_type, bytes, scales: Vec::new() };
        let scales: Vec<f32> = (0..scale.len()).map(|index| scale.value(index)).collect();
        let sound = scales.iter().all(|scale| scale.is_finite() && *scale != 0.0);
        if !sound || (scales.len() != 1 && scales.len() != rows) {
            return Err(ConvertError::malformed(
                &self.path,
                format!("`{scale_name}` does not fit `{name}`"),
            ));
        }
        Ok(scales)
    }

    fn bytes(&mut self, entry: &Entry) -> Result<Vec<u8>, ConvertError> {
        let mut bytes = vec![0; entry.bytes];
        self.reader
            .seek(SeekFrom::Start(entry.offset))
            .and_then(|_| self.reader.read_exact(&mut bytes))
            .map_err(|cause| ConvertError::read(&self.path, cause))?;
        Ok(bytes)
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries
            .get(name)
            .or_else(|| self.aliases.get(name).and_then(|target| self.entries.get(target)))
    }

    fn require(&self, name: &str) -> Result<&Entry, ConvertError> {
        self.entry(name).ok_or_else(|| {
            ConvertError::malformed(&self.path, format!("the variable `{name}` is missing"))
        })
    }
}

/// One variable in memory, as it is stored.
#[derive(Debug)]
pub(super) struct Variable {
    dims: Vec<usize>,
    value_type: ValueType,
    bytes: Vec<u8>,
    scales: Vec<f32>,
}

impl Variable {
    /// The shape; empty for a scalar.
    pub(super) fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// The first dimension; 1 for a scalar.
    pub(super) fn rows(&self) -> usize {
        self.dims.first().copied().unwrap_or(1)
    }

    fn len(&self) -> usize {
        self.bytes.len() / self.value_type.bytes()
    }

    fn row_len(&self) -> usize {
        self.len().checked_div(self.rows()).unwrap_or(0)
    }

    fn value(&self, index: usize) -> f32 {
        let size = self.value_type.bytes();
        let at = &self.bytes[index * size..(index + 1) * size];
        let stored = match (self.value_type, at) {
            (ValueType::I8, &[a]) => f32::from(a.cast_signed()),
            (ValueType::I16, &[a, b]) => f32::from(i16::from_le_bytes([a, b])),
            (ValueType::F16, &[a, b]) => f16::from_le_bytes([a, b]).to_f32(),
            (ValueType::Bf16, &[a, b]) => bf16::from_le_bytes([a, b]).to_f32(),
            (ValueType::F32, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
            (_, &[a, b, c, d]) => whole(i32::from_le_bytes([a, b, c, d])),
            _ => 0.0,
        };
        match self.scales.as_slice() {
            [] => stored,
            [scale] => stored / scale,
            scales => stored / scales[index / self.row_len().max(1)],
        }
    }

    /// Writes those rows as 16-bit floats, bit for bit where they are stored so.
    pub(super) fn write_f16(
        &self,
        rows: &Range<usize>,
        out: &mut dyn Write,
    ) -> std::io::Result<()> {
        if self.value_type == ValueType::F16 {
            let row_bytes = self.row_len() * 2;
            return out.write_all(&self.bytes[rows.start * row_bytes..rows.end * row_bytes]);
        }
        self.write_chunks(rows, out, |value, buffer| {
            buffer.extend_from_slice(&f16::from_f32(value).to_le_bytes());
        })
    }

    /// Writes those rows as 32-bit floats.
    pub(super) fn write_f32(
        &self,
        rows: &Range<usize>,
        out: &mut dyn Write,
    ) -> std::io::Result<()> {
        self.write_chunks(rows, out, |value, buffer| {
            buffer.extend_from_slice(&value.to_le_bytes());
        })
    }

    fn write_chunks(
        &self,
        rows: &Range<usize>,
        out: &mut dyn Write,
        put: impl Fn(f32, &mut Vec<u8>),
    ) -> std::io::Result<()> {
        let end = rows.end * self.row_len();
        let mut buffer = Vec::with_capacity(CHUNK_VALUES * 4);
        let mut start = rows.start * self.row_len();
        while start < end {
            let stop = end.min(start + CHUNK_VALUES);
            buffer.clear();
            for index in start..stop {
                put(self.value(index), &mut buffer);
            }
            out.write_all(&buffer)?;
            start = stop;
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "32-bit integers are not used for weights")]
fn whole(value: i32) -> f32 {
    value as f32
}

/// Reads the index field by field.
struct Fields<'p> {
    path: &'p Path,
    reader: BufReader<File>,
    length: u64,
}

impl Fields<'_> {
    fn entries(&mut self) -> Result<BTreeMap<String, Entry>, ConvertError> {
        let count = self.u32()?;
        if count > MAX_VARIABLES {
            return Err(ConvertError::malformed(self.path, format!("{count} variables")));
        }
        let mut entries = BTreeMap::new();
        for _ in 0..count {
            let name = self.string()?;
            let entry = self.entry(&name)?;
            entries.insert(name, entry);
        }
        Ok(entries)
    }

    fn entry(&mut self, name: &str) -> Result<Entry, ConvertError> {
        let rank = self.u8()?;
        let mut dims = Vec::with_capacity(rank.into());
        for _ in 0..rank {
            dims.push(self.u32()? as usize);
        }
        let code = self.u8()?;
        let value_type = ValueType::from_code(code).ok_or_else(|| {
            ConvertError::unsupported(self.path, format!("`{name}` has the unknown type {code}"))
        })?;
        let bytes = self.u32()? as usize;
        let offset = self.position()?;
        let due = dims
            .iter()
            .try_fold(value_type.bytes(), |product, dimension| product.checked_mul(*dimension));
        let fits = offset.checked_add(bytes as u64).is_some_and(|end| end <= self.length);
        if due != Some(bytes) || !fits {
            return Err(ConvertError::malformed(
                self.path,
                format!("`{name}` of shape {dims:?} says that it has {bytes} bytes"),
            ));
        }
        self.reader
            .seek_relative(i64::try_from(bytes).unwrap_or(i64::MAX))
            .map_err(|cause| ConvertError::read(self.path, cause))?;
        Ok(Entry { dims, value_type, offset, bytes })
    }

    fn aliases(&mut self) -> Result<BTreeMap<String, String>, ConvertError> {
        let mut aliases = BTreeMap::new();
        let count = self.u32()?.min(MAX_VARIABLES);
        for _ in 0..count {
            let alias = self.string()?;
            aliases.insert(alias, self.string()?);
        }
        Ok(aliases)
    }

    fn position(&mut self) -> Result<u64, ConvertError> {
        self.reader.stream_position().map_err(|cause| ConvertError::read(self.path, cause))
    }

    fn string(&mut self) -> Result<String, ConvertError> {
        let length = u16::from_le_bytes(self.array()?);
        let mut bytes = vec![0; length.into()];
        self.reader.read_exact(&mut bytes).map_err(|cause| ConvertError::read(self.path, cause))?;
        if bytes.pop() != Some(0) {
            return Err(ConvertError::malformed(self.path, "a name does not end with NUL"));
        }
        String::from_utf8(bytes)
            .map_err(|_| ConvertError::malformed(self.path, "a name is not UTF-8"))
    }

    fn u8(&mut self) -> Result<u8, ConvertError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Result<u32, ConvertError> {
        self.array().map(u32::from_le_bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ConvertError> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes).map_err(|cause| ConvertError::read(self.path, cause))?;
        Ok(bytes)
    }
}
