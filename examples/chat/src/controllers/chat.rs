use ioserver::{Json, Reply, controller};
use serde_json::{Value, json};

use crate::{clock, sign_in::Client};

const PAGE: &str = include_str!("../../page/index.html");

/// The page, and whether the server is well.
pub(crate) struct ChatController {
    policy: String,
    sign_in: Option<Client>,
}

impl ChatController {
    /// With a client, people sign in; without, they come in by name.
    pub(crate) fn new(sign_in: Option<Client>) -> Self {
        let auth_service = sign_in.as_ref().map(|client| client.auth_service.as_str());
        Self { policy: policy(auth_service.unwrap_or_default()), sign_in }
    }
}

#[controller]
impl ChatController {
    pub async fn get_index(&self) -> Reply {
        Reply::text(PAGE)
            .with_type("text/html; charset=utf-8")
            .with_header("content-security-policy", &self.policy)
            .with_header("cross-origin-opener-policy", "same-origin")
            .with_header("referrer-policy", "no-referrer")
            .with_header("x-content-type-options", "nosniff")
    }

    pub async fn get_health(&self) -> Json<Value> {
        Json(json!({
            "status": "OK",
            "timestamp": clock::now(),
            "service": "IOServer Chat App",
            "version": crate::VERSION,
        }))
    }

    /// What the page asks first: whether one signs in here, and where.
    pub async fn get_settings(&self) -> Json<Value> {
        Json(json!({ "signIn": self.sign_in }))
    }
}

/// Nothing but this server's own scripts run, and text can never become markup.
fn policy(auth_service: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self' {auth_service}; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
}
