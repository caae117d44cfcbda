//! The whole engine on a model of one layer with made weights.

use std::io::Write;

use super::*;

/// Numbers from a fixed seed between -1 and 1.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(u16::try_from(self.0 >> 16).unwrap()) / 32_768.0 - 1.0
    }
}

const WIDTH: usize = 64;
const VOCABULARY: usize = 51_865;

/// A model file of one layer and one head.
fn model() -> Vec<u8> {
    let mut file = Vec::new();
    let word = |file: &mut Vec<u8>, number: usize| {
        file.extend(u32::try_from(number).unwrap().to_le_bytes());
    };
    for number in [0x6767_6d6c, VOCABULARY, 1500, WIDTH, 1, 1, 448, WIDTH, 1, 1, 80, 1, 80, 201] {
        word(&mut file, number);
    }
    let mut noise = Noise(1);
    for _ in 0..80 * 201 {
        file.extend((noise.next().abs() * 0.01).to_le_bytes());
    }
    word(&mut file, 256);
    for byte in 0..=255_u8 {
        word(&mut file, 1);
        file.push(byte);
    }
    let mut tensor = |name: &str, elements: usize, scale: f32, offset: f32| {
        for number in [2, name.len(), 0, WIDTH, elements / WIDTH] {
            word(&mut file, number);
        }
        file.extend(name.as_bytes());
        for _ in 0..elements {
            file.extend((noise.next() * scale + offset).to_le_bytes());
        }
    };
    let square = WIDTH * WIDTH;
    tensor("encoder.conv1.weight", WIDTH * 80 * 3, 0.1, 0.0);
    tensor("encoder.conv1.bias", WIDTH, 0.1, 0.0);
    tensor("encoder.conv2.weight", square * 3, 0.1, 0.0);
    tensor("encoder.conv2.bias", WIDTH, 0.1, 0.0);
    tensor("encoder.positional_embedding", 1500 * WIDTH, 0.5, 0.0);
    tensor("decoder.positional_embedding", 448 * WIDTH, 0.5, 0.0);
    tensor("decoder.token_embedding.weight", VOCABULARY * WIDTH, 0.5, 0.0);
    for norm in ["encoder.ln_post", "decoder.ln"] {
        tensor(&format!("{norm}.weight"), WIDTH, 0.1, 1.0);
        tensor(&format!("{norm}.bias"), WIDTH, 0.1, 0.0);
    }
    for (side, attentions) in [("encoder", &["attn"][..]), ("decoder", &["attn", "cross_attn"])] {
        let block = format!("{side}.blocks.0");
        for attention in attentions {
            for part in ["query", "key", "value", "out"] {
                tensor(&format!("{block}.{attention}.{part}.weight"), square, 0.3, 0.0);
                if part != "key" {
                    tensor(&format!("{block}.{attention}.{part}.bias"), WIDTH, 0.1, 0.0);
                }
            }
            tensor(&format!("{block}.{attention}_ln.weight"), WIDTH, 0.1, 1.0);
            tensor(&format!("{block}.{attention}_ln.bias"), WIDTH, 0.1, 0.0);
        }
        tensor(&format!("{block}.mlp_ln.weight"), WIDTH, 0.1, 1.0);
        tensor(&format!("{block}.mlp_ln.bias"), WIDTH, 0.1, 0.0);
        tensor(&format!("{block}.mlp.0.weight"), 4 * square, 0.2, 0.0);
        tensor(&format!("{block}.mlp.0.bias"), 4 * WIDTH, 0.1, 0.0);
        tensor(&format!("{block}.mlp.2.weight"), 4 * square, 0.2, 0.0);
        tensor(&format!("{block}.mlp.2.bias"), WIDTH, 0.1, 0.0);
    }
    file
}

fn engine(bytes: &[u8], threads: usize) -> Result<Engine, LoadError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let id = ModelId { name: "made".into(), sha256: "made".into() };
    Engine::load(file.path(), id, threads)
}

fn hear(engine: &mut Engine, jobs: &[Job<'_>]) -> Vec<Hypothesis> {
    let mut heard = vec![Hypothesis::default(); jobs.len()];
    engine
        .recognize(jobs, &|| false, &mut |index, hypothesis| {
            heard[index] = hypothesis;
            Ok(())
        })
        .unwrap();
    heard
}

#[test]
fn the_text_depends_neither_on_lanes_nor_on_the_jobs_beside_it() {
    let bytes = model();
    let mut noise = Noise(2);
    let sounds: Vec<Vec<f32>> =
        (1..4).map(|seconds| (0..seconds * 16_000).map(|_| noise.next() * 0.3).collect()).collect();
    let jobs: Vec<Job<'_>> = sounds
        .iter()
        .map(|samples| Job { samples, language: "en", translate: false, prompt: "", beam: 3 })
        .collect();
    let mut one = engine(&bytes, 1).unwrap();
    let together = hear(&mut one, &jobs);
    assert_eq!(hear(&mut engine(&bytes, 2).unwrap(), &jobs), together);
    let alone: Vec<Hypothesis> =
        jobs.iter().map(|job| hear(&mut one, std::slice::from_ref(job)).remove(0)).collect();
    assert_eq!(alone, together);
    assert!(together.iter().any(|heard| !heard.tokens.is_empty()));
    for (heard, sound) in together.iter().zip(&sounds) {
        let end = i64::try_from(sound.len() / 16).unwrap();
        assert!(heard.tokens.is_sorted_by_key(|token| token.start));
        assert!(heard.tokens.iter().all(|t| t.start <= t.end && t.end.get() <= end));
        assert!((0.0..=1.0).contains(&heard.no_speech_prob) && heard.language.is_some());
    }
}

#[test]
fn a_long_prompt_and_an_empty_sound_are_taken() {
    let mut engine = engine(&model(), 1).unwrap();
    let prompt = "said before ".repeat(200);
    let job = Job { samples: &[], language: "en", translate: false, prompt: &prompt, beam: 1 };
    assert!(hear(&mut engine, &[job])[0].tokens.len() <= 224);
}

#[test]
fn a_stop_ends_the_work_and_an_unknown_language_is_told_before_it() {
    let mut engine = engine(&model(), 2).unwrap();
    let sound = vec![0.1; 16_000];
    let job = |language| Job { samples: &sound, language, translate: false, prompt: "", beam: 1 };
    let refused = engine.recognize(&[job("xx")], &|| false, &mut |_, _| Ok(())).unwrap_err();
    assert!(matches!(refused, RecognizeError::UnknownLanguage { .. }), "{refused}");
    let stopped = engine.recognize(&[job("en"); 20], &|| true, &mut |_, _| Ok(()));
    assert!(matches!(stopped, Err(RecognizeError::Cancelled)));
}

#[test]
fn damaged_weights_are_refused_with_what_is_wrong() {
    let bytes = model();
    let told = |bytes: &[u8]| engine(bytes, 1).unwrap_err().cause.to_string();
    assert!(told(b"not a model").contains("no ggml model"));
    assert!(told(&bytes[..bytes.len() - 5]).contains("ends within a tensor"));
    let mut wide = bytes.clone();
    wide[12..16].copy_from_slice(&65_u32.to_le_bytes());
    assert!(told(&wide).contains("sizes are not those"), "{}", told(&wide));
    let mut endless = bytes.clone();
    endless[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(told(&endless).contains("a count of 4294967295"));
}
