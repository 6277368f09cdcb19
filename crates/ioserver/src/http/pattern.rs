//! The URL patterns of route files, as find-my-way reads them for Fastify.
//!
//! `/users/:id`, several parameters in a segment (`/:from-:to`, `/:name.json`), a parameter with a
//! regular expression (`/:id(^\\d+$)`), an optional last parameter (`/:page?`), a wildcard as the
//! last segment (`/files/*`), and `::` for a colon. Anything else is an error that names it.

use regex_lite::Regex;

/// A pattern, segment by segment.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) segments: Vec<Segment>,
    pub(crate) names: Vec<String>,
}

#[derive(Debug)]
pub(crate) enum Segment {
    Static(String),
    Param(Matcher),
    Wildcard,
}

/// What a segment with parameters accepts.
#[derive(Clone, Debug)]
pub(crate) struct Matcher {
    /// `None`: a single parameter that takes any text.
    pub(crate) regex: Option<Regex>,
    pub(crate) source: String,
    pub(crate) params: usize,
}

impl Pattern {
    /// Reads a pattern; an optional last parameter makes two of it.
    pub(crate) fn parse(pattern: &str) -> Result<Vec<Self>, String> {
        let Some(path) = pattern.strip_prefix('/') else {
            return Err("a url begins with `/`".into());
        };
        let path = path.strip_suffix('/').unwrap_or(path); // ignoreTrailingSlash
        let Some(required) = path.strip_suffix('?') else { return Ok(vec![Self::of(path)?]) };
        let last = required.rfind('/').map_or(0, |slash| slash + 1);
        if !required[last..].starts_with(':') {
            return Err("`?` stands only after the last segment's parameter".into());
        }
        Ok(vec![Self::of(required)?, Self::of(required[..last].trim_end_matches('/'))?])
    }

    fn of(path: &str) -> Result<Self, String> {
        let (mut segments, mut names) = (Vec::new(), Vec::new());
        if !path.is_empty() {
            for text in split_segments(path) {
                if matches!(segments.last(), Some(Segment::Wildcard)) {
                    return Err("a wildcard `*` is the last segment".into());
                }
                segments.push(Segment::parse(text, &mut names)?);
            }
        }
        Ok(Self { segments, names })
    }
}

impl Segment {
    fn parse(text: &str, names: &mut Vec<String>) -> Result<Self, String> {
        if text == "*" {
            names.push("*".into());
            return Ok(Self::Wildcard);
        }
        let parts = Parts::read(text)?;
        if parts.0.iter().all(|part| matches!(part, Part::Text(_))) {
            return Ok(Self::Static(parts.text()));
        }
        for part in &parts.0 {
            if let Part::Param { name, .. } = part {
                if names.iter().any(|known| known == name) {
                    return Err(format!("parameter `{name}` is named twice"));
                }
                names.push(name.clone());
            }
        }
        parts.matcher().map(Self::Param)
    }
}

/// Slashes within the parentheses of a regular expression separate nothing.
fn split_segments(path: &str) -> Vec<&str> {
    let (mut depth, mut start, mut segments) = (0_usize, 0, Vec::new());
    for (index, byte) in path.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'/' if depth == 0 => {
                segments.push(&path[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    segments.push(&path[start..]);
    segments
}

struct Parts(Vec<Part>);

enum Part {
    Text(String),
    Param { name: String, regex: Option<String> },
}

impl Parts {
    fn read(text: &str) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some(colon) = rest.find(':') {
            let (before, after) = (&rest[..colon], &rest[colon + 1..]);
            if let Some(literal) = after.strip_prefix(':') {
                parts.push(Part::Text(format!("{before}:")));
                rest = literal;
                continue;
            }
            parts.push(Part::Text(before.into()));
            let (param, remainder) = read_param(after)?;
            parts.push(param);
            rest = remainder;
        }
        parts.push(Part::Text(rest.into()));
        parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        let stray =
            |part: &Part| matches!(part, Part::Text(text) if text.contains(['*', '?', '(']));
        if parts.iter().any(stray) {
            return Err(format!("`{text}`: `*`, `?` and `(` have no meaning there"));
        }
        Ok(Self(parts))
    }

    fn text(&self) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Param { .. } => String::new(),
        };
        self.0.iter().map(text).collect()
    }

    fn matcher(&self) -> Result<Matcher, String> {
        if let [Part::Param { regex: None, .. }] = &*self.0 {
            return Ok(Matcher { regex: None, source: String::new(), params: 1 });
        }
        let (mut source, mut params) = ("^".to_owned(), 0);
        for part in &self.0 {
            match part {
                Part::Text(text) => source += &escape(text),
                Part::Param { regex, .. } => {
                    // Greedy, so that the first of several parameters takes the most.
                    source += &format!("(?P<p{params}>{})", regex.as_deref().unwrap_or(".+"));
                    params += 1;
                }
            }
        }
        source.push('$');
        let regex = Regex::new(&source).map_err(|error| error.to_string())?;
        Ok(Matcher { regex: Some(regex), source, params })
    }
}

fn read_param(text: &str) -> Result<(Part, &str), String> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = (text[..end].to_owned(), &text[end..]);
    if name.is_empty() {
        return Err("a parameter `:` has no name".into());
    }
    let Some(inner) = rest.strip_prefix('(') else {
        return Ok((Part::Param { name, regex: None }, rest));
    };
    let close = closing(inner).ok_or("a regular expression's `(` is not closed")?;
    let regex = inner[..close].trim_start_matches('^');
    let regex = regex.strip_suffix('$').unwrap_or(regex).to_owned();
    Ok((Part::Param { name, regex: Some(regex) }, &inner[close + 1..]))
}

/// The index of the parenthesis that closes the one before `text`.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut escaped) = (1, false);
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(index);
        }
    }
    None
}

fn escape(text: &str) -> String {
    let special = |c: char| c.is_ascii_punctuation();
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_meaning_is_an_error_that_names_it() {
        let error = |pattern| Pattern::parse(pattern).unwrap_err();
        assert_eq!(error("users"), "a url begins with `/`");
        assert_eq!(error("/a/*/b"), "a wildcard `*` is the last segment");
        assert_eq!(error("/:id/:id"), "parameter `id` is named twice");
        assert_eq!(error("/a*"), "`a*`: `*`, `?` and `(` have no meaning there");
        assert_eq!(error("/:(x)"), "a parameter `:` has no name");
        assert!(Pattern::parse("/:id(\\d+").is_err());
    }

    #[test]
    fn an_optional_parameter_makes_two_patterns() {
        let patterns = Pattern::parse("/opt/:x?").unwrap();
        let lengths = patterns.iter().map(|pattern| pattern.segments.len()).collect::<Vec<_>>();
        assert_eq!(lengths, [2, 1]);
    }
}
