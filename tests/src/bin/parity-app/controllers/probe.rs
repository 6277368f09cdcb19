use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use ioserver::{
    AppHandle, IOServerError, Json, Request, Result, SendTo, controller, extract::Params,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::managers::TraceManager;

/// Shows the inside of the app.
pub(crate) struct ProbeController {
    pub(crate) app: AppHandle,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tick_started: Arc<AtomicBool>,
    pub(crate) registry: Arc<OnceLock<Value>>,
}

#[derive(Deserialize)]
pub(crate) struct TraceId {
    id: String,
}

/// What `send` takes.
#[derive(Deserialize)]
pub(crate) struct Message {
    namespace: Option<String>,
    event: Option<String>,
    #[serde(default)]
    data: Value,
    room: Option<String>,
    sid: Option<String>,
}

#[controller]
impl ProbeController {
    pub async fn lifecycle(&self) -> Result<Json<Value>> {
        let trace = self.app.manager::<TraceManager>("trace")?;
        Ok(Json(json!({
            "managerStarted": trace.started(),
            "flakyPresent": self.app.has_manager("flaky"),
            "verbose": self.app.verbose().as_str(),
            "tick": self.tick_started.load(Ordering::Relaxed),
            "host": self.host,
            "portIsNumber": json!(self.port).is_number(),
        })))
    }

    pub async fn trace(&self, Params(TraceId { id }): Params<TraceId>) -> Result<Json<Value>> {
        let trace = self.app.manager::<TraceManager>("trace")?;
        Ok(Json(json!({ "trace": trace.get(&id) })))
    }

    pub async fn registry(&self) -> Json<Value> {
        Json(self.registry.get().cloned().unwrap_or_default())
    }

    pub async fn send(&self, request: &mut Request) -> Result<Json<Value>> {
        let body = request.body().await?.unwrap_or(&Value::Null);
        let message = Message::deserialize(body)
            .map_err(|error| IOServerError::new(format!("body: {error}"), 400_u16))?;
        let sent = self.app.send(SendTo {
            namespace: message.namespace.as_deref(),
            event: message.event.as_deref().unwrap_or_default(),
            data: &message.data,
            room: given(message.room.as_deref()),
            sid: given(message.sid.as_deref()),
        });
        Ok(Json(json!({ "sent": sent })))
    }
}

/// JavaScript takes an empty text for none at all.
fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}
