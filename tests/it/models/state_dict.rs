//! Conversion of a state dict as PyTorch writes it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use linernotes::models::convert::{ConvertError, state_dict_to_onnx};
use proptest::prelude::*;
use rten_tensor::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Writes a state dict as PyTorch does.
fn state_dict(path: &Path, tensors: &[(String, Vec<usize>)]) {
    let mut pickle = b"\x80\x02}(".to_vec();
    let mut archive = ZipWriter::new(File::create(path).unwrap());
    for (index, (name, dims)) in tensors.iter().enumerate() {
        let length: usize = dims.iter().product();
        put_text(&mut pickle, name);
        pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        put_text(&mut pickle, "storage");
        pickle.extend(b"ctorch\nFloatStorage\n");
        put_text(&mut pickle, &index.to_string());
        put_text(&mut pickle, "cpu");
        put_number(&mut pickle, length);
        pickle.extend(b"tQK\x00(");
        for n in dims {
            put_number(&mut pickle, *n);
        }
        pickle.extend(b"t(");
        for axis in 0..dims.len() {
            put_number(&mut pickle, dims[axis + 1..].iter().product());
        }
        pickle.extend(b"t\x89ccollections\nOrderedDict\n)RtR");
        let entry = format!("archive/data/{index}");
        archive.start_file(entry, SimpleFileOptions::default()).unwrap();
        let fan: usize = dims.iter().skip(1).product();
        archive.write_all(&values(name, length, fan.max(1))).unwrap();
    }
    pickle.extend(b"u.");
    archive.start_file("archive/data.pkl", SimpleFileOptions::default()).unwrap();
    archive.write_all(&pickle).unwrap();
    archive.finish().unwrap();
}

/// Small numbers without a pattern; variances are positive.
fn values(name: &str, length: usize, fan: usize) -> Vec<u8> {
    let mut state =
        name.bytes().fold(7_u64, |state, byte| state.wrapping_mul(31).wrapping_add(byte.into()));
    let width = (3.0 / f32::from(u16::try_from(fan).unwrap())).sqrt();
    let mut bytes = Vec::with_capacity(length * 4);
    for _ in 0..length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let unit = f32::from(state.to_be_bytes()[0]) / 128.0 - 1.0;
        let value = if name.ends_with("running_var") { 1.5 + unit } else { unit * width };
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

fn put_text(pickle: &mut Vec<u8>, text: &str) {
    pickle.push(b'X');
    pickle.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
    pickle.extend(text.as_bytes());
}

fn put_number(pickle: &mut Vec<u8>, number: usize) {
    pickle.push(b'J');
    pickle.extend(i32::try_from(number).unwrap().to_le_bytes());
}

/// The names and shapes of CAM++'s tensors.
fn campplus_tensors() -> Vec<(String, Vec<usize>)> {
    let mut tensors = Vec::new();
    let mut put = |name: String, dims: &[usize]| tensors.push((name, dims.to_vec()));
    put("head.conv1.weight".into(), &[32, 1, 3, 3]);
    put("head.conv2.weight".into(), &[32, 32, 3, 3]);
    let mut norms = vec![("head.bn1".to_owned(), 32), ("head.bn2".to_owned(), 32)];
    for block in ["layer1.0", "layer1.1", "layer2.0", "layer2.1"] {
        for part in [1, 2] {
            put(format!("head.{block}.conv{part}.weight"), &[32, 32, 3, 3]);
            norms.push((format!("head.{block}.bn{part}"), 32));
        }
        if block.ends_with(".0") {
            put(format!("head.{block}.shortcut.0.weight"), &[32, 32, 1, 1]);
            norms.push((format!("head.{block}.shortcut.1"), 32));
        }
    }
    put("xvector.tdnn.linear.weight".into(), &[128, 320, 5]);
    norms.push(("xvector.tdnn.nonlinear.batchnorm".into(), 128));
    let mut channels = 128;
    for (block, layers) in [(1, 12), (2, 24), (3, 16)] {
        for layer in 1..=layers {
            let layer = format!("xvector.block{block}.tdnnd{layer}");
            norms.push((format!("{layer}.nonlinear1.batchnorm"), channels));
            put(format!("{layer}.linear1.weight"), &[128, channels, 1]);
            norms.push((format!("{layer}.nonlinear2.batchnorm"), 128));
            put(format!("{layer}.cam_layer.linear_local.weight"), &[32, 128, 3]);
            put(format!("{layer}.cam_layer.linear1.weight"), &[64, 128, 1]);
            put(format!("{layer}.cam_layer.linear1.bias"), &[64]);
            put(format!("{layer}.cam_layer.linear2.weight"), &[32, 64, 1]);
            put(format!("{layer}.cam_layer.linear2.bias"), &[32]);
            channels += 32;
        }
        norms.push((format!("xvector.transit{block}.nonlinear.batchnorm"), channels));
        put(format!("xvector.transit{block}.linear.weight"), &[channels / 2, channels, 1]);
        channels /= 2;
    }
    norms.push(("xvector.out_nonlinear.batchnorm".into(), 512));
    put("xvector.dense.linear.weight".into(), &[192, 1024, 1]);
    put("xvector.dense.nonlinear.batchnorm.running_mean".into(), &[192]);
    put("xvector.dense.nonlinear.batchnorm.running_var".into(), &[192]);
    for (norm, channels) in norms {
        for part in ["weight", "bias", "running_mean", "running_var"] {
            put(format!("{norm}.{part}"), &[channels]);
        }
    }
    tensors
}

fn convert_state_dict(path: &Path) -> Result<Vec<u8>, ConvertError> {
    let mut out = Vec::new();
    state_dict_to_onnx(path, &mut out)?;
    Ok(out)
}

#[test]
fn campplus_runs_on_recordings_of_any_length() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("network.pt");
    state_dict(&path, &campplus_tensors());
    let model = rten::Model::load(convert_state_dict(&path).unwrap()).unwrap();
    for frames in [20, 150, 433] {
        let feats = rten_tensor::NdTensor::full([2, frames, 80], 0.25_f32);
        let embedding: rten_tensor::NdTensor<f32, 2> =
            model.run_one(feats.view().into(), None).unwrap().try_into().unwrap();
        assert_eq!(embedding.shape(), [2, 192]);
        assert!(embedding.iter().all(|value| value.is_finite()));
        assert!(embedding.iter().any(|value| value.abs() > 1e-3));
    }
}

