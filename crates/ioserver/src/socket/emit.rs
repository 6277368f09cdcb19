//! Events to one client.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};
use socketioxide::{SendError, SocketError, ack::AckStream};

use super::{Kicked, Sent, SlowClients, Socket, gate::Namespace};
use crate::{IOServerError, LogLevel, Result, service::Acked};

impl Socket {
    /// Sends an event to this client. A tuple is several arguments, `()` none, and anything else is
    /// one: `[x, y]` arrives as an array, as from `socket.emit('pos', [x, y])`.
    ///
    /// Returns `false` if it is not sent: the client has gone or does not read what it is sent
    /// ([`slow_clients`](crate::NamespaceOptions::slow_clients)), or the payload cannot be
    /// serialised, which is logged.
    ///
    /// ```
    /// # fn tell(socket: &ioserver::Socket, message: &String) {
    /// socket.emit("said", message); // socket.on("said", (message) => …)
    /// socket.emit("moved", ("ada", 3, 4)); // socket.on("moved", (name, x, y) => …)
    /// socket.emit("ready", ()); // socket.on("ready", () => …)
    /// # }
    /// ```
    pub fn emit(&self, event: &str, data: impl Serialize) -> bool {
        self.is_taking().is_ok() && self.sent(event, self.engine.emit(event, &Sent(&data))).is_ok()
    }

    /// Sends an event that may get lost: the next one replaces it if the client is not ready for
    /// it yet.
    ///
    /// Returns `false` where [`emit`](Self::emit) does.
    pub fn emit_volatile(&self, event: &str, data: impl Serialize) -> bool {
        self.is_taking().is_ok()
            && self.told(event, self.engine.volatile().emit(event, &Sent(&data))).is_ok()
    }

    /// Sends an event to this client and waits for its ack, up to the server's
    /// [`ack_timeout`](crate::SocketOptions::ack_timeout). A tuple takes all arguments of the ack,
    /// any other type the first.
    ///
    /// The event's own arguments are those of [`emit`](Self::emit): with `()`, the client's
    /// function is called with the callback alone.
    ///
    /// # Errors
    ///
    /// If the event is not sent, as [`emit`](Self::emit) says, or the ack does not come in time or
    /// is no `R`.
    #[doc(alias = "emitWithAck")]
    pub async fn emit_with_ack<R>(&self, event: &str, data: impl Serialize) -> Result<R>
    where
        R: DeserializeOwned,
    {
        self.is_taking()?;
        let ack = self.sent(event, self.engine.emit_with_ack(event, &Sent(&data)))?;
        drop(data); // it is encoded, and need not be `Sync` to be waited for
        acked(ack).await
    }

    /// Like [`emit_with_ack`](Self::emit_with_ack), with a time of its own.
    ///
    /// # Errors
    ///
    /// As there.
    #[doc(alias = "timeout")]
    pub async fn emit_with_ack_within<R>(
        &self,
        time: Duration,
        event: &str,
        data: impl Serialize,
    ) -> Result<R>
    where
        R: DeserializeOwned,
    {
        self.is_taking()?;
        let sender = self.engine.timeout(time);
        let ack = self.sent(event, sender.emit_with_ack(event, &Sent(&data)))?;
        drop(data);
        acked(ack).await
    }

    /// Whether the client takes more.
    fn is_taking(&self) -> Result<()> {
        if self.state.line.as_ref().is_some_and(|line| line.is_full()) {
            self.state.namespace.losses.add(1);
            return Err(IOServerError::new("the client does not read what it is sent", 503_u16));
        }
        Ok(())
    }

    /// Looks at what became of a packet: one that the engine's queue had no place for is lost.
    fn sent<T>(&self, event: &str, result: Result<T, SendError>) -> Result<T> {
        if matches!(result, Err(SendError::Socket(SocketError::InternalChannelFull))) {
            let Namespace { losses, options, .. } = &*self.state.namespace;
            losses.add(1);
            self.state.namespace.tell_of_slow_clients();
            if let (Some(line), SlowClients::Disconnect) = (&self.state.line, options.slow_clients)
            {
                self.engine.extensions.insert(Kicked);
                line.cut();
            }
        }
        self.told(event, result)
    }

    /// Logs a payload that cannot be serialised: the sender's mistake, and no caller looks for it.
    fn told<T>(&self, event: &str, result: Result<T, SendError>) -> Result<T> {
        if let Err(error @ SendError::Serialize(_)) = &result {
            let text = format_args!("event `{event}` is not sent to `{}`: {error}", self.ns());
            self.state.namespace.app.log(LogLevel::Error, text);
        }
        result.map_err(IOServerError::internal)
    }
}

async fn acked<R: DeserializeOwned>(ack: AckStream<Acked<R>>) -> Result<R> {
    ack.await.map(|Acked(answer)| answer).map_err(IOServerError::internal)
}
