//! The integration tests, in one binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod cli;
mod corpus;
mod decode;
mod formats;
mod import;
mod imported;
mod large_text;
mod models;
mod page;
mod pipeline;
mod sample_episode;
mod site;
mod stated_times;
mod strange_files;
mod tools;
mod tree;
