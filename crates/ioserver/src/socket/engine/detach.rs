//! Headers that live as long as a socket.

use bytes::BytesMut;
use http::{HeaderMap, HeaderValue};

/// Copies the values out of the connection's read buffer, into one allocation of their own.
///
/// hyper makes them slices of it, and a session keeps the request that opened it: without this, the
/// 8 KiB buffer of each connection would live on with it.
pub(super) fn detach(headers: &mut HeaderMap) {
    let length = headers.values().map(HeaderValue::len).sum();
    let mut copy = BytesMut::with_capacity(length);
    for value in headers.values() {
        copy.extend_from_slice(value.as_bytes());
    }
    let mut copy = copy.freeze();
    for value in headers.values_mut() {
        let bytes = copy.split_to(value.len());
        let Ok(mut copied) = HeaderValue::from_maybe_shared(bytes) else { continue };
        copied.set_sensitive(value.is_sensitive());
        *value = copied;
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn detached_headers_say_the_same_and_hold_nothing_of_the_buffer() {
        let buffer = Bytes::from_static(b"example.org\xe9t\xe9");
        let value = |range| HeaderValue::from_maybe_shared(buffer.slice(range)).unwrap();
        let mut headers = HeaderMap::new();
        headers.append("host", value(0..11));
        headers.append("x-twice", value(11..14));
        headers.append("x-twice", value(0..2));
        let before = headers.clone();

        detach(&mut headers);

        assert_eq!(headers, before);
        let inside = |text: &[u8]| buffer.as_ptr_range().contains(&text.as_ptr());
        assert!(headers.values().all(|value| !inside(value.as_bytes())));
    }
}
