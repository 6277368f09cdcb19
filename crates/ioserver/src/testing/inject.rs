//! A request that is given to a server, and what it answered.

use std::fmt;

use bytes::Bytes;
use form_urlencoded::Serializer;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use serde::Serialize;
use serde_json::Value;
use tower_service::Service;

use crate::{HttpService, RemoteAddress};

/// A request for [`TestServer::inject`](super::TestServer::inject). Its client is 127.0.0.1.
///
/// What cannot be a request panics: it is the test's mistake.
#[derive(Clone)]
pub struct Inject {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Bytes,
}

macro_rules! methods {
    ($($name:ident $method:ident),*) => {$(
        #[doc = concat!("A ", stringify!($method), " request of a path and query.")]
        #[must_use]
        pub fn $name(url: &str) -> Self {
            Self::new(Method::$method, url)
        }
    )*};
}

impl Inject {
    methods!(
        get GET, post POST, put PUT, patch PATCH, delete DELETE, head HEAD, options OPTIONS
    );

    /// A request with any method.
    #[must_use]
    pub fn new(method: Method, url: &str) -> Self {
        let host = HeaderValue::from_static("localhost:80");
        let headers = HeaderMap::from_iter([(header::HOST, host)]);
        Self { method, url: url.into(), headers, body: Bytes::new() }
    }

    /// Adds a header.
    ///
    /// # Panics
    ///
    /// If it is not allowed in HTTP.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: http::HeaderName = name.parse().expect("a header's name is a token");
        self.headers.append(name, value.parse().expect("a header's value is visible text"));
        self
    }

    /// Adds `Authorization: Bearer …`.
    ///
    /// # Panics
    ///
    /// As [`header`](Self::header).
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Adds a cookie.
    ///
    /// # Panics
    ///
    /// As [`header`](Self::header).
    #[must_use]
    pub fn cookie(self, name: &str, value: &str) -> Self {
        self.header("cookie", &format!("{name}={value}"))
    }

    /// Adds a parameter to the query, encoded.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        let pair = Serializer::new(String::new()).append_pair(name, value).finish();
        self.url.push(if self.url.contains('?') { '&' } else { '?' });
        self.url += &pair;
        self
    }

    /// Sends JSON.
    ///
    /// # Panics
    ///
    /// If the value cannot be serialised.
    #[must_use]
    pub fn json(self, value: impl Serialize) -> Self {
        let json = serde_json::to_vec(&value).expect("the body can be written as JSON");
        self.body("application/json", json)
    }

    /// Sends a form as `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        let form = Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.body("application/x-www-form-urlencoded", form)
    }

    /// Sends bytes of a media type.
    ///
    /// # Panics
    ///
    /// As [`header`](Self::header).
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.headers.insert(header::CONTENT_LENGTH, self.body.len().into());
        self.header("content-type", content_type)
    }

    pub(super) async fn send(self, mut service: HttpService) -> Injected {
        let mut request = Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.url.parse().expect("the url is a path and a query");
        *request.headers_mut() = self.headers;
        let remote = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        request.extensions_mut().insert(RemoteAddress(remote));
        let Ok(response) = service.call(request).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes);
        Injected { status: parts.status, headers: parts.headers, body: body.map_err(drop) }
    }
}

/// Neither headers nor the body, which may hold credentials.
impl fmt::Debug for Inject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inject")
            .field("method", &self.method)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Injected {
    status: StatusCode,
    headers: HeaderMap,
    body: Result<Bytes, ()>,
}

impl Injected {
    /// The status; compares with a number.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// A header as text; empty if there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body.
    ///
    /// # Panics
    ///
    /// If it broke off.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        self.body.as_ref().expect("the answer's body is whole")
    }

    /// The body as text.
    ///
    /// # Panics
    ///
    /// If it broke off or is no UTF-8.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(self.bytes()).expect("the answer is text")
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// If it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(self.bytes()).expect("the answer is JSON")
    }
}
