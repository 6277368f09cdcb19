use ioserver::{IOServerError, Result, Socket, service};
use serde_json::{Map, Value};

use super::user::members;

/// Tells who is behind a socket.
pub(crate) struct WhoamiService;

#[service]
impl WhoamiService {
    pub async fn whoami(&self, socket: Socket) -> Result<Map<String, Value>> {
        Ok(members(socket.get().as_ref()))
    }

    pub async fn fail(&self) -> Result<()> {
        Err(IOServerError::new("oidc service error", 409_u16))
    }
}
