//! The rules of @fastify/cors, on plain headers.
//!
//! Not tower-http's layer: it answers preflights of unlisted origins otherwise, sends no headers to
//! them, and knows nothing of routes for OPTIONS.

mod options;
mod origin;

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{self, Entry},
};

use crate::{IOServerError, Reply, Result};

pub use options::CorsOptions;
pub use origin::{Origin, OriginFunction, OriginPattern};

/// The options as header values, ready to be added to answers.
pub(crate) struct Cors {
    origin: Origin,
    own: Vec<String>,
    text: Option<HeaderValue>,
    varies: bool,
    /// What every answer gets, and what a preflight's gets besides.
    every: Vec<(HeaderName, HeaderValue)>,
    preflight: Vec<(HeaderName, HeaderValue)>,
    echoes_headers: bool,
    pub(crate) answers_preflight: bool,
    pub(crate) goes_on: bool,
    success: u16,
    strict: bool,
}

/// What a request's origin may see: the value to name it by, if any.
#[derive(Debug)]
pub(crate) struct Grant(Option<HeaderValue>);

const ORIGIN: &str = "Origin";
const ASKED_HEADERS: &str = "Access-Control-Request-Headers";

impl Cors {
    /// Reads the options; the error names what cannot be sent in a header.
    pub(crate) fn new(options: &CorsOptions, host: &str, port: u16) -> Result<Self> {
        let own = ["http", "https"].map(|scheme| format!("{scheme}://{host}"));
        let with_port = own.clone().map(|origin| format!("{origin}:{port}"));
        let text = match &options.origin {
            Origin::Any => Some(HeaderValue::from_static("*")),
            Origin::Text(text) => Some(fixed(text)?),
            _ => None,
        };
        let mut every = Vec::new();
        if options.credentials {
            let yes = HeaderValue::from_static("true");
            every.push((header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes));
        }
        if !options.exposed_headers.is_empty() {
            let exposed = joined(&options.exposed_headers)?;
            every.push((header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed));
        }
        Ok(Self {
            own: own.into_iter().chain(with_port).collect(),
            text,
            varies: !options.origin.is_static(),
            every,
            preflight: preflight_headers(options)?,
            echoes_headers: options.allowed_headers.is_none(),
            answers_preflight: options.preflight,
            goes_on: options.preflight_continue,
            success: options.options_success_status,
            strict: options.strict_preflight,
            origin: options.origin.clone(),
        })
    }

    /// What the origin of a request may see; `None` where CORS is off.
    ///
    /// # Errors
    ///
    /// That of an [`Origin::Function`].
    pub(crate) fn judge(&self, origin: Option<&HeaderValue>) -> Result<Option<Grant>> {
        let Origin::Function(function) = &self.origin else {
            return Ok(self.judge_by(&self.origin, self.text.as_ref(), origin));
        };
        let rule = function(origin.and_then(|origin| origin.to_str().ok()))?;
        let text = match &rule {
            Origin::Any => Some(HeaderValue::from_static("*")),
            Origin::Text(text) => Some(fixed(text)?),
            Origin::Function(_) => return Err(invalid("a function gave a function")),
            _ => None,
        };
        Ok(self.judge_by(&rule, text.as_ref(), origin))
    }

    /// Whether pages of this origin may read answers.
    pub(crate) fn lets_in(&self, origin: &HeaderValue) -> bool {
        let grant = self.judge(Some(origin)).ok().flatten();
        let allowed = grant.and_then(|Grant(allowed)| allowed);
        allowed.is_some_and(|allowed| allowed == "*" || allowed == origin)
    }

    fn judge_by(
        &self,
        rule: &Origin,
        text: Option<&HeaderValue>,
        origin: Option<&HeaderValue>,
    ) -> Option<Grant> {
        if matches!(rule, Origin::Off) {
            return None;
        }
        let known = |origin: &&HeaderValue| {
            origin
                .to_str()
                .is_ok_and(|origin| !origin.is_empty() && rule.lets_in(origin, &self.own))
        };
        Some(Grant(text.or_else(|| origin.filter(known)).cloned()))
    }

