//! The requests of a session on polling.

use std::{io, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::service::Service;

use super::{Engine, event_names, fault::Fault, judge::NO_PACKET, line::Line, refusal::Refusal};
use crate::http::ResponseBody;

impl Engine {
    pub(super) async fn poll(&self, id: &str, headers: &HeaderMap) -> Response<ResponseBody> {
        let line = self.lines.find(id);
        let pending = line.as_ref().map(|line| Pending { engine: self, id, line, goes_on: true });
        let answer = self.call(self.request(Method::GET, "polling", id, Full::default()));
        let (parts, mut body) = match &line {
            Some(line) => {
                line.polled();
                tokio::select! {
                    biased;
                    answer = answer => answer,
                    // Dropping the engine's answer loses nothing: it takes packets when it ends.
                    () = line.probed() => noop(),
                }
            }
            None => answer.await,
        };
        if let Some(pending) = pending {
            pending.done();
        }
        if let Some(line) = &line {
            line.polled();
            if let Some(written) = line.refusals().write(&body) {
                body = written.into();
            }
            if line.is_closing() {
                self.close(id, line, if line.is_failed() { NO_PACKET } else { b"1" }).await;
            }
        }
        self.answer(parts, body, Some(headers))
    }

    pub(super) async fn post<B>(
        &self,
        id: &str,
        request: Request<B>,
    ) -> Result<Response<ResponseBody>, Refusal>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send,
    {
        // A client that answers pings which it does not read would be kept for ever.
        let line = self.lines.find(id).ok_or(Refusal::UnknownSession)?;
        if line.is_unread_for(self.settings.heartbeat) {
            self.close(id, &line, b"1").await;
            return Err(Refusal::UnknownSession);
        }
        let Some(_posting) = line.begin_post() else {
            return Err(self.end(id, &line, Fault::Request, Refusal::Overlap).await);
        };
        if is_binary(request.headers()) {
            return Err(self.end(id, &line, Fault::Request, Refusal::BadRequest).await);
        }
        let pending = Pending { engine: self, id, line: &line, goes_on: true };
        let body = std::pin::pin!(Limited::new(request.into_body(), self.settings.limits.message));
        let body = body.collect().await;
        pending.done();
        let payload = match body {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                let (fault, refusal) = match error.downcast_ref::<io::Error>() {
                    _ if error.is::<LengthLimitError>() => (Fault::TooLong, Refusal::TooLarge),
                    Some(error) if error.kind() == io::ErrorKind::TimedOut => {
                        (Fault::Request, Refusal::TooSlow)
                    }
                    _ => (Fault::Request, Refusal::BadRequest),
                };
                return Err(self.end(id, &line, fault, refusal).await);
            }
        };
        let closes = payload.split(|&byte| byte == 0x1e).any(|packet| packet.starts_with(b"1"));
        let payload = event_names::readable_payload(payload, &line);
        let request = self.request(Method::POST, "polling", id, Full::new(payload));
        let (mut parts, mut body) = self.call(request).await;
        if line.is_failed() {
            self.close(id, &line, NO_PACKET).await;
        }
        if parts.status == StatusCode::BAD_REQUEST && body.is_empty() {
            // The engine has closed the session. Node says so to the poll only.
            (parts.status, body) = (StatusCode::OK, Bytes::from_static(b"ok"));
            line.end();
        }
        if closes || line.fault().is_some() {
            line.end();
        }
        if parts.status == StatusCode::OK {
            parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
        }
        Ok(self.answer(parts, body, None))
    }

    /// Whether the engine has a session of this id.
    pub(super) async fn is_open(&self, id: &str) -> bool {
        let nothing = self.request(Method::POST, "polling", id, Full::default());
        let (parts, body) = self.call(nothing).await;
        parts.status == StatusCode::OK || !body.windows(UNKNOWN.len()).any(|at| at == UNKNOWN)
    }

    async fn end(&self, id: &str, line: &Arc<Line>, fault: Fault, refusal: Refusal) -> Refusal {
        line.blame(fault);
        self.close(id, line, NO_PACKET).await;
        refusal
    }

    /// Has the engine close a session that is on polling, by a packet in the client's name.
    async fn close(&self, id: &str, line: &Arc<Line>, packet: &'static [u8]) {
        let body = Full::new(Bytes::from_static(packet));
        let _ = self.call(self.request(Method::POST, "polling", id, body)).await;
        line.end();
    }
}

/// A request that its client may break off, which ends the session.
struct Pending<'e> {
    engine: &'e Engine,
    id: &'e str,
    line: &'e Arc<Line>,
    goes_on: bool,
}

impl Pending<'_> {
    fn done(mut self) {
        self.goes_on = false;
    }
}

impl Drop for Pending<'_> {
    /// hyper drops a request's future when the client has gone.
    fn drop(&mut self) {
        if !self.goes_on {
            return;
        }
        self.line.blame(Fault::Request);
        self.line.end();
        let (service, body) = (self.engine.service.clone(), Full::new(NO_PACKET.into()));
        let request = self.engine.request(Method::POST, "polling", self.id, body);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = Service::<Request<Full<Bytes>>>::call(&service, request).await;
            });
        }
    }
}

/// What stands in the engine's answer to a request of a session that it does not know.
const UNKNOWN: &[u8] = b"\"code\":\"1\"";

/// As on Node, in so many letters.
fn is_binary(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/octet-stream")
}

/// The answer to a poll that has to end.
fn noop() -> (http::response::Parts, Bytes) {
    let (mut parts, ()) = Response::new(()).into_parts();
    let text = HeaderValue::from_static("text/plain; charset=UTF-8");
    parts.headers.insert(header::CONTENT_TYPE, text);
    (parts, Bytes::from_static(b"6"))
}
