//! The integration tests, in one binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod cli;
mod concurrency;
mod corpus;
mod crash;
mod decode;
mod formats;
mod import;
mod imported;
mod models;
mod page;
mod pipeline;
mod published;
mod sample_episode;
mod site;
mod sources;
mod tree;
mod work_folder;
