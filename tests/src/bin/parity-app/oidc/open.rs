use ioserver::{AppHandle, Json, controller};
use serde_json::{Value, json};

use super::{SessionManager, UsersManager};

/// Routes without a middleware.
pub(crate) struct OpenController {
    pub(crate) app: AppHandle,
}

#[controller]
impl OpenController {
    pub async fn hello(&self) -> Json<Value> {
        Json(json!({ "hello": "open" }))
    }

    pub async fn sessions(&self) -> Json<Value> {
        let session = self.app.manager::<SessionManager>("session").ok();
        Json(json!({ "calls": session.map(|session| session.calls()) }))
    }

    pub async fn calls(&self) -> Json<Value> {
        let users = self.app.manager::<UsersManager>("users").ok();
        Json(json!({ "calls": users.map(|users| users.calls()) }))
    }
}
