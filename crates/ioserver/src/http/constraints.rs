//! `constraints` of a route: which host it answers for, and which version of itself it is.
//!
//! As find-my-way has them: the host is compared with the `Host` header as it was sent, port
//! included, and the version with `Accept-Version`, where `2.x` means the highest `2.` there is. A
//! request that asks for a version is answered by none but versioned routes.

use std::collections::HashMap;

use http::{HeaderMap, Uri, header};
use serde::Deserialize;

use super::ecma::{self, GaveUp, Regex};

/// The constraints of a route, as its file has them.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Constraints {
    host: Option<Host>,
    version: Option<String>,
}

/// A host, or a pattern for hosts: where the original takes a `RegExp`, a file has
/// `{ "regex": "…" }`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(untagged, deny_unknown_fields, expecting = "expected a host, or `{ \"regex\": \"…\" }`")]
enum Host {
    Name(String),
    Pattern { regex: String },
}

/// What a request has to show for constraints.
#[derive(Clone, Copy, Default)]
pub(crate) struct Claims<'r> {
    pub(super) host: Option<&'r str>,
    pub(super) version: Option<&'r str>,
    /// What satisfies all constraints.
    pub(super) any: bool,
}

impl<'r> Claims<'r> {
    pub(super) const ANY: Self = Self { host: None, version: None, any: true };

    pub(crate) fn of(uri: &'r Uri, headers: &'r HeaderMap) -> Self {
        let text = |name| headers.get(name)?.to_str().ok();
        // RFC 9112 section 3.2.2: a target with an authority is what counts, and not `Host`. HTTP/2
        // has no other way to say it.
        let authority = uri.authority().map(|authority| {
            let authority = authority.as_str();
            authority.rsplit_once('@').map_or(authority, |(_, host)| host)
        });
        Self {
            host: authority.or_else(|| text(header::HOST)).filter(|host| !host.is_empty()),
            version: text(header::HeaderName::from_static("accept-version")),
            any: false,
        }
    }
}

/// The routes of one place: one without constraints, and some with. Most places have one route
/// without.
pub(crate) struct Alternatives<T> {
    /// The most constrained last.
    routes: Vec<(Constraints, T)>,
    versions: Versions,
    hosts: HashMap<String, u64>,
    patterns: Vec<(Regex, u64)>,
    is_plain: bool,
}

impl<T> Default for Alternatives<T> {
    fn default() -> Self {
        let (versions, hosts, patterns) = Default::default();
        Self { routes: Vec::new(), versions, hosts, patterns, is_plain: true }
    }
}

impl<T> Alternatives<T> {
    /// Adds a route; `Ok(false)` if there is one under the same constraints.
    pub(crate) fn insert(&mut self, constraints: &Constraints, route: T) -> Result<bool, String> {
        const MANY: usize = 31; // find-my-way's limit; a bit for each
        if self.routes.iter().any(|(known, _)| known == constraints) {
            return Ok(false);
        }
        if self.routes.len() >= MANY {
            return Err(format!("a url has at most {MANY} routes under different constraints"));
        }
        self.routes.push((constraints.clone(), route));
        self.routes.sort_by_key(|(constraints, _)| constraints.count());
        self.is_plain = self.routes.iter().all(|(constraints, _)| constraints.count() == 0);
        self.index()?;
        Ok(true)
    }

    fn index(&mut self) -> Result<(), String> {
        (self.versions, self.hosts, self.patterns) = Default::default();
        for (index, (constraints, _)) in self.routes.iter().enumerate() {
            let bit = 1 << index;
            match &constraints.host {
                Some(Host::Name(name)) => *self.hosts.entry(name.clone()).or_default() |= bit,
                Some(Host::Pattern { regex }) => self.patterns.push((ecma::compile(regex)?, bit)),
                None => {}
            }
            if let Some(version) = &constraints.version {
                self.versions.set(version, bit)?;
            }
        }
        Ok(())
    }

    /// The route for a request. `has_versions`: whether any route of the server has a version.
    pub(crate) fn find(
        &self,
        claims: Claims<'_>,
        has_versions: bool,
    ) -> Result<Option<&T>, GaveUp> {
        if claims.any {
            return Ok(self.routes.first().map(|(_, route)| route));
        }
        if self.is_plain {
            let asks = has_versions && claims.version.is_some();
            return Ok(self.routes.first().filter(|_| !asks).map(|(_, route)| route));
        }
        let free = |is_free: fn(&Constraints) -> bool| {
            let routes = self.routes.iter().enumerate();
            let bits = routes.filter(|(_, (constraints, _))| is_free(constraints));
            bits.fold(0_u64, |bits, (index, _)| bits | 1 << index)
        };
        let versions = match claims.version.filter(|_| has_versions) {
            Some(version) => self.versions.get(version),
            None => free(|constraints| constraints.version.is_none()),
        };
        let hosts = free(|constraints| constraints.host.is_none())
            | claims.host.map_or(Ok(0), |host| self.of_host(host))?;
        let candidates = versions & hosts;
        let last = u64::BITS - candidates.leading_zeros();
        let index = usize::try_from(last).ok().and_then(|last| last.checked_sub(1));
        Ok(index.and_then(|index| self.routes.get(index)).map(|(_, route)| route))
    }

