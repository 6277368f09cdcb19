//! Conditional requests, as @fastify/send reads them.

use std::time::{SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use httpdate::HttpDate;

/// What caches compare.
pub(super) struct Validators {
    etag: String,
    modified: HttpDate,
}

/// What a request's conditions come to.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    Send,
    NotModified,
    Failed,
}

impl Validators {
    /// A weak tag of size and milliseconds.
    pub(super) fn new(length: u64, modified: SystemTime) -> Self {
        let millis = modified.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        Self { etag: format!("W/\"{length:x}-{millis:x}\""), modified: modified.into() }
    }

    pub(super) fn headers(&self) -> [(HeaderName, HeaderValue); 2] {
        let value = |text: &str| HeaderValue::from_str(text).expect("tags and dates are ASCII");
        [
            (header::LAST_MODIFIED, value(&self.modified.to_string())),
            (header::ETAG, value(&self.etag)),
        ]
    }

    pub(super) fn judge(&self, request: &HeaderMap) -> Verdict {
        if self.fails(request) {
            Verdict::Failed
        } else if self.is_known(request) {
            Verdict::NotModified
        } else {
            Verdict::Send
        }
    }

    fn fails(&self, request: &HeaderMap) -> bool {
        let matches = |tags: &str| tags == "*" || self.is_among(tags);
        if text(request, header::IF_MATCH).is_some_and(|tags| !tags.is_empty() && !matches(tags)) {
            return true;
        }
        date(request, header::IF_UNMODIFIED_SINCE).is_some_and(|since| self.modified > since)
    }

    /// `If-None-Match` decides where it is sent, and a reload is never answered from a cache.
    fn is_known(&self, request: &HeaderMap) -> bool {
        if text(request, header::CACHE_CONTROL).is_some_and(|cache| cache.contains("no-cache")) {
            return false;
        }
        if let Some(tags) = text(request, header::IF_NONE_MATCH) {
            return tags == "*" || self.is_among(tags);
        }
        date(request, header::IF_MODIFIED_SINCE).is_some_and(|since| self.modified <= since)
    }

    /// Whether a range is of the file that the client knows. Other than RFC 9110 section 13.1.5
    /// says, a weak tag will do: these change with every millisecond.
    pub(super) fn allow_range(&self, request: &HeaderMap) -> bool {
        let Some(condition) = request.get(header::IF_RANGE) else { return true };
        let Ok(condition) = condition.to_str() else { return false };
        if condition.contains('"') {
            return condition.contains(&self.etag);
        }
        date(request, header::IF_RANGE).is_some_and(|date| self.modified <= date)
    }

    fn is_among(&self, tags: &str) -> bool {
        let strong = self.etag.trim_start_matches("W/");
        tags.split(',')
            .map(|tag| tag.trim_matches(' '))
            .any(|tag| tag == self.etag || tag == strong)
    }
}

fn text(request: &HeaderMap, name: HeaderName) -> Option<&str> {
    request.get(name)?.to_str().ok()
}

fn date(request: &HeaderMap, name: HeaderName) -> Option<HttpDate> {
    text(request, name)?.parse().ok()
}
