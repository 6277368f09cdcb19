//! The body of a request: read late, up to a limit, and parsed by its content type.

use std::{io, sync::Arc};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, header};
use http_body::Body as _;
use http_body_util::BodyExt;
use serde_json::Value;

use super::{accepts::Accepts, body_stream::BodyStream, incoming::RequestBody};
use crate::{IOServerError, Result, request::parse_query};

/// A body on its way from the wire to a value.
pub(crate) struct ParsedBody {
    state: State,
    limit: usize,
    ignored: bool,
    accepts: Option<Arc<Accepts>>,
}

enum State {
    Unread(RequestBody),
    Read(Option<Value>),
    /// Of a type that the handler reads itself.
    Raw(RequestBody),
    /// Handed to the handler.
    Taken,
}

impl ParsedBody {
    /// Fastify does not look at the bodies of GET, HEAD and TRACE.
    pub(crate) fn new(
        method: &Method,
        body: RequestBody,
        limit: usize,
        accepts: Option<&Arc<Accepts>>,
    ) -> Self {
        let ignored = matches!(*method, Method::GET | Method::HEAD | Method::TRACE);
        let is_absent = ignored && body.is_end_stream();
        let state = if is_absent { State::Read(None) } else { State::Unread(body) };
        Self { state, limit, ignored, accepts: accepts.cloned() }
    }

    /// Whether there is something to read, or to leave to the handler.
    pub(crate) fn is_unread(&self) -> bool {
        matches!(self.state, State::Unread(_))
    }

    pub(crate) fn value(&self) -> Option<&Value> {
        match &self.state {
            State::Read(value) => value.as_ref(),
            _ => None,
        }
    }

    pub(crate) fn value_mut(&mut self) -> Option<&mut Value> {
        match &mut self.state {
            State::Read(value) => value.as_mut(),
            _ => None,
        }
    }

    /// Whether there is a body that was left for the handler to read.
    pub(crate) fn is_raw(&self) -> bool {
        matches!(self.state, State::Raw(_))
    }

    pub(crate) fn set(&mut self, value: Value) {
        self.state = State::Read(Some(value));
    }

    /// Reads and parses the body, once. One that is the handler's to read stays where it is.
    pub(crate) async fn read(&mut self, headers: &HeaderMap) -> Result<()> {
        let State::Unread(body) = &mut self.state else { return Ok(()) };
        if self.ignored || is_absent(headers) {
            self.state = State::Read(None);
            return Ok(());
        }
        let kind = Kind::of(headers, self.accepts.as_deref()).ok_or_else(unsupported)?;
        if body.size_hint().lower() > self.limit as u64 {
            return Err(too_large());
        }
        if let Kind::Raw = kind {
            if let State::Unread(body) = std::mem::replace(&mut self.state, State::Taken) {
                self.state = State::Raw(body);
            }
            return Ok(());
        }
        let value = kind.parse(&collect(body, self.limit).await?)?;
        self.state = State::Read(Some(value));
        Ok(())
    }

    /// The body that the handler reads itself; `None` if the request has none.
    pub(crate) async fn take(&mut self, headers: &HeaderMap) -> Result<Option<BodyStream>> {
        self.read(headers).await?;
        match std::mem::replace(&mut self.state, State::Taken) {
            State::Raw(body) => Ok(Some(BodyStream::new(body, self.limit))),
            State::Read(None) => {
                self.state = State::Read(None);
                Ok(None)
            }
            parsed => {
                self.state = parsed;
                Err(IOServerError::new(
                    "the body was read already: name its media type in `accepts` of the route",
                    500,
                ))
            }
        }
    }
}

/// RFC 9112 section 6.3: a request has a body if one of these says so. As for Fastify, a content
/// type alone announces one too, which is then empty.
fn is_absent(headers: &HeaderMap) -> bool {
    let declared = headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    let chunked = headers.contains_key(header::TRANSFER_ENCODING);
    !declared && !chunked && !headers.contains_key(header::CONTENT_TYPE)
}

