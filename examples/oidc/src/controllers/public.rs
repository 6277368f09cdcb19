use ioserver::{Json, controller};
use serde_json::{Value, json};

/// What anyone may read.
pub(crate) struct PublicController;

#[controller]
impl PublicController {
    pub async fn index(&self) -> &'static str {
        "This is an IOServer app. GET /api/me wants a token.\n"
    }

    pub async fn health(&self) -> Json<Value> {
        Json(json!({ "status": "OK" }))
    }
}
