//! Why a fetch brought no keys.

use std::{error::Error as StdError, fmt, time::Duration};

/// Why a fetch brought no keys. Never holds the URI, which may bear a secret.
#[derive(Debug)]
pub(crate) enum Failure {
    Request(reqwest::Error),
    TimedOut(Duration),
    Redirected,
    Status(u16),
    TooLarge {
        most: usize,
    },
    NotASet,
    TooManyKeys {
        keys: usize,
        most: usize,
    },
    /// The first answer without a usable key, while there are keys that it would do away with.
    Emptied,
    CutOff,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(_) => f.write_str("the key endpoint could not be asked"),
            Self::TimedOut(limit) => write!(f, "the key endpoint did not answer within {limit:?}"),
            Self::Redirected => f.write_str("the key endpoint redirects: set the final URI"),
            Self::Status(status) => write!(f, "the key endpoint answered {status} instead of 200"),
            Self::TooLarge { most } => write!(f, "the key set is larger than {most} bytes"),
            Self::NotASet => {
                f.write_str("the key endpoint answered with something that is no key set")
            }
            Self::TooManyKeys { keys, most } => {
                write!(f, "the key set holds {keys} keys, more than {most}")
            }
            Self::Emptied => f.write_str(
                "the key set holds no usable key, which is believed if the next answer says so too",
            ),
            Self::CutOff => f.write_str("the fetch was cut off"),
        }
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Request(error) => Some(error),
            _ => None,
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Request(error.without_url())
    }
}

impl Failure {
    /// The whole chain in one line, for the log and for people.
    pub(crate) fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut next = self.source();
        while let Some(cause) = next {
            text = format!("{text}: {cause}");
            next = cause.source();
        }
        text
    }
}
