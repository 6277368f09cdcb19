//! The Engine.IO service below `/socket.io/`, and the client's bundles.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Empty};
use hyper::service::Service;
use socketioxide::{ParserConfig, SocketIo, TransportType, service::SocketIoService};

use super::client_bundle::ClientBundle;
use crate::{
    IOServerOptions, Mode, Result,
    http::{RequestBody, ResponseBody},
    server::RemoteAddress,
};

/// The engine and what is served beside it.
pub(crate) struct Engine {
    service: SocketIoService<NotFound>,
    prefix: String,
    bundle: Option<ClientBundle>,
    cookie: bool,
}

/// What the engine calls for paths that are not its own: none reach it.
#[derive(Clone)]
struct NotFound;

impl<B> Service<Request<B>> for NotFound {
    type Response = Response<Empty<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn call(&self, _: Request<B>) -> Self::Future {
        let mut response = Response::new(Empty::new());
        *response.status_mut() = StatusCode::NOT_FOUND;
        ready(Ok(response))
    }
}

impl Engine {
    pub(crate) fn new(options: &IOServerOptions) -> Result<(Self, SocketIo)> {
        let settings = &options.socket;
        let path = settings.path.trim_end_matches('/').to_owned();
        let parser = ParserConfig::common()
            .max_incoming_binary_buf_size(settings.max_payload)
            .max_incoming_binaries(settings.max_attachments);
        let builder = SocketIo::builder()
            .req_path(path.clone())
            .ping_interval(settings.ping_interval)
            .ping_timeout(settings.ping_timeout)
            .max_payload(settings.max_payload as u64)
            .ws_max_message_size(settings.max_payload)
            .ws_max_frame_size(settings.max_payload)
            .max_buffer_size(settings.max_buffer)
            .connect_timeout(settings.connect_timeout)
            .ack_timeout(settings.ack_timeout)
            .with_parser(parser);
        let builder = match options.mode {
            Mode::Websocket => builder.transports([TransportType::Websocket]),
            Mode::Polling => builder.transports([TransportType::Polling]),
            Mode::Both => builder,
        };
        let (service, io) = builder.build_with_inner_svc(NotFound);
        let bundle = settings.client_dir.as_deref().map(ClientBundle::open).transpose()?;
        Ok((Self { service, prefix: format!("{path}/"), bundle, cookie: options.cookie }, io))
    }

    /// Whether a path is the engine's.
    pub(crate) fn owns(&self, path: &str) -> bool {
        path.starts_with(&self.prefix)
    }

    pub(crate) async fn serve(
        &self,
        mut request: Request<RequestBody>,
        remote: Option<RemoteAddress>,
    ) -> Response<ResponseBody> {
        if let Some(bundle) = &self.bundle
            && let Some(file) = request.uri().path().strip_prefix(&self.prefix)
            && let Some(response) = bundle.serve(file, request.headers())
        {
            return response;
        }
        if let Some(remote) = remote {
            request.extensions_mut().insert(remote);
        }
        let begins = !request.uri().query().unwrap_or_default().contains("sid=");
        let Ok(response) = self.service.call(request).await;
        let (mut parts, body) = response.into_parts();
        if parts.status == StatusCode::SWITCHING_PROTOCOLS {
            return Response::from_parts(parts, ResponseBody::whole(None));
        }
        let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes);
        parts.headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        if self.cookie
            && begins
            && parts.status.is_success()
            && let Some(cookie) = cookie(&body)
        {
            parts.headers.insert(header::SET_COOKIE, cookie);
        }
        let body = if parts.status == StatusCode::BAD_REQUEST { numbered(body) } else { body };
        Response::from_parts(parts, ResponseBody::whole(Some(body)))
    }
}

/// The engine's cookie, from the handshake's `0{"sid":…}`.
fn cookie(handshake: &[u8]) -> Option<HeaderValue> {
    let handshake: serde_json::Value =
        serde_json::from_slice(handshake.strip_prefix(b"0")?).ok()?;
    let sid = handshake["sid"].as_str()?;
    HeaderValue::from_str(&format!("io={sid}; Path=/; HttpOnly; SameSite=Lax")).ok()
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
