//! Shared state: the rooms, and what is counted about them.

mod rooms;
mod stats;

pub(crate) use rooms::RoomsManager;
pub(crate) use stats::{Stats, StatsManager};
