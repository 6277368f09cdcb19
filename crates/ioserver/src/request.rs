//! The request that hooks, middlewares and extractors see.

use std::{borrow::Cow, fmt, net::IpAddr, sync::Arc};

use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use serde_json::{Map, Value};

use crate::{
    AppHandle, BodyStream, IOServerError, Result,
    http::{body::ParsedBody, not_found, router::Params, schema::Validated},
    reply::header_field,
};

/// An HTTP request on its way to a handler.
pub struct Request {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    extensions: Extensions,
    params: Params,
    pub(crate) body: ParsedBody,
    /// Boxed, since few requests have any.
    pub(crate) reply_headers: Option<Box<HeaderMap>>,
    client: Option<IpAddr>,
    app: AppHandle,
    validated: Option<Box<Validated>>,
    config: Option<Arc<Value>>,
}

impl Request {
    pub(crate) fn new(
        parts: http::request::Parts,
        params: Params,
        body: ParsedBody,
        client: Option<IpAddr>,
        app: AppHandle,
        config: Option<Arc<Value>>,
    ) -> Self {
        let http::request::Parts { method, uri, headers, extensions, .. } = parts;
        Self {
            method,
            uri,
            headers,
            extensions,
            params,
            body,
            reply_headers: None,
            client,
            app,
            validated: None,
            config,
        }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Path and query as the client sent them, such as `/users/7?full=1`.
    #[must_use]
    pub fn url(&self) -> &str {
        self.uri.path_and_query().map_or("/", |url| url.as_str())
    }

    /// The target's path, not decoded.
    #[must_use]
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// A header as text; several of one name are joined by `, `, as in Node.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        header_text(&self.headers, name)
    }

    /// The address of the client: the other end of the connection, or behind
    /// [trusted proxies](crate::IOServerOptions::trust_proxy) what they say it is.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.client
    }

    /// A path parameter, decoded; the wildcard's name is `*`.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name)
    }

    /// The path parameters in the order of the pattern.
    pub fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        self.params.iter()
    }

    /// The path parameters as an object: coerced by the route's schema, else text.
    #[must_use]
    pub fn params_value(&self) -> Value {
        self.params_cow().into_owned()
    }

    pub(crate) fn params_cow(&self) -> Cow<'_, Value> {
        let text = |(name, value): (&str, &str)| (name.to_owned(), value.into());
        match self.validated.as_ref().and_then(|parts| parts.params.as_ref()) {
            Some(params) => Cow::Borrowed(params),
            None => Cow::Owned(Value::Object(self.params().map(text).collect())),
        }
    }

    /// The query string as an object: coerced by the route's schema, else text; repeated names
    /// become lists.
    #[must_use]
    pub fn query(&self) -> Value {
        self.query_cow().into_owned()
    }

    pub(crate) fn query_cow(&self) -> Cow<'_, Value> {
        match self.validated.as_ref().and_then(|parts| parts.query.as_ref()) {
            Some(query) => Cow::Borrowed(query),
            None => Cow::Owned(parse_query(self.uri.query().unwrap_or(""))),
        }
    }

    /// The headers as an object of lower-case names: coerced by the route's schema, else text.
    #[must_use]
    pub fn headers_value(&self) -> Value {
        match self.validated.as_ref().and_then(|parts| parts.headers.as_ref()) {
            Some(headers) => headers.clone(),
            None => {
                let text = |name: &HeaderName| {
                    Some((name.to_string(), self.header(name.as_str())?.into()))
                };
                Value::Object(self.headers.keys().filter_map(text).collect())
            }
        }
    }

    pub(crate) fn validated_mut(&mut self) -> &mut Validated {
        self.validated.get_or_insert_default()
    }

    /// The body: JSON or text as a value, `None` where the request has none.
    ///
    /// Nothing is read before somebody first asks: a hook, a middleware, or the framework after the
    /// last middleware. So a client that is refused has sent its body in vain. The original parses
    /// bodies first, those of unknown routes as well.
    ///
    /// # Errors
    ///
    /// 413 if it is too large, 415 if its type is unknown, 408 if it does not arrive in time, 400 if
    /// it is not what its type says. The original answers all of these with 500. JSON that only
    /// JavaScript can hold, such as a number beyond 1e308 or half a surrogate pair, is a 400 here.
    pub async fn body(&mut self) -> Result<Option<&Value>> {
        self.body.read(&self.headers).await?;
        Ok(self.body.value())
    }

    /// The body as it arrives, on a route that [accepts](crate::IOServerOptions::accepts) its media
    /// type; the [`BodyStream`] of a request without one is empty.
    ///
    /// # Errors
    ///
    /// 415 if the route does not accept its type, 413 if it says that it is too large, 500 if it was
    /// read already.
    pub async fn take_body(&mut self) -> Result<BodyStream> {
        let body = self.body.take(&self.headers).await?;
        Ok(body.unwrap_or_else(BodyStream::empty))
    }

    /// The body, if it was read already.
    #[must_use]
    pub fn body_read(&self) -> Option<&Value> {
        self.body.value()
    }

    /// The `config` of the request's route, as its file has it.
    #[doc(alias = "routeOptions")]
    #[must_use]
    pub fn route_config(&self) -> Option<&Value> {
        self.config.as_deref()
    }

    /// Why the route's schema refuses the request, where the route says `attachValidation` and
    /// leaves the answer to its handler.
    #[doc(alias = "validationError")]
    #[must_use]
    pub fn validation_error(&self) -> Option<&IOServerError> {
        self.validated.as_ref()?.error.as_ref()
    }

    pub(crate) fn set_validation_error(&mut self, error: IOServerError) {
        self.validated_mut().error = Some(error);
    }

    pub(crate) fn body_mut(&mut self) -> Option<&mut Value> {
        self.body.value_mut()
    }

    /// The content type without its parameters, in lower case; empty if there is none.
    pub(crate) fn content_type(&self) -> String {
        let content_type = self.headers.get(header::CONTENT_TYPE).map(latin1).unwrap_or_default();
        let essence = content_type.split([' ', ';']).next().unwrap_or_default();
        essence.trim().to_ascii_lowercase()
    }

    /// Replaces the body, for a hook that repairs it before validation.
    pub fn set_body(&mut self, body: Value) {
        self.body.set(body);
    }

    /// What earlier hooks and middlewares left for later ones and for the handler.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// The same, to leave something.
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    /// Sets a header of the answer, whatever the answer will be; the handler's own wins.
    ///
    /// ```
    /// # fn hook(request: &mut ioserver::Request) {
    /// request.set_reply_header("x-frame-options", "DENY");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Reply::with_header`](crate::Reply::with_header).
    #[track_caller]
    pub fn set_reply_header<N, V>(&mut self, name: N, value: V)
    where
        N: AsRef<str> + TryInto<HeaderName>,
        V: TryInto<HeaderValue>,
    {
        let (name, value) = header_field(name, value);
        self.reply_headers.get_or_insert_default().insert(name, value);
    }

    /// The 404 of a request that no route answers, for a handler that has nothing to give.
    #[doc(alias = "callNotFound")]
    #[must_use]
    pub fn not_found(&self) -> IOServerError {
        not_found(&self.method, self.url())
    }

    /// The server's handle.
    #[must_use]
    pub fn app(&self) -> &AppHandle {
        &self.app
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}

