//! Clients that do not read what they are sent.

use std::{
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use super::{Kicked, gate::Namespace};
use crate::LogLevel;

/// What a namespace does with a client for whom more waits than
/// [`max_backlog`](crate::SocketOptions::max_backlog) allows. Node keeps it all, without bound.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a client stays or goes")]
pub enum SlowClients {
    /// It is disconnected, and may connect anew to learn what it missed.
    #[default]
    Disconnect,
    /// It stays, and what it is sent is dropped until it has read half of what waits.
    Drop,
}

/// The room of the sockets for which nothing more is taken. No client's room begins so.
pub(crate) const FULL: &str = "\u{0}full";

/// How much a namespace did not send.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    packets: AtomicU64,
    told: AtomicBool,
}

impl Losses {
    pub(crate) fn count(&self) -> u64 {
        self.packets.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, packets: u64) {
        self.packets.fetch_add(packets, Ordering::Relaxed);
    }

    /// Whether a client has ever been too slow; before that, nobody need be left out.
    pub(crate) fn any(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }
}

impl Namespace {
    /// Says once that there are clients who do not read.
    pub(super) fn tell_of_slow_clients(&self) {
        if self.losses.told.swap(true, Ordering::Relaxed) {
            return;
        }
        let what = match self.options.slow_clients {
            SlowClients::Disconnect => "it is disconnected",
            SlowClients::Drop => "what it is sent is dropped",
        };
        let text = format_args!(
            "a client of namespace `{}` does not read fast enough: {what}; further ones are counted only",
            self.path
        );
        self.app.log(LogLevel::Warning, text);
    }
}

/// A namespace's socket on a client's connection.
#[derive(Clone)]
pub(in crate::socket) struct Attached {
    socket: Weak<socketioxide::socket::Socket>,
    namespace: Arc<Namespace>,
}

impl Attached {
    pub(in crate::socket) fn new(
        socket: &Arc<socketioxide::socket::Socket>,
        namespace: &Arc<Namespace>,
    ) -> Self {
        Self { socket: Arc::downgrade(socket), namespace: Arc::clone(namespace) }
    }

    /// Whether it is connected to this namespace.
    pub(in crate::socket) fn is_in(&self, namespace: &str) -> bool {
        self.namespace.path == namespace && self.is_there()
    }

    pub(in crate::socket) fn is_of(&self, socket: &Arc<socketioxide::socket::Socket>) -> bool {
        std::ptr::eq(self.socket.as_ptr(), Arc::as_ptr(socket))
    }

    pub(in crate::socket) fn is_there(&self) -> bool {
        self.socket.strong_count() > 0
    }

    /// Does what the namespace wants when the client's connection is full, or is not any more.
    /// Says whether the socket stays.
    pub(in crate::socket) fn fill(&self, full: bool) -> bool {
        let Some(socket) = self.socket.upgrade() else { return false };
        if !full {
            socket.leave(FULL);
            return true;
        }
        self.namespace.tell_of_slow_clients();
        let stays = self.namespace.options.slow_clients == SlowClients::Drop;
        if stays {
            socket.join(FULL);
        } else {
            socket.extensions.insert(Kicked);
            let _ = socket.disconnect(); // one that has gone is disconnected
        }
        stays
    }
}

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached").finish_non_exhaustive()
    }
}
