//! The JSON route files: an array of Fastify's route options, with names where functions stand.

use std::{fmt, fs, path::Path};

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::{constraints::Constraints, repeated::repeated};

/// One route as its file has it. What is not supported is refused by its name, never ignored: a
/// constraint that is left out would open a route.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RouteSpec {
    method: OneOrMore,
    pub(crate) url: String,
    pub(crate) handler: String,
    #[serde(default)]
    pub(crate) on_request: OneOrMore,
    #[serde(default)]
    pub(crate) pre_parsing: OneOrMore,
    #[serde(default)]
    pub(crate) pre_validation: OneOrMore,
    #[serde(default)]
    pub(crate) pre_handler: OneOrMore,
    #[serde(default)]
    pub(crate) pre_serialization: OneOrMore,
    #[serde(default)]
    pub(crate) on_send: OneOrMore,
    #[serde(default)]
    pub(crate) on_response: OneOrMore,
    pub(crate) error_handler: Option<String>,
    pub(crate) schema: Option<Value>,
    pub(crate) body_limit: Option<usize>,
    /// Media types that the handler takes besides JSON and text. Fastify does not read it.
    #[serde(default)]
    pub(crate) accepts: Vec<String>,
    #[serde(default = "yes")]
    pub(crate) expose_head_route: bool,
    /// Whether the handler runs although the schema refuses the request.
    #[serde(default)]
    pub(crate) attach_validation: bool,
    /// Without effect, as in the original: it prefixes urls itself, and a slash at their end plays
    /// no part.
    #[serde(rename = "prefixTrailingSlash")]
    _prefix_trailing_slash: Option<TrailingSlash>,
    #[serde(default)]
    pub(crate) constraints: Constraints,
    /// Free for the app's own use, but for `cors`.
    pub(crate) config: Option<Value>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum TrailingSlash {
    Both,
    Slash,
    NoSlash,
}

fn yes() -> bool {
    true
}

/// A name, or a list of names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(untagged, expecting = "expected a name or a list of names")]
pub(crate) enum OneOrMore {
    #[default]
    None,
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    pub(crate) fn names(&self) -> &[String] {
        match self {
            Self::None => &[],
            Self::One(name) => std::slice::from_ref(name),
            Self::More(names) => names,
        }
    }
}

impl RouteSpec {
    /// Whether answers say who may read them: @fastify/cors reads `"config": {"cors": false}`.
    pub(crate) fn has_cors(&self) -> bool {
        let cors = self.config.as_ref().and_then(|config| config.get("cors"));
        cors != Some(&Value::Bool(false))
    }

    /// The methods, in upper case; the error names one that Fastify does not know.
    pub(crate) fn methods(&self) -> Result<Vec<Method>, String> {
        const KNOWN: [&str; 8] =
            ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];
        let method = |name: &String| {
            let upper = name.to_ascii_uppercase();
            let known = KNOWN.contains(&upper.as_str());
            let method = Method::from_bytes(upper.as_bytes()).ok().filter(|_| known);
            method.ok_or_else(|| format!("method `{name}` is not one of {}", KNOWN.join(", ")))
        };
        if self.method.names().is_empty() {
            return Err(format!("`method` names none; it is one or more of {}", KNOWN.join(", ")));
        }
        self.method.names().iter().map(method).collect()
    }
}

/// One entry of a file.
pub(crate) struct Entry {
    /// For errors; empty where the entry has none.
    pub(crate) url: String,
    /// What it says, or why it is no route.
    pub(crate) spec: Result<RouteSpec, String>,
}

impl From<Value> for Entry {
    fn from(entry: Value) -> Self {
        let url = entry["url"].as_str().unwrap_or_default().to_owned();
        Self { url, spec: serde_json::from_value(entry).map_err(|error| error.to_string()) }
    }
}

/// Reads a file; each entry stands for itself.
pub(crate) fn read(path: &Path) -> Result<Vec<Entry>, String> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("route file `{}` cannot be read: {error}", path.display()))?;
    parse(&text).map_err(|error| format!("route file `{}`: {error}", path.display()))
}

fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let file: Value = serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
    let Value::Array(entries) = file else {
        return Err(
            "is no array of routes; write `[{ \"method\": …, \"url\": …, \"handler\": … }]`".into(),
        );
    };
    let mut entries = entries.into_iter().map(Entry::from).collect::<Vec<_>>();
    for place in repeated(text) {
        let entry = place.first().and_then(|index| entries.get_mut(index.parse::<usize>().ok()?));
        let entry = entry.ok_or("is read in two ways")?;
        let twice = format!(
            "`{}` is named twice; readers disagree on which one counts",
            place[1..].join(".")
        );
        entry.spec = Err(twice);
    }
    Ok(entries)
}

/// Where a route is, from its controller's name and prefix.
///
/// A prefix is made to begin with `/` and stripped of slashes at its end. Without one, `/` is the
/// server's root unless the controller is named `root`, and anything else is below `/<name>`.
pub(crate) fn full_url(controller: &str, prefix: Option<&str>, url: &str) -> String {
    let url = match url.strip_prefix('/') {
        Some(_) => url.to_owned(),
        None => format!("/{url}"),
    };
    match prefix.map(|prefix| prefix.trim_matches('/')) {
        Some("") => url,
        Some(prefix) => format!("/{prefix}{url}"),
        None if url == "/" && controller != "root" => url,
        None => format!("/{controller}{url}"),
    }
}

/// A route in errors: `routes/basic.json: route 3 (/dup): …`.
pub(crate) struct Place<'a> {
    pub(crate) file: &'a Path,
    pub(crate) index: usize,
    pub(crate) url: &'a str,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: route {}", self.file.display(), self.index + 1)?;
        if self.url.is_empty() { Ok(()) } else { write!(f, " ({})", self.url) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_the_originals() {
        assert_eq!(full_url("basic", None, "/hello"), "/basic/hello");
        assert_eq!(full_url("basic", None, "/"), "/");
        assert_eq!(full_url("root", None, "/"), "/root/");
        assert_eq!(full_url("params", Some("p"), "/item"), "/p/item");
        assert_eq!(full_url("empty", Some(""), "/a"), "/a");
        assert_eq!(full_url("slash", Some("/"), "/a"), "/a");
        assert_eq!(full_url("trail", Some("trail/ed/"), "/"), "/trail/ed/");
        assert_eq!(full_url("dbl", Some("/dbl//"), "/z"), "/dbl/z", "the original keeps a slash");
        assert_eq!(full_url("dflt", None, "noslash"), "/dflt/noslash", "the original glues them");
    }

    #[test]
    fn what_is_not_supported_is_refused_by_name() {
        let only = |file: &str| parse(file).unwrap().remove(0);
        let entry = only(r#"[{"method":"GET","url":"/a","handler":"a","logLevel":"info"}]"#);
        assert_eq!(entry.url, "/a");
        let error = entry.spec.unwrap_err();
        assert!(error.contains("unknown field `logLevel`"), "{error}");
        let methods = |methods: &str| {
            let file = format!(r#"[{{"method":{methods},"url":"/","handler":"a"}}]"#);
            only(&file).spec.unwrap().methods()
        };
        assert!(methods("\"FROB\"").unwrap_err().starts_with("method `FROB` is not one of"));
        for none in ["[]", "null"] {
            assert!(methods(none).unwrap_err().starts_with("`method` names none"), "{none}");
        }
        assert!(parse("{}").err().unwrap().starts_with("is no array of routes"));
        assert!(parse("[").err().unwrap().contains("line 1"));
    }

    #[test]
    fn a_member_that_is_named_twice_is_refused_by_name() {
        let file = r#"[
            { "method": "GET", "url": "/a", "handler": "a" },
            { "method": "GET", "url": "/b", "handler": "a", "preHandler": "deny", "preHandler": [] },
            { "method": "GET", "url": "/c", "handler": "a",
              "schema": { "body": { "not": {}, "type": "object", "not": { "type": "null" } } } }
        ]"#;
        let entries = parse(file).unwrap();
        assert!(entries[0].spec.is_ok());
        let error = |index: usize| entries[index].spec.as_ref().unwrap_err().as_str();
        assert_eq!(error(1), "`preHandler` is named twice; readers disagree on which one counts");
        assert!(error(2).starts_with("`schema.body.not` is named twice"), "{}", error(2));
    }
}
