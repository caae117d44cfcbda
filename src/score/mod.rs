//! How far a result is from the truth: words, speakers, times.

pub mod normalize; // text -> words that can be compared
pub mod wer; // word error rate
