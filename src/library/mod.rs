//! The show's and the episodes' folders: what people write, and what the machine keeps beside it.
//!
//! [`show`] and [`episode`] are the two files that people write; the machine only ever creates them
//! where they are missing.

pub mod episode;
pub mod show;
