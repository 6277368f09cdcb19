//! Events to several sockets at once.

use std::fmt;

use serde::Serialize;
use socketioxide::operators::BroadcastOperators;

use super::Socket;
use crate::task;

/// Sockets to send an event to, or to disconnect.
#[must_use = "nothing is sent before `emit`"]
pub struct Broadcast {
    operators: BroadcastOperators,
}

impl Broadcast {
    pub(crate) fn new(operators: BroadcastOperators) -> Self {
        Self { operators }
    }

    /// Only the sockets in this room, or in one that was named before.
    pub fn to(self, room: impl Into<String>) -> Self {
        Self::new(self.operators.to(room.into()))
    }

    /// Not the sockets in this room.
    pub fn except(self, room: impl Into<String>) -> Self {
        Self::new(self.operators.except(room.into()))
    }

    /// Only the sockets of this node.
    pub fn local(self) -> Self {
        Self::new(self.operators.local())
    }

    /// Sends an event; a tuple is several arguments. The payload is encoded once.
    ///
    /// Clients that have gone or whose queue is full do not get it.
    pub fn emit<T: Serialize + ?Sized>(self, event: &str, data: &T) {
        emit(self.operators, event, data);
    }

    /// How many sockets these are, on this node.
    #[must_use]
    pub fn count(self) -> usize {
        self.operators.sockets().len()
    }

    /// Disconnects them all from the namespace.
    pub fn disconnect(self) {
        for socket in self.operators.sockets() {
            let _ = socket.disconnect(); // one that has gone is disconnected
        }
    }

    /// The ids of the sockets, on this node.
    #[must_use]
    pub fn ids(self) -> Vec<String> {
        self.operators.sockets().iter().map(|socket| socket.id.to_string()).collect()
    }
}

impl fmt::Debug for Broadcast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broadcast").finish_non_exhaustive()
    }
}

/// Sends an event to all sockets that `operators` stand for.
pub(crate) fn emit<T: Serialize + ?Sized>(operators: BroadcastOperators, event: &str, data: &T) {
    // The adapter is local, so the broadcast has happened when the future is first polled.
    let _ = task::now(operators.emit(event, data));
}

/// Sockets compare by identity in tests and in rooms.
impl PartialEq for Socket {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id() && self.ns() == other.ns()
    }
}

impl Eq for Socket {}
