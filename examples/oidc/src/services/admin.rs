use ioserver::{AppHandle, Result, service};

use crate::managers::{SessionManager, Visitor};

/// `/admin`: who is connected, and the way to end that. `OidcSocketAdminMiddleware` lets in admins
/// only.
pub(crate) struct AdminService(pub(crate) AppHandle);

#[service]
impl AdminService {
    /// `admin.emit("visitors", callback)`.
    pub async fn visitors(&self) -> Result<Vec<Visitor>> {
        Ok(self._sessions()?.visitors())
    }

    /// `admin.emit("disconnect_visitor", id, callback)`.
    pub async fn disconnect_visitor(&self, id: String) -> Result<bool> {
        Ok(self._sessions()?.disconnect(&id))
    }

    fn _sessions(&self) -> Result<std::sync::Arc<SessionManager>> {
        self.0.manager("session")
    }
}
