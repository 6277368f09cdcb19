//! From method and path to a route.
//!
//! A tree of our own and not matchit: several parameters in a segment, regular expressions, the
//! order in which find-my-way tries and returns, and escapes that must stay undecoded until the
//! path has been split are not to be had there.

use std::{borrow::Cow, sync::Arc};

use fnv::FnvHashMap;
use http::Method;
use percent_encoding::percent_decode_str;

use super::{
    constraints::{Alternatives, Claims, Constraints},
    ecma::GaveUp,
    pattern::{Matcher, Pattern, Piece, as_in_paths, strip_last_slash},
};

/// Routes by method and pattern.
pub(crate) struct Router<T> {
    trees: Vec<(Method, Tree<T>)>,
    /// find-my-way's `maxParamLength`.
    longest: usize,
    has_constraints: bool,
    has_versions: bool,
}

/// What a path is looked up with, but for the path.
#[derive(Clone, Copy)]
struct Search<'r> {
    claims: Claims<'r>,
    has_versions: bool,
    longest: usize,
}

/// The routes of one method.
struct Tree<T> {
    root: Node<T>,
    /// Patterns without parameters: found by one look-up. Strangers add none, so that its hashes
    /// need not be hard to collide with.
    fixed: FnvHashMap<Box<str>, Leaf<T>>,
    /// The length of the longest of them: the hash of a longer path is not worth its time.
    longest_fixed: usize,
}

/// A place in a path: what may follow, letter by letter.
struct Node<T> {
    texts: Vec<(Box<str>, Self)>, // no two begin alike
    params: Vec<(Matcher, Self)>,
    wildcard: Leaf<T>,
    leaf: Leaf<T>,
}

/// Routes by their constraints; none where nothing ends.
type Leaf<T> = Option<Box<Alternatives<Entry<T>>>>;

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
        let (texts, params) = Default::default();
        Self { texts, params, wildcard: None, leaf: None }
    }
}

impl<T> Default for Tree<T> {
    fn default() -> Self {
        Self { root: Node::default(), fixed: FnvHashMap::default(), longest_fixed: 0 }
    }
}

impl<T: Clone> Router<T> {
    /// Parameters of more than `longest` characters lead nowhere.
    pub(crate) fn new(longest: usize) -> Self {
        Self { trees: Vec::new(), longest, has_constraints: false, has_versions: false }
    }

    /// Adds a route. The error says why the pattern cannot be added.
    pub(crate) fn insert(
        &mut self,
        method: &Method,
        pattern: &str,
        constraints: &Constraints,
        value: &T,
    ) -> Result<(), String> {
        for parsed in Pattern::parse(pattern)? {
            let entry = Entry { names: parsed.names.into(), value: value.clone() };
            let place = self.tree(method).place(&parsed.pieces).get_or_insert_default();
            if !place.insert(constraints, entry)? {
                return Err(format!("{method} {pattern} has a route already"));
            }
        }
        self.has_constraints |= !constraints.is_empty();
        self.has_versions |= constraints.has_version();
        Ok(())
    }

    fn tree(&mut self, method: &Method) -> &mut Tree<T> {
        let known = self.trees.iter().position(|(other, _)| other == method);
        let index = known.unwrap_or_else(|| {
            self.trees.push((method.clone(), Tree::default()));
            self.trees.len() - 1
        });
        &mut self.trees[index].1
    }

    /// Whether [`find`](Self::find) looks at claims at all.
    pub(crate) fn has_constraints(&self) -> bool {
        self.has_constraints
    }

    /// Whether any route, whatever its constraints, stands where a decoded path leads. In doubt one
    /// does.
    pub(crate) fn stands_at(&self, method: &Method, path: &str) -> bool {
        let tree = self.trees.iter().find(|(known, _)| known == method);
        let path = as_in_paths(path);
        let search = Search { claims: Claims::ANY, has_versions: false, longest: self.longest };
        tree.is_some_and(|(_, tree)| {
            !matches!(tree.search(strip_last_slash(&path), search), Ok(None))
        })
    }

    /// The route of a method and an undecoded path.
    pub(crate) fn find<'r>(
        &'r self,
        method: &Method,
        path: &str,
        claims: Claims<'_>,
    ) -> Match<'r, T> {
        let escaped = path.as_bytes().contains(&b'%');
        if escaped && !is_decodable(path) {
            return Match::BadUrl;
        }
        let tree = self.trees.iter().find(|(known, _)| known == method);
        let Some((_, tree)) = tree.filter(|_| path.starts_with('/')) else {
            return Match::NotFound;
        };
        let decoded = if escaped { decode_static(path) } else { Cow::Borrowed(path) };
        let (has_versions, longest) = (self.has_versions, self.longest);
        let search = Search { claims, has_versions, longest };
        tree.search(strip_last_slash(&decoded), search).ok().flatten().unwrap_or(Match::NotFound)
    }
}

impl<T> Tree<T> {
    /// Where the pieces end.
    fn place(&mut self, pieces: &[Piece]) -> &mut Leaf<T> {
        match pieces {
            [Piece::Text(path)] => {
                self.longest_fixed = self.longest_fixed.max(path.len());
                self.fixed.entry(path.as_str().into()).or_default()
            }
            _ => self.root.place(pieces),
        }
    }

