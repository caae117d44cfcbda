//! The integration tests, in one binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod back_catalogue;
mod bad_input;
mod cli;
mod concurrency;
mod corpus;
mod corrections;
mod crash;
mod damage;
mod decode;
mod description;
mod desk;
mod early;
mod formats;
mod full_disk;
mod import;
mod imported;
mod large_text;
mod loudness;
mod many;
mod messages;
mod models;
mod page;
mod pipeline;
mod printing;
mod published;
mod quotes;
mod retime;
mod said;
mod sample_episode;
mod serve;
mod site;
mod sources;
mod stated_times;
mod strange_files;
mod text;
mod tools;
mod tree;
mod without_cuts;
mod work_folder;
