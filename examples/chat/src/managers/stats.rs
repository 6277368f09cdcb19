use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ioserver::{AppHandle, BaseManager};
use serde::Serialize;

/// Counts who is there and what is said.
pub(crate) struct StatsManager {
    counted: Mutex<Counted>,
    started: Instant,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    total_users: usize,
    active_rooms: usize,
    messages_count: u64,
    peak_concurrent_users: usize,
}

/// The counts, and how long the server has been up.
#[derive(Debug, Serialize)]
pub(crate) struct Stats {
    #[serde(flatten)]
    counted: Counted,
    uptime: String,
}

impl StatsManager {
    pub(crate) fn new(_: AppHandle) -> Self {
        Self { counted: Mutex::default(), started: Instant::now() }
    }

    /// Someone has come in.
    pub(crate) fn user_entered(&self) {
        let mut counted = self.counted();
        counted.total_users += 1;
        counted.peak_concurrent_users = counted.peak_concurrent_users.max(counted.total_users);
    }

    /// Someone has gone.
    pub(crate) fn user_left(&self) {
        let mut counted = self.counted();
        counted.total_users = counted.total_users.saturating_sub(1);
    }

    /// Something was said.
    pub(crate) fn message_said(&self) {
        self.counted().messages_count += 1;
    }

    /// So many rooms have someone in them.
    pub(crate) fn set_active_rooms(&self, rooms: usize) {
        self.counted().active_rooms = rooms;
    }

    /// What was counted until now.
    pub(crate) fn stats(&self) -> Stats {
        Stats { counted: *self.counted(), uptime: hours(self.started.elapsed()) }
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BaseManager for StatsManager {}

/// For the log.
impl std::fmt::Display for Stats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Counted { total_users, active_rooms, messages_count, peak_concurrent_users } =
            self.counted;
        write!(f, "users: {total_users}, rooms: {active_rooms}, messages: {messages_count}, ")?;
        write!(f, "peak: {peak_concurrent_users}, uptime: {}", self.uptime)
    }
}

/// Such as `26h 3m 9s`.
fn hours(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}h {}m {}s", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uptime_is_in_hours_minutes_and_seconds() {
        assert_eq!(hours(Duration::from_secs(0)), "0h 0m 0s");
        assert_eq!(hours(Duration::from_secs(26 * 3600 + 3 * 60 + 9)), "26h 3m 9s");
    }
}
