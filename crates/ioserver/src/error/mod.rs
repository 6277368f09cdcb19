//! The one error type that reaches clients, and its shape on each wire.

mod http_errors;
mod result_ext;

use std::{borrow::Cow, error::Error as StdError, fmt};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;

use crate::reply::header_field;
pub use result_ext::ResultExt;

/// A `Result` whose error is an [`IOServerError`] unless another is named.
pub type Result<T, E = IOServerError> = std::result::Result<T, E>;

/// An error that a component reports to its client.
///
/// Over HTTP it becomes `{"statusCode", "error", "message"}` (and `code` if there is one), on a
/// socket `{"status": "error", "type", "message", "statusCode"}`.
///
/// # Examples
///
/// ```
/// use ioserver::IOServerError;
///
/// let error = IOServerError::new("name is taken", 409);
/// assert_eq!(error.status(), 409);
/// assert_eq!(error.to_string(), "name is taken");
/// ```
pub struct IOServerError {
    inner: Box<Inner>, // one pointer wide: it travels in every `Result` of the framework
}

#[derive(Debug)]
struct Inner {
    status: u16,
    name: Option<Cow<'static, str>>,
    message: Option<Cow<'static, str>>,
    code: Option<&'static str>,
    headers: HeaderMap,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl IOServerError {
    /// Makes an error from a message for the client and an HTTP status. Those of HTTP have names of
    /// their own, such as [`IOServerError::not_found`].
    ///
    /// A status that HTTP cannot send as a final answer (below 200, above 599) is sent as 500.
    #[must_use]
    pub fn new(message: impl Into<Cow<'static, str>>, status: impl IntoStatus) -> Self {
        Self {
            inner: Box::new(Inner {
                status: status.into_status(),
                name: Some(Cow::Borrowed("IOServerError")),
                message: Some(message.into()),
                code: None,
                headers: HeaderMap::new(),
                source: None,
            }),
        }
    }

    /// Makes a 500 whose message is the source's own: what a thrown `Error` is to the original. For
    /// `?`, write [`.internal()?`](ResultExt::internal).
    #[must_use]
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let source = source.into();
        let mut error = Self::new(source.to_string(), 500);
        error.inner.name = None;
        error.inner.source = Some(source);
        error
    }

    /// Makes an error from any status, for hosts of untyped errors: 0 means that none was given.
    pub(crate) fn panicked() -> Self {
        let mut error = Self::new("Internal Server Error", 500);
        error.inner.name = None;
        error
    }

    /// Replaces the message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.inner.message = Some(message.into());
        self
    }

    fn with_status(mut self, status: u16) -> Self {
        self.inner.status = status;
        self
    }

    /// Replaces the name that clients see as `error` (HTTP) or `type` (Socket.IO).
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.inner.name = Some(name.into());
        self
    }

    /// Adds a machine-readable code, such as `ERR_AUTH_TOKEN_INVALID`.
    #[must_use]
    pub fn with_code(mut self, code: &'static str) -> Self {
        self.inner.code = Some(code);
        self
    }

    /// Adds a header to the HTTP answer, such as `Retry-After`.
    ///
    /// # Panics
    ///
    /// As [`Reply::with_header`](crate::Reply::with_header).
    #[must_use]
    #[track_caller]
    pub fn with_header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: AsRef<str> + TryInto<HeaderName>,
        V: TryInto<HeaderValue>,
    {
        let (name, value) = header_field(name, value);
        self.inner.headers.append(name, value);
        self
    }

    /// Leaves the message out: clients of a socket read `null`, as for a thrown `null`.
    #[must_use]
    pub fn without_message(mut self) -> Self {
        self.inner.message = None;
        self
    }

    /// The status as it was given, usable or not.
    #[doc(alias = "statusCode")]
    #[must_use]
    pub fn status(&self) -> u16 {
        self.inner.status
    }

    /// The error's name, if one was given.
    ///
    /// That of the framework's own errors (`code` begins with `FST_`) is Fastify's, as an
    /// `errorHandler` of the original reads it; clients see the status in words instead.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self.inner.code {
            Some("FST_ERR_VALIDATION") => Some("Error"),
            Some(code) if code.starts_with("FST_") => Some("FastifyError"),
            _ => self.inner.name.as_deref(),
        }
    }

    /// The message; empty if there is none.
    #[must_use]
    pub fn message(&self) -> &str {
        self.inner.message.as_deref().unwrap_or_default()
    }

    /// The machine-readable code, if one was given.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        self.inner.code
    }

    pub(crate) fn into_headers(self) -> HeaderMap {
        self.inner.headers
    }

    /// The status that HTTP can send.
    pub(crate) fn http_status(&self) -> StatusCode {
        StatusCode::from_u16(self.inner.status)
            .ok()
            .filter(|status| (200..600).contains(&status.as_u16()))
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The body of an HTTP answer: `{statusCode, error[, code], message}`.
    pub(crate) fn http_body(&self) -> impl Serialize + '_ {
        HttpBody {
            status_code: self.http_status().as_u16(),
            error: self.inner.name.as_deref().unwrap_or("Internal Server Error"),
            code: self.inner.code,
            message: self.message(),
        }
    }

    /// The payload of an ack or of an `error` event: `{status, type, message, statusCode}`.
    pub(crate) fn socket_payload(&self) -> impl Serialize + '_ {
        SocketPayload {
            status: "error",
            kind: self.name().unwrap_or("Error"),
            message: self.inner.message.as_deref(),
            status_code: if self.inner.status == 0 { 500 } else { self.inner.status },
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpBody<'a> {
    status_code: u16,
    error: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    message: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SocketPayload<'a> {
    status: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    message: Option<&'a str>,
    status_code: u16,
}

