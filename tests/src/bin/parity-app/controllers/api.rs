use ioserver::{IOServerError, Json, Result, controller};
use serde_json::{Value, json};

/// Set S: routes beside static files.
pub(crate) struct ApiController;

#[controller]
impl ApiController {
    pub async fn hello(&self) -> Json<Value> {
        Json(json!({ "hello": "api" }))
    }

    pub async fn fail(&self) -> Result<()> {
        Err(IOServerError::new("api failed", 418_u16))
    }
}

/// Set S: a route where there is a file too.
pub(crate) struct ShadowController;

#[controller]
impl ShadowController {
    pub async fn shadow(&self) -> Json<Value> {
        Json(json!({ "from": "controller" }))
    }
}
