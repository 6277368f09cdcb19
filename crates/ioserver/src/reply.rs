//! What a controller gives back.

use std::{fmt, pin::Pin};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;

use crate::{IOServerError, Result, error::IntoStatus, json};

/// The content type of JSON answers, as Fastify writes it.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// A body that is produced while it is sent.
pub(crate) type StreamBody =
    Pin<Box<dyn http_body::Body<Data = Bytes, Error = std::io::Error> + Send + 'static>>;

/// An HTTP answer.
///
/// # Examples
///
/// ```
/// use ioserver::Reply;
/// use serde_json::json;
///
/// let reply = Reply::json(json!({ "id": 7 })).with_status(201).with_header("x-custom", "yes");
/// assert_eq!(reply.status().as_u16(), 201);
/// ```
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    pub(crate) body: Body,
    error: Option<IOServerError>,
}

/// The payload of a reply, in the state in which hooks see it.
pub(crate) enum Body {
    /// Nothing was sent.
    Empty,
    /// JSON, serialised already: the common case costs no tree of values.
    Json(Bytes),
    /// JSON that a hook looks at. Boxed, since it is rare and would make every reply larger.
    Value(Box<Value>),
    Text(Bytes),
    Bytes(Bytes),
    Stream(StreamBody),
}

impl Reply {
    /// Makes an empty answer.
    #[must_use]
    pub fn new(status: impl IntoStatus) -> Self {
        Self::empty().with_status(status)
    }

    pub(crate) fn empty() -> Self {
        let (headers, body) = (HeaderMap::new(), Body::Empty);
        Self { status: StatusCode::OK, headers, body, error: None }
    }

    /// Makes a 200 with JSON; a value that cannot be serialised makes it a 500.
    #[must_use]
    pub fn json(value: impl Serialize) -> Self {
        match json::to_vec(&value) {
            Ok(json) => Self::with(Body::Json(json.into()), JSON),
            Err(error) => IOServerError::internal(error).into(),
        }
    }

