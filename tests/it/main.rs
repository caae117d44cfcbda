//! The integration tests, in one binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod cli;
mod concurrency;
mod corpus;
mod crash;
mod damage;
mod decode;
mod formats;
mod full_disk;
mod import;
mod imported;
mod large_text;
mod messages;
mod models;
mod page;
mod pipeline;
mod published;
mod quotes;
mod sample_episode;
mod site;
mod sources;
mod stated_times;
mod strange_files;
mod tools;
mod tree;
mod work_folder;
