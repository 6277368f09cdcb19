//! The URL patterns of route files, as find-my-way reads them for Fastify.
//!
//! `/users/:id`, text around parameters (`/user-:id`, `/:from-:to`, `/:name.json`), a parameter with
//! a regular expression (`/:id(^\\d+$)`), an optional last parameter (`/:page?`), a wildcard at the
//! end (`/files/*`, `/img*`), and `::` for a colon. Anything else is an error that names it.

use regex::escape;

use super::ecma::{self, Regex};

/// A pattern, piece by piece.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) names: Vec<String>,
}

#[derive(Debug)]
pub(crate) enum Piece {
    /// Text that stands in the path, slashes among it.
    Text(String),
    /// The rest of a segment.
    Param(Matcher),
    /// The rest of the path.
    Wildcard,
}

/// What the rest of a segment must be.
#[derive(Clone, Debug)]
pub(crate) struct Matcher {
    /// `None`: a single parameter that takes any text.
    pub(crate) regex: Option<Regex>,
    pub(crate) source: String,
    /// The text after its last parameter.
    pub(crate) suffix: String,
    pub(crate) params: usize,
}

const STRAY: &str = "`?` stands only after the last segment's parameter";

impl Pattern {
    /// Reads a pattern; an optional last parameter makes two of it.
    pub(crate) fn parse(pattern: &str) -> Result<Vec<Self>, String> {
        if !pattern.starts_with('/') {
            return Err("a url begins with `/`".into());
        }
        let path = strip_last_slash(pattern); // ignoreTrailingSlash
        let Some(required) = path.strip_suffix('?') else { return Ok(vec![Self::of(path)?]) };
        let last = required.rfind('/').unwrap_or_default();
        if !required[last..].starts_with("/:") || required[last..].contains(['(', ')']) {
            return Err(STRAY.into());
        }
        let without = if last == 0 { "/" } else { &required[..last] };
        Ok(vec![Self::of(required)?, Self::of(without)?])
    }

    fn of(path: &str) -> Result<Self, String> {
        let (mut pieces, mut names) = (Vec::new(), Vec::new());
        let (mut text, mut rest) = (String::new(), path);
        while let Some(index) = rest.find([':', '*']) {
            text.push_str(&rest[..index]);
            rest = &rest[index..];
            if let Some(literal) = rest.strip_prefix("::") {
                text.push(':');
                rest = literal;
                continue;
            }
            push_text(&mut pieces, &std::mem::take(&mut text))?;
            if let Some(after) = rest.strip_prefix('*') {
                if !after.is_empty() {
                    return Err("a wildcard `*` is the last character".into());
                }
                pieces.push(Piece::Wildcard);
                names.push("*".into());
                rest = after;
                continue;
            }
            let (matcher, after) = Matcher::read(&rest[1..], &mut names)?;
            pieces.push(Piece::Param(matcher));
            rest = after;
        }
        text.push_str(rest);
        push_text(&mut pieces, &text)?;
        Ok(Self { pieces, names })
    }
}

/// `/a/` → `/a`; `/` stays.
pub(crate) fn strip_last_slash(path: &str) -> &str {
    path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path)
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) -> Result<(), String> {
    if text.contains('?') {
        return Err(STRAY.into());
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(as_in_paths(text)));
    }
    Ok(())
}

/// Paths are compared with their reserved escapes undecoded, and `%25` is one of them.
pub(super) fn as_in_paths(text: &str) -> String {
    text.replace('%', "%25")
}

/// A part of a segment, from its first parameter on.
enum Part {
    Text(String),
    Param { regex: Option<String> },
}

