//! How far a result is from the truth: words, speakers, times.

pub mod cpwer; // word error rate with speakers
pub mod der; // diarization error rate
pub mod normalize; // text -> words that can be compared
pub mod times; // sentence and word edges
pub mod wer; // word error rate
