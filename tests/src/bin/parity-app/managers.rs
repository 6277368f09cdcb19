use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use ioserver::{BaseManager, IOServerError, Result};

/// Keeps lists of strings by key, for cases that look at what has happened.
#[derive(Default)]
pub(crate) struct TraceManager {
    started: AtomicBool,
    lists: Mutex<HashMap<String, Vec<String>>>,
}

impl TraceManager {
    pub(crate) fn push(&self, key: &str, text: impl Into<String>) {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        lists.entry(key.to_owned()).or_default().push(text.into());
    }

    pub(crate) fn get(&self, key: &str) -> Vec<String> {
        let lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        lists.get(key).cloned().unwrap_or_default()
    }

    pub(crate) fn started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }
}

impl BaseManager for TraceManager {
    async fn start(&self) -> Result<()> {
        self.started.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// Never starts.
pub(crate) struct FlakyManager;

impl BaseManager for FlakyManager {
    async fn start(&self) -> Result<()> {
        Err(IOServerError::internal("manager start failed"))
    }
}
