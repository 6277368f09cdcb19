//! From a token to the user behind it: header, key, signature, claims, in this order.

mod cache;
mod claims;
mod fault;
mod header;
mod profile;

use std::{
    fmt,
    sync::{Arc, Mutex, Once, PoisonError, Weak},
    time::{SystemTime, UNIX_EPOCH},
};

use cache::TokenCache;
use header::{Header, Parts};
use ioserver::{AppHandle, LogLevel};

use crate::{
    Algorithm, OidcConfig, OidcError, OidcUserContext, Profile,
    jwks::{FoundKey, JwksSource, Reporter},
};

pub use fault::TokenFault;

/// Verifies an access token and tells who is behind it.
///
/// The checks run in the order size, header, key, signature, claims; the published key decides the
/// algorithm, never the token (RFC 8725 section 3.1), and nothing that the token names is fetched.
/// Keys come from the [`JwksSource`] that everything in the process shares for the same URI.
/// Compared with the original, a token is refused without `exp`, without a non-empty text as `sub`,
/// with `cnf`, and with the explicit `typ` of another kind of token.
///
/// # Errors
///
/// [`OidcError::InvalidToken`] says precisely why, for a log; [`OidcError::KeysUnavailable`] says
/// that nobody can tell now; [`OidcError::Config`] that `config` cannot be used.
///
/// # Examples
///
/// ```
/// use ioserver_oidc::{OidcConfig, OidcError, TokenFault, verify_oidc_token};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let config = OidcConfig::new("https://auth.example.com", "my-app");
/// let refused = verify_oidc_token("an opaque token", &config).await;
/// assert!(matches!(refused, Err(OidcError::InvalidToken(TokenFault::NotThreeParts))));
/// # }
/// ```
#[doc(alias = "verifyOidcToken")]
pub async fn verify_oidc_token(
    token: &str,
    config: &OidcConfig,
) -> Result<OidcUserContext, OidcError> {
    config.verifier()?.verify(token).await
}

/// What a configuration comes down to while tokens arrive.
pub(crate) struct Verifier {
    rules: Rules,
    keys: Arc<JwksSource>,
    cache: Option<TokenCache>,
    cache_size: usize,
    announced: Once,
    fetched: Once,
}

/// What a token must be.
#[derive(Clone, PartialEq)]
pub(crate) struct Rules {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) profile: Profile,
    /// The clients whose tokens are taken; `None` is any.
    pub(crate) clients: Option<Vec<String>>,
    /// In seconds.
    pub(crate) clock_tolerance: f64,
    pub(crate) max_token_bytes: usize,
}

impl Verifier {
    /// One for each set of rules and keys, as long as somebody holds it: controllers and services
    /// share what was verified.
    pub(crate) fn shared(rules: Rules, keys: Arc<JwksSource>, cache_size: usize) -> Arc<Self> {
        static KNOWN: Mutex<Vec<Weak<Verifier>>> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|verifier| verifier.strong_count() > 0);
        let same = |verifier: &Arc<Self>| {
            Arc::ptr_eq(&verifier.keys, &keys)
                && verifier.rules == rules
                && verifier.cache_size == cache_size
        };
        if let Some(verifier) = known.iter().filter_map(Weak::upgrade).find(same) {
            return verifier;
        }
        let cache = TokenCache::new(cache_size);
        let verifier = Arc::new(Self {
            rules,
            keys,
            cache,
            cache_size,
            announced: Once::new(),
            fetched: Once::new(),
        });
        known.push(Arc::downgrade(&verifier));
        verifier
    }

    /// Says once what whoever runs the server should know about the configuration, and what happens
    /// to the keys for as long as what is given back is held.
    #[must_use]
    pub(crate) fn announce(&self, config: &OidcConfig, app: &AppHandle) -> Arc<Reporter> {
        let log = app.clone();
        let reporter: Arc<Reporter> = Arc::new(move |level, text| log.log(level, text));
        self.keys.report_to(&reporter);
        self.announced.call_once(|| {
            for warning in config.warnings() {
                app.log(LogLevel::Warning, format_args!("[ioserver-oidc] {warning}"));
            }
        });
        reporter
    }

    /// Has the keys fetched in the background, for a server that no manager does it for.
    pub(crate) fn fetch_once(&self) {
        self.fetched.call_once(|| {
            let keys = Arc::clone(&self.keys);
            // It ends with the fetch, which has a timeout, and says itself what went wrong.
            tokio::spawn(async move { keys.refresh().await });
        });
    }

    pub(crate) fn keys(&self) -> &Arc<JwksSource> {
        &self.keys
    }

    pub(crate) fn cache_size(&self) -> usize {
        self.cache_size
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(crate) async fn verify(&self, token: &str) -> Result<OidcUserContext, OidcError> {
        if token.len() > self.rules.max_token_bytes {
            return Err(TokenFault::TooLong.into());
        }
        let Some(cache) = &self.cache else {
            return self.verify_anew(token).await.map(|verified| verified.user);
        };
        let digest = cache.digest(token);
        if let Some(generation) = self.keys.generation() {
            let earliest = now() - self.rules.clock_tolerance;
            if let Some(user) = cache.get(&digest, generation, earliest) {
                return Ok(user);
            }
        }
        let Verified { user, expires, generation } = self.verify_anew(token).await?;
        cache.insert(digest, user.clone(), expires, generation);
        Ok(user)
    }

    async fn verify_anew(&self, token: &str) -> Result<Verified, OidcError> {
        let parts = Parts::split(token)?;
        let header = Header::parse(parts.header, self.rules.profile)?;
        let Some(algorithm) = Algorithm::from_name(&header.alg) else {
            // As in the original, the first well-formed token brings the keys, even one that no
            // key can have signed.
            self.keys.load().await;
            return Err(TokenFault::Algorithm.into());
        };
        let key = self.signing_key(algorithm, header.kid.as_deref(), &parts).await?;
        let checked = claims::check(parts.payload, header.typ.as_deref(), &self.rules, now())?;
        Ok(Verified { user: checked.user, expires: checked.expires, generation: key.generation() })
    }

    /// The key that made the signature.
    async fn signing_key(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
        parts: &Parts<'_>,
    ) -> Result<FoundKey, OidcError> {
        let is_by = |key: &FoundKey| key.verify(algorithm, parts.signed, &parts.signature);
        let key = self.keys.key(algorithm, kid).await?;
        if is_by(&key) {
            return Ok(key);
        }
        match self.keys.replacement(algorithm, kid, &key).await {
            Some(newer) if is_by(&newer) => Ok(newer),
            _ => Err(TokenFault::Signature.into()),
        }
    }
}

struct Verified {
    user: OidcUserContext,
    expires: f64,
    generation: u64,
}

/// Whole seconds, as the original counts them.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as f64
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("issuer", &self.rules.issuer).finish_non_exhaustive()
    }
}
