//! Cookies, of requests and of replies.

use cookie::Cookie;
use http::{HeaderMap, HeaderValue, header};
use percent_encoding::percent_decode_str;

use crate::{Handshake, HandshakeInfo, Reply, Request};

impl Reply {
    /// Sets a cookie at the client; its value is percent-encoded where it must be.
    ///
    /// ```
    /// use ioserver::{Cookie, Reply, SameSite};
    ///
    /// let cookie = Cookie::build(("sid", "a b")).path("/").http_only(true).same_site(SameSite::Lax);
    /// let reply = Reply::text("hello").with_cookie(cookie);
    /// assert_eq!(reply.headers()["set-cookie"], "sid=a%20b; HttpOnly; SameSite=Lax; Path=/");
    /// ```
    #[doc(alias = "setCookie")]
    #[must_use]
    pub fn with_cookie<'c>(mut self, cookie: impl Into<Cookie<'c>>) -> Self {
        self.add_cookie(&cookie.into());
        self
    }

    /// Makes the client forget a cookie. `path` and domain must be those that it was set with.
    ///
    /// ```
    /// use ioserver::{Cookie, Reply};
    ///
    /// let reply = Reply::new(204_u16).without_cookie(Cookie::build(("sid", "")).path("/"));
    /// assert!(reply.headers()["set-cookie"].to_str().unwrap().starts_with("sid=; Path=/; Max-Age=0"));
    /// ```
    #[doc(alias = "clearCookie")]
    #[must_use]
    pub fn without_cookie<'c>(mut self, cookie: impl Into<Cookie<'c>>) -> Self {
        let mut cookie = cookie.into();
        cookie.make_removal();
        self.add_cookie(&cookie);
        self
    }

    fn add_cookie(&mut self, cookie: &Cookie<'_>) {
        let text = cookie.encoded().to_string();
        match HeaderValue::from_str(&text) {
            Ok(value) => drop(self.headers_mut().append(header::SET_COOKIE, value)),
            Err(_) => {
                let message = format!("cookie `{}` cannot be sent in a header", cookie.name());
                *self = crate::IOServerError::new(message, 500_u16).into();
            }
        }
    }
}

impl Request {
    /// A cookie that the client sent, percent-decoded; the first of its name.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        find(self.headers(), name)
    }
}

impl Handshake {
    /// A cookie that the client sent, percent-decoded; the first of its name. Browsers send cookies
    /// whichever page connects: see [`check_origin`](crate::SocketOptions::check_origin).
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        find(self.headers(), name)
    }
}

impl HandshakeInfo<'_> {
    /// A cookie that the client sent, percent-decoded; the first of its name.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        find(self.headers(), name)
    }
}

fn find(headers: &HeaderMap, name: &str) -> Option<String> {
    let lists = headers.get_all(header::COOKIE).iter();
    let mut pairs = lists.filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(';'));
    pairs.find_map(|pair| {
        let (known, value) = pair.split_once('=')?;
        (known.trim() == name).then(|| decode(value.trim()))
    })
}

fn decode(value: &str) -> String {
    let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    match percent_decode_str(bare).decode_utf8() {
        Ok(decoded) => decoded.into_owned(),
        Err(_) => bare.to_owned(),
    }
}
