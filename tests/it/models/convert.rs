//! Conversions, on tiny networks made here, and imports.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use half::{bf16, f16};
use linernotes::models::convert::{ConvertError, ctranslate2_to_ggml};
use linernotes::models::{ModelError, SilentFetch, State, Store};
use proptest::prelude::*;

use super::store::{address, files, register, sha256};

const TOKENS: usize = 50_257;
const WIDTH: usize = 2;

/// How the weights of a CTranslate2 file are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stored {
    F32,
    F16,
    Bf16,
    I8,
}

/// Writes CTranslate2's format.
struct Ct2 {
    bytes: Vec<u8>,
    stored: Stored,
    count: u32,
    counted_at: usize,
}

impl Ct2 {
    fn new(specification: &str, stored: Stored) -> Ct2 {
        let mut model = Ct2 { bytes: Vec::new(), stored, count: 0, counted_at: 0 };
        model.bytes.extend(6_u32.to_le_bytes());
        model.text(specification);
        model.bytes.extend(3_u32.to_le_bytes());
        model.counted_at = model.bytes.len();
        model.bytes.extend([0; 4]);
        model
    }

    fn text(&mut self, text: &str) {
        let length = u16::try_from(text.len() + 1).unwrap();
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend(text.as_bytes());
        self.bytes.push(0);
    }

    fn variable(&mut self, name: &str, dims: &[usize], code: u8, bytes: &[u8]) {
        self.count += 1;
        self.text(name);
        self.bytes.push(u8::try_from(dims.len()).unwrap());
        for dimension in dims {
            self.bytes.extend(u32::try_from(*dimension).unwrap().to_le_bytes());
        }
        self.bytes.push(code);
        self.bytes.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        self.bytes.extend(bytes);
    }

