//! Which pages are of this machine. RFC 8252 section 7.3: on the loopback interface, any port.

use http::Uri;
use ioserver::{Origin, Result};

/// Lets scripts of these pages read answers.
pub(crate) fn origin(origin: Option<&str>) -> Result<Origin> {
    Ok(if origin.is_some_and(is_origin) { Origin::Reflect } else { Origin::Off })
}

/// Whether an origin is `http` on the loopback interface.
fn is_origin(origin: &str) -> bool {
    origin.parse::<Uri>().is_ok_and(|origin| is_loopback(&origin))
}

/// Whether a browser may be sent back there with a code: to the root of such an origin.
pub(crate) fn is_redirect_uri(uri: &str) -> bool {
    let exact = |uri: Uri| is_loopback(&uri) && uri.path() == "/" && uri.query().is_none();
    uri.ends_with('/') && uri.parse::<Uri>().is_ok_and(exact)
}

fn is_loopback(uri: &Uri) -> bool {
    let plain = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    let host = uri.host().is_some_and(|host| ["127.0.0.1", "[::1]", "localhost"].contains(&host));
    plain && host && uri.scheme_str() == Some("http")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_machine_are_sent_codes_and_read_tokens() {
        for uri in ["http://127.0.0.1:3000/", "http://localhost:1/", "http://[::1]:3000/"] {
            assert!(is_redirect_uri(uri), "{uri}");
        }
        for uri in [
            "http://127.0.0.1:3000",
            "http://127.0.0.1:3000/x",
            "http://127.0.0.1:3000/?x=/",
            "http://127.0.0.1.evil.test/",
            "http://127.0.0.1@evil.test/",
            "http://evil@127.0.0.1:3000/",
            "https://evil.test/",
            "javascript:alert(1)/",
            "/",
            "",
        ] {
            assert!(!is_redirect_uri(uri), "{uri}");
        }
        assert!(is_origin("http://127.0.0.1:3000"));
        assert!(!is_origin("http://evil.test") && !is_origin("null"));
    }
}
