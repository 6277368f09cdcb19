//! Tower layers around the HTTP stack.

use std::{
    convert::Infallible,
    error::Error,
    fmt,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::{
    Front, RequestBody,
    respond::{ResponseBody, error_reply, respond},
};
use crate::{BoxFuture, IOServerError, LogLevel, RemoteAddress};

type BoxError = Box<dyn Error + Send + Sync>;

/// The HTTP stack as a tower service: what a [layer](crate::IOServer::layer) is put around.
#[derive(Clone)]
pub struct Stack(Arc<dyn Erased>);

/// A layer that waits for the stack: it is put around it when the server starts.
pub(crate) type Deferred = Box<dyn FnOnce(Stack, &Arc<Front>) -> Stack + Send + Sync>;

/// A service of which only what it does is known.
trait Erased: Send + Sync {
    fn call(&self, request: Request<RequestBody>) -> BoxFuture<'static, Response<ResponseBody>>;
}

impl Stack {
    pub(crate) fn new(front: &Arc<Front>) -> Self {
        Self(Arc::new(Innermost(Arc::clone(front))))
    }

    /// Answers a request; whatever happens in its layers, there is an answer.
    pub(crate) fn answer(
        &self,
        request: Request<RequestBody>,
    ) -> BoxFuture<'static, Response<ResponseBody>> {
        self.0.call(request)
    }
}

impl Service<Request<RequestBody>> for Stack {
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<ResponseBody>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let answer = self.answer(request);
        Box::pin(async { Ok(answer.await) })
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack").finish_non_exhaustive()
    }
}

struct Innermost(Arc<Front>);

impl Erased for Innermost {
    fn call(&self, request: Request<RequestBody>) -> BoxFuture<'static, Response<ResponseBody>> {
        let remote = request.extensions().get::<RemoteAddress>().copied();
        let (parts, body) = request.into_parts();
        self.0.answer(parts, body, remote)
    }
}

/// Puts a layer around a stack.
pub(crate) fn defer<L, B>(layer: L) -> Deferred
where
    L: Layer<Stack> + Send + Sync + 'static,
    L::Service:
        Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    <L::Service as Service<Request<RequestBody>>>::Error: Into<BoxError> + Send,
    <L::Service as Service<Request<RequestBody>>>::Future: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    Box::new(move |stack, front| {
        let service = layer.layer(stack);
        Stack(Arc::new(Layered { service, front: Arc::clone(front) }))
    })
}

struct Layered<S> {
    service: S,
    front: Arc<Front>,
}

impl<S, B> Erased for Layered<S>
where
    S: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError> + Send,
    S::Future: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn call(&self, request: Request<RequestBody>) -> BoxFuture<'static, Response<ResponseBody>> {
        let (mut service, front) = (self.service.clone(), Arc::clone(&self.front));
        Box::pin(async move {
            let answer = async {
                poll_fn(|context| service.poll_ready(context)).await?;
                service.call(request).await
            };
            match answer.await {
                Ok(response) => response.map(ResponseBody::boxed),
                Err(error) => {
                    let error: BoxError = error.into();
                    front.app.log(LogLevel::Error, format_args!("a layer failed: {error}"));
                    respond(error_reply(IOServerError::panicked(), true))
                }
            }
        })
    }
}
