//! Answers to what is no HTTP, in Node's words. hyper gives them without a body, before any service
//! is called, and offers no other place to do it.

/// Bytes that take the place of hyper's.
pub(super) struct Replacement {
    pub(super) rest: &'static [u8],
    pub(super) replaces: usize,
}

const CLIENT_ERROR: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 65\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"error\":\"Bad Request\",\"message\":\"Client Error\",\"statusCode\":400}";
const HEAD_TOO_LARGE: &[u8] = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 114\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"error\":\"Request Header Fields Too Large\",\"message\":\"Exceeded maximum allowed HTTP header size\",\"statusCode\":431}";
const URL_TOO_LONG: &[u8] = b"HTTP/1.1 414 URI Too Long\r\nContent-Length: 66\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"error\":\"URI Too Long\",\"message\":\"Client Error\",\"statusCode\":414}";

/// To a client whose headers do not come to an end.
pub(super) const REQUEST_TIMEOUT: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 69\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"error\":\"Request Timeout\",\"message\":\"Client Error\",\"statusCode\":408}";

/// To a client that is one too many.
pub(super) const OVERLOADED: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 81\r\nContent-Type: application/json\r\nConnection: close\r\nRetry-After: 1\r\n\r\n{\"error\":\"Service Unavailable\",\"message\":\"Too many connections\",\"statusCode\":503}";

/// The answer for one that hyper is about to write by itself.
pub(super) fn replace(bytes: &[u8]) -> Option<Replacement> {
    let rest = match bytes.get(..13)? {
        b"HTTP/1.1 400 " => CLIENT_ERROR,
        b"HTTP/1.1 414 " => URL_TOO_LONG,
        b"HTTP/1.1 431 " => HEAD_TOO_LARGE,
        _ => return None,
    };
    Some(Replacement { rest, replaces: bytes.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lengths_of_the_canned_answers_are_true() {
        for answer in [CLIENT_ERROR, HEAD_TOO_LARGE, URL_TOO_LONG, REQUEST_TIMEOUT, OVERLOADED] {
            let text = std::str::from_utf8(answer).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let length = format!("Content-Length: {}\r\n", body.len());
            assert!(head.contains(&length), "{length} {text}");
        }
    }
}