    /// Values in eighths from -0.75 to 0.75: every way of storing them is exact.
    fn values(&mut self, name: &str, dims: &[usize]) {
        let length: usize = dims.iter().product();
        let values = (0..length).map(|index| eighths(name, index));
        let weight = name.ends_with("weight");
        let (code, bytes): (u8, Vec<u8>) = match self.stored {
            Stored::I8 if weight => (1, values.map(|v| v.to_le_bytes()[0]).collect()),
            Stored::F32 => (0, values.flat_map(|v| (f32::from(v) / 8.0).to_le_bytes()).collect()),
            Stored::Bf16 => {
                let value = |v| bf16::from_f32(f32::from(v) / 8.0).to_le_bytes();
                (5, values.flat_map(value).collect())
            }
            Stored::F16 | Stored::I8 => {
                let value = |v| f16::from_f32(f32::from(v) / 8.0).to_le_bytes();
                (4, values.flat_map(value).collect())
            }
        };
        self.variable(name, dims, code, &bytes);
        if self.stored == Stored::I8 && weight {
            let scales: Vec<u8> = (0..dims[0]).flat_map(|_| 8.0_f32.to_le_bytes()).collect();
            self.variable(&format!("{name}_scale"), &dims[..1], 0, &scales);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        let at = self.counted_at;
        self.bytes[at..at + 4].copy_from_slice(&self.count.to_le_bytes());
        self.bytes.extend(1_u32.to_le_bytes());
        self.text("decoder/projection/weight");
        self.text("decoder/embeddings/weight");
        self.bytes
    }
}

fn eighths(name: &str, index: usize) -> i16 {
    i16::try_from((index * 5 + name.len()) % 13).unwrap() - 6
}

/// A Whisper of one encoder layer and two decoder layers, two numbers wide.
fn tiny_whisper(stored: Stored, mel_bands: usize) -> Vec<u8> {
    let mut model = Ct2::new("WhisperSpec", stored);
    model.variable("encoder/num_heads", &[], 2, &1_i16.to_le_bytes());
    model.variable("decoder/num_heads", &[], 2, &1_i16.to_le_bytes());
    model.values("encoder/position_encodings/encodings", &[5, WIDTH]);
    model.values("encoder/conv1/weight", &[WIDTH, mel_bands, 3]);
    model.values("encoder/conv1/bias", &[WIDTH]);
    model.values("encoder/conv2/weight", &[WIDTH, WIDTH, 3]);
    model.values("encoder/conv2/bias", &[WIDTH]);
    for (side, layers) in [("encoder", 1), ("decoder", 2)] {
        for layer in 0..layers {
            let layer = format!("{side}/layer_{layer}");
            linear(&mut model, &format!("{layer}/self_attention/linear_0"), 3 * WIDTH, WIDTH);
            linear(&mut model, &format!("{layer}/self_attention/linear_1"), WIDTH, WIDTH);
            norm(&mut model, &format!("{layer}/self_attention/layer_norm"));
            if side == "decoder" {
                linear(&mut model, &format!("{layer}/attention/linear_0"), WIDTH, WIDTH);
                linear(&mut model, &format!("{layer}/attention/linear_1"), 2 * WIDTH, WIDTH);
                linear(&mut model, &format!("{layer}/attention/linear_2"), WIDTH, WIDTH);
                norm(&mut model, &format!("{layer}/attention/layer_norm"));
            }
            linear(&mut model, &format!("{layer}/ffn/linear_0"), 4 * WIDTH, WIDTH);
            linear(&mut model, &format!("{layer}/ffn/linear_1"), WIDTH, 4 * WIDTH);
            norm(&mut model, &format!("{layer}/ffn/layer_norm"));
        }
        norm(&mut model, &format!("{side}/layer_norm"));
    }
    model.values("decoder/position_encodings/encodings", &[4, WIDTH]);
    model.values("decoder/embeddings/weight", &[TOKENS + 8, WIDTH]);
    model.finish()
}

fn linear(model: &mut Ct2, name: &str, rows: usize, columns: usize) {
    model.values(&format!("{name}/weight"), &[rows, columns]);
    model.values(&format!("{name}/bias"), &[rows]);
}

fn norm(model: &mut Ct2, name: &str) {
    model.values(&format!("{name}/gamma"), &[WIDTH]);
    model.values(&format!("{name}/beta"), &[WIDTH]);
}

/// Writes a model folder as faster-whisper has them.
fn folder(dir: &Path, model: &[u8], json: bool) -> PathBuf {
    let folder = dir.join(if json { "My Model" } else { "other" });
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("model.bin"), model).unwrap();
    let tokens: Vec<String> = (0..TOKENS + 8).map(|n| format!("Ġ{n}é")).collect();
    if json {
        fs::write(folder.join("vocabulary.json"), serde_json::to_string(&tokens).unwrap()).unwrap();
    } else {
        fs::write(folder.join("vocabulary.txt"), tokens.join("\n") + "\n").unwrap();
    }
    folder
}

fn convert(folder: &Path) -> Result<Vec<u8>, ConvertError> {
    let json = folder.join("vocabulary.json");
    let vocabulary = if json.is_file() { json } else { folder.join("vocabulary.txt") };
    let mut out = Vec::new();
    ctranslate2_to_ggml(&folder.join("model.bin"), &vocabulary, &mut out)?;
    Ok(out)
}

/// A ggml file, read back.
struct Ggml {
    header: Vec<i32>,
    tokens: Vec<Vec<u8>>,
    tensors: BTreeMap<String, (Vec<i32>, Vec<f32>)>,
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    fn int(&mut self) -> i32 {
        i32::from_le_bytes(self.take(4).try_into().unwrap())
    }

    fn count(&mut self) -> usize {
        usize::try_from(self.int()).unwrap()
    }
}

