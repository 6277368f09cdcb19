use ioserver::{Result, Socket, service};
use serde_json::{Value, json};

/// Tells which namespace a name leads to.
pub(crate) struct WhereService;

#[service]
impl WhereService {
    pub async fn r#where(&self, socket: Socket) -> Result<Value> {
        Ok(json!({ "nsp": socket.ns() }))
    }
}
