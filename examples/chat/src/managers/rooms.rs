use std::sync::{Mutex, MutexGuard, PoisonError};

use ioserver::{AppHandle, BaseManager};

use crate::lobby::Lobby;

/// The lobby, shared by the chat and its watcher.
pub(crate) struct RoomsManager {
    lobby: Mutex<Lobby>,
}

impl RoomsManager {
    pub(crate) fn new(_: AppHandle) -> Self {
        Self { lobby: Mutex::new(Lobby::new()) }
    }

    /// The lobby, until the guard goes. Who emits while holding it keeps events in the order of
    /// what happened.
    pub(crate) fn lobby(&self) -> MutexGuard<'_, Lobby> {
        self.lobby.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BaseManager for RoomsManager {}
