//! The integration tests, in one binary.

mod decode;
mod formats;
mod import;
mod page;
mod sample_episode;
mod tree;
