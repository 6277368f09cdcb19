//! URIs (RFC 3986 appendix A) and URI templates (RFC 6570).

use super::{escaped_or, is_made_of};

pub(super) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    // A reference may have a quotation mark, for ajv-formats; a URI may not.
    is_scheme(scheme) && is_relative(rest, true) && !rest.contains('"')
}

pub(super) fn is_uri_reference(text: &str) -> bool {
    let absolute = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme));
    absolute.is_some_and(|(_, rest)| is_relative(rest, false)) || is_relative(text, false)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// A path with or without an authority, then a query and a fragment.
fn is_relative(text: &str, needs_path: bool) -> bool {
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let is_tail = |text| is_made_of(text, |byte| is_path_byte(byte) || matches!(byte, b'/' | b'?'));
    is_tail(fragment) && is_tail(query) && is_hierarchy(path, needs_path)
}

fn is_hierarchy(path: &str, needs_path: bool) -> bool {
    let plain = is_made_of(path, |byte| is_path_byte(byte) || byte == b'/');
    match path.strip_prefix('/') {
        // ajv-formats takes one slash or two for the start of an authority, which may be empty.
        Some(rest) => plain || is_authority(rest.strip_prefix('/').unwrap_or(rest)),
        None => plain && !(needs_path && path.is_empty()),
    }
}

fn is_authority(text: &str) -> bool {
    let (authority, path) = text.split_at(text.find('/').unwrap_or(text.len()));
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    is_made_of(path, |byte| is_path_byte(byte) || byte == b'/')
        && is_made_of(user, |byte| is_name_byte(byte) && byte != b'"' || byte == b':')
        && is_host(host)
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(literal) => {
            let Some((literal, port)) = literal.split_once(']') else { return false };
            if !is_literal(literal) {
                return false;
            }
            ("", port)
        }
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let is_port = port.is_empty()
        || port.strip_prefix(':').is_some_and(|p| p.bytes().all(|b| b.is_ascii_digit()));
    is_port && is_made_of(host, is_name_byte)
}

fn is_literal(text: &str) -> bool {
    if let Some(future) = text.strip_prefix(['v', 'V']) {
        return future.split_once('.').is_some_and(|(version, rest)| {
            !version.is_empty()
                && version.bytes().all(|byte| byte.is_ascii_hexdigit())
                && !rest.is_empty()
                && rest.bytes().all(|byte| is_name_byte(byte) && byte != b'"' || byte == b':')
        });
    }
    text.parse::<std::net::Ipv6Addr>().is_ok()
}

/// RFC 3986's unreserved and sub-delims, and the quotation mark.
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || br#"-._~!$&'"()*+,;="#.contains(&byte)
}

fn is_path_byte(byte: u8) -> bool {
    is_name_byte(byte) || matches!(byte, b':' | b'@')
}

pub(super) fn is_uri_template(text: &str) -> bool {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(open) = rest.strip_prefix('{') {
            let Some((expression, after)) = open.split_once('}') else { return false };
            if !is_expression(expression) {
                return false;
            }
            rest = after;
            continue;
        }
        let length = match c {
            '%' => escaped_or(rest.as_bytes(), |_| false),
            '\0'..=' ' | '"' | '\'' | '<' | '>' | '\\' | '^' | '`' | '|' | '}' => None,
            other => Some(other.len_utf8()),
        };
        let Some(length) = length else { return false };
        rest = &rest[length..];
    }
    true
}

fn is_expression(text: &str) -> bool {
    let variables = text.strip_prefix(['+', '#', '.', '/', ';', '?', '&', '=', ',', '!', '@', '|']);
    variables.unwrap_or(text).split(',').all(|variable| {
        let name = variable.strip_suffix('*').unwrap_or(variable);
        let (name, length) = name.split_once(':').unwrap_or((name, "1"));
        let is_length = !length.starts_with('0')
            && (1..=4).contains(&length.len())
            && length.bytes().all(|byte| byte.is_ascii_digit())
            && !(variable.ends_with('*') && variable.contains(':'));
        is_length
            && !name.is_empty()
            && is_made_of(name, |byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}
