//! What can be asked about a key source, for readiness and for people.

use std::time::Duration;

/// A snapshot of a key source.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct JwksState {
    /// What the keys are good for.
    pub status: JwksStatus,
    /// How many usable keys there are.
    pub keys: usize,
    /// How many entries of the set were skipped.
    pub skipped: usize,
    /// The time since the set was fetched.
    pub age: Option<Duration>,
    /// Attempts that failed since the last success.
    pub consecutive_failures: u32,
    /// Why the last attempt failed; none after a success.
    pub last_error: Option<String>,
}

impl JwksState {
    /// Whether a token could be verified now.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self.status, JwksStatus::Fresh | JwksStatus::Stale)
    }
}

/// What the keys of a source are good for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JwksStatus {
    /// Nothing was fetched yet.
    Missing,
    /// Younger than the age limit.
    Fresh,
    /// Past the age limit: serving while the endpoint fails, or until the next token has them fetched.
    Stale,
    /// Past the bound of stale use as well: no token is accepted before a fetch succeeds.
    Expired,
    /// The auth-service publishes no usable key.
    Empty,
}
