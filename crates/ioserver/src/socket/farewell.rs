//! What happens when a client has gone.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use socketioxide::socket::DisconnectReason as Engine;

use crate::{BoxFuture, task::catch_panic};

/// Why a client has gone, in the words of Socket.IO's server.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The client called `disconnect()`.
    #[serde(rename = "client namespace disconnect")]
    ClientNamespaceDisconnect,
    /// The server called [`Socket::disconnect`](crate::Socket::disconnect).
    #[serde(rename = "server namespace disconnect")]
    ServerNamespaceDisconnect,
    /// The server stops.
    #[serde(rename = "server shutting down")]
    ServerShuttingDown,
    /// The client did not answer a ping in time.
    #[serde(rename = "ping timeout")]
    PingTimeout,
    /// The connection was closed or lost.
    #[serde(rename = "transport close")]
    TransportClose,
    /// The client broke the rules of the transport: a ping, a frame or a message that may not be,
    /// two polls at the same time, a request that breaks off.
    #[serde(rename = "transport error")]
    TransportError,
    /// The client sent something that is no packet of Socket.IO, or one for a namespace in which it
    /// is not.
    #[serde(rename = "forced close")]
    ForcedClose,
    /// The client sent something that is no packet of Engine.IO.
    #[serde(rename = "parse error")]
    ParseError,
}

impl DisconnectReason {
    /// The reason as Socket.IO's server writes it, such as `transport close`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientNamespaceDisconnect => "client namespace disconnect",
            Self::ServerNamespaceDisconnect => "server namespace disconnect",
            Self::ServerShuttingDown => "server shutting down",
            Self::PingTimeout => "ping timeout",
            Self::TransportClose => "transport close",
            Self::TransportError => "transport error",
            Self::ForcedClose => "forced close",
            Self::ParseError => "parse error",
        }
    }
}

impl From<Engine> for DisconnectReason {
    fn from(reason: Engine) -> Self {
        match reason {
            Engine::ClientNSDisconnect => Self::ClientNamespaceDisconnect,
            Engine::ServerNSDisconnect => Self::ServerNamespaceDisconnect,
            Engine::ClosingServer => Self::ServerShuttingDown,
            Engine::HeartbeatTimeout => Self::PingTimeout,
            // Node tells a lost connection from an error only where a write failed.
            Engine::TransportClose | Engine::TransportError => Self::TransportClose,
            Engine::MultipleHttpPollingError => Self::TransportError,
            Engine::PacketParsingError => Self::ForcedClose,
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The callbacks that wait for a client to go.
#[derive(Default)]
pub(crate) struct Farewell {
    callbacks: Mutex<Vec<Callback>>,
}

type Callback = Box<dyn FnOnce(DisconnectReason) -> BoxFuture<'static, ()> + Send>;

impl Farewell {
    pub(super) fn push<F, Fut>(&self, then: F)
    where
        F: FnOnce(DisconnectReason) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.lock().push(Box::new(move |reason| Box::pin(then(reason))));
    }

    /// Runs the callbacks in the order in which they were left, each once.
    pub(crate) async fn run(&self, reason: DisconnectReason) {
        run(self.take(), reason).await;
    }

    fn take(&self) -> Vec<Callback> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Callback>> {
        self.callbacks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client may go while its middlewares run. Then the engine reports nothing, and what they left
/// (a registered session) is undone when the socket is dropped.
impl Drop for Farewell {
    fn drop(&mut self) {
        let callbacks = self.take();
        if callbacks.is_empty() {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(run(callbacks, DisconnectReason::TransportClose));
        }
    }
}

async fn run(callbacks: Vec<Callback>, reason: DisconnectReason) {
    for callback in callbacks {
        let _ = catch_panic(callback(reason)).await; // the others run all the same
    }
}
