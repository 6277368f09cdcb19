use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ioserver::{AppHandle, BaseWatcher, IOServerError, Result, SendTo};
use serde_json::json;

/// Counts aloud in the namespace `ticks`.
pub(crate) struct TickWatcher {
    pub(crate) app: AppHandle,
    pub(crate) started: Arc<AtomicBool>,
}

impl BaseWatcher for TickWatcher {
    async fn watch(&self) -> Result<()> {
        self.started.store(true, Ordering::Relaxed);
        let mut ticks = tokio::time::interval(Duration::from_millis(200));
        ticks.tick().await; // the first one comes at once
        for n in 1_u64.. {
            ticks.tick().await;
            self.app.send(SendTo::new("tick", json!({ "n": n })).namespace("ticks"));
        }
        Ok(())
    }
}

/// Never watches.
pub(crate) struct BadWatcher;

impl BaseWatcher for BadWatcher {
    async fn watch(&self) -> Result<()> {
        Err(IOServerError::internal("watch failed"))
    }
}
