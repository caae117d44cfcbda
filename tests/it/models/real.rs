//! The real weights: in place, right, and giving the numbers that they should.

use linernotes::models::{SilentFetch, Store};
use rten_tensor::prelude::*;

#[test]
#[ignore = "needs weights"]
fn default_models_are_the_right_bytes() {
    let store = Store::open();
    for model in store.register().models.iter().filter(|model| model.default) {
        let located = store.verify(&model.name, &SilentFetch).unwrap();
        assert!(model.accepts(&located.id.sha256));
    }
}

/// The expected numbers are those of another implementation of the same network on another engine
/// (ONNX Runtime 1.31), for features from a linear congruential generator.
#[test]
#[ignore = "needs weights"]
fn campplus_gives_the_reference_embedding() {
    const FRAMES: usize = 148;
    let mut state = 1_u64;
    let features: Vec<f32> = (0..FRAMES * 80)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let [.., high, middle, low] = (state >> 40).to_be_bytes();
            let unit = f32::from(high) / 256.0
                + f32::from(middle) / 65_536.0
                + f32::from(low) / 16_777_216.0;
            (unit - 0.5) * 8.0
        })
        .collect();
    let path = Store::open().identify("campplus").unwrap().path;
    let model = rten::Model::load_file(path).unwrap();
    let features = rten_tensor::NdTensor::from_data([1, FRAMES, 80], features);
    let embedding: rten_tensor::NdTensor<f32, 2> =
        model.run_one(features.view().into(), None).unwrap().try_into().unwrap();
    let values = embedding.to_vec();
    let expected = [
        -0.970_349, -0.573_441, 0.943_449, -0.748_062, -0.824_928, 0.930_139, -0.589_451,
        -0.657_294,
    ];
    for (value, expected) in values.iter().zip(expected) {
        assert!((value - expected).abs() < 1e-4, "{value} {expected}");
    }
    let norm = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    assert!((norm - 11.383_43).abs() < 1e-3, "{norm}");
}
