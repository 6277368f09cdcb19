//! The loads, each of which ends by itself.

pub(crate) mod acks;
pub(crate) mod broadcast;
pub(crate) mod connects;
pub(crate) mod http;
pub(crate) mod idle;

use std::{io, time::Duration};

/// Latencies of one load.
#[derive(Debug, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(crate) fn push(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// What `percent` of all are not slower than, in milliseconds.
    pub(crate) fn percentile(&mut self, percent: usize) -> f64 {
        self.0.sort_unstable();
        let rank = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0.get(rank).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
    }
}

pub(crate) fn broken(text: impl Into<String>) -> io::Error {
    io::Error::other(text.into())
}
