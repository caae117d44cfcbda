//! Writes a Whisper model as whisper.cpp reads it: header, mel filters, vocabulary, tensors.
//!
//! Linear and convolution weights are f16; biases, norms and positions are f32; the convolutions'
//! biases are columns. The tensors keep OpenAI's names and are written in the network's order.

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use super::ConvertError;
use super::ctranslate2::{Ct2File, Variable};
use super::{mel, vocabulary};

const MAGIC: i32 = 0x6767_6d6c;
const F32: i32 = 0;
const F16: i32 = 1;
/// The largest Whisper has 32 on each side.
const MAX_LAYERS: usize = 1_000;
/// The largest Whisper has 20.
const MAX_HEADS: usize = 1_000;

/// Converts a CTranslate2 Whisper model (`model.bin` and `vocabulary.json` or `.txt`) to ggml.
///
/// Holds one tensor at a time. Every size is supported, multilingual or English-only, 80 or 128 mel
/// bands, with weights of 16 or 32 bits; 8- and 16-bit integer weights are turned back to floats.
pub fn ctranslate2_to_ggml(
    model: &Path,
    vocabulary: &Path,
    out: &mut dyn Write,
) -> Result<(), ConvertError> {
    let mut source = Ct2File::open(model, "WhisperSpec")?;
    let shape = Shape::of(&mut source)?;
    let tokens = vocabulary::read(vocabulary)?;
    write_header(&shape, &tokens, out).map_err(ConvertError::Write)?;
    let mut tensors = Tensors { source, out };
    tensors.all(&shape)
}

/// The numbers that describe the network.
#[derive(Debug)]
struct Shape {
    vocabulary: usize,
    audio_positions: usize,
    text_positions: usize,
    width: usize,
    mel_bands: usize,
    encoder: Side,
    decoder: Side,
}

#[derive(Debug)]
struct Side {
    heads: usize,
    layers: usize,
}

impl Shape {
    fn of(source: &mut Ct2File) -> Result<Shape, ConvertError> {
        let dimension = |source: &Ct2File, name: &str, index: usize| {
            source.dims(name)?.get(index).copied().ok_or_else(|| {
                ConvertError::malformed(source.path(), format!("`{name}` has too few dimensions"))
            })
        };
        let shape = Shape {
            vocabulary: dimension(source, "decoder/embeddings/weight", 0)?,
            audio_positions: dimension(source, "encoder/position_encodings/encodings", 0)?,
            text_positions: dimension(source, "decoder/position_encodings/encodings", 0)?,
            width: dimension(source, "encoder/conv1/bias", 0)?,
            mel_bands: dimension(source, "encoder/conv1/weight", 1)?,
            encoder: Side::of(source, "encoder")?,
            decoder: Side::of(source, "decoder")?,
        };
        if shape.mel_bands != 80 && shape.mel_bands != 128 {
            return Err(ConvertError::unsupported(
                source.path(),
                format!("it hears {} mel bands, and Whisper 80 or 128", shape.mel_bands),
            ));
        }
        if shape.vocabulary < vocabulary::TEXT_TOKENS {
            return Err(ConvertError::unsupported(
                source.path(),
                format!(
                    "it knows {} tokens, and Whisper {} or more",
                    shape.vocabulary,
                    vocabulary::TEXT_TOKENS
                ),
            ));
        }
        Ok(shape)
    }
}

impl Side {
    fn of(source: &mut Ct2File, side: &str) -> Result<Side, ConvertError> {
        let heads = source.scalar(&format!("{side}/num_heads"))?;
        let heads = usize::try_from(heads).ok().filter(|heads| (1..=MAX_HEADS).contains(heads));
        let Some(heads) = heads else {
            return Err(ConvertError::malformed(source.path(), format!("the {side} has no heads")));
        };
        let layers = (0..MAX_LAYERS)
            .take_while(|layer| source.has(&format!("{side}/layer_{layer}/ffn/linear_0/weight")))
            .count();
        if layers == 0 {
            return Err(ConvertError::malformed(
                source.path(),
                format!("the {side} has no layers"),
            ));
        }
        Ok(Side { heads, layers })
    }
}

