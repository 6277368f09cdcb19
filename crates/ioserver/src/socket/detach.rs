//! Requests that live as long as a socket.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request, Uri};

/// Copies URI and header values out of the connection's read buffer.
///
/// hyper makes them slices of it, and a session keeps the request that opened it: without this, the
/// 8 KiB buffer of each connection would live on with it.
pub(super) fn detach<B>(request: &mut Request<B>) {
    if let Some(uri) = copied_uri(request.uri()) {
        *request.uri_mut() = uri;
    }
    copy_values(request.headers_mut());
}

fn copied_uri(uri: &Uri) -> Option<Uri> {
    Uri::from_maybe_shared(Bytes::from(uri.to_string())).ok()
}

/// All values into one allocation of their own.
fn copy_values(headers: &mut HeaderMap) {
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
    use super::*;

    #[test]
    fn a_detached_request_says_the_same_and_holds_nothing_of_the_buffer() {
        let buffer =
            Bytes::from_static(b"/socket.io/?EIO=4&transport=websocketexample.org\xe9t\xe9");
        let value = |range| HeaderValue::from_maybe_shared(buffer.slice(range)).unwrap();
        let uri = Uri::from_maybe_shared(buffer.slice(..37)).unwrap();
        let mut request = Request::new(());
        *request.uri_mut() = uri.clone();
        request.headers_mut().append("host", value(37..48));
        request.headers_mut().append("x-twice", value(48..51));
        request.headers_mut().append("x-twice", value(37..39));
        let before = request.headers().clone();

        detach(&mut request);

        assert_eq!((request.uri(), request.headers()), (&uri, &before));
        let inside = |text: &[u8]| buffer.as_ptr_range().contains(&text.as_ptr());
        assert!(request.headers().values().all(|value| !inside(value.as_bytes())));
        assert!(!inside(request.uri().path().as_bytes()));
    }
}