fn read_ggml(bytes: &[u8]) -> Ggml {
    let mut reader = Reader(bytes);
    assert_eq!(reader.take(4), b"lmgg");
    let header: Vec<i32> = (0..13).map(|_| reader.int()).collect();
    reader.take(usize::try_from(header[11] * header[12]).unwrap() * 4);
    let tokens = (0..reader.int())
        .map(|_| {
            let length = reader.count();
            reader.take(length).to_vec()
        })
        .collect();
    let mut tensors = BTreeMap::new();
    while !reader.0.is_empty() {
        let (rank, length, kind) = (reader.int(), reader.count(), reader.int());
        let dims: Vec<i32> = (0..rank).map(|_| reader.int()).collect();
        let name = String::from_utf8(reader.take(length).to_vec()).unwrap();
        let values: usize = dims.iter().map(|n| usize::try_from(*n).unwrap()).product();
        let values = if kind == 1 {
            let half = reader.take(values * 2).chunks(2);
            half.map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
        } else {
            reader
                .take(values * 4)
                .chunks(4)
                .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
                .collect()
        };
        tensors.insert(name, (dims, values));
    }
    Ggml { header, tokens, tensors }
}

fn expected(name: &str, range: std::ops::Range<usize>) -> Vec<f32> {
    range.map(|index| f32::from(eighths(name, index)) / 8.0).collect()
}

#[test]
fn whisper_keeps_its_numbers_under_their_new_names() {
    let dir = tempfile::tempdir().unwrap();
    let ggml =
        read_ggml(&convert(&folder(dir.path(), &tiny_whisper(Stored::F16, 80), true)).unwrap());
    let vocabulary = i32::try_from(TOKENS).unwrap() + 8;
    assert_eq!(ggml.header, [vocabulary, 5, 2, 1, 1, 4, 2, 1, 2, 80, 1, 80, 201]);
    assert_eq!(ggml.tokens.len(), TOKENS);
    assert_eq!(ggml.tokens[17], b" 17\xe9");
    let tensor = |name: &str| ggml.tensors[name].clone();
    let fused = "decoder/layer_1/self_attention/linear_0";
    assert_eq!(
        tensor("decoder.blocks.1.attn.value.weight"),
        (vec![2, 2], expected(&format!("{fused}/weight"), 8..12))
    );
    assert_eq!(
        tensor("decoder.blocks.1.attn.value.bias"),
        (vec![2], expected(&format!("{fused}/bias"), 4..6))
    );
    assert!(!ggml.tensors.contains_key("decoder.blocks.1.attn.key.bias"));
    assert_eq!(
        tensor("decoder.blocks.0.cross_attn.key.weight"),
        (vec![2, 2], expected("decoder/layer_0/attention/linear_1/weight", 0..4))
    );
    assert_eq!(
        tensor("encoder.blocks.0.mlp.2.weight"),
        (vec![8, 2], expected("encoder/layer_0/ffn/linear_1/weight", 0..16))
    );
    assert_eq!(tensor("encoder.conv1.bias"), (vec![1, 2], expected("encoder/conv1/bias", 0..2)));
    assert_eq!(tensor("encoder.conv1.weight").0, [3, 80, 2]);
    assert_eq!(ggml.tensors.len(), 5 + 15 + 2 * 24 + 2 + 2 + 2);
}

#[test]
fn whisper_is_the_same_however_it_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    let golden = convert(&folder(dir.path(), &tiny_whisper(Stored::F16, 80), true)).unwrap();
    assert_eq!(sha256(&golden), "a0fc225b4882c1c8ded3c8d430254de65363bcc0af336d0c5f57aa5ab2d6c5f2");
    for stored in [Stored::F32, Stored::Bf16, Stored::I8] {
        let folder = folder(dir.path(), &tiny_whisper(stored, 80), false);
        assert!(convert(&folder).unwrap() == golden, "{stored:?}, vocabulary in lines");
    }
}