    fn of_host(&self, host: &str) -> Result<u64, GaveUp> {
        if let Some(bits) = self.hosts.get(host) {
            return Ok(*bits);
        }
        for (regex, bits) in &self.patterns {
            if ecma::is_match(regex, host)? {
                return Ok(*bits);
            }
        }
        Ok(0)
    }
}

impl Constraints {
    fn count(&self) -> usize {
        usize::from(self.host.is_some()) + usize::from(self.version.is_some())
    }

    pub(crate) fn has_version(&self) -> bool {
        self.version.is_some()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count() == 0
    }
}

/// Routes by version, and by what stands for the highest of several.
#[derive(Default)]
struct Versions {
    known: HashMap<String, u64>,
    major: u64,
    minors: HashMap<u64, u64>,
    patches: HashMap<(u64, u64), u64>,
}

impl Versions {
    fn set(&mut self, version: &str, bit: u64) -> Result<(), String> {
        let mut parts = version.split('.');
        let first = parts.next().unwrap_or_default();
        let major: u64 = first
            .parse()
            .map_err(|_| format!("version `{version}` does not begin with a number"))?;
        let mut next = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
        let (minor, patch) = (next(), next());
        let bits = self.get(version) | bit;
        let mut put = |name: String| self.known.insert(name, bits);
        if major >= self.major {
            self.major = major;
            for name in ["x", "*", "x.x", "x.x.x"] {
                put(name.into());
            }
        }
        if minor >= *self.minors.get(&major).unwrap_or(&0) {
            self.minors.insert(major, minor);
            put(format!("{major}.x"));
            put(format!("{major}.x.x"));
        }
        if patch >= *self.patches.get(&(major, minor)).unwrap_or(&0) {
            self.patches.insert((major, minor), patch);
            put(format!("{major}.{minor}.x"));
        }
        put(format!("{major}.{minor}.{patch}"));
        Ok(())
    }

    fn get(&self, version: &str) -> u64 {
        self.known.get(version).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constraints(json: &str) -> Constraints {
        serde_json::from_str(json).unwrap()
    }

    #[track_caller]
    fn check(all: &[&str], host: Option<&str>, version: Option<&str>, expected: Option<usize>) {
        let mut alternatives = Alternatives::default();
        for (index, json) in all.iter().enumerate() {
            assert!(alternatives.insert(&constraints(json), index).unwrap(), "{json}");
        }
        let has_versions = all.iter().any(|json| json.contains("version"));
        let found = alternatives.find(Claims { host, version, any: false }, has_versions).unwrap();
        assert_eq!(found.copied(), expected, "{host:?} {version:?}");
    }

    #[test]
    fn a_host_has_routes_of_its_own_and_the_rest_goes_elsewhere() {
        let all = ["{}", r#"{"host":"a.b"}"#, r#"{"host":{"regex":"\\.c(:\\d+)?$"}}"#];
        check(&all, Some("a.b"), None, Some(1));
        check(&all, Some("x.c:80"), None, Some(2));
        check(&all, Some("other"), None, Some(0));
        check(&all, None, None, Some(0));
        check(&all[1..], Some("other"), None, None);
    }

    #[test]
    fn the_targets_own_host_is_the_one_that_counts() {
        let headers = HeaderMap::from_iter([(header::HOST, "open".parse().unwrap())]);
        let host = |target: &str| {
            let uri = target.parse().unwrap();
            Claims::of(&uri, &headers).host.map(str::to_owned)
        };
        assert_eq!(host("/x").as_deref(), Some("open"));
        assert_eq!(host("http://guarded:80/x").as_deref(), Some("guarded:80"));
        assert_eq!(host("http://open@guarded/x").as_deref(), Some("guarded"));
    }

    #[test]
    fn a_version_is_asked_for_by_number_or_as_the_highest() {
        let all =
            ["{}", r#"{"version":"1.2.0"}"#, r#"{"version":"1.3.0"}"#, r#"{"version":"2.0.1"}"#];
        check(&all, None, Some("1.2.0"), Some(1));
        check(&all, None, Some("1.x"), Some(2));
        check(&all, None, Some("1.2.x"), Some(1));
        check(&all, None, Some("x"), Some(3));
        check(&all, None, Some("3.x"), None);
        check(&all, None, None, Some(0));
        check(&all[..1], None, Some("1.x"), Some(0));
    }

    #[test]
    fn the_most_constrained_route_wins() {
        let all = [r#"{"host":"a","version":"1.0.0"}"#, r#"{"version":"1.0.0"}"#, "{}"];
        check(&all, Some("a"), Some("1.0.0"), Some(0));
        check(&all, Some("b"), Some("1.0.0"), Some(1));
        check(&all, Some("a"), None, Some(2));
    }

    #[test]
    fn what_is_no_constraint_is_refused() {
        for wrong in [r#"{"hots":"a"}"#, r#"{"host":1}"#, r#"{"version":2}"#] {
            assert!(serde_json::from_str::<Constraints>(wrong).is_err(), "{wrong}");
        }
        let mut alternatives = Alternatives::default();
        assert!(alternatives.insert(&constraints(r#"{"version":"a.1"}"#), 0).is_err());
        assert!(
            Alternatives::default().insert(&constraints(r#"{"host":{"regex":"("}}"#), 0).is_err()
        );
    }
}
