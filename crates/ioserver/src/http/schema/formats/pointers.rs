//! JSON pointers (RFC 6901), UUIDs (RFC 4122) and base64.

use super::escaped_or;

pub(super) fn is_json_pointer(text: &str) -> bool {
    text.is_empty() || text.starts_with('/') && are_tildes_escaped(text)
}

fn are_tildes_escaped(text: &str) -> bool {
    text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']))
}

/// A pointer as the fragment of a URI.
pub(super) fn is_uri_fragment(text: &str) -> bool {
    let Some(pointer) = text.strip_prefix('#') else { return false };
    let mut rest = pointer.as_bytes();
    if !rest.is_empty() && rest[0] != b'/' {
        return false;
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"/_-.!$&'()*+,;:=@~".contains(&b);
    while !rest.is_empty() {
        match escaped_or(rest, allowed) {
            Some(length) => rest = &rest[length..],
            None => return false,
        }
    }
    are_tildes_escaped(pointer)
}

pub(super) fn is_relative(text: &str) -> bool {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (up, pointer) = text.split_at(end);
    !up.is_empty()
        && (up == "0" || !up.starts_with('0'))
        && (pointer == "#" || is_json_pointer(pointer))
}

pub(super) fn is_uuid(text: &str) -> bool {
    let prefixed = text.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("urn:uuid:"));
    let groups = if prefixed { &text[9..] } else { text }.split('-').collect::<Vec<_>>();
    let lengths = groups.iter().map(|group| group.len()).collect::<Vec<_>>();
    lengths == [8, 4, 4, 4, 12]
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Base64 with its padding. (ajv-formats looks for one such line in the text.)
pub(super) fn is_base64(text: &str) -> bool {
    let data = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - data.len() <= 2
        && data.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}