impl Matcher {
    /// Reads from behind a colon to the end of the segment.
    fn read<'p>(text: &'p str, names: &mut Vec<String>) -> Result<(Self, &'p str), String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        loop {
            let end = rest.find(['(', '-', '.', '/']).unwrap_or(rest.len());
            add_name(&rest[..end], names)?;
            rest = &rest[end..];
            let mut regex = None;
            if let Some(inner) = rest.strip_prefix('(') {
                let close = closing(inner).ok_or("a regular expression's `(` is not closed")?;
                let source = &inner[..close];
                let source = source.strip_prefix('^').unwrap_or(source);
                regex = Some(source.strip_suffix('$').unwrap_or(source).to_owned());
                rest = &inner[close + 1..];
            }
            parts.push(Part::Param { regex });
            let (text, after) = read_text(rest)?;
            if !text.is_empty() {
                parts.push(Part::Text(text));
            }
            rest = after;
            match rest.strip_prefix(':') {
                Some(next) => rest = next,
                None => return Ok((Self::of(&parts)?, rest)),
            }
        }
    }

    fn of(parts: &[Part]) -> Result<Self, String> {
        if let [Part::Param { regex: None }] = parts {
            let (source, suffix) = Default::default();
            return Ok(Self { regex: None, source, suffix, params: 1 });
        }
        let (mut source, mut params) = ("^".to_owned(), 0);
        for (index, part) in parts.iter().enumerate() {
            match part {
                Part::Text(text) => source += &escape(text),
                Part::Param { regex } => {
                    let any = || any_text(&parts[..index]);
                    let inner = regex.clone().unwrap_or_else(any);
                    source += &format!("(?P<p{params}>{inner})");
                    params += 1;
                }
            }
        }
        source.push('$');
        let regex = Some(ecma::compile(&source)?);
        let suffix = match parts.last() {
            Some(Part::Text(text)) => text.clone(),
            _ => String::new(),
        };
        Ok(Self { regex, source, suffix, params })
    }
}

/// What a parameter without an expression takes behind these parts, as find-my-way has it: as little
/// as can be where it is the first or follows an expression, else what does not hold the text before
/// it, or that text itself.
fn any_text(before: &[Part]) -> String {
    let is_param = |part: &&Part| matches!(part, Part::Param { .. });
    let last = before.iter().rev().find(is_param);
    let text = before.iter().rev().find_map(|part| match part {
        Part::Text(text) => Some(text),
        Part::Param { .. } => None,
    });
    let (Some(Part::Param { regex: None }), Some(text)) = (last, text) else {
        return ".*?".into();
    };
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        // The same without looking ahead: JavaScript's dot takes no end of a line.
        (Some(letter), None) => {
            let letter = letter.to_string();
            let letter = escape(&letter);
            format!("{letter}|[^{letter}\\n\\r\\u2028\\u2029]*")
        }
        _ => {
            let text = escape(text);
            format!("{text}|(?:(?!{text}).)*")
        }
    }
}

fn add_name(name: &str, names: &mut Vec<String>) -> Result<(), String> {
    if name.is_empty() {
        return Err("a parameter `:` has no name".into());
    }
    if name.contains('?') {
        return Err(STRAY.into());
    }
    if names.iter().any(|known| known == name) {
        return Err(format!("parameter `{name}` is named twice"));
    }
    names.push(name.into());
    Ok(())
}

/// The text before the next parameter or the segment's end, and what follows it.
fn read_text(text: &str) -> Result<(String, &str), String> {
    let (mut read, mut rest) = (String::new(), text);
    loop {
        let end = rest.find([':', '/']).unwrap_or(rest.len());
        read.push_str(&rest[..end]);
        rest = &rest[end..];
        match rest.strip_prefix("::") {
            Some(literal) => {
                read.push(':');
                rest = literal;
            }
            None if read.contains('?') => return Err(STRAY.into()),
            None => return Ok((read, rest)),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_meaning_is_an_error_that_names_it() {
        let error = |pattern| Pattern::parse(pattern).unwrap_err();
        assert_eq!(error("users"), "a url begins with `/`");
        assert_eq!(error("/a/*/b"), "a wildcard `*` is the last character");
        assert_eq!(error("/:id/:id"), "parameter `id` is named twice");
        for stray in ["/a?", "/:x?/y", "/:x(\\d+)?", "/a-:x?"] {
            assert_eq!(error(stray), STRAY, "{stray}");
        }
        assert_eq!(error("/:(x)"), "a parameter `:` has no name");
        assert!(Pattern::parse("/:id(\\d+").is_err());
    }

    #[test]
    fn an_optional_parameter_makes_two_patterns() {
        let patterns = Pattern::parse("/opt/:x?").unwrap();
        let lengths = patterns.iter().map(|pattern| pattern.pieces.len()).collect::<Vec<_>>();
        assert_eq!(lengths, [2, 1]);
        assert_eq!(Pattern::parse("/:x?").unwrap().len(), 2);
    }
}
