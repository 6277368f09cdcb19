use ioserver::{Json, Request, Result, controller};
use ioserver_oidc::OidcUserContext;
use serde_json::{Value, json};

use super::user::members;
use crate::trace::Trace;

/// Routes behind `OidcHttpMiddleware`.
pub(crate) struct SecureController;

#[controller]
impl SecureController {
    pub async fn me(&self, request: &mut Request) -> Result<Json<Value>> {
        let body = request.body().await?.cloned();
        let trace = request.extensions().get::<Trace>().map(Trace::copy);
        let mut answer = members(request.extensions().get::<OidcUserContext>());
        answer.insert("body".into(), json!(body));
        answer.insert("trace".into(), json!(trace));
        Ok(Json(Value::Object(answer)))
    }
}
