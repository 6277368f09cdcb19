use ioserver::{Json, Request, controller};
use serde_json::{Value, json};

/// Tells which controller a url leads to.
pub(crate) struct WhereController {
    pub(crate) name: &'static str,
}

#[controller]
impl WhereController {
    pub async fn r#where(&self, request: &mut Request) -> Json<Value> {
        Json(json!({
            "controller": self.name,
            "url": request.url(),
            "params": request.params_value(),
        }))
    }

    pub async fn other(&self) -> Json<Value> {
        Json(json!({ "controller": self.name, "other": true }))
    }
}
