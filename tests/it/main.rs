//! The integration tests, in one binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod cli;
mod concurrency;
mod corpus;
mod corrections;
mod crash;
mod damage;
mod decode;
mod description;
mod early;
mod formats;
mod full_disk;
mod import;
mod imported;
mod large_text;
mod loudness;
mod messages;
mod models;
mod page;
mod pipeline;
mod printing;
mod published;
mod quotes;
mod sample_episode;
mod site;
mod sources;
mod stated_times;
mod strange_files;
mod text;
mod tools;
mod tree;
mod work_folder;