    fn search(&self, path: &str, search: Search<'_>) -> Result<Option<Match<'_, T>>, DeadEnd> {
        let is_short = path.len() <= self.longest_fixed;
        if let Some(leaf) = is_short.then(|| self.fixed.get(path)).flatten()
            && let Some(entry) = search.choose(leaf)?
        {
            return Ok(Some(Match::Found { value: &entry.value, params: Params::default() }));
        }
        let mut values = Vec::new();
        let Some(entry) = self.root.walk(path, search, &mut values)? else { return Ok(None) };
        let params = Params { names: Some(Arc::clone(&entry.names)), values };
        Ok(Some(Match::Found { value: &entry.value, params }))
    }
}

impl Search<'_> {
    fn choose<'r, T>(&self, leaf: &'r Leaf<T>) -> Result<Option<&'r Entry<T>>, DeadEnd> {
        let Some(alternatives) = leaf else { return Ok(None) };
        Ok(alternatives.find(self.claims, self.has_versions)?)
    }
}

/// A parameter is too long, or a regular expression gave up: no other route is tried.
struct DeadEnd;

impl From<GaveUp> for DeadEnd {
    fn from(GaveUp: GaveUp) -> Self {
        Self
    }
}

impl<T> Node<T> {
    /// Where the pieces end.
    fn place(&mut self, pieces: &[Piece]) -> &mut Leaf<T> {
        match pieces {
            [] => &mut self.leaf,
            [Piece::Wildcard, ..] => &mut self.wildcard,
            [Piece::Text(text), rest @ ..] => self.text(text).place(rest),
            [Piece::Param(matcher), rest @ ..] => self.param(matcher).place(rest),
        }
    }

    /// The child behind a text. Texts that begin alike share a child for what they have in common.
    fn text(&mut self, text: &str) -> &mut Self {
        if text.is_empty() {
            return self;
        }
        let alike = self.texts.iter().position(|(known, _)| common(known, text) > 0);
        let Some(index) = alike else {
            self.texts.push((text.into(), Self::default()));
            let (_, child) = self.texts.last_mut().expect("one was pushed");
            return child;
        };
        let shared = common(&self.texts[index].0, text);
        let (known, child) = &mut self.texts[index];
        if shared < known.len() {
            let behind = (known[shared..].into(), std::mem::take(child));
            *known = known[..shared].into();
            child.texts.push(behind);
        }
        child.text(&text[shared..])
    }

    /// The child of a matcher. Those with a regular expression are tried first, and of these the
    /// ones with the longer text at their end.
    fn param(&mut self, matcher: &Matcher) -> &mut Self {
        let known = self.params.iter().position(|(other, _)| other.source == matcher.source);
        let index = known.unwrap_or_else(|| {
            let is_later = |(other, _): &(Matcher, Self)| {
                let longer = other.suffix.len() < matcher.suffix.len()
                    && matcher.suffix.ends_with(&other.suffix);
                other.regex.is_none() || (matcher.regex.is_some() && longer)
            };
            let index = self.params.iter().position(is_later).unwrap_or(self.params.len());
            self.params.insert(index, (matcher.clone(), Self::default()));
            index
        });
        &mut self.params[index].1
    }

    /// Text before parameters before the wildcard, with a way back where one leads nowhere.
    fn walk(
        &self,
        path: &str,
        search: Search<'_>,
        values: &mut Vec<String>,
    ) -> Result<Option<&Entry<T>>, DeadEnd> {
        if path.is_empty()
            && let Some(entry) = search.choose(&self.leaf)?
        {
            return Ok(Some(entry));
        }
        let next = self.texts.iter().find_map(|(text, child)| {
            let rest = path.strip_prefix(&**text)?;
            Some((child, rest))
        });
        if let Some((child, rest)) = next
            && let Some(found) = child.walk(rest, search, values)?
        {
            return Ok(Some(found));
        }
        let depth = values.len();
        let (segment, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
        for (matcher, child) in &self.params {
            if matcher.capture(segment, search.longest, values)?
                && let Some(found) = child.walk(rest, search, values)?
            {
                return Ok(Some(found));
            }
            values.truncate(depth);
        }
        let Some(found) = search.choose(&self.wildcard)? else { return Ok(None) };
        values.push(decode(path).into_owned());
        Ok(Some(found))
    }
}

/// How many bytes two texts have in common at their beginning, whole characters only.
fn common(one: &str, other: &str) -> usize {
    let alike = one.chars().zip(other.chars()).take_while(|(one, other)| one == other);
    alike.map(|(letter, _)| letter.len_utf8()).sum()
}

impl Matcher {
    /// Adds the segment's parameters to `values` if it matches.
    fn capture(
        &self,
        segment: &str,
        longest: usize,
        values: &mut Vec<String>,
    ) -> Result<bool, DeadEnd> {
        let text = decode(segment);
        let before = values.len();
        match &self.regex {
            None => values.push(text.into_owned()),
            Some(regex) => {
                let Some(captures) = regex.captures(&text)? else { return Ok(false) };
                let names = (0..self.params).map(|index| format!("p{index}"));
                let found = names.map(|name| captures.name(&name).unwrap_or_default());
                values.extend(found.map(str::to_owned));
            }
        }
        if values[before..].iter().all(|value| fits(value, longest)) {
            Ok(true)
        } else {
            Err(DeadEnd)
        }
    }
}

fn fits(value: &str, longest: usize) -> bool {
    value.len() <= longest || value.encode_utf16().count() <= longest
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
mod tests;
