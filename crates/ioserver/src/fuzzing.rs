//! Entries for the fuzz targets, which the public API does not reach. Not public API.

pub use crate::socket::engine::fuzzing::{frames, payload};
