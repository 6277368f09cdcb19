//! The opening handshake of WebSocket, RFC 6455 section 4.2.

use std::collections::HashSet;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use sha1::{Digest, Sha1};

use super::refusal::Refusal;
use crate::http::ResponseBody;

/// A client's `Sec-WebSocket-Key`, and the first subprotocol that it names.
#[derive(Debug)]
pub(super) struct Key(HeaderValue, Option<HeaderValue>);

impl Key {
    /// The key of a request that asks for an upgrade and does it right.
    pub(super) fn read<B>(request: &Request<B>) -> Result<Self, Refusal> {
        if request.method() != Method::GET {
            return Err(Refusal::BadRequest);
        }
        let headers = request.headers();
        if only(headers, &header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            return Err(Refusal::WebsocketVersion);
        }
        let key = only(headers, &header::SEC_WEBSOCKET_KEY).ok_or(Refusal::BadRequest)?;
        // Section 4.1, item 7: 16 bytes in base64.
        match BASE64_STANDARD.decode(key.as_bytes()) {
            Ok(nonce) if nonce.len() == 16 => Ok(Self(key.clone(), subprotocol(headers)?)),
            _ => Err(Refusal::BadRequest),
        }
    }

    /// The answer after which the connection is a WebSocket.
    pub(super) fn accept(&self) -> Response<ResponseBody> {
        let mut response = Response::new(ResponseBody::whole(None));
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        if let Ok(proof) = HeaderValue::from_str(&self.proof()) {
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, proof);
        }
        if let Some(protocol) = &self.1 {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, protocol.clone());
        }
        response
    }

    /// Section 4.2.2, item 5.4: `Sec-WebSocket-Accept`.
    fn proof(&self) -> String {
        let digest = Sha1::new()
            .chain_update(self.0.as_bytes())
            .chain_update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
        BASE64_STANDARD.encode(digest.finalize())
    }
}

/// What Node agrees to: the first of the subprotocols, whose names are tokens and differ. Browsers
/// close a connection on which none of theirs is agreed to.
fn subprotocol(headers: &HeaderMap) -> Result<Option<HeaderValue>, Refusal> {
    let fields = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let fields: Option<Vec<_>> = fields.map(|field| field.to_str().ok()).collect();
    let fields = fields.ok_or(Refusal::BadRequest)?;
    let names: Vec<_> = fields.iter().flat_map(|field| field.split(',')).map(str::trim).collect();
    let is_token = |name: &str| !name.is_empty() && name.bytes().all(is_token_byte);
    let mut seen = HashSet::new();
    if !names.iter().all(|name| is_token(name) && seen.insert(*name)) {
        return Err(Refusal::BadRequest);
    }
    let first = names.first().map(|name| HeaderValue::from_str(name));
    first.transpose().map_err(|_| Refusal::BadRequest)
}

/// RFC 9110 section 5.6.2.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The field if it is there once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let mut fields = headers.get_all(name).iter();
    let first = fields.next()?;
    fields.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(version: &str, key: &str) -> Result<Key, Refusal> {
        let request = Request::builder()
            .header("Sec-WebSocket-Version", version)
            .header("Sec-WebSocket-Key", key)
            .body(());
        Key::read(&request.unwrap())
    }

    #[test]
    fn the_proof_is_that_of_the_rfc() {
        let key = read("13", "dGhlIHNhbXBsZSBub25jZQ==").unwrap();
        assert_eq!(key.proof(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn the_first_subprotocol_is_agreed_to() {
        let agreed = |fields: &[&str]| {
            let mut headers = HeaderMap::new();
            for field in fields {
                headers.append("Sec-WebSocket-Protocol", HeaderValue::from_str(field).unwrap());
            }
            subprotocol(&headers).map(|name| name.map(|name| name.to_str().unwrap().to_owned()))
        };
        assert_eq!(agreed(&[]), Ok(None));
        assert_eq!(agreed(&["chat"]), Ok(Some("chat".to_owned())));
        assert_eq!(agreed(&["b, a", "c"]), Ok(Some("b".to_owned())));
        for wrong in [&[""][..], &["a b"], &["a,"], &["a, a"], &["a", "a"], &["\"a\""]] {
            assert_eq!(agreed(wrong), Err(Refusal::BadRequest), "{wrong:?}");
        }
    }

    #[test]
    fn other_versions_and_keys_of_another_length_are_refused() {
        let refused = |version, key| read(version, key).unwrap_err();
        let key = "dGhlIHNhbXBsZSBub25jZQ==";
        for version in ["8", "", "13, 8", "013"] {
            assert_eq!(refused(version, key), Refusal::WebsocketVersion);
        }
        for key in ["", "AAAA", "not base64 at all!!!!!!!", "dGhlIHNhbXBsZSBub25jZSE="] {
            assert_eq!(refused("13", key), Refusal::BadRequest, "{key}");
        }
    }
}
