//! Events to one socket.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};
use socketioxide::{SendError, SocketError, ack::AckStream};

use super::{Kicked, SlowClients, Socket, gate::Namespace};
use crate::{IOServerError, Result, service::Acked};

impl Socket {
    /// Sends an event to this client; a tuple is several arguments.
    ///
    /// # Errors
    ///
    /// If the client has gone, does not read what it is sent
    /// ([`slow_clients`](crate::NamespaceOptions::slow_clients)), or the payload cannot be
    /// serialised.
    pub fn emit<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Result<()> {
        self.is_taking()?;
        self.sent(self.engine.emit(event, data))
    }

    /// Sends an event that may get lost: the next one replaces it if the client is not ready for
    /// it yet.
    ///
    /// # Errors
    ///
    /// If the client has gone or the payload cannot be serialised.
    pub fn emit_volatile<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Result<()> {
        if self.is_taking().is_err() {
            return Ok(()); // it gets lost
        }
        self.engine.volatile().emit(event, data).map_err(IOServerError::internal)
    }

    /// Sends an event to this client and waits for its ack, up to the server's
    /// [`ack_timeout`](crate::SocketOptions::ack_timeout). A tuple takes all arguments of the ack,
    /// any other type the first.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit), and if the ack does not come in time or is no `R`.
    pub async fn emit_with_ack<T, R>(&self, event: &str, data: &T) -> Result<R>
    where
        T: Serialize + ?Sized,
        R: DeserializeOwned,
    {
        self.is_taking()?;
        acked(self.sent(self.engine.emit_with_ack(event, data))?).await
    }

    /// Like [`emit_with_ack`](Self::emit_with_ack), with a time of its own.
    ///
    /// # Errors
    ///
    /// As there.
    #[doc(alias = "timeout")]
    pub async fn emit_with_ack_within<T, R>(
        &self,
        time: Duration,
        event: &str,
        data: &T,
    ) -> Result<R>
    where
        T: Serialize + ?Sized,
        R: DeserializeOwned,
    {
        self.is_taking()?;
        acked(self.sent(self.engine.timeout(time).emit_with_ack(event, data))?).await
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
    fn sent<T>(&self, result: Result<T, SendError>) -> Result<T> {
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
        result.map_err(IOServerError::internal)
    }
}

async fn acked<R: DeserializeOwned>(ack: AckStream<Acked<R>>) -> Result<R> {
    ack.await.map(|Acked(answer)| answer).map_err(IOServerError::internal)
}
