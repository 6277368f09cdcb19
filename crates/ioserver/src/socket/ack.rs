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

use super::{Sent, Socket};
use crate::IOServerError;

/// The callback that a client passed with an event, if it did. Clones share one answer: the first
/// [`send`](Self::send) wins.
#[doc(alias = "callback")]
#[derive(Clone)]
pub struct Ack {
    pending: Option<Arc<Pending>>,
}

struct Pending {
    socket: Arc<socketioxide::socket::Socket>,
    id: i64,
    answered: AtomicBool,
    /// Whether the client is told when no one is left to answer.
    told: bool,
}

impl Ack {
    pub(crate) fn new(socket: &Socket, id: Option<i64>) -> Self {
        let pending = |id| {
            let told = socket.state.namespace.options.answer_dropped_acks;
            let (socket, answered) = (Arc::clone(socket.engine()), AtomicBool::new(false));
            Arc::new(Pending { socket, id, answered, told })
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

    /// Answers. A tuple is several arguments, `()` none, and anything else is one, arrays among them.
    ///
    /// Returns `false` if the client asked for no answer, was answered already or has gone, and if
    /// the answer cannot be serialised.
    pub fn send(&self, answer: impl Serialize) -> bool {
        self.pending.as_ref().is_some_and(|pending| pending.send(&answer))
    }
}

impl Pending {
    fn send<T: Serialize + ?Sized>(&self, answer: &T) -> bool {
        if self.answered.swap(true, Ordering::Relaxed) {
            return false;
        }
        // The extractor is the only way to a sender; it does not look at the packet.
        let mut packet = Packet::Bytes(bytes::Bytes::new());
        let Ok(sender): Result<AckSender, _> =
            AckSender::from_message_parts(&self.socket, &mut packet, &Some(self.id));
        sender.send(&Sent(answer)).is_ok()
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if self.told {
            let error = IOServerError::new("the event was not answered", 500_u16);
            self.send(&(error.socket_payload(),)); // in vain if it was
        }
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
