//! The integration tests, in one binary.
mod page;
mod sample_episode;
mod decode;
