//! Why a token could not be accepted, or the settings could not.

use std::{error::Error as StdError, fmt, sync::Arc};

/// What can go wrong between a token and the user behind it.
///
/// Each variant says whose move it is: the operator's (`Config`), the auth-service's
/// (`KeysUnavailable`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum OidcError {
    /// A setting is missing or unusable. The text names it and says what to do.
    Config(String),
    /// No usable keys could be had. The token may be fine, and the next attempt may succeed.
    KeysUnavailable(Arc<dyn StdError + Send + Sync>),
}

impl fmt::Display for OidcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(text) => f.write_str(text),
            Self::KeysUnavailable(_) => f.write_str("the auth-service's keys could not be fetched"),
        }
    }
}

impl StdError for OidcError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Config(_) => None,
            Self::KeysUnavailable(source) => Some(&**source),
        }
    }
}