impl fmt::Display for IOServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

/// `{:?}` is for people: a `main` that returns a `Result` prints its error so. `{:#?}` has all fields.
impl fmt::Debug for IOServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return f.write_str(self.message());
        }
        f.debug_struct("IOServerError")
            .field("status", &self.inner.status)
            .field("name", &self.inner.name)
            .field("message", &self.inner.message)
            .field("code", &self.inner.code)
            .field("source", &self.inner.source)
            .finish_non_exhaustive()
    }
}

impl StdError for IOServerError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner.source.as_ref().and_then(|source| source.source())
    }
}

impl From<std::io::Error> for IOServerError {
    fn from(error: std::io::Error) -> Self {
        Self::internal(error)
    }
}

/// A value that cannot be read or written is the server's own trouble, a 500: what a client sends
/// is read by [`Json`](crate::Json) and by arguments of events.
impl From<serde_json::Error> for IOServerError {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

/// A status as a number or as an [`http::StatusCode`]. Sealed.
pub trait IntoStatus: sealed::Sealed {
    /// The number.
    fn into_status(self) -> u16;
}

impl IntoStatus for u16 {
    fn into_status(self) -> u16 {
        self
    }
}

impl IntoStatus for StatusCode {
    fn into_status(self) -> u16 {
        self.as_u16()
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "that is the point of sealing")]
    pub trait Sealed {}
    impl Sealed for u16 {}
    impl Sealed for http::StatusCode {}
}

/// Why a Socket.IO connection was refused: the `message` of the client's `connect_error`.
///
/// The client reads it as the `Error` of its `connect_error` event, with its `message` and its
/// `data`.
///
/// ```
/// use ioserver::ConnectError;
/// use serde_json::json;
///
/// let refusal = ConnectError::new("not now").with_data(json!({ "retryAfter": 30 }));
/// assert_eq!(refusal.to_string(), "not now");
/// assert_eq!(refusal.data().unwrap()["retryAfter"], 30);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConnectError {
    message: Cow<'static, str>,
    data: Option<Box<Value>>,
}

impl ConnectError {
    /// Makes a refusal whose text the client reads.
    #[must_use]
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), data: None }
    }

    /// Adds what the client reads as the error's `data`.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<Value>) -> Self {
        self.data = Some(Box::new(data.into()));
        self
    }

    /// The `data` if there is any.
    #[must_use]
    pub fn data(&self) -> Option<&Value> {
        self.data.as_deref()
    }

    /// What CONNECT_ERROR holds, if that is more than text.
    pub(crate) fn payload(&self) -> Option<String> {
        let data = self.data()?;
        let message = Value::from(&*self.message);
        Some(format!(r#"{{"message":{message},"data":{data}}}"#))
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for ConnectError {}

/// The error's code if it has one, else its message.
impl From<IOServerError> for ConnectError {
    fn from(error: IOServerError) -> Self {
        match error.code() {
            Some(code) => Self::new(code),
            None => Self::new(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frameworks_own_errors_have_fastifys_name_and_show_clients_the_status() {
        let error = IOServerError::new("Unsupported Media Type", 415_u16)
            .with_name("Unsupported Media Type")
            .with_code("FST_ERR_CTP_INVALID_MEDIA_TYPE");
        assert_eq!(error.name(), Some("FastifyError"));
        let body = serde_json::to_value(error.http_body()).unwrap();
        assert_eq!(body["error"], "Unsupported Media Type");
        let error = error.with_code("ERR_OF_AN_APP");
        assert_eq!(error.name(), Some("Unsupported Media Type"));
    }
}
