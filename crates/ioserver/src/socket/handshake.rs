//! A client that asks to connect, and how it did.

use std::{borrow::Cow, fmt, net::IpAddr, time::SystemTime};

use http::{HeaderMap, request::Parts};
use serde_json::Value;

use super::Socket;
use crate::{BoxFuture, ConnectError, request::header_text};

/// A client that asks to connect to a namespace: what socket middlewares look at.
pub struct Handshake {
    socket: Socket,
    pub(super) accepted: Vec<OnAccept>,
}

pub(super) type OnAccept =
    Box<dyn FnOnce(Socket) -> BoxFuture<'static, Result<(), ConnectError>> + Send>;

impl Handshake {
    pub(super) fn new(socket: Socket) -> Self {
        Self { socket, accepted: Vec::new() }
    }

    /// The socket that will be connected. Nothing can be emitted to it yet.
    #[must_use]
    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    /// What the client sent as `auth`; `{}` if it sent nothing.
    #[must_use]
    pub fn auth(&self) -> &Value {
        &self.socket.state.auth
    }

    /// The headers of the HTTP request that opened the transport.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.socket.engine().req_parts().headers
    }

    /// One of them as text; several of one name are joined by `, `, as in Node.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        header_text(self.headers(), name)
    }

    /// Query, address and the rest of the HTTP request that opened the transport.
    #[must_use]
    pub fn info(&self) -> HandshakeInfo<'_> {
        self.socket.handshake()
    }

    /// Runs `then` if no later middleware refuses the client, before it hears that it is
    /// connected. An error refuses the client after all.
    pub fn on_accept<F, Fut>(&mut self, then: F)
    where
        F: FnOnce(Socket) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), ConnectError>> + Send + 'static,
    {
        self.accepted.push(Box::new(move |socket| Box::pin(then(socket))));
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake").field("ns", &self.socket.ns()).finish_non_exhaustive()
    }
}

/// How a client opened the connection. Never printed: it may hold credentials.
#[derive(Clone, Copy)]
pub struct HandshakeInfo<'a> {
    request: &'a Parts,
    auth: &'a Value,
    time: SystemTime,
}

/// Left on the request that opens a session.
#[derive(Clone, Copy)]
pub(super) struct ClientAddress(pub(super) IpAddr);

impl<'a> HandshakeInfo<'a> {
    pub(super) fn new(request: &'a Parts, auth: &'a Value, time: SystemTime) -> Self {
        Self { request, auth, time }
    }

    /// What the client sent as `auth`; `{}` if it sent nothing.
    #[must_use]
    pub fn auth(&self) -> &'a Value {
        self.auth
    }

    /// The headers of the HTTP request that opened the transport.
    #[must_use]
    pub fn headers(&self) -> &'a HeaderMap {
        &self.request.headers
    }

    /// One of them as text; several of one name are joined by `, `, as in Node.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        header_text(self.headers(), name)
    }

    /// A parameter of its query string, decoded.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<Cow<'a, str>> {
        let query = self.request.uri.query().unwrap_or_default();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Its path, such as `/socket.io/`.
    #[must_use]
    pub fn path(&self) -> &'a str {
        self.request.uri.path()
    }

    /// The address of the client, as [`Request::ip`](crate::Request::ip) has it: the other end of
    /// the connection, or behind [trusted proxies](crate::IOServerOptions::trust_proxy) what they
    /// say it is. Node's Socket.IO names the proxy.
    #[doc(alias = "ip")]
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.request.extensions.get::<ClientAddress>().map(|address| address.0)
    }

    /// When the client connected to the namespace.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        self.time
    }

    /// Whether the request came with an `Origin`, as browsers send it to other hosts.
    #[must_use]
    pub fn xdomain(&self) -> bool {
        self.request.headers.contains_key(http::header::ORIGIN)
    }
}

impl fmt::Debug for HandshakeInfo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandshakeInfo").field("path", &self.path()).finish_non_exhaustive()
    }
}
