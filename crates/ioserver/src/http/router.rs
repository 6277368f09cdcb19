//! From method and path to a route.
//!
//! A tree of our own and not matchit: several parameters in a segment, regular expressions, the
//! order in which find-my-way tries and returns, and escapes that must stay undecoded until the
//! path has been split are not to be had there.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use http::Method;
use percent_encoding::percent_decode_str;

use super::pattern::{Matcher, Pattern, Segment};

/// Routes by method and pattern.
pub(crate) struct Router<T> {
    root: Node<T>,
    /// Patterns without parameters: found by one look-up.
    fixed: HashMap<Box<str>, Leaf<T>>,
    /// find-my-way's `maxParamLength`.
    param_length: usize,
}

struct Node<T> {
    fixed: HashMap<Box<str>, Self>,
    params: Vec<(Matcher, Self)>,
    wildcard: Leaf<T>,
    leaf: Leaf<T>,
}

struct Leaf<T>(Vec<(Method, Entry<T>)>);

struct Entry<T> {
    names: Arc<[String]>,
    value: T,
}

/// What a path leads to.
pub(crate) enum Match<'r, T> {
    Found {
        value: &'r T,
        params: Params,
    },
    NotFound,
    /// The path has percent escapes that are none.
    BadUrl,
}

/// The parameters of a path, decoded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params {
    names: Option<Arc<[String]>>,
    values: Vec<String>,
}

impl Params {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.iter().find_map(|(known, value)| (known == name).then_some(value))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let names = self.names.iter().flat_map(|names| names.iter());
        names.map(String::as_str).zip(self.values.iter().map(String::as_str))
    }
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        let (fixed, params) = Default::default();
        Self { fixed, params, wildcard: Leaf(Vec::new()), leaf: Leaf(Vec::new()) }
    }
}

impl<T: Clone> Router<T> {
    pub(crate) fn new(param_length: usize) -> Self {
        Self { root: Node::default(), fixed: HashMap::new(), param_length }
    }

    /// Adds a route. The error says why the pattern cannot be added.
    pub(crate) fn insert(
        &mut self,
        method: &Method,
        pattern: &str,
        value: &T,
    ) -> Result<(), String> {
        for parsed in Pattern::parse(pattern)? {
            let names: Arc<[String]> = parsed.names.into();
            let leaf = match fixed_path(&parsed.segments) {
                Some(path) => self.fixed.entry(path.into()).or_insert_with(|| Leaf(Vec::new())),
                None => self.root.leaf_at(&parsed.segments),
            };
            if leaf.find(method).is_some() {
                return Err(format!("{method} {pattern} has a route already"));
            }
            leaf.0.push((method.clone(), Entry { names, value: value.clone() }));
        }
        Ok(())
    }

    /// The route of a method and an undecoded path.
    pub(crate) fn find<'r>(&'r self, method: &Method, path: &str) -> Match<'r, T> {
        let escaped = path.contains('%');
        if escaped && !is_decodable(path) {
            return Match::BadUrl;
        }
        let Some(path) = path.strip_prefix('/') else { return Match::NotFound };
        let path = path.strip_suffix('/').unwrap_or(path);
        let fixed = if escaped { decode_static(path) } else { Cow::Borrowed(path) };
        if let Some(entry) = self.fixed.get(&*fixed).and_then(|leaf| leaf.find(method)) {
            return Match::Found { value: &entry.value, params: Params::default() };
        }
        let mut values = Vec::new();
        match self.root.walk(method, Some(path), self.param_length, &mut values) {
            Some(entry) => {
                let params = Params { names: Some(Arc::clone(&entry.names)), values };
                Match::Found { value: &entry.value, params }
            }
            None => Match::NotFound,
        }
    }
}

impl<T> Node<T> {
    fn leaf_at(&mut self, segments: &[Segment]) -> &mut Leaf<T> {
        let Some((first, rest)) = segments.split_first() else { return &mut self.leaf };
        match first {
            Segment::Static(text) => {
                self.fixed.entry(text.as_str().into()).or_default().leaf_at(rest)
            }
            Segment::Wildcard => &mut self.wildcard,
            Segment::Param(matcher) => self.param(matcher).leaf_at(rest),
        }
    }

