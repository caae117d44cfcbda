//! The integration tests, in one binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cli;
mod decode;
mod formats;
mod import;
mod imported;
mod models;
mod page;
mod pipeline;
mod sample_episode;
mod site;
mod tree;
