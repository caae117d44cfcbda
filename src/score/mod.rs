//! How far a result is from the truth: words, speakers, times.

pub mod chapters; // where drafted chapters begin
pub mod comparison; // errors by speaker, by minute, worst stretches
pub mod cpwer; // word error rate with speakers
pub mod der; // diarization error rate
pub mod format; // punctuation and capitals
pub mod normalize; // text -> words that can be compared
pub mod said; // what was said, from any file
pub mod side_by_side; // a comparison as a page
pub mod times; // sentence and word edges
pub mod wer; // word error rate
