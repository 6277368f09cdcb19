use std::{sync::Arc, time::Duration};

use ioserver::{AppHandle, BaseWatcher, LogLevel, Result, every};

use super::memory::resident_mib;
use crate::managers::{RoomsManager, StatsManager};

const MINUTE: Duration = Duration::from_secs(60);
const MUCH_MEMORY_MIB: u64 = 500;

/// Forgets empty rooms, and logs statistics and memory.
pub(crate) struct ChatWatcher {
    app: AppHandle,
    rooms: Arc<RoomsManager>,
    stats: Arc<StatsManager>,
}

impl ChatWatcher {
    pub(crate) fn new(app: AppHandle) -> Result<Self> {
        Ok(Self { rooms: app.manager("rooms")?, stats: app.manager("statsManager")?, app })
    }

    fn tidy(&self) {
        let forgotten = self.rooms.lobby().tidy();
        self.app.log(LogLevel::Information, format_args!("{forgotten} empty rooms are forgotten"));
    }

    fn log_stats(&self) {
        self.app.log(LogLevel::Information, format_args!("chat: {}", self.stats.stats()));
    }

    fn log_memory(&self) {
        let Some(mib) = resident_mib() else { return };
        let level = if mib > MUCH_MEMORY_MIB { LogLevel::Warning } else { LogLevel::Debug };
        self.app.log(level, format_args!("the server uses {mib} MiB of memory"));
    }
}

impl BaseWatcher for ChatWatcher {
    async fn watch(&self) -> Result<()> {
        let (mut tidy, mut stats, mut memory) =
            (every(30 * MINUTE), every(5 * MINUTE), every(MINUTE));
        loop {
            tokio::select! {
                _ = tidy.tick() => self.tidy(),
                _ = stats.tick() => self.log_stats(),
                _ = memory.tick() => self.log_memory(),
            }
        }
    }
}
