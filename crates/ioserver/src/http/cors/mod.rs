//! The rules of @fastify/cors, on plain headers.
//!
//! Not tower-http's layer: it answers preflights of unlisted origins otherwise, sends no headers to
//! them, and knows nothing of routes for OPTIONS.

mod options;

use http::{HeaderMap, HeaderValue, header};

use crate::{IOServerError, Reply, Result};

pub use options::{CorsOptions, Origin};

/// The options as header values, ready to be added to answers.
pub(crate) struct Cors {
    origin: Origin,
    own: [HeaderValue; 4],
    text: Option<HeaderValue>,
    methods: HeaderValue,
    allowed_headers: Option<HeaderValue>,
    exposed_headers: Option<HeaderValue>,
    credentials: bool,
    max_age: Option<HeaderValue>,
    success: u16,
    pub(crate) strict: bool,
}

const ORIGIN: HeaderValue = HeaderValue::from_static("Origin");

impl Cors {
    /// Reads the options; the error names what cannot be sent in a header.
    pub(crate) fn new(options: &CorsOptions, host: &str, port: u16) -> Result<Self> {
        let text = match &options.origin {
            Origin::Text(text) => Some(value(text)?),
            _ => None,
        };
        let own = [
            value(&format!("http://{host}"))?,
            value(&format!("https://{host}"))?,
            value(&format!("http://{host}:{port}"))?,
            value(&format!("https://{host}:{port}"))?,
        ];
        Ok(Self {
            origin: options.origin.clone(),
            own,
            text,
            methods: value(&options.methods.join(", "))?,
            allowed_headers: options
                .allowed_headers
                .as_ref()
                .map(|list| joined(list))
                .transpose()?,
            exposed_headers: match &*options.exposed_headers {
                [] => None,
                list => Some(joined(list)?),
            },
            credentials: options.credentials,
            max_age: options.max_age.map(HeaderValue::from),
            success: options.options_success_status,
            strict: options.strict_preflight,
        })
    }

    /// Adds to any answer what the request's origin may know. Foreign origins get an answer as
    /// well, which their browser keeps from them.
    pub(crate) fn apply(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        if matches!(self.origin, Origin::Off) {
            return;
        }
        if !matches!(self.origin, Origin::Any) {
            add_vary(headers, ORIGIN);
        }
        if let Some(allowed) = self.allowed(origin) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        }
        if self.credentials {
            let yes = HeaderValue::from_static("true");
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        }
        if let Some(exposed) = &self.exposed_headers {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
        }
    }

    /// Whether the request asks for permission, as browsers do before the real one.
    pub(crate) fn is_preflight(request: &HeaderMap) -> bool {
        request.contains_key(header::ORIGIN)
            && request.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    }

    /// The answer to a preflight, without what [`apply`](Self::apply) adds.
    pub(crate) fn preflight(&self, request: &HeaderMap) -> Reply {
        let mut reply = Reply::new(self.success);
        let headers = reply.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, self.methods.clone());
        let asked = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
        if self.allowed_headers.is_none() {
            headers
                .insert(header::VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
        }
        if let Some(allowed) = self.allowed_headers.as_ref().or(asked) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed.clone());
        }
        if let Some(age) = &self.max_age {
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, age.clone());
        }
        reply
    }

    /// The answer to an OPTIONS request that is no preflight and that no route answers.
    pub(crate) fn no_preflight() -> Reply {
        Reply::text("Invalid Preflight Request").with_status(400_u16).with_type("text/plain")
    }

    fn allowed(&self, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
        match &self.origin {
            Origin::Any => Some(HeaderValue::from_static("*")),
            Origin::Text(_) => self.text.clone(),
            _ => origin.filter(|origin| self.lets_in(origin)).cloned(),
        }
    }

    /// Whether this origin may read answers.
    pub(crate) fn lets_in(&self, origin: &HeaderValue) -> bool {
        match &self.origin {
            Origin::OwnHost => self.own.contains(origin),
            Origin::Any | Origin::Reflect => true,
            Origin::Off => false,
            Origin::Text(text) => origin == text,
            Origin::List(list) => list.iter().any(|known| origin == known),
            Origin::Check(check) => origin.to_str().is_ok_and(|origin| check(origin)),
        }
    }
}

/// `Origin` goes before what the answer varies by already.
fn add_vary(headers: &mut HeaderMap, name: HeaderValue) {
    let vary = match headers.get(header::VARY).and_then(|vary| vary.to_str().ok()) {
        None => Some(name),
        Some(vary) => HeaderValue::from_str(&format!("Origin, {vary}")).ok(),
    };
    if let Some(vary) = vary {
        headers.insert(header::VARY, vary);
    }
}

fn joined(list: &[String]) -> Result<HeaderValue> {
    value(&list.join(", "))
}

fn value(text: &str) -> Result<HeaderValue> {
    let message = || format!("cors: `{text}` cannot be sent in a header");
    HeaderValue::from_str(text).map_err(|_| IOServerError::new(message(), 500))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(options: &CorsOptions, origin: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let cors = Cors::new(options, "localhost", 3000).unwrap();
        cors.apply(Some(&HeaderValue::from_static(origin)), &mut headers);
        headers
    }

    #[test]
    fn the_own_origin_is_the_configured_host_with_and_without_the_bound_port() {
        let allowed = |origin| {
            let headers = answer(&CorsOptions::default(), origin);
            headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
        };
        assert!(allowed("http://localhost") && allowed("http://localhost:3000"));
        assert!(!allowed("http://localhost:3001") && !allowed("http://evil.example"));
        assert!(!allowed("null"));
    }

    #[test]
    fn any_origin_needs_no_vary_and_all_others_do() {
        let any = CorsOptions { origin: Origin::Any, ..CorsOptions::default() };
        assert!(!answer(&any, "http://a.example").contains_key(header::VARY));
        assert_eq!(answer(&CorsOptions::default(), "http://a.example")[header::VARY], "Origin");
        let off = CorsOptions { origin: Origin::Off, ..CorsOptions::default() };
        assert!(answer(&off, "http://a.example").is_empty());
    }
}