async fn collect(body: &mut RequestBody, limit: usize) -> Result<Bytes> {
    let mut collected = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| unreadable(&error))?;
        let Ok(data) = frame.into_data() else { continue }; // trailers
        if collected.len() + data.len() > limit {
            return Err(too_large());
        }
        collected.extend_from_slice(&data);
    }
    Ok(collected.freeze())
}

/// What is done with a body: JSON and text are what Fastify parses by itself.
enum Kind {
    Json,
    Text,
    Form,
    Raw,
}

impl Kind {
    fn of(headers: &HeaderMap, accepts: Option<&Accepts>) -> Option<Self> {
        let content_type = match headers.get(header::CONTENT_TYPE) {
            Some(content_type) => content_type.to_str().ok()?,
            None => "",
        };
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if accepts.is_some_and(|accepts| accepts.names(essence)) {
            Some(Self::Raw)
        } else if essence.eq_ignore_ascii_case("application/json") {
            Some(Self::Json)
        } else if essence.eq_ignore_ascii_case("text/plain") {
            Some(Self::Text)
        } else if accepts?.takes_form(essence) {
            Some(Self::Form)
        } else {
            accepts?.covers(essence).then_some(Self::Raw)
        }
    }

    fn parse(&self, bytes: &[u8]) -> Result<Value> {
        match self {
            Self::Text => Ok(Value::String(String::from_utf8_lossy(bytes).into_owned())),
            Self::Form => Ok(parse_query(&String::from_utf8_lossy(bytes))),
            Self::Raw => Ok(Value::Null),
            Self::Json if bytes.is_empty() => Err(IOServerError::new(
                "Body cannot be empty when content-type is set to 'application/json'",
                400,
            )
            .with_name("Bad Request")
            .with_code("FST_ERR_CTP_EMPTY_JSON_BODY")),
            Self::Json => parse_json(bytes),
        }
    }
}

fn parse_json(bytes: &[u8]) -> Result<Value> {
    let invalid = || {
        IOServerError::new(
            "Body is not valid JSON but content-type is set to 'application/json'",
            400,
        )
        .with_name("Bad Request")
        .with_code("FST_ERR_CTP_INVALID_JSON_BODY")
    };
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let value = serde_json::from_slice(text).map_err(|_| invalid())?;
    // A member `__proto__` is harmless here, but not to whom the body may be passed on.
    if poisons_prototypes(&value) { Err(invalid()) } else { Ok(value) }
}

fn poisons_prototypes(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(poisons_prototypes),
        Value::Object(members) => members.iter().any(|(name, value)| {
            name == "__proto__"
                || (name == "constructor" && value.get("prototype").is_some())
                || poisons_prototypes(value)
        }),
        _ => false,
    }
}

pub(super) fn unreadable(error: &io::Error) -> IOServerError {
    match error.kind() {
        io::ErrorKind::TimedOut => client_error("Request body did not arrive in time", 408)
            .with_header(header::CONNECTION, HeaderValue::from_static("close")),
        _ => client_error("Request body could not be read", 400),
    }
}

pub(super) fn too_large() -> IOServerError {
    client_error("Request body is too large", 413).with_code("FST_ERR_CTP_BODY_TOO_LARGE")
}

fn unsupported() -> IOServerError {
    client_error("Unsupported Media Type", 415).with_code("FST_ERR_CTP_INVALID_MEDIA_TYPE")
}

fn client_error(message: &'static str, status: u16) -> IOServerError {
    let reason =
        http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    IOServerError::new(message, status).with_name(reason.unwrap_or("Bad Request"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_poisons_prototypes_is_refused() {
        assert!(parse_json(br#"{"a":{"__proto__":{}}}"#).is_err());
        assert!(parse_json(br#"{"constructor":{"prototype":{}}}"#).is_err());
        assert!(parse_json(br#"{"constructor":"x"}"#).is_ok());
    }

    #[test]
    fn what_is_no_json_is_a_400_with_fastifys_words() {
        let error = parse_json(b"{a:1}").unwrap_err();
        assert_eq!(error.status(), 400);
        assert!(error.to_string().starts_with("Body is not valid JSON"));
    }
}
