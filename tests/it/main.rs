//! The integration tests, in one binary.
mod sample_episode;
mod decode;
