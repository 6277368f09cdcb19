//! Events to several sockets at once.

use std::{fmt, future::poll_fn, sync::Arc, time::Duration};

use futures_core::Stream;
use serde::{Serialize, de::DeserializeOwned};
use socketioxide::{BroadcastError, operators::BroadcastOperators};

use super::{
    Sent, Socket, rooms,
    slow::{FULL, Losses},
};
use crate::{IOServerError, Result, service::Acked, task};

/// Sockets to send an event to, to look at, or to disconnect.
#[must_use = "nothing is sent before `emit`"]
pub struct Broadcast {
    operators: BroadcastOperators,
    losses: Option<Arc<Losses>>,
}

impl Broadcast {
    pub(crate) fn new(operators: BroadcastOperators, losses: Option<Arc<Losses>>) -> Self {
        Self { operators, losses }
    }

    fn with(self, change: impl FnOnce(BroadcastOperators) -> BroadcastOperators) -> Self {
        Self { operators: change(self.operators), losses: self.losses }
    }

    /// Only the sockets in this room, or in one that was named before.
    #[doc(alias = "in")]
    pub fn to(self, room: impl Into<String>) -> Self {
        let room = room.into();
        rooms::enter(&self.operators, &room);
        self.with(|operators| operators.to(room))
    }

    /// Not the sockets in this room.
    pub fn except(self, room: impl Into<String>) -> Self {
        let room = room.into();
        rooms::enter(&self.operators, &room);
        self.with(|operators| operators.except(room))
    }

    /// Only the sockets of this node.
    pub fn local(self) -> Self {
        self.with(BroadcastOperators::local)
    }

    /// Only to clients that are ready for it: the next such event replaces one that waits.
    pub fn volatile(self) -> Self {
        self.with(BroadcastOperators::volatile)
    }

    /// How long [`emit_with_ack`](Self::emit_with_ack) waits, instead of the server's
    /// [`ack_timeout`](crate::SocketOptions::ack_timeout).
    pub fn timeout(self, time: Duration) -> Self {
        self.with(|operators| operators.timeout(time))
    }

    /// Sends an event. A tuple is several arguments, `()` none, and anything else is one, as with
    /// [`Socket::emit`]. The payload is encoded once.
    ///
    /// Clients that have gone do not get it, nor do those that
    /// [do not read](crate::NamespaceOptions::slow_clients).
    pub fn emit(self, event: &str, data: impl Serialize) {
        emit(self.operators, self.losses.as_deref(), event, &data);
    }

    /// Sends an event and collects the acks, in the order in which they come. A client that does
    /// not answer in time, or not with an `R`, is left out.
    ///
    /// # Errors
    ///
    /// If the payload cannot be serialised.
    #[doc(alias = "emitWithAck")]
    pub async fn emit_with_ack<R>(self, event: &str, data: impl Serialize) -> Result<Vec<R>>
    where
        R: DeserializeOwned,
    {
        let arguments = Sent(&data);
        let sent = self.operators.emit_with_ack::<_, Acked<R>>(event, &arguments);
        let mut acks =
            std::pin::pin!(sent.await.map_err(|error| IOServerError::internal(error.to_string()))?);
        let mut answers = Vec::new();
        while let Some((_, ack)) = poll_fn(|context| acks.as_mut().poll_next(context)).await {
            answers.extend(ack.map(|Acked(answer)| answer).ok());
        }
        Ok(answers)
    }

    /// How many sockets these are, on this node.
    #[must_use]
    pub fn count(self) -> usize {
        self.operators.sockets().len()
    }

    /// Disconnects them all from the namespace; with `close`, from all they are connected to.
    #[doc(alias = "disconnectSockets")]
    pub fn disconnect(self, close: bool) {
        for socket in self.sockets() {
            socket.disconnect(close);
        }
    }

    /// The ids of the sockets, on this node.
    #[must_use]
    pub fn ids(self) -> Vec<String> {
        self.operators.sockets().iter().map(|socket| socket.id.to_string()).collect()
    }

    /// The sockets, on this node.
    ///
    /// To put them all into a room or out of one, [`join`](Socket::join) or
    /// [`leave`](Socket::leave) each.
    #[doc(alias = "fetchSockets")]
    #[doc(alias = "socketsJoin")]
    #[doc(alias = "socketsLeave")]
    #[must_use]
    pub fn sockets(self) -> Vec<Socket> {
        self.operators.sockets().into_iter().filter_map(|socket| Socket::kept(&socket)).collect()
    }
}

impl fmt::Debug for Broadcast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broadcast").finish_non_exhaustive()
    }
}

/// Sends an event to all sockets that `operators` stand for, and counts those that miss it.
pub(crate) fn emit<T: Serialize + ?Sized>(
    mut operators: BroadcastOperators,
    losses: Option<&Losses>,
    event: &str,
    data: &T,
) {
    if let Some(losses) = losses.filter(|losses| losses.any()) {
        let meant = operators.clone().sockets().len();
        operators = operators.except(FULL);
        losses.add((meant - operators.clone().sockets().len().min(meant)) as u64);
    }
    // The adapter is local, so the broadcast has happened when the future is first polled.
    if let Some(Err(BroadcastError::Socket(missed))) = task::now(operators.emit(event, &Sent(data)))
        && let Some(losses) = losses
    {
        losses.add(missed.len() as u64);
    }
}

/// Sockets compare by identity in tests and in rooms.
impl PartialEq for Socket {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id() && self.ns() == other.ns()
    }
}

impl Eq for Socket {}
