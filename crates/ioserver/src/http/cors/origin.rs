//! Which origins may read answers.

use std::{fmt, str::FromStr, sync::Arc};

use regex_lite::Regex;
use serde::{Deserialize, Deserializer};

use crate::{IOServerError, Result};

/// The origins that may read answers: the option `origin` of @fastify/cors.
///
/// In JSON it is `true`, `false`, `"*"`, an origin, a list of origins, and where JavaScript has a
/// regular expression, its source as text: `"/\\.example\\.org$/i"`. No origin begins with a slash.
///
/// # Examples
///
/// ```
/// use ioserver::Origin;
///
/// let origins = Origin::OneOf(vec![
///     Origin::Text("https://app.example".into()),
///     Origin::Pattern(r"^https://[a-z]+\.example\.org$".parse()?),
/// ]);
/// # Ok::<(), ioserver::IOServerError>(())
/// ```
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
    /// `false`: none; no CORS header is sent, and no preflight answered.
    Off,
    /// One, which is named to every client.
    Text(String),
    /// These, compared exactly.
    List(Vec<String>),
    /// Those that a regular expression finds something in.
    Pattern(OriginPattern),
    /// Those that any of these lets in.
    OneOf(Vec<Self>),
    /// What a function of the request's `Origin` says, for each request.
    Function(Arc<OriginFunction>),
}

/// Chooses the rule for a request by its `Origin`. [`Origin::Off`] turns CORS off for the request;
/// an error is its answer.
pub type OriginFunction = dyn Fn(Option<&str>) -> Result<Origin> + Send + Sync;

impl Origin {
    /// Lets in what a function says yes to; the others get the answer of [`Off`](Self::Off).
    pub fn function<F>(function: F) -> Self
    where
        F: Fn(Option<&str>) -> Result<Self> + Send + Sync + 'static,
    {
        Self::Function(Arc::new(function))
    }

    /// Whether the rule is the same for all requests, so that caches need not tell origins apart.
    pub(super) fn is_static(&self) -> bool {
        matches!(self, Self::Any | Self::Text(_) | Self::Off)
    }

    /// Whether an origin is among those of the rule. [`OwnHost`](Self::OwnHost) is `own`.
    pub(super) fn lets_in(&self, origin: &str, own: &[String]) -> bool {
        match self {
            Self::OwnHost => own.iter().any(|known| known == origin),
            Self::Any | Self::Reflect => true,
            Self::Off | Self::Function(_) => false,
            Self::Text(text) => text == origin,
            Self::List(list) => list.iter().any(|known| known == origin),
            Self::Pattern(OriginPattern(regex)) => regex.is_match(origin),
            Self::OneOf(rules) => rules.iter().any(|rule| rule.lets_in(origin, own)),
        }
    }
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
            Self::Pattern(pattern) => f.debug_tuple("Pattern").field(pattern).finish(),
            Self::OneOf(rules) => f.debug_tuple("OneOf").field(rules).finish(),
            Self::Function(_) => f.write_str("Function"),
        }
    }
}

/// A regular expression for origins, compiled. It matches anywhere unless it says `^` and `$`.
#[derive(Clone, Debug)]
pub struct OriginPattern(Regex);

/// Reads a regular expression: its source alone, or as JavaScript writes it with slashes and flags.
impl FromStr for OriginPattern {
    type Err = IOServerError;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |why: &str| {
            let message = format!("cors: `{text}` is no regular expression for origins: {why}");
            IOServerError::new(message, 500_u16)
        };
        let (source, flags) = match text.strip_prefix('/').and_then(|text| text.rsplit_once('/')) {
            Some(parts) => parts,
            None => (text, ""),
        };
        // `g`, `u` and `d` change nothing about whether it matches; `y` would.
        let inline = match flags.chars().find(|flag| !"ismgud".contains(*flag)) {
            Some(flag) => return Err(wrong(&format!("flag `{flag}` is not supported"))),
            None => flags.chars().filter(|flag| "ism".contains(*flag)).collect::<String>(),
        };
        let source = source.replace(r"\/", "/");
        let source = if inline.is_empty() { source } else { format!("(?{inline}){source}") };
        Regex::new(&source).map(Self).map_err(|error| wrong(&error.to_string()))
    }
}

/// One origin of a list, or a regular expression between slashes.
fn rule(text: String) -> Result<Origin> {
    if text.starts_with('/') {
        return Ok(Origin::Pattern(text.parse()?));
    }
    Ok(Origin::Text(text))
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
        let origin = match Form::deserialize(deserializer)? {
            Form::Switch(true) => Ok(Self::Reflect),
            Form::Switch(false) => Ok(Self::Off),
            Form::Text(text) if text == "*" => Ok(Self::Any),
            Form::Text(text) => rule(text),
            Form::List(list) if list.iter().any(|origin| origin == "*") => Ok(Self::Any),
            Form::List(list) if list.iter().any(|origin| origin.starts_with('/')) => {
                list.into_iter().map(rule).collect::<Result<_>>().map(Self::OneOf)
            }
            Form::List(list) => Ok(Self::List(list)),
        };
        origin.map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lets_in(json: &str, origin: &str) -> bool {
        serde_json::from_str::<Origin>(json).unwrap().lets_in(origin, &[])
    }

    #[test]
    fn regular_expressions_are_written_in_json_as_in_javascript() {
        assert!(lets_in(r#""/\\.example\\.org$/""#, "https://a.example.org"));
        assert!(!lets_in(r#""/\\.example\\.org$/""#, "https://a.example.org.evil"));
        assert!(!lets_in(r#""/^https:\\/\\/app\\.example$/""#, "https://APP.example"));
        assert!(lets_in(r#""/^https:\\/\\/app\\.example$/i""#, "https://APP.example"));
        assert!(lets_in(r#"["http://b.example", "/^http:..a/"]"#, "http://a.example"));
        assert!(lets_in(r#"["http://b.example", "/^http:..a/"]"#, "http://b.example"));
        assert!(lets_in(r#"["x", "*"]"#, "http://b.example"));
    }

    #[test]
    fn what_is_no_regular_expression_is_refused_with_its_text() {
        for wrong in [r#""/(/""#, r#"["/a/y"]"#, "7"] {
            assert!(serde_json::from_str::<Origin>(wrong).is_err(), "{wrong}");
        }
        let error = "/(/".parse::<OriginPattern>().unwrap_err().to_string();
        assert!(error.starts_with("cors: `/(/` is no regular expression for origins: "), "{error}");
    }
}
