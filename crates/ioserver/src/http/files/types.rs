//! The media type of a file, by its name's extension.

use std::{collections::HashMap, path::Path, sync::LazyLock};

use http::HeaderValue;

/// The table of the npm package mime 3, which the original answers by: a type and its extensions on
/// each line.
static TYPES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let lines = include_str!("types.txt").lines().filter_map(|line| line.split_once(' '));
    lines.flat_map(|(kind, names)| names.split(' ').map(move |name| (name, kind))).collect()
});

/// Text gets its charset, as @fastify/send adds it.
pub(super) fn content_type(path: &Path) -> HeaderValue {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let extension = extension.unwrap_or_default().to_ascii_lowercase();
    let kind = TYPES.get(extension.as_str()).copied().unwrap_or("application/octet-stream");
    let is_text = ["text/", "application/json", "application/javascript"];
    if is_text.iter().any(|prefix| kind.starts_with(prefix)) {
        let kind = format!("{kind}; charset=utf-8");
        return HeaderValue::from_str(&kind).unwrap_or(HeaderValue::from_static("text/plain"));
    }
    HeaderValue::from_static(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_a_charset_and_what_is_unknown_is_octets() {
        let kind = |name: &str| content_type(Path::new(name)).to_str().unwrap().to_owned();
        assert_eq!(kind("a.HTML"), "text/html; charset=utf-8");
        assert_eq!(kind("a.min.js"), "application/javascript; charset=utf-8");
        assert_eq!(kind("a.svg"), "image/svg+xml");
        assert_eq!(kind("a.unknown"), "application/octet-stream");
        assert_eq!(kind("html"), "application/octet-stream");
    }
}