#[test]
fn large_whisper_hears_128_bands() {
    let dir = tempfile::tempdir().unwrap();
    let ggml =
        read_ggml(&convert(&folder(dir.path(), &tiny_whisper(Stored::F16, 128), true)).unwrap());
    assert_eq!(ggml.header[9..], [128, 1, 128, 201]);
    let error = convert(&folder(dir.path(), &tiny_whisper(Stored::F16, 64), true)).unwrap_err();
    assert!(error.to_string().contains("64 mel bands"), "{error}");
}

#[test]
fn other_models_and_broken_ones_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let whole = tiny_whisper(Stored::F16, 80);
    let mut huge = whole.clone();
    let at = whole.windows(8).position(|window| window == b"v1/bias\0").unwrap() + 9;
    huge[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    for (model, part) in [
        (&b"RIFF not a model"[..], "no CTranslate2 model of binary version"),
        (&Ct2::new("TransformerSpec", Stored::F16).finish(), "it is a `TransformerSpec`"),
        (&Ct2::new("WhisperSpec", Stored::F16).finish(), "is missing"),
        (&whole[..200], "is damaged"),
        (&whole[..whole.len() / 2], "is damaged"),
        (&[], "it ends in the middle of a field"),
        (&huge, "of shape [4294967295] says that it has 4 bytes"),
    ] {
        let error = convert(&folder(dir.path(), model, true)).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn import_keeps_a_model_under_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let folder = folder(dir.path(), &tiny_whisper(Stored::I8, 80), true);
    let store = Store::at(dir.path().join("models"), register(&address("https://x.org/", b"x")));
    let located = store.import(&folder, None, &SilentFetch).unwrap();
    assert_eq!(located.id.name, "my-model");
    assert_eq!(files(&store), ["ggml-my-model.bin", "my-model.ok"]);
    assert_eq!(store.identify("my-model").unwrap(), located);
    assert_eq!(store.verify("my-model", &SilentFetch).unwrap(), located);
    let listing = store.list().pop().unwrap();
    assert_eq!((listing.name.as_str(), listing.state), ("my-model", State::Unchanged));

    store.import(&folder, Some("my-model"), &SilentFetch).unwrap();
    fs::write(&located.path, b"other").unwrap();
    let error = store.identify("my-model").unwrap_err();
    assert!(matches!(error, ModelError::Damaged { .. }), "{error}");
}

#[test]
fn import_refuses_what_it_cannot_keep() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path().join("models"), register(&address("https://x.org/", b"x")));
    let empty = dir.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let error = store.import(&empty, None, &SilentFetch).unwrap_err();
    assert!(error.to_string().ends_with("it has no `model.bin`"), "{error}");
    fs::write(empty.join("model.bin"), b"short").unwrap();
    let error = store.import(&empty, None, &SilentFetch).unwrap_err();
    assert!(error.to_string().contains("`vocabulary.json` or `vocabulary.txt`"), "{error}");

    let folder = folder(dir.path(), &tiny_whisper(Stored::F16, 80), true);
    for name in ["small", "", "a/b", "..", "-x"] {
        let error = store.import(&folder, Some(name), &SilentFetch).unwrap_err();
        assert!(matches!(error, ModelError::Name { .. }), "{name}: {error}");
    }
    fs::write(folder.join("model.bin"), &tiny_whisper(Stored::F16, 80)[..5000]).unwrap();
    let error = store.import(&folder, None, &SilentFetch).unwrap_err();
    assert!(matches!(error, ModelError::Convert(_)), "{error}");
    assert!(files(&store).is_empty(), "{:?}", files(&store));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_change_of_a_model_makes_it_panic(
        changes in proptest::collection::vec((0_usize..5_000, any::<u8>()), 1..20),
        length in 0_usize..=200_000,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut model = tiny_whisper(Stored::I8, 80);
        for (at, byte) in changes {
            model[at] = byte;
        }
        model.truncate(length);
        if let Ok(ggml) = convert(&folder(dir.path(), &model, true)) {
            prop_assert!(ggml.len() < 10_000_000);
        }
    }
}
