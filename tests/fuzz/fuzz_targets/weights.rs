//! Weights of strangers: CTranslate2's files and PyTorch's archives become other files or errors.
#![no_main]

use std::io::{Write as _, sink};

use libfuzzer_sys::fuzz_target;
use linernotes::models::convert::{ctranslate2_to_ggml, state_dict_to_onnx};

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("the system has room");
    file.write_all(bytes).expect("the system has room");
    let _ = state_dict_to_onnx(file.path(), &mut sink());
    let _ = ctranslate2_to_ggml(file.path(), file.path(), &mut sink());
});
