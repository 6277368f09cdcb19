//! The options of @fastify/cors, typed.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Deserializer};

/// Which origins browsers may call from. The fields are the options of @fastify/cors, and the JSON
/// that it takes deserialises into this.
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
    /// The methods that a preflight allows.
    pub methods: Vec<String>,
    /// The headers that a preflight allows; those that it asks for by default.
    pub allowed_headers: Option<Vec<String>>,
    /// The headers that scripts may read.
    pub exposed_headers: Vec<String>,
    /// Whether cookies and credentials may be sent.
    pub credentials: bool,
    /// How many seconds a browser may keep a preflight's answer.
    pub max_age: Option<u64>,
    /// The status of a preflight's answer.
    pub options_success_status: u16,
    /// Whether an OPTIONS request that is no preflight, and that no route answers, gets 400.
    pub strict_preflight: bool,
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
            options_success_status: 204,
            strict_preflight: true,
        }
    }
}

/// The origins that may read answers.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Origin {
    /// The configured host, without a port as in the original and with the bound one. Never the
    /// `Host` header, which the client chooses.
    #[default]
    OwnHost,
    /// `"*"`: any, without credentials.
    Any,
    /// `true`: whichever asks.
    Reflect,
    /// `false`: none; no CORS header is sent.
    Off,
    /// One, which is named to every client.
    Text(String),
    /// These, compared exactly.
    List(Vec<String>),
    /// Those that a function lets in; the place for regular expressions.
    Check(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OwnHost => f.write_str("OwnHost"),
            Self::Any => f.write_str("Any"),
            Self::Reflect => f.write_str("Reflect"),
            Self::Off => f.write_str("Off"),
            Self::Text(origin) => f.debug_tuple("Text").field(origin).finish(),
            Self::List(origins) => f.debug_tuple("List").field(origins).finish(),
            Self::Check(_) => f.write_str("Check"),
        }
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected an origin, a list of origins, `true` or `false`")]
        enum Form {
            Switch(bool),
            Text(String),
            List(Vec<String>),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Switch(true) => Self::Reflect,
            Form::Switch(false) => Self::Off,
            Form::Text(text) if text == "*" => Self::Any,
            Form::Text(text) => Self::Text(text),
            Form::List(list) if list.iter().any(|origin| origin == "*") => Self::Any,
            Form::List(list) => Self::List(list),
        })
    }
}
