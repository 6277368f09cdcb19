//! The way of a request through its route, in Fastify's order: `onRequest`, `preParsing`,
//! `preValidation`, the middlewares, the body, the schema, `preHandler`, the handler; then
//! `preSerialization` and `onSend` on the reply; and `onResponse` when it has been sent.

use std::{pin::pin, sync::Arc};

use http::{Response, StatusCode};

use super::{
    Front,
    respond::{ResponseBody, error_reply, respond},
    route::Route,
    settle::settle,
};
use crate::{
    IOServerError, LogLevel, Reply, Request,
    task::{catch_panic, catch_panic_in_place},
};

/// Serves a request by a route. Whatever happens, there is one response.
///
/// The reply has one place, and everything on the way writes to it: it is large enough for its moves
/// to be seen in a profile.
pub(crate) async fn serve(
    front: &Front,
    route: &Route,
    request: &mut Request,
) -> Response<ResponseBody> {
    let mut reply = Reply::empty();
    let outcome = {
        let answer = pin!(answer(front, route, request, &mut reply));
        catch_panic_in_place(answer).await
    };
    if outcome.is_err() {
        let text = format_args!("{} {}: a handler panicked", request.method(), request.path());
        front.app.log(LogLevel::Error, text);
        reply = error_reply(IOServerError::panicked(), front.hide_internal);
    }
    respond(reply)
}

async fn answer(front: &Front, route: &Route, request: &mut Request, reply: &mut Reply) {
    if let Err(refusal) = admit(front, route, request).await {
        *reply = *refusal;
    } else {
        *reply = route.handler.run(request).await;
    }
    settle(route, request, reply, front.hide_internal).await;
    merge_headers(reply, request);
}

/// Runs everything up to the handler; the first refusal is the answer. It is boxed, so that no room
/// for one is handed about where everybody is let in.
async fn admit(front: &Front, route: &Route, request: &mut Request) -> Result<(), Box<Reply>> {
    for hook in &route.before {
        hook.run(request).await?;
    }
    if !route.chain.is_empty() {
        route.chain.run(request, &front.app).await?;
    }
    if request.body.is_unread() {
        // Strangers' bytes are not read before somebody let them in.
        request.body().await.map_err(Reply::from)?;
    }
    if let Some(schema) = &route.request_schema {
        match schema.validate(request) {
            Err(error) if route.attach_validation => request.set_validation_error(error),
            outcome => outcome.map_err(Reply::from)?,
        }
    }
    for hook in &route.pre_handler {
        hook.run(request).await?;
    }
    Ok(())
}

fn merge_headers(reply: &mut Reply, request: &Request) {
    for (name, value) in request.reply_headers.iter().flat_map(|headers| headers.iter()) {
        reply.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
}

/// Runs `onResponse`. Nobody waits for it, so its errors are logged.
pub(crate) async fn after(route: Arc<Route>, mut request: Request, status: StatusCode) {
    let mut reply = Reply::new(status);
    for hook in &route.on_response {
        let outcome = catch_panic(hook.run(&mut request, &mut reply)).await;
        if !matches!(outcome, Ok(Ok(()))) {
            let text = format_args!("{} {}: `onResponse` failed", request.method(), request.path());
            request.app().log(LogLevel::Error, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What glibc's allocator keeps in lists without a search ends at 1032 bytes; an answer also
    /// has the front, the route and what CORS grants.
    #[test]
    fn an_answer_on_its_way_is_small_enough_to_be_allocated_quickly() {
        fn size<F>(_: fn(&'static Front, &'static Route, &'static mut Request) -> F) -> usize {
            size_of::<F>()
        }
        let size = size_of::<Request>() + size(serve);
        assert!(size <= 960, "{size} bytes");
    }
}
