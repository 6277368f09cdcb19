use ioserver::{Json, Reply, controller};
use serde_json::{Value, json};

use crate::clock;

const PAGE: &str = include_str!("../../page/index.html");

/// The page, and whether the server is well.
pub(crate) struct ChatController;

#[controller]
impl ChatController {
    pub async fn get_index(&self) -> Reply {
        Reply::text(PAGE)
            .with_type("text/html; charset=utf-8")
            .with_header("content-security-policy", &policy())
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
}

/// Nothing but this server's own scripts run, and text can never become markup.
fn policy() -> String {
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types 'none'"
        .to_owned()
}