fn write_header(shape: &Shape, tokens: &[Vec<u8>], out: &mut dyn Write) -> io::Result<()> {
    let mut header = vec![MAGIC];
    for number in [
        shape.vocabulary,
        shape.audio_positions,
        shape.width,
        shape.encoder.heads,
        shape.encoder.layers,
        shape.text_positions,
        shape.width,
        shape.decoder.heads,
        shape.decoder.layers,
        shape.mel_bands,
    ] {
        header.push(i32_of(number)?);
    }
    header.extend([F16, i32_of(shape.mel_bands)?, i32_of(mel::BINS)?]);
    write_i32s(&header, out)?;
    for value in mel::filters(shape.mel_bands) {
        out.write_all(&value.to_le_bytes())?;
    }
    write_i32s(&[i32_of(tokens.len())?], out)?;
    for token in tokens {
        write_i32s(&[i32_of(token.len())?], out)?;
        out.write_all(token)?;
    }
    Ok(())
}

/// Walks the network and writes its tensors.
struct Tensors<'a> {
    source: Ct2File,
    out: &'a mut dyn Write,
}

impl Tensors<'_> {
    fn all(&mut self, shape: &Shape) -> Result<(), ConvertError> {
        self.floats("encoder.positional_embedding", "encoder/position_encodings/encodings")?;
        for conv in ["conv1", "conv2"] {
            self.weight(&format!("encoder.{conv}.weight"), &format!("encoder/{conv}/weight"))?;
            self.column(&format!("encoder.{conv}.bias"), &format!("encoder/{conv}/bias"))?;
        }
        for layer in 0..shape.encoder.layers {
            let (to, from) = (format!("encoder.blocks.{layer}"), format!("encoder/layer_{layer}"));
            self.self_attention(&to, &from)?;
            self.feed_forward(&to, &from)?;
        }
        for layer in 0..shape.decoder.layers {
            let (to, from) = (format!("decoder.blocks.{layer}"), format!("decoder/layer_{layer}"));
            self.self_attention(&to, &from)?;
            self.cross_attention(&to, &from)?;
            self.feed_forward(&to, &from)?;
        }
        self.norm("encoder.ln_post", "encoder/layer_norm")?;
        self.norm("decoder.ln", "decoder/layer_norm")?;
        self.floats("decoder.positional_embedding", "decoder/position_encodings/encodings")?;
        self.weight("decoder.token_embedding.weight", "decoder/embeddings/weight")
    }

    /// Query, key and value are stored as one; the key's bias is zero and has no place in ggml.
    fn self_attention(&mut self, to: &str, from: &str) -> Result<(), ConvertError> {
        let weight = self.source.load(&format!("{from}/self_attention/linear_0/weight"))?;
        let bias = self.source.load(&format!("{from}/self_attention/linear_0/bias"))?;
        let third = part(&self.source, &weight, &bias, 3)?;
        let attention = format!("{to}.attn");
        for (index, role) in ["query", "key", "value"].into_iter().enumerate() {
            let rows = index * third..(index + 1) * third;
            self.put_weight(&format!("{attention}.{role}.weight"), &weight, &rows)?;
            if role != "key" {
                self.put_floats(&format!("{attention}.{role}.bias"), &bias, &rows, false)?;
            }
        }
        self.linear(&format!("{attention}.out"), &format!("{from}/self_attention/linear_1"))?;
        self.norm(&format!("{attention}_ln"), &format!("{from}/self_attention/layer_norm"))
    }

    /// The query stands alone; key and value are stored as one.
    fn cross_attention(&mut self, to: &str, from: &str) -> Result<(), ConvertError> {
        let attention = format!("{to}.cross_attn");
        self.linear(&format!("{attention}.query"), &format!("{from}/attention/linear_0"))?;
        let weight = self.source.load(&format!("{from}/attention/linear_1/weight"))?;
        let bias = self.source.load(&format!("{from}/attention/linear_1/bias"))?;
        let half = part(&self.source, &weight, &bias, 2)?;
        self.put_weight(&format!("{attention}.key.weight"), &weight, &(0..half))?;
        self.put_weight(&format!("{attention}.value.weight"), &weight, &(half..2 * half))?;
        self.put_floats(&format!("{attention}.value.bias"), &bias, &(half..2 * half), false)?;
        self.linear(&format!("{attention}.out"), &format!("{from}/attention/linear_2"))?;
        self.norm(&format!("{attention}_ln"), &format!("{from}/attention/layer_norm"))
    }

    fn feed_forward(&mut self, to: &str, from: &str) -> Result<(), ConvertError> {
        self.linear(&format!("{to}.mlp.0"), &format!("{from}/ffn/linear_0"))?;
        self.linear(&format!("{to}.mlp.2"), &format!("{from}/ffn/linear_1"))?;
        self.norm(&format!("{to}.mlp_ln"), &format!("{from}/ffn/layer_norm"))
    }

    fn linear(&mut self, to: &str, from: &str) -> Result<(), ConvertError> {
        self.weight(&format!("{to}.weight"), &format!("{from}/weight"))?;
        self.floats(&format!("{to}.bias"), &format!("{from}/bias"))
    }

    fn norm(&mut self, to: &str, from: &str) -> Result<(), ConvertError> {
        self.floats(&format!("{to}.weight"), &format!("{from}/gamma"))?;
        self.floats(&format!("{to}.bias"), &format!("{from}/beta"))
    }

    fn weight(&mut self, to: &str, from: &str) -> Result<(), ConvertError> {
        let variable = self.source.load(from)?;
        self.put_weight(to, &variable, &(0..variable.rows()))
    }

    fn floats(&mut self, to: &str, from: &str) -> Result<(), ConvertError> {
        let variable = self.source.load(from)?;
        self.put_floats(to, &variable, &(0..variable.rows()), false)
    }

    fn column(&mut self, to: &str, from: &str) -> Result<(), ConvertError> {
        let variable = self.source.load(from)?;
        self.put_floats(to, &variable, &(0..variable.rows()), true)
    }

    fn put_weight(
        &mut self,
        to: &str,
        variable: &Variable,
        rows: &Range<usize>,
    ) -> Result<(), ConvertError> {
        let dims = dims_of(variable, rows, false);
        write_tensor_header(to, &dims, F16, self.out)
            .and_then(|()| variable.write_f16(rows, self.out))
            .map_err(ConvertError::Write)
    }

    fn put_floats(
        &mut self,
        to: &str,
        variable: &Variable,
        rows: &Range<usize>,
        column: bool,
    ) -> Result<(), ConvertError> {
        let dims = dims_of(variable, rows, column);
        write_tensor_header(to, &dims, F32, self.out)
            .and_then(|()| variable.write_f32(rows, self.out))
            .map_err(ConvertError::Write)
    }
}

