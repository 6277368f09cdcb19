use ioserver::IOServerError;
use serde::Deserialize;

/// What `failIO` is asked to fail with.
#[derive(Deserialize)]
pub(crate) struct Failure {
    message: Option<String>,
    code: Option<u16>,
}

impl From<Failure> for IOServerError {
    fn from(Failure { message, code }: Failure) -> Self {
        let message = message.unwrap_or_else(|| "service refused".into());
        Self::new(message, code.unwrap_or(403))
    }
}

/// The original wraps a thrown string.
pub(super) fn thrown_string(text: &'static str) -> IOServerError {
    IOServerError::new(text, 500_u16)
}
