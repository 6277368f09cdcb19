//! The Engine.IO service below `/socket.io/`, and the client's bundles.
//!
//! socketioxide is the engine. What stands here is between it and the client: which requests reach
//! it, what session ids look like, and the streams that it reads and writes.

mod backlog;
mod client_bundle;
mod compression;
mod detach;
pub(crate) mod event_names;
pub(in crate::socket) mod fault;
mod fragments;
mod frame;
mod frames;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod handshake;
mod judge;
pub(crate) mod line;
mod open;
mod outgoing;
mod polling;
mod query;
mod refusal;
mod refusals;
mod session_key;
mod stage;
mod stream;
mod upgrade;

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::{BodyExt, Empty, Full};
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use socketioxide::{ParserConfig, SocketIo, service::SocketIoService};

use self::{
    backlog::Room,
    client_bundle::ClientBundle,
    handshake::Key,
    line::Lines,
    query::Asks,
    refusal::Refusal,
    stream::{Limits, Stream},
};
use crate::{
    AppHandle, IOServerOptions, LogLevel, Mode, RemoteAddress, Result,
    http::{ResponseBody, cors::Cors},
    network::Network,
};

pub use session_key::SessionKey;

/// The engine and what is served beside it.
pub(crate) struct Engine {
    service: SocketIoService<NotFound>,
    path: String,
    bundle: Option<ClientBundle>,
    lines: Arc<Lines>,
    key: SessionKey,
    settings: Settings,
    trust_proxy: Box<[Network]>,
}

#[derive(Clone, Copy)]
struct Settings {
    mode: Mode,
    cookie: bool,
    compression: bool,
    check_origin: bool,
    limits: Limits,
    /// How long a client may live without being asked whether it does.
    heartbeat: Duration,
}

/// What the engine calls for paths that are not its own: none reach it.
#[derive(Clone)]
struct NotFound;

impl Service<Request<Full<Bytes>>> for NotFound {
    type Response = Response<Empty<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn call(&self, _: Request<Full<Bytes>>) -> Self::Future {
        let mut response = Response::new(Empty::new());
        *response.status_mut() = StatusCode::NOT_FOUND;
        ready(Ok(response))
    }
}

impl Engine {
    pub(crate) fn new(options: &IOServerOptions, app: &AppHandle) -> Result<(Self, SocketIo)> {
        let socket = &options.socket;
        let path = format!("{}/", socket.path.trim_end_matches('/'));
        let parser = ParserConfig::common()
            .max_incoming_binary_buf_size(socket.max_payload)
            .max_incoming_binaries(socket.max_attachments);
        let builder = SocketIo::builder()
            .req_path(path.clone())
            .ping_interval(socket.ping_interval)
            .ping_timeout(socket.ping_timeout)
            .max_payload(socket.max_payload as u64)
            .ws_max_message_size(socket.max_payload)
            .ws_max_frame_size(socket.max_payload)
            .max_buffer_size(socket.max_buffer)
            .ws_read_buffer_size(socket.read_buffer)
            .connect_timeout(socket.connect_timeout)
            .ack_timeout(socket.ack_timeout)
            .with_parser(parser);
        let (service, io) = builder.build_with_inner_svc(NotFound);
        let bundle = socket.client_dir.as_deref().map(ClientBundle::open).transpose()?;
        if bundle.is_none() {
            let text = "the browsers' client is not served: name its folder, such as node_modules/socket.io-client/dist, as `socket.client_dir`";
            app.log(LogLevel::Information, text);
        }
        let key = socket.session_key.clone().map_or_else(SessionKey::random, Ok)?;
        let heartbeat = socket.ping_interval + socket.ping_timeout;
        let settings = Settings {
            mode: options.mode,
            cookie: options.cookie,
            compression: socket.compression,
            check_origin: socket.check_origin,
            limits: Limits {
                message: socket.max_payload,
                room: Room { one: socket.max_backlog, all: socket.max_backlog_total },
                time: heartbeat,
            },
            heartbeat,
        };
        let trust_proxy = options.trust_proxy.as_slice().into();
        let lines = Arc::new(Lines::new(options.limits.connections));
        Ok((Self { service, path, bundle, lines, key, settings, trust_proxy }, io))
    }

    /// Names the paths of all namespaces.
    pub(crate) fn know(&self, namespaces: impl IntoIterator<Item = String>) {
        self.lines.know(namespaces);
    }

    /// Whether a path is the engine's.
    pub(crate) fn owns(&self, path: &str) -> bool {
        path.starts_with(&self.path)
    }

    pub(crate) async fn serve<B>(
        &self,
        request: Request<B>,
        remote: Option<RemoteAddress>,
        cors: &Cors,
    ) -> Response<ResponseBody>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send,
    {
        if let Some(bundle) = &self.bundle
            && let Some(file) = request.uri().path().strip_prefix(&self.path)
            && let Some(response) = bundle.serve(file, request.headers()).await
        {
            return response;
        }
        match self.take(request, remote, cors).await {
            Ok(response) => response,
            Err(refusal) => refusal.into_response(),
        }
    }

