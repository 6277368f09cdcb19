//! An auth-service for tests: it mints, rotates, fails, is slow, and counts.
//!
//! Behind the feature `testing`, for `[dev-dependencies]`:
//!
//! ```toml
//! ioserver-oidc = { version = "0.1", features = ["testing"] }
//! ```
//!
//! It serves keys as a BetterAuth provider does, at `/api/auth/jwks`, and its tokens have the shape
//! of BetterAuth's access tokens, so that they pass under both profiles. It listens on loopback and
//! nowhere else, and lives as long as the value.
//!
//! ```
//! use ioserver_oidc::{
//!     OidcError, TokenFault,
//!     testing::{AuthService, Outage, SigningKey},
//!     verify_oidc_token,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let auth = AuthService::start().await?;
//! let config = auth.config(); // for `OidcConfigManager::with`; for a program, `auth.environment()`
//!
//! let token = auth.mint("user-1").claim("roles", ["admin"]).token();
//! let user = verify_oidc_token(&token, &config).await?;
//! assert_eq!((user.sub.as_str(), user.roles.contains("admin")), ("user-1", true));
//!
//! let stranger = SigningKey::generate(auth.key().kid(), auth.key().algorithm());
//! for (token, why) in [
//!     (auth.mint("user-1").expired().token(), TokenFault::Expired),
//!     (auth.mint("user-1").audience("https://other.example").token(), TokenFault::Audience),
//!     (auth.mint("user-1").signed_by(&stranger).token(), TokenFault::Signature),
//! ] {
//!     let refused = verify_oidc_token(&token, &config).await;
//!     assert!(matches!(refused, Err(OidcError::InvalidToken(fault)) if fault == why), "{why}");
//! }
//!
//! auth.rotate(); // the old key stays published until `auth.retire_keys()`
//! let newer = auth.mint("user-1").token();
//! assert!(verify_oidc_token(&newer, &config).await.is_ok());
//! assert_eq!(auth.hits(), 2); // the first token brought the keys, and the new key the new ones
//!
//! auth.fail(Outage::Status(500));
//! assert!(verify_oidc_token(&newer, &config).await.is_ok()); // known keys serve on
//! # Ok(())
//! # }
//! ```

mod key;
mod mint;
mod serve;

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{Algorithm, OidcConfig};

pub use key::SigningKey;
pub use mint::Mint;
use serve::{Shared, State};

/// A running auth-service on loopback; dropping it ends it.
#[must_use = "an auth-service stops when it is dropped"]
pub struct AuthService {
    url: String,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

/// How the key endpoint fails.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Outage {
    /// It answers with this status and an empty body.
    Status(u16),
    /// It closes connections without an answer.
    Down,
}

impl AuthService {
    /// The `client_id` that its tokens are minted for, in [`config`](Self::config) the app's slug.
    pub const APP_SLUG: &str = "test-app";

    /// The audience that its tokens are minted for.
    pub const AUDIENCE: &str = "https://api.example.test";

    /// Starts one on a free port of `127.0.0.1`, with one Ed25519 key.
    ///
    /// # Errors
    ///
    /// If no port is free.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime whose I/O and time are enabled.
    pub async fn start() -> io::Result<Self> {
        Self::start_on(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
    }

    /// Starts one on this address.
    ///
    /// # Errors
    ///
    /// If the address is not loopback: whoever reaches it could be anyone. If it is in use.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub async fn start_on(address: SocketAddr) -> io::Result<Self> {
        if !address.ip().is_loopback() {
            let why = format!("{address} is not loopback: an auth-service for tests is not public");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let listener = TcpListener::bind(address).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let first = SigningKey::generate("key-1", Algorithm::EdDsa);
        let shared = Arc::new(Shared::new(State::with(first)));
        let serving = tokio::spawn(serve::serve(listener, Arc::clone(&shared)));
        Ok(Self { url, shared, serving })
    }

    /// Its base URL, which is also the `iss` of its tokens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A configuration that takes its tokens; everything else is at its default.
    #[must_use]
    pub fn config(&self) -> OidcConfig {
        let mut config = OidcConfig::new(&self.url, Self::APP_SLUG);
        config.audience = Some(Self::AUDIENCE.into());
        config
    }

    /// The same configuration as variables, for a program that is started by a test.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 3] {
        [
            ("AUTH_SERVICE_URL", self.url.clone()),
            ("AUTH_SERVICE_APP_SLUG", Self::APP_SLUG.into()),
            ("AUTH_SERVICE_AUDIENCE", Self::AUDIENCE.into()),
        ]
    }

    /// A token for the user with this `sub`: valid for an hour unless it is made otherwise.
    pub fn mint(&self, sub: impl Into<String>) -> Mint {
        Mint::new(&self.url, sub.into(), self.key())
    }

    /// The key that signs now.
    #[must_use]
    pub fn key(&self) -> SigningKey {
        self.state().current().clone()
    }

    /// Signs with a new key of the same algorithm from now on. The old one stays published, as a
    /// provider keeps it for a grace period.
    pub fn rotate(&self) {
        let mut state = self.state();
        let next = state.next_key();
        state.add(next);
    }

    /// Signs with this key from now on: another algorithm, or a key that two services share.
    pub fn rotate_to(&self, key: SigningKey) {
        self.state().add(key);
    }

    /// Takes all keys out but the one that signs.
    pub fn retire_keys(&self) {
        self.state().retire();
    }

    /// Publishes these keys instead of its own, until it rotates or retires some.
    pub fn publish(&self, keys: &[Value]) {
        self.publish_text(json!({ "keys": keys }).to_string());
    }

    /// Publishes this text, which may be no key set at all, until it rotates or retires keys.
    pub fn publish_text(&self, body: impl Into<Vec<u8>>) {
        self.state().published = body.into();
    }

    /// Fails from now on until [`recover`](Self::recover).
    pub fn fail(&self, outage: Outage) {
        self.state().outage = Some(outage);
    }

    /// Waits so long before each answer; [`Duration::MAX`] is one that accepts and never answers.
    pub fn be_slow(&self, delay: Duration) {
        self.state().delay = delay;
    }

    /// Neither fails nor waits any more.
    pub fn recover(&self) {
        let mut state = self.state();
        (state.outage, state.delay) = (None, Duration::ZERO);
    }

    /// How many connections have been made to it so far, whatever came of them.
    #[must_use]
    pub fn hits(&self) -> usize {
        self.shared.hits()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for AuthService {
    fn drop(&mut self) {
        self.serving.abort(); // and with it the connections, which it owns
    }
}

impl fmt::Debug for AuthService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthService").field("url", &self.url).finish_non_exhaustive()
    }
}
