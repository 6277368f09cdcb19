//! Bearer tokens on HTTP requests.

use http::{HeaderMap, header};
use ioserver::{AppHandle, BaseMiddleware, Middleware, Reply, Request, Result};

use crate::{authenticate::Door, refusal::Refusal};

/// Lets in HTTP requests with a valid bearer token, and leaves an
/// [`OidcUserContext`](crate::OidcUserContext) on them.
///
/// A handler takes it as `Ext(user): Ext<OidcUserContext>`. The token is that of the first
/// `Authorization: Bearer …`, the word in this case and with one blank, as the original wants it;
/// nothing is read from the query or the body (RFC 9700 section 2.6, RFC 6750 section 2.3).
///
/// | refused with | if |
/// |---|---|
/// | 401 `ERR_AUTH_TOKEN_REQUIRED` | there is no bearer token |
/// | 401 `ERR_AUTH_TOKEN_INVALID` | it is malformed, expired, someone else's, … |
/// | 403 `ERR_ACCOUNT_DISABLED` | the users manager says so |
/// | 500 `ERR_USER_PROVISION_FAILED` | the users manager fails, or has no account |
/// | 503 `ERR_AUTH_UNAVAILABLE` | the issuer's keys cannot be had |
#[derive(Debug, Default, Middleware)]
#[middleware(Request)]
pub struct OidcHttpMiddleware {
    door: Door,
}

impl BaseMiddleware<Request> for OidcHttpMiddleware {
    fn start(&self, app: &AppHandle) -> Result<()> {
        self.door.open(app)
    }

    async fn handle(&self, request: &mut Request, app: &AppHandle) -> Result<(), Reply> {
        let authenticator = self.door.authenticator()?;
        let token = bearer(request.headers())?;
        let user = authenticator.authenticate(token, app).await?;
        request.extensions_mut().insert(user);
        Ok(())
    }
}

/// The token of the first `Authorization` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let value = headers.get(header::AUTHORIZATION).ok_or(Refusal::TokenRequired)?;
    let token = value.as_bytes().strip_prefix(b"Bearer ").ok_or(Refusal::TokenRequired)?;
    if token.is_empty() {
        return Err(Refusal::TokenRequired);
    }
    std::str::from_utf8(token).map_err(|_| Refusal::TokenInvalid) // no token is anything but ASCII
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(value: &'static [u8]) -> Result<String, Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        bearer(&headers).map(str::to_owned)
    }

    #[test]
    fn the_scheme_is_read_as_the_original_reads_it() {
        assert_eq!(of(b"Bearer abc"), Ok("abc".into()));
        for other in
            [&b"bearer abc"[..], b"BEARER abc", b"Bearer", b"Bearer\tabc", b"Basic abc", b""]
        {
            assert_eq!(of(other), Err(Refusal::TokenRequired), "{other:?}");
        }
        assert_eq!(of(b"Bearer  abc"), Ok(" abc".into()), "a second blank is part of the token");
        assert_eq!(of(b"Bearer \xff"), Err(Refusal::TokenInvalid));
        assert_eq!(bearer(&HeaderMap::new()), Err(Refusal::TokenRequired));
    }

    #[test]
    fn of_two_headers_the_first_counts() {
        let mut headers = HeaderMap::new();
        headers.append(header::AUTHORIZATION, HeaderValue::from_static("Basic abc"));
        headers.append(header::AUTHORIZATION, HeaderValue::from_static("Bearer abc"));
        assert_eq!(bearer(&headers), Err(Refusal::TokenRequired));
    }
}