#[test]
fn another_network_is_no_campplus() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("network.pt");
    let mut tensors = campplus_tensors();
    tensors.push(("xvector.extra.weight".into(), vec![1]));
    state_dict(&path, &tensors);
    let error = convert_state_dict(&path).unwrap_err();
    assert!(error.to_string().contains("`xvector.extra.weight` has no place"), "{error}");
    tensors.pop();
    tensors.retain(|(name, _)| name != "head.conv2.weight");
    state_dict(&path, &tensors);
    let error = convert_state_dict(&path).unwrap_err();
    assert!(error.to_string().contains("`head.conv2.weight` is missing"), "{error}");
}

/// A PyTorch archive with that pickle.
fn archive(dir: &Path, pickle: &[u8]) -> PathBuf {
    let path = dir.join("some.pt");
    let mut archive = ZipWriter::new(File::create(&path).unwrap());
    archive.start_file("archive/data.pkl", SimpleFileOptions::default()).unwrap();
    archive.write_all(pickle).unwrap();
    archive.finish().unwrap();
    path
}

#[test]
fn pickle_that_wants_to_run_something_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let deep = [b"\x80\x02".to_vec(), vec![b')'; 100_000], vec![0x85; 99_999], b".".to_vec()];
    for (pickle, part) in [
        (&b"cos\nsystem\n(X\x04\x00\x00\x00truetR."[..], "it wants `os.system`"),
        (b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93.", "it wants `builtins.eval`"),
        (b"ctorch\nBoolStorage\n.", "it holds `torch.BoolStorage`"),
        (b"\x80\x02ios\nsystem\n.", "instruction 0x69"),
        (b"\x80\x02\x81.", "instruction 0x81"),
        (b"}h\x07.", "recalls what it never had"),
        (b"}(u", "its pickle is cut off"),
        (b"tttt.", "no mark"),
        (b"0.", "takes more than it has put down"),
        (b"N.", "no dict of tensors"),
        (b"X\xff\xff\xff\xffabc.", "cut off"),
        (b"", "cut off"),
        (&deep.concat(), "no dict of tensors"),
        (b"}.", "is missing"),
    ] {
        let error = convert_state_dict(&archive(dir.path(), pickle)).unwrap_err();
        assert!(error.to_string().contains(part), "{pickle:?}: {error}");
    }
    let path = dir.path().join("none.pt");
    fs::write(&path, "no zip").unwrap();
    let error = convert_state_dict(&path).unwrap_err();
    assert!(error.to_string().contains("no PyTorch archive"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_pickle_makes_it_panic(pickle in proptest::collection::vec(any::<u8>(), 0..300)) {
        let dir = tempfile::tempdir().unwrap();
        prop_assert!(convert_state_dict(&archive(dir.path(), &pickle)).is_err());
    }
}
