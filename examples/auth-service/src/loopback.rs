//! Which pages are of this machine. RFC 8252 section 7.3: on the loopback interface, any port.

use http::{Uri, uri::Authority};
use ioserver::{
    AppHandle, BaseMiddleware, IOServerError, Middleware, Origin, Reply, Request, Result,
};

/// The names of this machine for itself.
const NAMES: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// Lets in who calls this machine by one of its own names.
///
/// The owner of another name can have it lead here (DNS rebinding). A page of that name, open in a
/// browser on this machine, would be of the same origin as this server and could read tokens.
#[derive(Debug, Default, Middleware)]
#[middleware(Request)]
pub(crate) struct OwnNames {}

impl BaseMiddleware<Request> for OwnNames {
    async fn handle(&self, request: &mut Request, _: &AppHandle) -> Result<(), Reply> {
        if request.header("host").is_some_and(|host| is_own_host(&host)) {
            return Ok(());
        }
        let message = "the development auth-service answers to 127.0.0.1, [::1] and localhost only";
        Err(IOServerError::new(message, 421_u16).into())
    }
}

fn is_own_host(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    !host.contains('@') && NAMES.iter().any(|name| name.eq_ignore_ascii_case(authority.host()))
}

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
    let host = uri.host().is_some_and(|host| NAMES.contains(&host));
    plain && host && uri.scheme_str() == Some("http")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_its_own() {
        for host in ["127.0.0.1:3001", "localhost", "LOCALHOST:1", "[::1]:3001"] {
            assert!(is_own_host(host), "{host}");
        }
        for host in [
            "",
            "evil.test",
            "evil.test:3001",
            "localhost.evil.test",
            "127.0.0.1.evil.test",
            "localhost@evil.test",
            "evil.test@localhost",
            "192.168.0.1",
            "0.0.0.0:3001",
        ] {
            assert!(!is_own_host(host), "{host}");
        }
    }

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
