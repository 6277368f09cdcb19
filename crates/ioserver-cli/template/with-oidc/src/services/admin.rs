use std::sync::Arc;

use ioserver::{AppHandle, Result, service};

use crate::managers::SessionManager;

/// `/admin`: who is connected, and the way to end that. Admins only.
pub(crate) struct AdminService {
    sessions: Arc<SessionManager>,
}

impl AdminService {
    pub(crate) fn new(app: AppHandle) -> Result<Self> {
        let sessions = app.manager("session")?;
        Ok(Self { sessions })
    }
}

#[service]
impl AdminService {
    /// `socket.emit("online", callback)`: the ids of users.
    pub async fn online(&self) -> Result<Vec<String>> {
        Ok(self.sessions.users())
    }

    /// `socket.emit("sign_out", userId, callback)`: how many connections that ended.
    pub async fn sign_out(&self, user_id: String) -> Result<usize> {
        Ok(self.sessions.disconnect(&user_id))
    }
}
