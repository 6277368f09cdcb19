use std::sync::Arc;

use ioserver::{Reply, controller};

use super::issuer::Issuer;

/// `GET /api/auth/jwks`.
pub(super) struct KeysController(pub(super) Arc<Issuer>);

#[controller]
impl KeysController {
    pub async fn jwks(&self) -> Reply {
        Reply::json(self.0.jwks())
    }
}