    /// The child of a matcher; those with a regular expression are tried first.
    fn param(&mut self, matcher: &Matcher) -> &mut Self {
        let known = self.params.iter().position(|(other, _)| other.source == matcher.source);
        let index = known.unwrap_or_else(|| {
            let plain = |(other, _): &(Matcher, Self)| other.regex.is_none();
            let end = self.params.iter().position(plain).unwrap_or(self.params.len());
            let index = if matcher.regex.is_some() { end } else { self.params.len() };
            self.params.insert(index, (matcher.clone(), Self::default()));
            index
        });
        &mut self.params[index].1
    }

    /// Static before parametric before wildcard, with a way back where one leads nowhere.
    fn walk(
        &self,
        method: &Method,
        rest: Option<&str>,
        longest: usize,
        values: &mut Vec<String>,
    ) -> Option<&Entry<T>> {
        let Some(rest) = rest else { return self.leaf.find(method) };
        let (segment, next) = match rest.split_once('/') {
            Some((segment, next)) => (segment, Some(next)),
            None => (rest, None),
        };
        let depth = values.len();
        if let Some(child) = self.fixed.get(&*decode_static(segment))
            && let Some(found) = child.walk(method, next, longest, values)
        {
            return Some(found);
        }
        for (matcher, child) in &self.params {
            if matcher.capture(segment, longest, values)
                && let Some(found) = child.walk(method, next, longest, values)
            {
                return Some(found);
            }
            values.truncate(depth);
        }
        let found = self.wildcard.find(method).filter(|_| !rest.is_empty())?;
        values.push(decode(rest).into_owned());
        Some(found)
    }
}

impl<T> Leaf<T> {
    fn find(&self, method: &Method) -> Option<&Entry<T>> {
        self.0.iter().find_map(|(known, entry)| (known == method).then_some(entry))
    }
}

impl Matcher {
    /// Adds the segment's parameters to `values` if it matches.
    fn capture(&self, segment: &str, longest: usize, values: &mut Vec<String>) -> bool {
        let text = decode(segment);
        if text.is_empty() {
            return false;
        }
        let Some(regex) = &self.regex else {
            values.push(text.into_owned());
            return fits(&values[values.len() - 1], longest);
        };
        let Some(captures) = regex.captures(&text) else { return false };
        let names = (0..self.params).map(|index| format!("p{index}"));
        values.extend(names.filter_map(|name| Some(captures.name(&name)?.as_str().to_owned())));
        values[values.len() - self.params..].iter().all(|value| fits(value, longest))
    }
}

fn fits(value: &str, longest: usize) -> bool {
    value.len() <= longest || value.encode_utf16().count() <= longest
}

fn fixed_path(segments: &[Segment]) -> Option<String> {
    let text = |segment: &Segment| match segment {
        Segment::Static(text) => Some(text.clone()),
        Segment::Param(_) | Segment::Wildcard => None,
    };
    Some(segments.iter().map(text).collect::<Option<Vec<_>>>()?.join("/"))
}

fn is_decodable(path: &str) -> bool {
    let is_escape =
        |rest: &str| rest.len() >= 2 && rest.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit);
    path.split('%').skip(1).all(is_escape) && percent_decode_str(path).decode_utf8().is_ok()
}

fn decode(segment: &str) -> Cow<'_, str> {
    if !segment.contains('%') {
        return Cow::Borrowed(segment);
    }
    percent_decode_str(segment).decode_utf8().unwrap_or(Cow::Borrowed(segment))
}

