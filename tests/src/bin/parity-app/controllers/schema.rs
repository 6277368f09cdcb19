use ioserver::{Json, Request, Result, controller};
use serde_json::{Value, json};

use super::shape::body_of;

/// Routes whose files have schemas.
pub(crate) struct SchemaController;

#[controller]
impl SchemaController {
    pub async fn create_user(&self, request: &mut Request) -> Result<(u16, Json<Value>)> {
        let body = request.body().await?.cloned().unwrap_or_default();
        let (name, role) = (&body["name"], &body["role"]);
        Ok((201, Json(json!({ "id": 1, "name": name, "role": role, "secret": "hidden" }))))
    }

    pub async fn echo_body(&self, request: &mut Request) -> Result<Json<Value>> {
        Ok(Json(body_of(request).await?))
    }

    pub async fn search(&self, request: &mut Request) -> Json<Value> {
        Json(json!({ "query": request.query() }))
    }

    pub async fn item(&self, request: &mut Request) -> Json<Value> {
        Json(json!({ "params": request.params_value() }))
    }

    pub async fn filtered(&self) -> Json<Value> {
        Json(json!({
            "public": 12,
            "count": "7",
            "flag": "yes",
            "secret": "x",
            "list": [{ "a": "x", "b": 1 }],
        }))
    }

    pub async fn resp_missing(&self) -> Json<Value> {
        Json(json!({ "other": 1 }))
    }

    pub async fn resp_class(&self) -> (u16, Json<Value>) {
        (202, Json(json!({ "kept": "k", "dropped": 1 })))
    }

    pub async fn resp_other(&self) -> (u16, Json<Value>) {
        (203, Json(json!({ "kept": "k", "dropped": 1 })))
    }

    pub async fn resp_default(&self) -> Json<Value> {
        Json(json!({ "b": null }))
    }

    pub async fn headers(&self, request: &mut Request) -> Json<Value> {
        let headers = request.headers_value();
        Json(json!({ "token": headers["x-token"], "num": headers["x-num"] }))
    }
}
