use std::sync::Arc;

use ioserver::{Reply, controller};

use crate::Service;

/// `GET /api/auth/jwks`.
pub(crate) struct KeysController(pub(crate) Arc<Service>);

#[controller]
impl KeysController {
    pub async fn jwks(&self) -> Reply {
        Reply::json(self.0.issuer.jwks())
    }
}
