use std::sync::Arc;

use ioserver::{AppHandle, Json, Result, controller};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    clock,
    managers::{Stats, StatsManager},
};

/// `/api`: what monitoring asks for.
pub(crate) struct ApiController {
    stats: Arc<StatsManager>,
}

#[derive(Serialize)]
struct Report {
    status: &'static str,
    data: Stats,
    timestamp: String,
}

impl ApiController {
    #[expect(clippy::needless_pass_by_value, reason = "the shape of a constructor")]
    pub(crate) fn new(app: AppHandle) -> Result<Self> {
        Ok(Self { stats: app.manager("statsManager")? })
    }
}

#[controller]
impl ApiController {
    pub async fn get_status(&self) -> Json<Value> {
        Json(json!({
            "status": "OK",
            "timestamp": clock::now(),
            "service": "IOServer Chat App API",
            "version": crate::VERSION,
        }))
    }

    pub async fn get_stats(&self) -> Json<Report> {
        Json(Report { status: "OK", data: self.stats.stats(), timestamp: clock::now() })
    }
}
