use ioserver::{Payload, Result, Socket, service};
use serde_json::{Value, json};

/// The namespace `/`.
pub(crate) struct RootService;

#[service]
impl RootService {
    pub async fn ping(&self, data: Payload) -> Result<Value> {
        Ok(json!({ "pong": data }))
    }

    pub async fn whoami(&self, socket: Socket) -> Result<Value> {
        Ok(json!({ "id": socket.id(), "nsp": socket.ns() }))
    }
}