/// The rows of each of `parts` equal parts of a fused layer.
fn part(
    source: &Ct2File,
    weight: &Variable,
    bias: &Variable,
    parts: usize,
) -> Result<usize, ConvertError> {
    if weight.rows() != bias.rows() || !weight.rows().is_multiple_of(parts) {
        return Err(ConvertError::malformed(
            source.path(),
            format!("a fused layer of {} rows cannot be cut in {parts}", weight.rows()),
        ));
    }
    Ok(weight.rows() / parts)
}

fn dims_of(variable: &Variable, rows: &Range<usize>, column: bool) -> Vec<usize> {
    let mut dims = vec![rows.len()];
    dims.extend(variable.dims().iter().skip(1));
    if column {
        dims.push(1);
    }
    dims
}

fn write_tensor_header(
    name: &str,
    dims: &[usize],
    value_type: i32,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_i32s(&[i32_of(dims.len())?, i32_of(name.len())?, value_type], out)?;
    for dimension in dims.iter().rev() {
        write_i32s(&[i32_of(*dimension)?], out)?;
    }
    out.write_all(name.as_bytes())
}

fn write_i32s(numbers: &[i32], out: &mut dyn Write) -> io::Result<()> {
    numbers.iter().try_for_each(|number| out.write_all(&number.to_le_bytes()))
}

fn i32_of(number: usize) -> io::Result<i32> {
    i32::try_from(number).map_err(io::Error::other)
}
