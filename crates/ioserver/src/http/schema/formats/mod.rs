//! The formats that Fastify's validator knows (those of ajv-formats, in its full mode).

mod addresses;
mod pointers;
#[cfg(test)]
mod tests;
mod times;
mod uris;

use serde_json::Number;

use super::js;
use crate::http::ecma;

/// What a `format` checks. Values of the other kind pass, as JSON Schema has it.
#[derive(Clone, Copy)]
pub(in crate::http) enum Format {
    Text(fn(&str) -> bool),
    Number(fn(&Number) -> bool),
    /// A hint to people.
    Any,
}

impl Format {
    /// The names of those that check texts.
    pub(super) const TEXTS: [&str; 20] = [
        "date",
        "time",
        "date-time",
        "iso-time",
        "iso-date-time",
        "duration",
        "uri",
        "uri-reference",
        "uri-template",
        "url",
        "email",
        "hostname",
        "ipv4",
        "ipv6",
        "regex",
        "uuid",
        "json-pointer",
        "json-pointer-uri-fragment",
        "relative-json-pointer",
        "byte",
    ];

    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "date" => Self::Text(times::is_date),
            "time" => Self::Text(times::is_time),
            "date-time" => Self::Text(times::is_date_time),
            "iso-time" => Self::Text(times::is_iso_time),
            "iso-date-time" => Self::Text(times::is_iso_date_time),
            "duration" => Self::Text(times::is_duration),
            "uri" => Self::Text(uris::is_uri),
            "uri-reference" => Self::Text(uris::is_uri_reference),
            "uri-template" => Self::Text(uris::is_uri_template),
            "url" => Self::Text(addresses::is_url),
            "email" => Self::Text(addresses::is_email),
            "hostname" => Self::Text(addresses::is_hostname),
            "ipv4" => Self::Text(|text| text.parse::<std::net::Ipv4Addr>().is_ok()),
            "ipv6" => Self::Text(|text| text.parse::<std::net::Ipv6Addr>().is_ok()),
            "regex" => Self::Text(|text| ecma::compile(text).is_ok()),
            "uuid" => Self::Text(pointers::is_uuid),
            "json-pointer" => Self::Text(pointers::is_json_pointer),
            "json-pointer-uri-fragment" => Self::Text(pointers::is_uri_fragment),
            "relative-json-pointer" => Self::Text(pointers::is_relative),
            "byte" => Self::Text(pointers::is_base64),
            "int32" => Self::Number(is_int32),
            "int64" => Self::Number(js::is_integer),
            "float" | "double" | "password" | "binary" => Self::Any,
            _ => return None,
        })
    }
}

fn is_int32(number: &Number) -> bool {
    js::is_integer(number) && (-2_147_483_648.0..=2_147_483_647.0).contains(&js::float(number))
}

/// `%` and two digits at the start of `bytes`, or a byte that `allowed` takes: how many bytes that
/// is.
fn escaped_or(bytes: &[u8], allowed: fn(u8) -> bool) -> Option<usize> {
    match bytes {
        [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => Some(3),
        [byte, ..] if allowed(*byte) => Some(1),
        _ => None,
    }
}

/// Whether `text` is made of escapes and of bytes that `allowed` takes.
fn is_made_of(text: &str, allowed: fn(u8) -> bool) -> bool {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        match escaped_or(rest, allowed) {
            Some(length) => rest = &rest[length..],
            None => return false,
        }
    }
    true
}
