use std::sync::Arc;

use ioserver::{AppHandle, Result, service};
use serde::Deserialize;

use crate::managers::{SessionManager, Visitor};

/// `/admin`: who is connected, and the way to end that. `OidcSocketAdminMiddleware` lets in admins
/// only.
pub(crate) struct AdminService {
    sessions: Arc<SessionManager>,
}

#[derive(Deserialize)]
struct Whom {
    id: String,
}

impl AdminService {
    #[expect(clippy::needless_pass_by_value, reason = "the shape of a constructor")]
    pub(crate) fn new(app: AppHandle) -> Result<Self> {
        Ok(Self { sessions: app.manager("session")? })
    }
}

#[service]
impl AdminService {
    /// `get_visitors`: everyone in the chat.
    pub async fn get_visitors(&self) -> Result<Vec<Visitor>> {
        Ok(self.sessions.visitors("chat"))
    }

    /// `disconnect_visitor {id}`: whether there was such a visitor.
    pub async fn disconnect_visitor(&self, whom: Whom) -> Result<bool> {
        let notice = ("removed", "An administrator has ended your connection.");
        Ok(self.sessions.disconnect("chat", &whom.id, notice))
    }
}
