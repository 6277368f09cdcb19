//! Replies of every kind.

use std::io;

use bytes::Bytes;
use http_body_util::channel::Channel;
use ioserver::{IOServerError, Json, Reply, Request, Result, controller, extract::Params};
use serde::Deserialize;
use serde_json::{Value, json};

use super::shape::type_of;

pub(crate) struct BasicController;

#[derive(Deserialize)]
pub(crate) struct Code {
    code: String,
}

#[controller]
impl BasicController {
    pub async fn hello(&self) -> Json<Value> {
        Json(json!({ "hello": "world" }))
    }

    pub async fn send_string(&self) -> &'static str {
        "plain text"
    }

    pub async fn send_buffer(&self) -> Bytes {
        Bytes::from_static(&[0, 1, 2, 0xfe, 0xff])
    }

    pub async fn send_null(&self) -> Json<()> {
        Json(())
    }

    pub async fn send_nothing(&self) {}

    pub async fn send_number(&self) -> Json<u32> {
        Json(42)
    }

    pub async fn send_bool(&self) -> Json<bool> {
        Json(true)
    }

    pub async fn send_array(&self) -> Json<Value> {
        Json(json!([1, "a", null]))
    }

    pub async fn send_empty_string(&self) -> &'static str {
        ""
    }

    pub async fn no_content(&self) -> Reply {
        Reply::new(204_u16)
    }

    pub async fn created(&self) -> Reply {
        Reply::json(json!({ "ok": true }))
            .with_status(201_u16)
            .with_header("x-custom", "yes")
            .with_header("X-Number", "7")
    }

    pub async fn html(&self) -> Reply {
        Reply::text("<p>hé</p>").with_type("text/html")
    }

    pub async fn json_string(&self) -> Reply {
        Reply::text(r#"{"raw":true}"#).with_type("application/json")
    }

    pub async fn xml(&self) -> Reply {
        Reply::text("<a/>").with_header("content-type", "application/xml")
    }

    pub async fn redirect(&self) -> Reply {
        Reply::redirect("/basic/hello")
    }

    pub async fn redirect301(&self) -> Reply {
        Reply::redirect("/basic/hello?x=1").with_status(301_u16)
    }

    pub async fn cookies(&self) -> Reply {
        Reply::json(json!({ "ok": true }))
            .with_added_header("set-cookie", "a=1; Path=/")
            .with_added_header("set-cookie", "b=2")
    }

    pub async fn return_object(&self) -> Json<Value> {
        Json(json!({ "returned": true }))
    }

    pub async fn return_string(&self) -> &'static str {
        "returned string"
    }

    pub async fn stream(&self) -> Reply {
        let (mut sender, body) = Channel::<Bytes, io::Error>::new(1);
        tokio::spawn(async move {
            for chunk in ["chunk1", "chunk2"] {
                if sender.send_data(Bytes::from_static(chunk.as_bytes())).await.is_err() {
                    return; // the client has gone
                }
            }
        });
        Reply::stream(body).with_type("text/plain")
    }

    pub async fn unicode(&self) -> Json<Value> {
        Json(json!({ "text": "héllo ✓ 🚀", "esc": "\"\\\n\u{2028}" }))
    }

    /// What JSON makes of JavaScript's values.
    pub async fn nested_undefined(&self) -> Json<Value> {
        Json(json!({
            "b": [null],
            "c": null,
            "d": "1970-01-01T00:00:00.000Z",
            "e": null,
            "f": 1e21,
            "g": 0.1,
            "h": 0,
        }))
    }

    pub async fn status(&self, Params(Code { code }): Params<Code>) -> Result<(u16, Json<Value>)> {
        match code.parse::<u16>() {
            Ok(status) => Ok((status, Json(json!({ "code": status })))),
            Err(_) => Err(no_status(code.parse().unwrap_or(f64::NAN))),
        }
    }

    pub async fn big(&self) -> String {
        "a".repeat(100_000)
    }

    pub async fn echo(&self, request: &mut Request) -> Json<Value> {
        Json(json!({
            "method": request.method().as_str(),
            "url": request.url(),
            "query": request.query(),
            "xTest": request.header("x-test"),
        }))
    }

    pub async fn echo_method(&self, request: &mut Request) -> Json<Value> {
        Json(json!({ "method": request.method().as_str() }))
    }

    pub async fn head_only(&self) -> Reply {
        Reply::new(200_u16).with_header("x-head", "yes")
    }

    pub async fn echo_body(&self, request: &mut Request) -> Result<Json<Value>> {
        Ok(Json(match request.body().await? {
            Some(body) => json!({ "body": body, "type": type_of(body) }),
            None => json!({ "body": "(undefined)", "type": "undefined" }),
        }))
    }
}

/// A status that is no `u16` cannot be asked for here; the words are Fastify's.
fn no_status(status: f64) -> IOServerError {
    IOServerError::new(format!("Called reply with an invalid status code: {status}"), 500_u16)
        .with_name("Internal Server Error")
}