/// Node reads header bytes as Latin-1.
/// A header as text; several of one name are joined by `, `, as in Node.
pub(crate) fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = headers.get_all(name).iter().map(latin1);
    let first = values.next()?;
    Some(values.fold(first, |joined, value| joined + ", " + &value))
}

fn latin1(value: &HeaderValue) -> String {
    match value.to_str() {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().copied().map(char::from).collect(),
    }
}

/// As Fastify: repeated names become lists, brackets are plain text, `;` is no separator, and
/// `__proto__` is dropped.
pub(crate) fn parse_query(query: &str) -> Value {
    let mut parsed = Map::new();
    for (name, value) in query_pairs(query) {
        if name == "__proto__" {
            continue;
        }
        match parsed.get_mut(&name) {
            None => drop(parsed.insert(name, value.into())),
            Some(Value::Array(values)) => values.push(value.into()),
            Some(first) => *first = Value::Array(vec![first.take(), value.into()]),
        }
    }
    Value::Object(parsed)
}

fn query_pairs(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// Decodes `+` and percent escapes; text whose escapes are broken is kept as it is.
fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    if !spaced.contains('%') {
        return spaced;
    }
    let broken = spaced
        .split('%')
        .skip(1)
        .any(|rest| rest.len() < 2 || !rest.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit));
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8();
    match decoded {
        Ok(decoded) if !broken => decoded.into_owned(),
        _ => spaced,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_query_is_read_as_fastify_reads_it() {
        assert_eq!(parse_query("a=1&a=2&b=x+y&c"), json!({ "a": ["1", "2"], "b": "x y", "c": "" }));
        assert_eq!(parse_query("a[b]=1&c=1;d=2"), json!({ "a[b]": "1", "c": "1;d=2" }));
        assert_eq!(parse_query("__proto__=1&e=%zz&f=%C3%A9"), json!({ "e": "%zz", "f": "é" }));
    }
}
