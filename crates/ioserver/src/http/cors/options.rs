//! The options of @fastify/cors, typed.

use serde::{Deserialize, Deserializer};

use super::Origin;

/// Which origins browsers may call from. The fields are the options of @fastify/cors, and the JSON
/// that it takes deserialises into this. Its options `hook` and `delegator` are refused: CORS comes
/// first, and [`Origin::Function`] decides for each request.
///
/// A route whose `config` has `"cors": false` sends no CORS headers.
///
/// # Departures
///
/// An OPTIONS request that is no preflight reaches its route, which @fastify/cors makes unreachable.
/// A `Vary` of a handler is kept beside `Origin`, where @fastify/cors lets it replace that.
///
/// # Examples
///
/// ```
/// use ioserver::{CorsOptions, Origin};
///
/// let cors: CorsOptions =
///     serde_json::from_str(r#"{"origin": ["http://app.example"], "credentials": true}"#).unwrap();
/// assert!(cors.credentials);
/// assert!(matches!(cors.origin, Origin::List(_)));
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "built with `..CorsOptions::default()`")]
pub struct CorsOptions {
    /// The origins that may read answers; the server's own by default.
    pub origin: Origin,
    /// The methods that a preflight allows: GET and POST, as the original sets them.
    #[serde(deserialize_with = "names")]
    pub methods: Vec<String>,
    /// The headers that a preflight allows; those that it asks for by default.
    #[serde(deserialize_with = "optional_names")]
    pub allowed_headers: Option<Vec<String>>,
    /// The headers that scripts may read.
    #[serde(deserialize_with = "names")]
    pub exposed_headers: Vec<String>,
    /// Whether cookies and credentials may be sent.
    pub credentials: bool,
    /// How many seconds a browser may keep a preflight's answer.
    pub max_age: Option<u64>,
    /// The `Cache-Control` of a preflight's answer, for caches that are no browsers; in JSON also a
    /// number of seconds.
    #[serde(deserialize_with = "directive")]
    pub cache_control: Option<String>,
    /// Whether preflights are answered; if not, an OPTIONS request needs a route.
    pub preflight: bool,
    /// Whether a preflight goes on to its route, which answers it; the headers are added.
    pub preflight_continue: bool,
    /// The status of a preflight's answer.
    pub options_success_status: u16,
    /// Whether an OPTIONS request that is no preflight, and that no route answers, gets 400; else
    /// it is answered like one.
    pub strict_preflight: bool,
    /// Has no effect: there is no description of routes to hide the OPTIONS route from. It is here
    /// because configurations have it.
    pub hide_options_route: bool,
}

impl Default for CorsOptions {
    fn default() -> Self {
        Self {
            origin: Origin::OwnHost,
            methods: vec!["GET".into(), "POST".into()],
            allowed_headers: None,
            exposed_headers: Vec::new(),
            credentials: false,
            max_age: None,
            cache_control: None,
            preflight: true,
            preflight_continue: false,
            options_success_status: 204,
            strict_preflight: true,
            hide_options_route: true,
        }
    }
}

/// A text, or a list that is joined to one, as @fastify/cors takes both.
fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(optional_names(deserializer)?.unwrap_or_default())
}

fn optional_names<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a list of names, or names in one text")]
    enum Form {
        Text(String),
        List(Vec<String>),
    }
    Ok(Option::<Form>::deserialize(deserializer)?.map(|form| match form {
        Form::Text(text) => vec![text],
        Form::List(list) => list,
    }))
}

/// A number of seconds stands for `max-age=…`.
fn directive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected seconds or the header's text")]
    enum Form {
        Seconds(i64),
        Text(String),
    }
    Ok(Option::<Form>::deserialize(deserializer)?.map(|form| match form {
        Form::Seconds(seconds) => format!("max-age={seconds}"),
        Form::Text(text) => text,
    }))
}
