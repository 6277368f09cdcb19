use ioserver::{Result, Socket, service};

use crate::middlewares::SocketTrace;

/// Behind two middlewares.
pub(crate) struct GuardedService;

#[service]
impl GuardedService {
    pub async fn trace(&self, socket: Socket) -> Result<Vec<&'static str>> {
        Ok(socket.get().map(|SocketTrace(letters)| letters).unwrap_or_default())
    }
}
