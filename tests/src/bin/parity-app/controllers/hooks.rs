//! Hooks, and what they do to requests and replies.

use std::time::Duration;

use http::HeaderValue;
use ioserver::{AppHandle, BaseController, Handlers, IOServerError, Json, Reply, Request, Result};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::shape::{body_of, shape_of};
use crate::{managers::TraceManager, trace::Trace};

pub(crate) struct HooksController {
    pub(crate) app: AppHandle,
}

/// Written by hand: `refuse` is a hook of two kinds.
impl BaseController for HooksController {
    fn handlers(on: &mut Handlers<Self>) {
        on.handler("traced", Self::traced)
            .handler("tracedString", Self::traced_string)
            .handler("boom", Self::boom)
            .handler_fn("echoBody", |this, request| {
                Box::pin(
                    async move { ioserver::IntoReply::into_reply(this.echo_body(request).await) },
                )
            })
            .handler("inheritedHandler", Self::inherited_handler);
        on.hook("onReq", Self::on_request)
            .hook("preParse", Self::pre_parsing)
            .hook("preVal", Self::pre_validation)
            .hook("preHand", Self::pre_handler)
            .hook("deny", Self::deny)
            .hook("refuse", Self::refuse)
            .hook("fixBody", Self::fix_body);
        on.reply_hook("preSer", Self::pre_serialization)
            .reply_hook("onSnd", Self::on_send)
            .reply_hook("onResp", Self::on_response)
            .reply_hook("refuse", Self::refuse_reply)
            .reply_hook("replacePayload", Self::replace_payload)
            .reply_hook("replaceSend", Self::replace_send);
        on.error_handler("customError", Self::custom_error)
            .error_handler("rethrow", Self::rethrow)
            .error_handler("asyncError", Self::async_error)
            .error_handler("tracedError", Self::traced_error);
    }
}

/// Handlers.
impl HooksController {
    async fn traced(&self, trace: Trace) -> Json<Value> {
        trace.push("handler");
        Json(json!({ "trace": trace.copy() }))
    }

    async fn traced_string(&self, trace: Trace) -> &'static str {
        trace.push("handler");
        "string payload"
    }

    async fn boom(&self) -> Result<()> {
        Err(IOServerError::new("handler boom", 409_u16))
    }

    async fn echo_body(&self, request: &mut Request) -> Result<Json<Value>> {
        Ok(Json(body_of(request).await?))
    }

    async fn inherited_handler(&self) -> Json<Value> {
        Json(json!({ "inherited": true }))
    }
}

/// Hooks before the handler.
impl HooksController {
    async fn on_request(&self, request: &mut Request) {
        push_shape(request, "onRequest");
    }

    async fn pre_parsing(&self, request: &mut Request) {
        push_shape(request, "preParsing");
    }

    async fn pre_validation(&self, request: &mut Request) -> Result<()> {
        request.body().await?;
        push_shape(request, "preValidation");
        Ok(())
    }

    async fn pre_handler(&self, request: &mut Request) {
        push_shape(request, "preHandler");
    }

    async fn deny(&self, _: &mut Request) -> Result<(), Reply> {
        Err(Reply::json(json!({ "denied": true })).with_status(401_u16))
    }

    async fn refuse(&self, _: &mut Request) -> Result<()> {
        Err(refusal())
    }

    async fn fix_body(&self, request: &mut Request) {
        request.set_body(json!({ "fixed": true }));
    }
}

/// Hooks after the handler.
impl HooksController {
    async fn pre_serialization(&self, request: &mut Request, _: &mut Reply) {
        Trace::of(request).push("preSerialization");
    }

    async fn on_send(&self, request: &mut Request, reply: &mut Reply) {
        let trace = Trace::of(request);
        trace.push(format!("onSend:{}", reply.payload_kind()));
        if let Ok(trace) = HeaderValue::from_str(&trace.joined()) {
            reply.headers_mut().insert("x-trace", trace);
        }
    }

    async fn on_response(&self, request: &mut Request, reply: &mut Reply) -> Result<()> {
        let trace = Trace::of(request);
        trace.push(format!("onResponse:{}", reply.status().as_u16()));
        if let Some(id) = request.header("x-trace-id") {
            self.app.manager::<TraceManager>("trace")?.push(&id, trace.joined());
        }
        Ok(())
    }

    async fn refuse_reply(&self, _: &mut Request, _: &mut Reply) -> Result<()> {
        Err(refusal())
    }

    async fn replace_payload(&self, _: &mut Request, reply: &mut Reply) {
        let replaced = json!({ "replaced": true, "was": reply.payload() });
        reply.set_json(&replaced);
    }

    async fn replace_send(&self, _: &mut Request, reply: &mut Reply) {
        reply.set_text("replaced by onSend");
        reply.headers_mut().insert("content-type", HeaderValue::from_static("text/plain"));
    }
}

/// Error handlers.
impl HooksController {
    async fn custom_error(&self, _: &mut Request, error: IOServerError) -> (u16, Json<Value>) {
        let name = error.name().unwrap_or("Error");
        (422, Json(json!({ "custom": error.message(), "name": name })))
    }

    async fn rethrow(&self, _: &mut Request, error: IOServerError) -> Result<()> {
        Err(IOServerError::new(format!("again: {error}"), 410_u16))
    }

    async fn async_error(&self, _: &mut Request, error: IOServerError) -> (u16, Json<Value>) {
        sleep(Duration::from_millis(5)).await;
        (423, Json(json!({ "asyncCustom": error.message() })))
    }

    async fn traced_error(
        &self,
        request: &mut Request,
        error: IOServerError,
    ) -> (u16, Json<Value>) {
        let trace = Trace::of(request);
        trace.push("errorHandler");
        (400, Json(json!({ "message": error.message(), "trace": trace.copy() })))
    }
}

fn push_shape(request: &mut Request, hook: &str) {
    let shape = shape_of(request.body_read());
    Trace::of(request).push(format!("{hook}:{shape}"));
}

fn refusal() -> IOServerError {
    IOServerError::new("hook refused", 418_u16)
}
