//! The client's wish to be answered.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Serialize;
use socketioxide::{extract::AckSender, handler::FromMessageParts};
use socketioxide_core::Value as Packet;

/// The callback that a client passed with an event, if it did. Clones share one answer: the first
/// [`send`](Self::send) wins.
#[derive(Clone)]
pub struct Ack {
    pending: Option<Arc<Pending>>,
}

struct Pending {
    socket: Arc<socketioxide::socket::Socket>,
    id: i64,
    answered: AtomicBool,
}

impl Ack {
    pub(crate) fn new(socket: &Arc<socketioxide::socket::Socket>, id: Option<i64>) -> Self {
        let pending = |id| {
            Arc::new(Pending { socket: Arc::clone(socket), id, answered: AtomicBool::new(false) })
        };
        Self { pending: id.map(pending) }
    }

    /// Whether the client passed a callback.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.pending.is_some()
    }

    /// Whether the client passed a callback and has not been answered yet.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.pending.as_ref().is_some_and(|pending| !pending.answered.load(Ordering::Relaxed))
    }

    /// Answers; a tuple is several arguments, `()` none.
    ///
    /// Returns `false` if the client asked for no answer, was answered already or has gone, and if
    /// the answer cannot be serialised.
    pub fn send<T: Serialize + ?Sized>(&self, answer: &T) -> bool {
        let Some(pending) = &self.pending else { return false };
        if pending.answered.swap(true, Ordering::Relaxed) {
            return false;
        }
        // The extractor is the only way to a sender; it does not look at the packet.
        let mut packet = Packet::Bytes(bytes::Bytes::new());
        let Ok(sender): Result<AckSender, _> =
            AckSender::from_message_parts(&pending.socket, &mut packet, &Some(pending.id));
        if std::any::type_name::<T>() == std::any::type_name::<()>() {
            return sender.send(&[(); 0]).is_ok(); // the engine writes `()` as one `null`
        }
        sender.send(answer).is_ok()
    }
}

impl fmt::Debug for Ack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ack")
            .field("requested", &self.is_requested())
            .field("pending", &self.is_pending())
            .finish()
    }
}
