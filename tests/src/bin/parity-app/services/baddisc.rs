use ioserver::{IOServerError, Result, service};

/// Fails when a client goes.
pub(crate) struct BadDisconnectService;

#[service]
impl BadDisconnectService {
    pub async fn hello(&self) -> Result<&'static str> {
        Ok("hi")
    }

    pub async fn disconnect(&self) -> Result<()> {
        Err(IOServerError::new("disconnect handler failed", 500_u16))
    }
}
