//! The integration tests, in one binary.

mod decode;
mod page;
mod sample_episode;
mod tree;
