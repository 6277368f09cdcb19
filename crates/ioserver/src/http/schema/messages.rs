//! What a client reads about a request that its route's schema refuses.

use crate::IOServerError;

/// Something wrong with a value: where, as a JSON pointer, and what, in ajv's words.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) path: String,
    pub(super) message: String,
}

/// The error of a part of a request: `body/name must be string`.
pub(super) fn error(part: &str, failures: &[Failure]) -> IOServerError {
    let text = |failure: &Failure| format!("{part}{} {}", failure.path, failure.message);
    let text = failures.iter().map(text).collect::<Vec<_>>().join(", ");
    IOServerError::new(text, 400_u16).with_name("Bad Request").with_code("FST_ERR_VALIDATION")
}

/// A step of a JSON pointer (RFC 6901 section 3).
pub(super) fn step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}
