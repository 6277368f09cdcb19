//! Errors of every kind.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use ioserver::{IOServerError, Json, Request, Result, controller, extract::Params};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

/// Each method fails in the way of its name. What JavaScript throws without a type is an error
/// value with the same status, name and message here.
pub(crate) struct ErrorsController;

#[derive(Deserialize)]
pub(crate) struct Code {
    code: String,
}

#[controller]
impl ErrorsController {
    pub async fn ioserver(&self, Params(Code { code }): Params<Code>) -> Result<()> {
        let code = code.parse::<u16>().unwrap_or(0); // 0 is no status, as NaN is none
        Err(IOServerError::new("custom failure", code))
    }

    pub async fn ioserver_default(&self) -> Result<()> {
        Err(IOServerError::new("no code", 500_u16))
    }

    pub async fn empty_message(&self) -> Result<()> {
        Err(IOServerError::new("", 400_u16))
    }

    pub async fn plain(&self) -> Result<()> {
        Err(IOServerError::internal("plain failure"))
    }

    pub async fn type_error(&self) -> Result<()> {
        Err(IOServerError::internal("bad type"))
    }

    pub async fn status_prop(&self) -> Result<()> {
        Err(error("has status", 422))
    }

    pub async fn status_named(&self) -> Result<()> {
        Err(error("short and stout", 418).with_name("Teapot"))
    }

    pub async fn status_code_prop(&self) -> Result<()> {
        Err(error("has statusCode", 409))
    }

    pub async fn both(&self) -> Result<()> {
        Err(error("has both", 403))
    }

    pub async fn status_string(&self) -> Result<()> {
        Err(error("string status", 404))
    }

    pub async fn status_bad(&self) -> Result<()> {
        Err(IOServerError::internal("bad status"))
    }

    pub async fn status_low(&self) -> Result<()> {
        Err(IOServerError::internal("low status"))
    }

    pub async fn throw_string(&self) -> Result<()> {
        Err(IOServerError::internal("just a string"))
    }

    pub async fn throw_null(&self) -> Result<()> {
        Err(IOServerError::internal("Cannot read properties of null (reading 'status')"))
    }

    pub async fn throw_object(&self) -> Result<()> {
        Err(IOServerError::internal("object message"))
    }

    pub async fn throw_status_object(&self) -> Result<()> {
        Err(error("object status", 409).with_name("Obj"))
    }

    pub async fn sync_throw(&self) -> Result<()> {
        Err(IOServerError::new("sync", 400_u16))
    }

    pub async fn reject_late(&self) -> Result<()> {
        sleep(Duration::from_millis(20)).await;
        Err(IOServerError::new("late", 410_u16))
    }

    pub async fn sensible_not_found(&self) -> Result<()> {
        Err(error("no such thing", 404).with_name("NotFoundError"))
    }

    pub async fn sensible_bad_request(&self) -> Result<()> {
        Err(error("Bad Request", 400).with_name("BadRequestError"))
    }

    pub async fn sensible_teapot(&self) -> Result<()> {
        Err(error("tea", 418).with_name("ImATeapotError"))
    }

    pub async fn sensible_conflict(&self) -> Result<()> {
        Err(error("conflicting", 409).with_name("ConflictError"))
    }

    /// A reply is sent when the method returns, so nothing can be thrown after it.
    pub async fn after_send(&self) -> Json<Value> {
        Json(json!({ "ok": true }))
    }

    pub async fn headers_kept(&self, request: &mut Request) -> Result<()> {
        let (name, value) = (HeaderName::from_static("x-before"), HeaderValue::from_static("kept"));
        request.set_reply_header(name, value);
        Err(IOServerError::new("with header", 400_u16))
    }

    pub async fn send_error(&self) -> Result<()> {
        Err(IOServerError::new("sent", 404_u16))
    }

    pub async fn code_then_throw(&self) -> Result<()> {
        Err(IOServerError::internal("code then throw"))
    }

    pub async fn call_not_found(&self, request: &mut Request) -> Result<()> {
        Err(request.not_found())
    }
}

/// A JavaScript `Error` with a status.
fn error(message: &'static str, status: u16) -> IOServerError {
    IOServerError::new(message, status).with_name("Error")
}
