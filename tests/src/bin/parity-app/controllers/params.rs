use ioserver::{Json, Request, controller};
use serde_json::{Value, json};

/// Parameters of paths and queries.
pub(crate) struct ParamsController;

#[controller]
impl ParamsController {
    pub async fn show(&self, request: &mut Request) -> Json<Value> {
        Json(json!({ "params": request.params_value() }))
    }

    pub async fn special(&self) -> Json<Value> {
        Json(json!({ "special": true }))
    }

    pub async fn query(&self, request: &mut Request) -> Json<Value> {
        Json(json!({ "query": request.query() }))
    }
}
