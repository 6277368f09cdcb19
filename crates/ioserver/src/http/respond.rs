//! From a reply to what hyper sends.

use std::{
    fmt, io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;

use crate::{
    IOServerError, Reply, json,
    reply::{Body, StreamBody},
};

/// The body of an answer, as [layers](crate::IOServer::layer) see it.
pub struct ResponseBody(pub(crate) Outgoing);

/// A body on its way out: whole, or produced while it is sent.
pub(crate) enum Outgoing {
    Whole(Option<Bytes>),
    Stream(StreamBody),
}

impl ResponseBody {
    pub(crate) fn whole(bytes: Option<Bytes>) -> Self {
        Self(Outgoing::Whole(bytes))
    }

    /// What a layer made of a body.
    pub(crate) fn boxed<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self(Outgoing::Stream(Box::pin(body.map_err(io::Error::other))))
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").finish_non_exhaustive()
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut self.get_mut().0 {
            Outgoing::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Outgoing::Stream(stream) => stream.as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Outgoing::Whole(bytes) => bytes.is_none(),
            Outgoing::Stream(stream) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Outgoing::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Outgoing::Stream(stream) => stream.size_hint(),
        }
    }
}

/// Makes a response of a reply that has no error left to be answered.
pub(crate) fn respond(reply: Reply) -> Response<ResponseBody> {
    let (status, mut headers, body) = reply.into_parts();
    // RFC 9110 section 15.3.5 and 15.4.5: these have no content.
    let body = match (status, body) {
        (StatusCode::NO_CONTENT, _) => {
            headers.remove(header::CONTENT_TYPE);
            Outgoing::Whole(None)
        }
        (StatusCode::NOT_MODIFIED, _) | (_, Body::Empty) => Outgoing::Whole(None),
        (_, Body::Json(bytes) | Body::Text(bytes) | Body::Bytes(bytes)) => {
            Outgoing::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()))
        }
        (_, Body::Value(value)) => {
            Outgoing::Whole(json::to_vec(&value).ok().map(Bytes::from)) // a value always can
        }
        (_, Body::Stream(stream)) => Outgoing::Stream(stream),
    };
    // A HEAD request is told the length as well, which hyper does not know to be none.
    if matches!(body, Outgoing::Whole(None))
        && !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
    {
        headers.entry(header::CONTENT_LENGTH).or_insert_with(|| 0.into());
    }
    let mut response = Response::new(ResponseBody(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// The JSON body of an error. With `hide_internal`, clients do not read why a 5xx happened.
pub(crate) fn error_reply(error: IOServerError, hide_internal: bool) -> Reply {
    let status = error.http_status();
    let hidden = hide_internal && status.is_server_error() && error.code().is_none();
    let mut reply = if hidden {
        Reply::json(
            IOServerError::new(reason(status), status).with_name(reason(status)).http_body(),
        )
    } else {
        Reply::json(error.http_body())
    };
    reply = reply.with_status(status);
    reply.headers_mut().extend(error.into_headers());
    reply
}

/// A status in Node's words.
pub(crate) fn reason(status: StatusCode) -> &'static str {
    match status {
        StatusCode::IM_A_TEAPOT => "I'm a Teapot",
        other => other.canonical_reason().unwrap_or("Unknown"),
    }
}

/// The 404 of the original, which names method and url.
pub(crate) fn not_found(method: &http::Method, url: &str) -> IOServerError {
    IOServerError::new(format!("Route {method}:{url} not found"), 404_u16).with_name("Not Found")
}
