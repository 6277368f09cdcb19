//! A server inside another one.

use std::{
    convert::Infallible,
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::{IOServer, running::Parts};
use crate::{
    AppHandle, BoxFuture, Limits, Result,
    http::{ReadBy, RequestBody, ResponseBody, Stack, refuse},
};

/// A started server as a tower service, for another server to call: `axum` can nest it, hyper can
/// serve it, and a test can ask it without a port.
///
/// Clones are the same server. It stops when [`stop`](Self::stop) is called on one of them, or,
/// without waiting, when the last is dropped. Sockets work if the other server hands on what hyper
/// leaves on a request for upgrades, as `axum` does.
///
/// The other server's connections are its own: of [`Limits`](crate::Limits), those of a url, of a
/// parameter, of the number of headers and of a body's time hold here. What is ambiguous is refused
/// as by a listener of this server (two hosts, a `Host` that is none, a strange `Transfer-Encoding`),
/// but a request may lack its host. For [`Request::ip`](crate::Request::ip) it has
/// to leave a [`RemoteAddress`](crate::RemoteAddress) on its requests.
#[derive(Clone)]
pub struct HttpService {
    stack: Stack,
    limits: Limits,
    app: AppHandle,
    parts: Arc<Mutex<Option<Parts>>>,
}

impl IOServer {
    /// Starts everything but a listener: the managers in order, the middlewares and the watchers.
    ///
    /// ```
    /// use http::Request;
    /// use http_body_util::{BodyExt, Empty};
    /// use ioserver::{IOServer, IOServerOptions};
    /// use tower_service::Service;
    /// # use bytes::Bytes;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> ioserver::Result<()> {
    /// let mut service = IOServer::new(IOServerOptions::default()).into_service().await?;
    /// let request = Request::get("/nowhere").body(Empty::<Bytes>::new()).unwrap();
    /// let Ok(response) = service.call(request).await;
    /// assert_eq!(response.status(), 404);
    /// service.stop().await
    /// # }
    /// ```
    ///
    /// In axum, `Router::new().nest_service("/realtime", service)` serves it below a path, which the
    /// routes here do not see, and `.fallback_service(service)` beside axum's own routes.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn into_service(self) -> Result<HttpService> {
        let limits = self.options.limits;
        let (stack, parts) = self.launch(None).await?;
        let app = parts.app.clone();
        Ok(HttpService { stack, limits, app, parts: Arc::new(Mutex::new(Some(parts))) })
    }
}

impl HttpService {
    /// The handle that components have.
    #[must_use]
    pub fn app(&self) -> &AppHandle {
        &self.app
    }

    /// Stops the server, as [`RunningServer::stop`](crate::RunningServer::stop) does. It answers no
    /// differently afterwards, except that the managers are gone: stop the other server first.
    ///
    /// # Errors
    ///
    /// The first watcher's error. Everything is stopped nevertheless.
    pub async fn stop(self) -> Result<()> {
        let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner).take();
        match parts {
            Some(parts) => parts.stop().await,
            None => Ok(()), // a clone was stopped
        }
    }
}

impl<B> Service<Request<B>> for HttpService
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<ResponseBody>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (parts, body) = request.into_parts();
        if let Some(refusal) = refuse(&parts, &self.limits, ReadBy::Another) {
            return Box::pin(std::future::ready(Ok(refusal)));
        }
        let body = RequestBody::boxed(body, &self.limits);
        let answer = self.stack.answer(Request::from_parts(parts, body));
        Box::pin(async { Ok(answer.await) })
    }
}

impl fmt::Debug for HttpService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpService").finish_non_exhaustive()
    }
}

/// The address of a client, on the requests of a server that is not ours.
///
/// A server that nests an [`HttpService`] leaves it among the request's extensions, for
/// [`Request::ip`](crate::Request::ip) and for the handshakes of sockets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "an address with a meaning")]
pub struct RemoteAddress(pub SocketAddr);
