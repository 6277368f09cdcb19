//! The rooms of a socket, and the one of its own id.
//!
//! In Socket.IO each socket is in that one. The engine's adapter keeps half a kilobyte for a
//! socket that is in a room, in tables that never shrink, and few sockets are ever spoken to by
//! their ids: so a socket enters its own room when somebody names it.

use std::sync::atomic::{AtomicBool, Ordering};

use socketioxide::{operators::BroadcastOperators, socket::Sid};

use super::{Socket, slow::FULL};

impl Socket {
    /// Puts the socket into a room.
    pub fn join(&self, room: impl Into<String>) {
        let room = room.into();
        if self.is_own(&room) {
            self.state.own_room.open();
        }
        self.engine.join(room);
    }

    /// Takes the socket out of a room; one it is not in is fine.
    pub fn leave(&self, room: impl Into<String>) {
        let room = room.into();
        if self.is_own(&room) {
            self.state.own_room.close();
        }
        self.engine.leave(room);
    }

    /// The rooms the socket is in, among them the one of its own id.
    #[must_use]
    pub fn rooms(&self) -> Vec<String> {
        let others = self.engine.rooms().into_iter().map(|room| room.to_string());
        let others = others.filter(|room| room != FULL && !self.is_own(room));
        let own = self.state.own_room.is_open().then(|| self.id().to_owned());
        own.into_iter().chain(others).collect()
    }

    fn is_own(&self, room: &str) -> bool {
        room.parse::<Sid>().is_ok_and(|id| id == self.engine.id)
    }
}

/// Whether a socket is in its own room, as far as anybody can see.
#[derive(Debug, Default)]
pub(crate) struct OwnRoom(AtomicBool);

impl OwnRoom {
    pub(super) fn open(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(super) fn close(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    pub(super) fn is_open(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Has the socket whose id this is, if there is one, enter its own room. Call it before the room
/// is used.
pub(crate) fn enter(namespace: &BroadcastOperators, room: &str) {
    let Ok(id) = room.parse::<Sid>() else { return };
    let Some(engine) = namespace.get_socket(id) else { return };
    let Some(socket) = Socket::kept(&engine) else { return };
    let is_open = || socket.state.own_room.is_open();
    if !is_open() {
        return;
    }
    engine.join(room.to_owned());
    if is_open() {
        return;
    }
    // It left meanwhile, maybe before it had entered.
    engine.leave(room.to_owned());
    if !engine.connected() {
        engine.leave_all(); // else the adapter keeps an entry of it for ever
    }
}
