use ioserver::{Json, controller};
use serde::Serialize;

/// What anyone may ask.
pub(crate) struct PublicController;

#[derive(Serialize)]
pub struct Health {
    status: &'static str,
}

#[controller]
impl PublicController {
    pub async fn index(&self) -> &'static str {
        "This is an IOServer app. Its notes are at /notes.\n"
    }

    pub async fn health(&self) -> Json<Health> {
        Json(Health { status: "OK" })
    }
}
