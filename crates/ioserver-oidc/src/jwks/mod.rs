//! The keys of an auth-service: fetched, kept and looked up.

mod options;
mod state;

use std::{sync::Arc, time::Duration};

pub use self::{
    options::{CooldownFrom, JwksClient, JwksOptions, RetryPause},
    state::{JwksState, JwksStatus},
};
use crate::{Algorithm, OidcError};

/// Says what happened to the keys; never given a token or a claim.
pub(crate) type Reporter = Arc<dyn Fn(ioserver::LogLevel, &str) + Send + Sync>;

/// The keys at one URI: one per URI, options and process.
#[derive(Debug)]
pub struct JwksSource {}

impl JwksSource {
    /// The source for a URI and options: the same for everyone in the process.
    pub(crate) fn shared(_uri: &str, _options: &JwksOptions) -> Result<Arc<Self>, OidcError> {
        Ok(Arc::new(Self {}))
    }

    /// Sends what happens from now on to `reporter`, instead of the last one given.
    pub(crate) fn report_to(&self, _reporter: Reporter) {}

    /// The key for a token's header.
    pub(crate) async fn key(
        self: &Arc<Self>,
        _: Algorithm,
        _: Option<&str>,
    ) -> Result<FoundKey, KeyError> {
        Err(KeyError::NoMatch)
    }

    /// After a bad signature: the key that now stands there, if it is another one.
    pub(crate) async fn replacement(
        self: &Arc<Self>,
        _: Algorithm,
        _: Option<&str>,
        _: &FoundKey,
    ) -> Option<FoundKey> {
        None
    }

    /// Has keys fetched if there are none that may be used, and waits for it.
    pub(crate) async fn load(self: &Arc<Self>) {}

    /// The generation of the keys that may be used right now.
    pub(crate) fn generation(self: &Arc<Self>) -> Option<u64> {
        None
    }

    /// Fetches now.
    ///
    /// # Errors
    ///
    /// Why the keys could not be fetched.
    pub async fn refresh(self: &Arc<Self>) -> Result<(), OidcError> {
        Ok(())
    }

    /// What the source has.
    #[must_use]
    pub fn state(&self) -> JwksState {
        JwksState {
            status: JwksStatus::Missing,
            keys: 0,
            skipped: 0,
            age: None,
            consecutive_failures: 0,
            last_error: None,
        }
    }
}

/// A key that fits a token's header.
#[derive(Clone, Debug)]
pub(crate) struct FoundKey {}

impl FoundKey {
    /// Whether the signature is the key's, over the message and under the algorithm.
    pub(crate) fn verify(&self, _: Algorithm, _message: &[u8], _signature: &[u8]) -> bool {
        false
    }

    /// The generation of the set that the key is from.
    pub(crate) fn generation(&self) -> u64 {
        0
    }
}

/// Why there is no key for a token.
#[derive(Clone, Debug)]
pub(crate) enum KeyError {
    /// No usable keys, and none could be fetched: the token may be fine.
    Unavailable { reason: Arc<str>, retry_after: Duration },
    /// No key of the set fits.
    NoMatch,
    /// More than one key fits, so that none was meant.
    Several,
}
