//! Requests that are refused before anything looks at what they ask for.
//!
//! hyper takes them: it leaves to its user what a request means. Two servers that read one request
//! differently are what request smuggling lives on, so nothing ambiguous is passed on.

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, Version, header,
    request::Parts,
};

use super::respond::{ResponseBody, reason, respond};
use crate::{Limits, Reply};

/// Whom a request was read by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ReadBy {
    Us,
    /// A server that this one is nested in, or a program: it decides whether a request may lack its
    /// host.
    Another,
}

/// The answer to a request that is none, or `None` to serve it.
pub(crate) fn refuse(
    request: &Parts,
    limits: &Limits,
    read_by: ReadBy,
) -> Option<Response<ResponseBody>> {
    let status = find_fault(request, limits, read_by)?;
    let body = serde_json::json!({
        "error": reason(status),
        "message": "Client Error",
        "statusCode": status.as_u16(),
    });
    let mut reply = Reply::json(&body).with_status(status);
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if request.version < Version::HTTP_2 {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Some(respond(reply))
}

fn find_fault(request: &Parts, limits: &Limits, read_by: ReadBy) -> Option<StatusCode> {
    let (version, headers) = (request.version, &request.headers);
    if request.method == Method::CONNECT {
        return Some(StatusCode::METHOD_NOT_ALLOWED); // this is no proxy
    }
    let target = request.uri.path_and_query().map_or(0, |target| target.as_str().len());
    if target > limits.url_bytes {
        return Some(StatusCode::URI_TOO_LONG);
    }
    if !is_method_known(&request.method) || !is_target_fine(&request.uri) {
        return Some(StatusCode::BAD_REQUEST);
    }
    if headers.len() > limits.header_fields {
        return Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    if !is_host_fine(version, headers, read_by) || !is_framing_fine(version, headers) {
        return Some(StatusCode::BAD_REQUEST);
    }
    // RFC 9110 section 10.1.1: an expectation that cannot be met is answered with 417.
    let met = |expect: &HeaderValue| expect.as_bytes().eq_ignore_ascii_case(b"100-continue");
    let expectations = headers.get_all(header::EXPECT);
    (!expectations.iter().all(met)).then_some(StatusCode::EXPECTATION_FAILED)
}

/// The methods that Node's parser knows. It reads no request with another one, and no route can
/// have one.
fn is_method_known(method: &Method) -> bool {
    const KNOWN: [&str; 34] = [
        "ACL",
        "BIND",
        "CHECKOUT",
        "CONNECT",
        "COPY",
        "DELETE",
        "GET",
        "HEAD",
        "LINK",
        "LOCK",
        "M-SEARCH",
        "MERGE",
        "MKACTIVITY",
        "MKCALENDAR",
        "MKCOL",
        "MOVE",
        "NOTIFY",
        "OPTIONS",
        "PATCH",
        "POST",
        "PROPFIND",
        "PROPPATCH",
        "PURGE",
        "PUT",
        "QUERY",
        "REBIND",
        "REPORT",
        "SEARCH",
        "SUBSCRIBE",
        "TRACE",
        "UNBIND",
        "UNLINK",
        "UNLOCK",
        "UNSUBSCRIBE",
    ];
    matches!(*method, Method::GET | Method::POST) || KNOWN.contains(&method.as_str())
}

/// RFC 3986 section 2: a URI is ASCII, and anything else is escaped. RFC 9112 section 3.2.3: a bare
/// authority is for CONNECT only; hyper takes `GET name HTTP/1.1` for one, which has no path.
fn is_target_fine(uri: &Uri) -> bool {
    let is_authority = uri.scheme().is_none() && uri.authority().is_some();
    !is_authority && uri.path_and_query().is_none_or(|target| target.as_str().is_ascii())
}

/// RFC 9112 section 3.2: a request of HTTP/1.1 names its host exactly once.
fn is_host_fine(version: Version, headers: &HeaderMap, read_by: ReadBy) -> bool {
    match only(headers, header::HOST) {
        Ok(None) => version != Version::HTTP_11 || read_by == ReadBy::Another,
        Ok(Some(host)) => is_host(host),
        Err(Several) => false,
    }
}

struct Several;

/// The value of a header that may be there once.
fn only(headers: &HeaderMap, name: HeaderName) -> Result<Option<&HeaderValue>, Several> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(Several),
    }
}

/// `host [":" port]`, and nothing of a URL around it.
fn is_host(host: &HeaderValue) -> bool {
    is_plain_host(host.as_bytes())
        || host.to_str().is_ok_and(|text| text.is_empty() || is_rare_host(text))
}

/// A name with rare letters, an address of IPv6, an empty port.
fn is_rare_host(text: &str) -> bool {
    let Ok(authority) = text.parse::<http::uri::Authority>() else { return false };
    let name = authority.host();
    let Some(rest) = text.strip_prefix(name) else { return false }; // there is a user before it
    let is_port = match rest.strip_prefix(':') {
        Some(port) => port.is_empty() || port.parse::<u16>().is_ok(),
        None => rest.is_empty(),
    };
    let is_name = !name.is_empty() && (name.starts_with('[') || !name.contains(':'));
    is_name && is_port
}

/// What nearly every client sends, `[a-z0-9.-]+` with or without a port, needs no parser of URLs.
fn is_plain_host(host: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let name = host.iter().take_while(|byte| is_plain(byte)).count();
    name > 0
        && match &host[name..] {
            [] => true,
            [b':', port @ ..] => is_port(port),
            _ => false,
        }
}

fn is_port(digits: &[u8]) -> bool {
    let push =
        |port, digit: &u8| digit.is_ascii_digit().then(|| port * 10 + u32::from(digit - b'0'));
    let port = digits.iter().take(6).try_fold(0, push);
    !digits.is_empty() && digits.len() <= 5 && port.is_some_and(|port| port <= u32::from(u16::MAX))
}

/// RFC 9112 section 6.1: `chunked` once and last; no other coding is implemented here. HTTP/1.0
/// has none at all.
fn is_framing_fine(version: Version, headers: &HeaderMap) -> bool {
    match only(headers, header::TRANSFER_ENCODING) {
        Ok(None) => true,
        Ok(Some(coding)) => {
            version == Version::HTTP_11
                && coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked")
        }
        Err(Several) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        let host = |text: &str| is_host(&HeaderValue::from_str(text).unwrap());
        for good in ["", "a", "a-b.example:3000", "127.0.0.1", "[::1]:80", "a:", "a_b"] {
            assert!(host(good), "{good}");
        }
        for bad in ["a b", "a/b", "u@a", "a:65536", "a:b", ":80", "a:1:2", "a/b@c", "a@a", "@a"] {
            assert!(!host(bad), "{bad}");
        }
    }
}
