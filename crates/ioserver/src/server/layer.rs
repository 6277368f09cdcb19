//! Tower layers, by which the tower-http ecosystem is one line away.

use std::error::Error;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::IOServer;
use crate::http::{RequestBody, Stack, stack};

type BoxError = Box<dyn Error + Send + Sync>;

impl IOServer {
    /// Puts a tower layer around all that the server answers, Socket.IO included. The layer that is
    /// added last sees a request first.
    ///
    /// What breaks a [limit](crate::Limits) or is no HTTP is refused before it. An error of a layer
    /// is logged and answered with 500.
    ///
    /// ```
    /// use ioserver::{IOServer, IOServerOptions};
    /// use tower_http::{compression::CompressionLayer, request_id::{MakeRequestUuid, SetRequestIdLayer}};
    ///
    /// let mut server = IOServer::new(IOServerOptions::default());
    /// server
    ///     .layer(CompressionLayer::new())
    ///     .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid));
    /// ```
    pub fn layer<L, B>(&mut self, layer: L) -> &mut Self
    where
        L: Layer<Stack> + Send + Sync + 'static,
        L::Service:
            Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request<RequestBody>>>::Error: Into<BoxError> + Send,
        <L::Service as Service<Request<RequestBody>>>::Future: Send + 'static,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        self.layers.push(stack::defer(layer));
        self
    }
}
