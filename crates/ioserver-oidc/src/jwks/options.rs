//! What can be set about fetching and keeping keys.

use std::{fmt, sync::Arc, time::Duration};

/// How the keys of the auth-service are fetched and kept.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use ioserver_oidc::{CooldownFrom, JwksOptions, RetryPause};
///
/// // What the original does, for an application that depends on it:
/// let original = JwksOptions {
///     max_stale: Duration::ZERO,
///     cooldown_from: CooldownFrom::AnyFetch,
///     retry_pause: RetryPause::None,
///     ..JwksOptions::default()
/// };
/// assert_eq!(original.max_age, Duration::from_secs(600));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "options are written as a literal")]
pub struct JwksOptions {
    /// How old keys may be before they must be fetched again (10 min, as in the original). Under
    /// load they are fetched in the background from four fifths of it on, so nobody waits.
    pub max_age: Duration,
    /// How long past `max_age` the old keys serve while the endpoint fails (1 h). The original
    /// refuses every token at `max_age`; `Duration::ZERO` gives that back.
    pub max_stale: Duration,
    /// The time for a whole fetch, from the connection to the last byte (5 s).
    pub timeout: Duration,
    /// The largest answer that is read, in bytes (1 MiB).
    pub max_bytes: usize,
    /// The most keys that a set may hold (100); a larger set is an unusable answer.
    pub max_keys: usize,
    /// The least time between two fetches that unknown key ids cause (30 s).
    pub unknown_kid_cooldown: Duration,
    /// How long after a fetch a bad signature under a known key id may cause the next (5 min): so
    /// that a key replaced under its old id is noticed. The original documents this and does not do it.
    pub bad_signature_cooldown: Duration,
    /// What `unknown_kid_cooldown` counts from.
    pub cooldown_from: CooldownFrom,
    /// How long the endpoint is left alone after it failed.
    pub retry_pause: RetryPause,
    /// Lets keys be fetched over plain http from another machine. Whoever is on the way can then
    /// make tokens; loopback is allowed without it.
    pub allow_http: bool,
    /// Fetches when the server starts, instead of at the first token. A failure is logged only.
    pub fetch_at_start: bool,
    /// The HTTP client, for a private CA, a proxy or a client certificate; none: one of our own.
    pub client: Option<JwksClient>,
}

impl Default for JwksOptions {
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(10 * 60),
            max_stale: Duration::from_secs(60 * 60),
            timeout: Duration::from_secs(5),
            max_bytes: 1024 * 1024,
            max_keys: 100,
            unknown_kid_cooldown: Duration::from_secs(30),
            bad_signature_cooldown: Duration::from_secs(5 * 60),
            cooldown_from: CooldownFrom::default(),
            retry_pause: RetryPause::default(),
            allow_http: false,
            fetch_at_start: false,
            client: None,
        }
    }
}

/// What the cooldown of unknown key ids counts from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum CooldownFrom {
    /// The last fetch that an unknown key id caused, whether it succeeded or not. The first token
    /// after a rotation passes at once, even right after a regular fetch.
    #[default]
    LastUnknownKid,
    /// The last successful fetch of any kind: the original's rule (that of `jose`). The first token
    /// after a rotation may have to wait, and an endpoint that fails is asked by every unknown id.
    AnyFetch,
}

/// How long the endpoint is left alone after it failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RetryPause {
    /// From `first`, doubling with each failure up to `max`, a quarter more or less by chance; and
    /// never a third attempt within 12 s.
    Doubling {
        /// The pause after the first failure (250 ms).
        first: Duration,
        /// The longest pause (30 s).
        max: Duration,
    },
    /// None: each request without usable keys tries again, as in the original.
    None,
}

impl Default for RetryPause {
    fn default() -> Self {
        Self::Doubling { first: Duration::from_millis(250), max: Duration::from_secs(30) }
    }
}

/// A caller's HTTP client. Clones are the same client, and share fetched keys.
///
/// It should follow no redirects: an answer that came by one is refused, but only after it was asked
/// for. The time and size limits of [`JwksOptions`] hold for it as well.
///
/// # Examples
///
/// ```
/// use ioserver_oidc::{JwksClient, JwksOptions};
///
/// let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
/// let options = JwksOptions { client: Some(JwksClient::from(client)), ..JwksOptions::default() };
/// # Ok::<(), reqwest::Error>(())
/// ```
#[derive(Clone)]
pub struct JwksClient(Arc<reqwest::Client>);

impl JwksClient {
    pub(crate) fn get(&self) -> &reqwest::Client {
        &self.0
    }
}

impl From<reqwest::Client> for JwksClient {
    fn from(client: reqwest::Client) -> Self {
        Self(Arc::new(client))
    }
}

impl PartialEq for JwksClient {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for JwksClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JwksClient").finish_non_exhaustive() // a client may hold credentials of a proxy
    }
}
