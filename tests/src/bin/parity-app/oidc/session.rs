use std::sync::{Arc, Mutex, PoisonError};

use ioserver::{BaseManager, Capabilities, IOServerError, Result, Socket};
use ioserver_oidc::{OidcUserContext, SessionRegistry, async_trait};
use serde_json::{Value, json};

/// Records who is registered as connected.
#[derive(Default)]
pub(crate) struct SessionManager {
    calls: Mutex<Vec<Value>>,
}

impl SessionManager {
    pub(super) fn calls(&self) -> Vec<Value> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn record(&self, call: Value) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }
}

impl BaseManager for SessionManager {
    fn provide(self: Arc<Self>, capabilities: &mut Capabilities) {
        capabilities.add::<dyn SessionRegistry>(self);
    }
}

#[async_trait]
impl SessionRegistry for SessionManager {
    async fn register_socket(
        &self,
        socket: &Socket,
        namespace: &str,
        user: &OidcUserContext,
    ) -> Result<()> {
        if user.name.as_deref() == Some("Session Bomb") {
            return Err(IOServerError::internal("session store down"));
        }
        self.record(json!({
            "op": "register",
            "id": socket.id(),
            "namespace": namespace,
            "email": user.email,
            "name": user.name,
        }));
        Ok(())
    }

    async fn unregister_socket(&self, id: &str, _: &str) {
        self.record(json!({ "op": "unregister", "id": id }));
    }
}