/// Decodes what static text is compared with: all but the reserved characters, so that `%2F` is
/// never taken for a slash (JavaScript's `decodeURI`).
fn decode_static(segment: &str) -> Cow<'_, str> {
    const RESERVED: [&str; 12] =
        ["23", "24", "25", "26", "2B", "2C", "2F", "3A", "3B", "3D", "3F", "40"];
    if !segment.contains('%') {
        return Cow::Borrowed(segment);
    }
    let mut shielded = String::with_capacity(segment.len());
    let mut parts = segment.split('%');
    shielded.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let reserved = RESERVED.iter().any(|code| part[..2].eq_ignore_ascii_case(code));
        shielded.push_str(if reserved { "%25" } else { "%" });
        shielded.push_str(part);
    }
    Cow::Owned(decode(&shielded).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(patterns: &[&'static str]) -> Router<&'static str> {
        let mut router = Router::new(200);
        for pattern in patterns {
            router.insert(&Method::GET, pattern, pattern).unwrap();
        }
        router
    }

    /// The pattern that a path leads to, and its parameters as text.
    fn find(router: &Router<&'static str>, path: &str) -> String {
        match router.find(&Method::GET, path) {
            Match::Found { value, params } => {
                let params = params.iter().map(|(name, value)| format!(" {name}={value}"));
                format!("{value}{}", params.collect::<String>())
            }
            Match::NotFound => "404".into(),
            Match::BadUrl => "400".into(),
        }
    }

    #[track_caller]
    fn check(patterns: &[&'static str], path: &str, expected: &str) {
        assert_eq!(find(&router(patterns), path), expected, "{path}");
    }

    #[test]
    fn static_wins_over_parametric_over_wildcard_and_a_dead_end_leads_back() {
        let patterns = ["/a/:id", "/a/special", "/a/*", "/a/special/deep", "/:x/y/z"];
        check(&patterns, "/a/special", "/a/special");
        check(&patterns, "/a/7", "/a/:id id=7");
        check(&patterns, "/a/7/8", "/a/* *=7/8");
        check(&patterns, "/a/special/other", "/a/* *=special/other");
        check(&["/a/b/c", "/:x/y/z"], "/a/y/z", "/:x/y/z x=a");
    }

    #[test]
    fn one_trailing_slash_is_ignored_and_no_other() {
        check(&["/a"], "/a/", "/a");
        check(&["/a/"], "/a", "/a/");
        check(&["/a"], "/a//", "404");
        check(&["/a/b"], "/a//b", "404");
        check(&["/a"], "//a", "404");
        check(&["/f/*"], "/f/", "404");
        check(&["/f/*"], "/f/a/", "/f/* *=a");
        check(&["/"], "/", "/");
    }

    #[test]
    fn escapes_are_decoded_after_the_path_was_split() {
        check(&["/b/hello"], "/b/%68ello", "/b/hello");
        check(&["/i/:id"], "/i/a%20b%2Fc", "/i/:id id=a b/c");
        check(&["/a/b"], "/a%2Fb", "404");
        check(&["/i/:id"], "/i/100%25", "/i/:id id=100%");
        check(&["/i/:id"], "/i/%ff", "400");
        check(&["/i/:id"], "/i/%zz", "400");
        check(&["/spé"], "/sp%C3%A9", "/spé");
        check(&["/i/:id"], "/i/..", "/i/:id id=..");
    }

    #[test]
    fn several_parameters_regular_expressions_and_suffixes() {
        check(&["/p/:a-:b"], "/p/x-y-z", "/p/:a-:b a=x-y b=z");
        check(&["/n/:n(^\\d+$)"], "/n/12", "/n/:n(^\\d+$) n=12");
        check(&["/n/:n(^\\d+$)"], "/n/12a", "404");
        check(&["/n/:n(^\\d+$)", "/n/:x"], "/n/12a", "/n/:x x=12a");
        check(&["/e/:name.json"], "/e/data.json", "/e/:name.json name=data");
        check(&["/e/:name.json"], "/e/data.txt", "404");
        check(&["/o/:x?"], "/o", "/o/:x?");
        check(&["/c::on"], "/c:on", "/c::on");
    }

    #[test]
    fn a_parameter_of_more_than_200_characters_is_not_found() {
        let path = |length| format!("/i/{}", "é".repeat(length));
        let router = router(&["/i/:id"]);
        assert_ne!(find(&router, &path(200)), "404");
        assert_eq!(find(&router, &path(201)), "404");
    }

    #[test]
    fn methods_have_routes_of_their_own() {
        let mut router = router(&["/a/:id"]);
        router.insert(&Method::POST, "/a/b", &"post").unwrap();
        assert_eq!(find(&router, "/a/b"), "/a/:id id=b");
        let again = router.insert(&Method::GET, "/a/:other", &"again");
        assert_eq!(again.unwrap_err(), "GET /a/:other has a route already");
    }
}