    /// Adds to any answer what the request's origin may know; what a handler has set stays. Foreign
    /// origins get an answer as well, which their browser keeps from them.
    pub(crate) fn apply(&self, grant: Option<Grant>, headers: &mut HeaderMap) {
        if self.varies {
            add_vary(headers, ORIGIN, true);
        }
        let Some(Grant(allowed)) = grant else { return };
        if let Some(allowed) = allowed {
            headers.entry(header::ACCESS_CONTROL_ALLOW_ORIGIN).or_insert(allowed);
        }
        for (name, value) in &self.every {
            headers.entry(name).or_insert_with(|| value.clone());
        }
    }

    /// Whether the request asks for permission, as browsers do before the real one.
    pub(crate) fn is_preflight(request: &HeaderMap) -> bool {
        let given = |name: HeaderName| request.get(name).is_some_and(|value| !value.is_empty());
        given(header::ORIGIN) && given(header::ACCESS_CONTROL_REQUEST_METHOD)
    }

    /// The answer to a preflight, without what [`apply`](Self::apply) adds.
    pub(crate) fn preflight(&self, request: &HeaderMap) -> Reply {
        let mut reply = Reply::new(self.success);
        self.allow(request, reply.headers_mut());
        reply
    }

    /// Adds what a preflight's answer says.
    pub(crate) fn allow(&self, request: &HeaderMap, headers: &mut HeaderMap) {
        for (name, value) in &self.preflight {
            headers.entry(name).or_insert_with(|| value.clone());
        }
        if self.echoes_headers {
            add_vary(headers, ASKED_HEADERS, false);
            if let Some(asked) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
                let allowed = headers.entry(header::ACCESS_CONTROL_ALLOW_HEADERS);
                allowed.or_insert_with(|| asked.clone());
            }
        }
    }

    /// The answer to an OPTIONS request that no route answers.
    pub(crate) fn unrouted(&self, request: &HeaderMap) -> Reply {
        if self.strict && !Self::is_preflight(request) {
            return Reply::text("Invalid Preflight Request")
                .with_status(400_u16)
                .with_type("text/plain");
        }
        let reply = self.preflight(request);
        if self.goes_on { reply.with_status(200_u16) } else { reply }
    }
}

fn preflight_headers(options: &CorsOptions) -> Result<Vec<(HeaderName, HeaderValue)>> {
    let mut headers = vec![(header::ACCESS_CONTROL_ALLOW_METHODS, joined(&options.methods)?)];
    if let Some(allowed) = &options.allowed_headers {
        headers.push((header::ACCESS_CONTROL_ALLOW_HEADERS, joined(allowed)?));
    }
    if let Some(age) = options.max_age {
        headers.push((header::ACCESS_CONTROL_MAX_AGE, age.into()));
    }
    if let Some(directive) = options.cache_control.as_deref().filter(|text| !text.is_empty()) {
        headers.push((header::CACHE_CONTROL, value(directive)?));
    }
    Ok(headers)
}

/// Adds a name to what the answer varies by, unless it is there already.
fn add_vary(headers: &mut HeaderMap, name: &'static str, first: bool) {
    let mut field = match headers.entry(header::VARY) {
        Entry::Vacant(none) => {
            none.insert(HeaderValue::from_static(name));
            return;
        }
        Entry::Occupied(field) => field,
    };
    let texts: Vec<_> = field.iter().filter_map(|value| value.to_str().ok()).collect();
    let vary = texts.join(", ");
    let names = || vary.split(',').map(str::trim);
    if names().any(|known| known == "*" || known.eq_ignore_ascii_case(name)) {
        return;
    }
    let vary = match (vary.is_empty(), first) {
        (true, _) => Ok(HeaderValue::from_static(name)),
        (false, true) => HeaderValue::from_str(&format!("{name}, {vary}")),
        (false, false) => HeaderValue::from_str(&format!("{vary}, {name}")),
    };
    if let Ok(vary) = vary {
        field.insert(vary);
    }
}

/// An origin that is named to every client.
fn fixed(text: &str) -> Result<HeaderValue> {
    if text.is_empty() { Err(invalid("it is empty")) } else { value(text) }
}

fn joined(list: &[String]) -> Result<HeaderValue> {
    value(&list.join(", "))
}

fn value(text: &str) -> Result<HeaderValue> {
    let message = || format!("cors: `{text}` cannot be sent in a header");
    HeaderValue::from_str(text).map_err(|_| IOServerError::new(message(), 500))
}

fn invalid(why: &str) -> IOServerError {
    IOServerError::new(format!("Invalid CORS origin option: {why}"), 500)
}

#[cfg(test)]
mod tests;