    async fn take<B>(
        &self,
        request: Request<B>,
        remote: Option<RemoteAddress>,
        cors: &Cors,
    ) -> Result<Response<ResponseBody>, Refusal>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send,
    {
        let asks = Asks::read(&request, self.settings.mode, &self.key)?;
        if self.settings.check_origin
            && let Some(origin) = request.headers().get(header::ORIGIN)
            && !cors.lets_in(origin)
        {
            return Err(Refusal::Forbidden);
        }
        match asks {
            Asks::OpenPolling => Ok(self.open_polling(request, remote).await),
            Asks::OpenWebsocket(key) => Ok(self.open_websocket(request, remote, &key)),
            Asks::Upgrade(id, key) => self.upgrade(request, &id, &key).await,
            Asks::Poll(id) => Ok(self.poll(&id, request.headers()).await),
            Asks::Post(id) => self.post(&id, request).await,
        }
    }

    fn open_websocket<B>(
        &self,
        mut request: Request<B>,
        remote: Option<RemoteAddress>,
        key: &Key,
    ) -> Response<ResponseBody> {
        let upgraded = hyper::upgrade::on(&mut request);
        let (service, limits) = (self.service.clone(), self.settings.limits);
        let line = self.lines.websocket();
        let request = self.opening(request, remote, &line, "websocket");
        tokio::spawn(async move {
            if let Ok(upgraded) = upgraded.await {
                // In a box: the engine's task holds it several times over.
                let stream = Box::new(Stream::new(TokioIo::new(upgraded), line, limits));
                // The request is one that the engine takes: it was written for it.
                let _ = Service::<(_, Request<()>)>::call(&service, (stream, request)).await;
            }
        });
        key.accept()
    }

    async fn upgrade<B>(
        &self,
        mut request: Request<B>,
        id: &str,
        key: &Key,
    ) -> Result<Response<ResponseBody>, Refusal> {
        let line = self.lines.find(id).ok_or(Refusal::UnknownSession)?;
        if !self.is_open(id).await {
            return Err(Refusal::UnknownSession);
        }
        let upgraded = hyper::upgrade::on(&mut request);
        let (service, limits) = (self.service.clone(), self.settings.limits);
        let request = self.request(Method::GET, "websocket", id, ());
        tokio::spawn(async move {
            let Ok(upgraded) = upgraded.await else { return };
            let mut wire = TokioIo::new(upgraded);
            let Some(probe) = line.probe() else { return upgrade::refuse(&mut wire).await };
            if let Ok(stream) = upgrade::upgrade(wire, probe, limits).await {
                let stream = Box::new(stream);
                let _ = Service::<(_, Request<()>)>::call(&service, (stream, request)).await;
            }
        });
        Ok(key.accept())
    }

    async fn call(&self, request: Request<Full<Bytes>>) -> (http::response::Parts, Bytes) {
        let Ok(response) = Service::<Request<Full<Bytes>>>::call(&self.service, request).await;
        let (parts, body) = response.into_parts();
        let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes);
        (parts, body)
    }

    /// A request of an open session, with nothing in it that the client wrote.
    fn request<B>(&self, method: Method, transport: &str, id: &str, body: B) -> Request<B> {
        let uri = format!("{}?EIO=4&transport={transport}&sid={id}", self.path);
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri.parse().unwrap_or_default(); // ids are letters and digits
        request
    }

    fn answer(
        &self,
        mut parts: http::response::Parts,
        body: Bytes,
        request: Option<&HeaderMap>,
    ) -> Response<ResponseBody> {
        let body = match request {
            _ if parts.status == StatusCode::BAD_REQUEST => numbered(body),
            Some(request) if self.settings.compression => {
                compression::compress(body, request, &mut parts.headers)
            }
            _ => body,
        };
        parts.headers.remove(header::CONTENT_LENGTH); // hyper knows it
        if parts.status == StatusCode::OK {
            let never = HeaderValue::from_static("no-store");
            parts.headers.insert(header::CACHE_CONTROL, never);
        }
        let body = Some(body).filter(|body| !body.is_empty());
        Response::from_parts(parts, ResponseBody::whole(body))
    }
}

/// engineioxide writes an error's code as text; Engine.IO's clients expect a number.
fn numbered(body: Bytes) -> Bytes {
    let Ok(mut error) = serde_json::from_slice::<serde_json::Value>(&body) else { return body };
    let Some(code) = error["code"].as_str().and_then(|code| code.parse::<u8>().ok()) else {
        return body;
    };
    error["code"] = code.into();
    error.to_string().into()
}
