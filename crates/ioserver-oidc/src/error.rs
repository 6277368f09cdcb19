//! What can go wrong, told apart by what to do next.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use ioserver::IOServerError;

use crate::{TokenFault, jwks::KeyError};

/// Why there is no configuration, or no user behind a token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum OidcError {
    /// An environment variable that must be set is not, or is empty.
    MissingVariable(&'static str),
    /// A setting cannot be used; the text names it and says what it may be.
    Config(String),
    /// The configuration was asked for before its manager had started, or after that had failed.
    NotStarted,
    /// There are no usable keys: the issuer cannot be reached. The token may be fine.
    KeysUnavailable(Arc<dyn Error + Send + Sync>),
    /// The token is malformed, expired, for someone else, or not signed by the issuer.
    InvalidToken(TokenFault),
}

impl OidcError {
    /// When to try again with the same token, where that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::KeysUnavailable(source) => {
                source.downcast_ref::<Outage>().map(|outage| outage.retry_after)
            }
            _ => None,
        }
    }
}

impl fmt::Display for OidcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingVariable(name) => {
                let what = match *name {
                    "AUTH_SERVICE_URL" => {
                        "the base URL of the auth-service, such as https://auth.example.com"
                    }
                    "AUTH_SERVICE_APP_SLUG" => "this app's client_id at the auth-service",
                    "AUTH_SERVICE_AUDIENCE" => {
                        "the audience of this app's access tokens, such as https://api.example.com"
                    }
                    _ => "its value",
                };
                write!(f, "environment variable {name} is required: set it to {what}")
            }
            Self::Config(what) => f.write_str(what),
            // The original's words, which its clients may have seen.
            Self::NotStarted => f.write_str("getConfig() called before start()"),
            Self::KeysUnavailable(_) => f.write_str("the key set of the issuer is not available"),
            Self::InvalidToken(fault) => write!(f, "invalid token: {fault}"),
        }
    }
}

impl Error for OidcError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::KeysUnavailable(source) => Some(&**source),
            _ => None,
        }
    }
}

/// Why there are no keys, and when there may be some.
#[derive(Debug)]
struct Outage {
    reason: Arc<str>,
    retry_after: Duration,
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Error for Outage {}

impl From<KeyError> for OidcError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Unavailable { reason, retry_after } => {
                Self::KeysUnavailable(Arc::new(Outage { reason, retry_after }))
            }
            KeyError::NoMatch => TokenFault::NoMatchingKey.into(),
            KeyError::Several => TokenFault::SeveralMatchingKeys.into(),
        }
    }
}

impl From<TokenFault> for OidcError {
    fn from(fault: TokenFault) -> Self {
        Self::InvalidToken(fault)
    }
}

impl From<OidcError> for IOServerError {
    fn from(error: OidcError) -> Self {
        Self::internal(error)
    }
}
