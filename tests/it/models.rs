//! Weights: fetched from each kind of source, checked, kept, and refused when they are not right.

mod carriers;
mod convert;
mod download;
mod real;
mod server;
mod state_dict;
mod store;
