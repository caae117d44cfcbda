//! Layers of small networks, and the threads that run them.
//!
//! `weights.rs` reads a network's numbers out of an ONNX file, `dense.rs` multiplies with them in
//! 32-bit floats, `threads.rs` shares work out. The networks themselves stand with the stages that
//! ask them: `segmentation/network.rs`, `diarize/campplus.rs`.

mod dense;
mod threads;
mod weights;

pub(crate) use dense::{Dense, taps_first};
pub(crate) use threads::{alone, shared_out};
pub(crate) use weights::Weights;
