//! The way of a request through its route, in Fastify's order: `onRequest`, `preParsing`,
//! `preValidation`, the middlewares, the body, the schema, `preHandler`, the handler; then
//! `preSerialization` and `onSend` on the reply; and `onResponse` when it has been sent.

use http::Response;

use super::{
    respond::{ResponseBody, error_reply, respond},
    route::{Route, RunHook},
    settle::settle,
};
use crate::{IOServerError, LogLevel, Reply, Request, task::catch_panic};
use std::sync::Arc;

/// Serves a request by a route. Whatever happens, there is one response.
pub(crate) async fn serve(
    route: &Arc<Route>,
    mut request: Request,
    hide_internal: bool,
) -> Response<ResponseBody> {
    request.set_config(route.config.as_ref());
    let guarded = catch_panic(async {
        let reply = answer(route, &mut request).await;
        let mut reply = settle(route, &mut request, reply, hide_internal).await;
        merge_headers(&mut reply, &request);
        reply
    });
    let reply = match guarded.await {
        Ok(reply) => reply,
        Err(_) => {
            let text = format_args!("{} {}: a handler panicked", request.method(), request.path());
            request.app().log(LogLevel::Error, text);
            error_reply(IOServerError::panicked(), hide_internal)
        }
    };
    let status = reply.status();
    let response = respond(reply);
    if !route.on_response.is_empty() {
        tokio::spawn(after(Arc::clone(route), request, Reply::new(status)));
    }
    response
}

/// Runs everything up to the handler; the first refusal is the answer.
async fn answer(route: &Route, request: &mut Request) -> Reply {
    match admit(route, request).await {
        Ok(()) => route.handler.run(request).await,
        Err(refusal) => refusal,
    }
}

async fn admit(route: &Route, request: &mut Request) -> Result<(), Reply> {
    run(&route.on_request, request).await?;
    run(&route.pre_parsing, request).await?;
    run(&route.pre_validation, request).await?;
    let app = request.app().clone();
    route.chain.run(request, &app).await?;
    request.body().await?; // strangers' bytes are not read before somebody let them in
    if let Some(schema) = &route.request_schema {
        match schema.validate(request) {
            Err(error) if route.attach_validation => request.set_validation_error(error),
            outcome => outcome?,
        }
    }
    run(&route.pre_handler, request).await
}

async fn run(hooks: &[Box<dyn RunHook>], request: &mut Request) -> Result<(), Reply> {
    for hook in hooks {
        hook.run(request).await?;
    }
    Ok(())
}

fn merge_headers(reply: &mut Reply, request: &Request) {
    for (name, value) in &request.reply_headers {
        reply.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
}

/// Runs `onResponse`. Nobody waits for it, so its errors are logged.
async fn after(route: Arc<Route>, mut request: Request, mut reply: Reply) {
    for hook in &route.on_response {
        let outcome = catch_panic(hook.run(&mut request, &mut reply)).await;
        if !matches!(outcome, Ok(Ok(()))) {
            let text = format_args!("{} {}: `onResponse` failed", request.method(), request.path());
            request.app().log(LogLevel::Error, text);
        }
    }
}
