//! From what a handler, a hook or a middleware gave to what is sent: errors are answered, and the
//! hooks that look at replies run.

use super::{
    respond::{error_reply, reason},
    route::Route,
};
use crate::{IOServerError, Reply, Request, Result, reply::Body};

/// Makes a reply ready to be sent.
///
/// An error goes to the route's `errorHandler`, then to the server's own answer, then to a bare one
/// that only `onSend` sees: each may fail, or the hooks on what it gave, and then the next answers,
/// as in Fastify.
pub(super) async fn settle(
    route: &Route,
    request: &mut Request,
    reply: &mut Reply,
    hide_internal: bool,
) {
    let mut handler = route.error_handler.as_ref();
    let mut is_server_next = true;
    loop {
        while let Some(error) = reply.take_error() {
            if let Some(handler) = handler.take() {
                *reply = handler.run(request, error).await;
            } else if is_server_next {
                is_server_next = false;
                *reply = error_reply(error, hide_internal);
            } else {
                // Boxed, as hardly any reply comes here and each one would have room for it.
                *reply = Box::pin(bare(route, request, error, hide_internal)).await;
                return;
            }
        }
        let Err(refusal) = transform(route, request, reply).await else { return };
        *reply = refusal;
        if reply.error().is_none() {
            return;
        }
    }
}

async fn transform(route: &Route, request: &mut Request, reply: &mut Reply) -> Result<(), Reply> {
    let has_hooks = !route.pre_serialization.is_empty();
    if (has_hooks || route.response_schema.is_some()) && matches!(reply.body, Body::Json(_)) {
        reply.parse_payload()?;
        for hook in &route.pre_serialization {
            hook.run(request, reply).await?;
            reply.parse_payload()?; // a hook may have replaced it
        }
        serialize(route, reply)?;
    }
    send(route, request, reply).await
}

async fn send(route: &Route, request: &mut Request, reply: &mut Reply) -> Result<(), Reply> {
    for hook in &route.on_send {
        hook.run(request, reply).await?;
    }
    Ok(())
}

/// Writes the payload through the response schema of its status, if there is one.
fn serialize(route: &Route, reply: &mut Reply) -> Result<()> {
    let Some(schema) = &route.response_schema else {
        reply.serialize_payload();
        return Ok(());
    };
    let content_type = reply.headers().get(http::header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some(payload) = reply.payload() else { return Ok(()) };
    match schema.serialize(reply.status().as_u16(), content_type, payload) {
        Some(json) => reply.body = Body::Json(json?.into()),
        None => reply.serialize_payload(),
    }
    Ok(())
}

/// The last answer to an error. It names the status and not the error, and goes through the
/// response schema of its status like any other.
async fn bare(
    route: &Route,
    request: &mut Request,
    error: IOServerError,
    hide_internal: bool,
) -> Reply {
    let mut reply = named_by_status(error, hide_internal);
    if route.response_schema.is_some() {
        let written = reply.parse_payload().and_then(|()| serialize(route, &mut reply));
        if let Err(problem) = written {
            let original = reply.payload().and_then(|payload| payload.get("message"));
            let original = original.and_then(serde_json::Value::as_str).unwrap_or_default();
            let text = format!(
                "Failed to serialize an error. Error: {problem}. Original error: {original}"
            );
            let error = IOServerError::new(text, 500_u16);
            let error = error.with_code("FST_ERR_FAILED_ERROR_SERIALIZATION");
            reply = named_by_status(error, hide_internal);
        }
    }
    match send(route, request, &mut reply).await {
        Ok(()) => reply,
        Err(mut refusal) => match refusal.take_error() {
            Some(error) => named_by_status(error, hide_internal),
            None => refusal,
        },
    }
}

fn named_by_status(error: IOServerError, hide_internal: bool) -> Reply {
    let name = reason(error.http_status());
    error_reply(error.with_name(name), hide_internal)
}