    /// Makes a 200 with text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::with(Body::Text(text.into().into()), TEXT)
    }

    /// Makes a 200 with bytes as they are.
    #[must_use]
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        let octets = HeaderValue::from_static("application/octet-stream");
        Self::with(Body::Bytes(bytes.into()), octets)
    }

    /// Makes a 200 whose body is produced while it is sent.
    #[must_use]
    pub fn stream<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes, Error = std::io::Error> + Send + 'static,
    {
        let octets = HeaderValue::from_static("application/octet-stream");
        Self::with(Body::Stream(Box::pin(body)), octets)
    }

    /// Makes a 302 to `location`; [`with_status`](Self::with_status) makes it another redirect.
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        match HeaderValue::from_str(location) {
            Ok(location) => {
                let mut reply = Self::new(302);
                reply.headers.insert(header::LOCATION, location);
                reply
            }
            Err(_) => IOServerError::new("a redirect's location is no header value", 500).into(),
        }
    }

    fn with(body: Body, content_type: HeaderValue) -> Self {
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(header::CONTENT_TYPE, content_type);
        Self { status: StatusCode::OK, headers, body, error: None }
    }

    /// Replaces the status. One that HTTP cannot send as a final answer makes it a 500 that says so.
    #[doc(alias = "code")]
    #[must_use]
    pub fn with_status(mut self, status: impl IntoStatus) -> Self {
        let wanted = status.into_status();
        match StatusCode::from_u16(wanted) {
            Ok(status) if (200..600).contains(&wanted) => self.status = status,
            _ => self = Self::bad_status(wanted),
        }
        self
    }

    /// What Fastify answers when a handler asks for a status that does not exist.
    fn bad_status(status: impl fmt::Display) -> Self {
        let message = format!("Called reply with an invalid status code: {status}");
        IOServerError::new(message, 500).with_name("Internal Server Error").into()
    }

    /// Sets a header, and replaces earlier ones of its name.
    ///
    /// # Panics
    ///
    /// If the name or the value is not allowed in HTTP, and names the header; see
    /// [`headers_mut`](Self::headers_mut) for values that come from outside.
    #[doc(alias = "header")]
    #[must_use]
    #[track_caller]
    pub fn with_header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: AsRef<str> + TryInto<HeaderName>,
        V: TryInto<HeaderValue>,
    {
        let (name, value) = header_field(name, value);
        self.headers.insert(name, value);
        self
    }

    /// Adds a header and keeps earlier ones of its name, as `Set-Cookie` wants it.
    ///
    /// # Panics
    ///
    /// As [`with_header`](Self::with_header).
    #[must_use]
    #[track_caller]
    pub fn with_added_header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: AsRef<str> + TryInto<HeaderName>,
        V: TryInto<HeaderValue>,
    {
        let (name, value) = header_field(name, value);
        self.headers.append(name, value);
        self
    }

    /// Replaces the content type. Nothing is added to it; `application/json` on a text gets its
    /// charset, as Fastify does.
    ///
    /// # Panics
    ///
    /// As [`with_header`](Self::with_header).
    #[doc(alias = "type")]
    #[must_use]
    #[track_caller]
    pub fn with_type(mut self, content_type: &str) -> Self {
        let value = match content_type {
            "application/json" => JSON,
            other => header_field("content-type", other).1,
        };
        self.headers.insert(header::CONTENT_TYPE, value);
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The headers, to change them.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    /// The error that the reply was made from, until an error handler has answered it.
    #[must_use]
    pub fn error(&self) -> Option<&IOServerError> {
        self.error.as_ref()
    }

    /// The payload as JSON, where a `preSerialization` hook looks at it.
    #[must_use]
    pub fn payload(&self) -> Option<&Value> {
        match &self.body {
            Body::Value(value) => Some(value),
            _ => None,
        }
    }

    /// What the payload is to hooks: `string`, `buffer`, `stream`, `undefined`, or `object` before
    /// it is serialised.
    #[must_use]
    pub fn payload_kind(&self) -> &'static str {
        match &self.body {
            Body::Empty => "undefined",
            Body::Json(_) | Body::Text(_) => "string",
            Body::Value(_) => "object",
            Body::Bytes(_) => "buffer",
            Body::Stream(_) => "stream",
        }
    }

    /// The serialised payload, unless it is a stream.
    #[must_use]
    pub fn payload_bytes(&self) -> Option<&Bytes> {
        match &self.body {
            Body::Json(bytes) | Body::Text(bytes) | Body::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Replaces the payload by JSON; the status and the headers stay.
    pub fn set_json(&mut self, value: impl Serialize) {
        self.replace(Self::json(value));
    }

    /// Replaces the payload by text; the status and the headers stay.
    pub fn set_text(&mut self, text: impl Into<String>) {
        self.replace(Self::text(text));
    }

    fn replace(&mut self, other: Self) {
        if other.error.is_some() {
            *self = other;
            return;
        }
        self.body = other.body;
        for (name, value) in &other.headers {
            self.headers.entry(name).or_insert_with(|| value.clone());
        }
    }

    pub(crate) fn take_error(&mut self) -> Option<IOServerError> {
        self.error.take()
    }

    /// The parsed payload, for hooks and response schemas.
    ///
    /// # Errors
    ///
    /// If it is nested too deeply to be read: nothing is sent past its schema.
    pub(crate) fn parse_payload(&mut self) -> Result<()> {
        if let Body::Json(json) = &self.body {
            let value = serde_json::from_slice(json).map_err(IOServerError::internal)?;
            self.body = Body::Value(Box::new(value));
        }
        Ok(())
    }

    /// The inverse of [`parse_payload`](Self::parse_payload).
    pub(crate) fn serialize_payload(&mut self) {
        if let Body::Value(value) = &self.body
            && let Ok(json) = json::to_vec(value)
        {
            self.body = Body::Json(json.into());
        }
    }

    pub(crate) fn into_parts(self) -> (StatusCode, HeaderMap, Body) {
        (self.status, self.headers, self.body)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("payload", &self.payload_kind())
            .finish_non_exhaustive()
    }
}

/// A header's name and value; a panic names the header, and never shows its value.
#[track_caller]
pub(crate) fn header_field<N, V>(name: N, value: V) -> (HeaderName, HeaderValue)
where
    N: AsRef<str> + TryInto<HeaderName>,
    V: TryInto<HeaderValue>,
{
    let Ok(value) = value.try_into() else {
        panic!("the value of header `{}` is no visible text on one line", name.as_ref())
    };
    let shown = name.as_ref().escape_debug().to_string();
    let Ok(name) = name.try_into() else { panic!("`{shown}` is no name of a header") };
    (name, value)
}

/// The error's status and JSON body; the route's `errorHandler` sees it first.
impl From<IOServerError> for Reply {
    fn from(error: IOServerError) -> Self {
        let mut reply = Self::new(error.http_status());
        reply.error = Some(error);
        reply
    }
}

/// A value that a handler may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a reply",
    note = "return text, `Json(value)`, a status, `(status, reply)`, a `Reply`, or a `Result` of these"
)]
pub trait IntoReply {
    /// Makes the answer.
    fn into_reply(self) -> Reply;
}

/// JSON, in a request body, in a reply or in an ack.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(transparent)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper that is taken apart by pattern")]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoReply for Json<T> {
    fn into_reply(self) -> Reply {
        Reply::json(&self.0)
    }
}

impl IntoReply for Value {
    fn into_reply(self) -> Reply {
        Reply::json(&self)
    }
}

impl IntoReply for Reply {
    fn into_reply(self) -> Reply {
        self
    }
}

impl IntoReply for () {
    fn into_reply(self) -> Reply {
        Reply::new(200)
    }
}

impl IntoReply for StatusCode {
    fn into_reply(self) -> Reply {
        Reply::new(self)
    }
}

impl IntoReply for &'static str {
    fn into_reply(self) -> Reply {
        Reply::with(Body::Text(Bytes::from_static(self.as_bytes())), TEXT)
    }
}

impl IntoReply for String {
    fn into_reply(self) -> Reply {
        Reply::text(self)
    }
}

impl IntoReply for Bytes {
    fn into_reply(self) -> Reply {
        Reply::bytes(self)
    }
}

impl IntoReply for Vec<u8> {
    fn into_reply(self) -> Reply {
        Reply::bytes(self)
    }
}

impl<S: IntoStatus, R: IntoReply> IntoReply for (S, R) {
    fn into_reply(self) -> Reply {
        self.1.into_reply().with_status(self.0)
    }
}

impl<T: IntoReply, E: IntoReply> IntoReply for Result<T, E> {
    fn into_reply(self) -> Reply {
        match self {
            Ok(value) => value.into_reply(),
            Err(error) => error.into_reply(),
        }
    }
}

impl IntoReply for IOServerError {
    fn into_reply(self) -> Reply {
        self.into()
    }
}
