//! What the engine answers to requests that it does not take.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use crate::http::ResponseBody;

/// A refusal in Engine.IO's words, with the codes of Engine.IO for Node.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refusal {
    UnknownTransport,
    UnknownSession,
    HandshakeMethod,
    BadRequest,
    Forbidden,
    ProtocolVersion,
    /// RFC 6455 section 4.4: another version of WebSocket than 13.
    WebsocketVersion,
    /// A POST above the limit: without a body, as on Node.
    TooLarge,
    /// A POST while another one is under way: without a body, as on Node.
    Overlap,
    /// A POST that stops coming.
    TooSlow,
    /// One session on polling more than there may be; Node has no limit.
    TooMany,
}

impl Refusal {
    pub(super) fn into_response(self) -> Response<ResponseBody> {
        let (status, body) = match self {
            Self::UnknownTransport => (400, r#"{"code":0,"message":"Transport unknown"}"#),
            Self::UnknownSession => (400, r#"{"code":1,"message":"Session ID unknown"}"#),
            Self::HandshakeMethod => (400, r#"{"code":2,"message":"Bad handshake method"}"#),
            Self::BadRequest => (400, r#"{"code":3,"message":"Bad request"}"#),
            Self::Forbidden => (403, r#"{"code":4,"message":"Forbidden"}"#),
            Self::ProtocolVersion => {
                (400, r#"{"code":5,"message":"Unsupported protocol version"}"#)
            }
            Self::WebsocketVersion => (426, r#"{"code":3,"message":"Bad request"}"#),
            Self::TooLarge => (413, ""),
            Self::Overlap => (400, ""),
            Self::TooSlow => (408, ""),
            Self::TooMany => (503, r#"{"code":3,"message":"Too many sessions"}"#),
        };
        let body = Some(Bytes::from_static(body.as_bytes())).filter(|body| !body.is_empty());
        let typed = body.is_some();
        let mut response = Response::new(ResponseBody::whole(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        let headers = response.headers_mut();
        if typed {
            let json = HeaderValue::from_static("application/json");
            headers.insert(header::CONTENT_TYPE, json);
        }
        match self {
            Self::WebsocketVersion => {
                headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
                headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
                headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
            }
            Self::TooLarge | Self::TooSlow => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response
    }
}
