//! The settings, and what they come down to.

mod check;

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use crate::{
    JwksOptions, OidcError, environment,
    jwks::JwksSource,
    verify::{Rules, Verifier},
};

/// How this app trusts its auth-service.
///
/// [`new`](Self::new) takes the two settings without a default, [`from_env`](Self::from_env) reads
/// all of them from `AUTH_SERVICE_*` variables; fields may be changed afterwards.
///
/// # Examples
///
/// ```
/// use ioserver_oidc::{OidcConfig, Profile};
///
/// let mut config = OidcConfig::new("https://auth.example.com", "my-app");
/// config.audience = Some("https://api.example.com".into());
/// config.profile = Profile::Strict;
/// assert_eq!(config.expected_issuer(), "https://auth.example.com");
/// assert_eq!(config.keys_uri(), "https://auth.example.com/api/auth/jwks");
/// assert!(config.validate().is_ok());
/// ```
#[non_exhaustive]
pub struct OidcConfig {
    /// The public base URL of the auth-service. Trailing slashes do not count.
    ///
    /// `AUTH_SERVICE_URL`, required.
    #[doc(alias = "authServiceUrl")]
    pub auth_service_url: String,
    /// This app's `client_id` at the auth-service.
    ///
    /// `AUTH_SERVICE_APP_SLUG`, required.
    #[doc(alias = "appSlug")]
    pub app_slug: String,
    /// Where the keys are, instead of `<auth_service_url>/api/auth/jwks`.
    ///
    /// `AUTH_SERVICE_JWKS_URI`.
    #[doc(alias = "jwksUri")]
    pub jwks_uri: Option<String>,
    /// The expected `iss`, character by character, instead of
    /// [`auth_service_url`](Self::auth_service_url).
    ///
    /// `AUTH_SERVICE_ISSUER`.
    pub issuer: Option<String>,
    /// The expected `aud`, instead of [`app_slug`](Self::app_slug).
    ///
    /// Set it: the slug is also the audience of every ID token, and of nothing that the provider
    /// calls an access token. `AUTH_SERVICE_AUDIENCE`.
    pub audience: Option<String>,
    /// Which tokens of the issuer are access tokens.
    ///
    /// `AUTH_SERVICE_PROFILE`: `compatible` (the default) or `strict`.
    pub profile: Profile,
    /// The clients (`azp`, `client_id`) whose tokens are taken. Empty means any under
    /// [`Profile::Compatible`], and [`app_slug`](Self::app_slug) alone under [`Profile::Strict`].
    ///
    /// `AUTH_SERVICE_CLIENTS`: names with commas between them.
    pub clients: Vec<String>,
    /// How far the clocks of issuer and server may differ. Nothing by default, as in the original.
    ///
    /// `AUTH_SERVICE_CLOCK_TOLERANCE`: such as `5s`; a bare number is seconds. At most five minutes.
    pub clock_tolerance: Duration,
    /// How many bytes a token may have; 16 KiB by default.
    ///
    /// `AUTH_SERVICE_MAX_TOKEN_BYTES`.
    pub max_token_bytes: usize,
    /// How many verified tokens of up to 2 KiB are remembered; 10,000 by default, and 0 turns it
    /// off. A longer token takes the room of several.
    ///
    /// A remembered token passes until it expires, as long as the key set is the one that verified
    /// it; the users manager is asked every time. `AUTH_SERVICE_TOKEN_CACHE`.
    pub token_cache: usize,
    /// What a manager `users` without a [`UserDirectory`](crate::UserDirectory) means.
    ///
    /// `AUTH_SERVICE_USERS_WITHOUT_DIRECTORY`: `refuse` (the default) or `ignore`.
    pub users_without_directory: UsersWithoutDirectory,
    /// What clients hear while there are no usable keys.
    ///
    /// `AUTH_SERVICE_OUTAGE_ANSWER`: `unavailable` (the default) or `as_bad_token`.
    pub outage_answer: OutageAnswer,
    /// When and how the keys are fetched.
    ///
    /// `AUTH_SERVICE_JWKS_*`; see the [crate's table](crate#environment).
    pub jwks: JwksOptions,
    /// What was odd about the variables it was read from.
    pub(crate) remarks: Vec<String>,
    resolved: OnceLock<Resolved>,
}

/// What the fields came down to when they were first used, and those of them that it is from.
struct Resolved {
    verifier: Arc<Verifier>,
    keys_uri: String,
    jwks: JwksOptions,
}

/// Which tokens of the issuer are access tokens for this app.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Profile {
    /// The original's: whatever is signed by the issuer for the audience. With
    /// [`audience`](OidcConfig::audience) unset that includes ID tokens.
    #[default]
    Compatible,
    /// RFC 9068, as far as the provider follows it: the audience must be set; `azp` and `client_id`
    /// must name an allowed client; `typ` must be `at+jwt`, or the claims those of the provider's
    /// access tokens (`azp` and `scope`); `iat` must be there and not to come.
    Strict,
}

/// What a manager `users` without a [`UserDirectory`](crate::UserDirectory) means.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum UsersWithoutDirectory {
    /// A forgotten `provide`: the server does not start, since no account would ever be disabled.
    #[default]
    Refuse,
    /// That there are no local accounts, as in the original.
    Ignore,
}

/// What clients hear while there are no usable keys.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum OutageAnswer {
    /// 503 with `Retry-After`, and `ERR_AUTH_UNAVAILABLE`: try again later with the same token.
    #[default]
    Unavailable,
    /// 401 and `ERR_AUTH_TOKEN_INVALID`, as in the original; clients then throw good tokens away.
    AsBadToken,
}

impl OidcConfig {
    /// Trusts the auth-service at this URL for the app of this name.
    #[must_use]
    pub fn new(auth_service_url: impl Into<String>, app_slug: impl Into<String>) -> Self {
        Self {
            auth_service_url: auth_service_url.into(),
            app_slug: app_slug.into(),
            jwks_uri: None,
            issuer: None,
            audience: None,
            profile: Profile::default(),
            clients: Vec::new(),
            clock_tolerance: Duration::ZERO,
            max_token_bytes: 16 * 1024,
            token_cache: 10_000,
            users_without_directory: UsersWithoutDirectory::default(),
            outage_answer: OutageAnswer::default(),
            jwks: JwksOptions::default(),
            remarks: Vec::new(),
            resolved: OnceLock::new(),
        }
    }

    /// Reads the `AUTH_SERVICE_*` variables; an empty one counts as missing.
    ///
    /// # Errors
    ///
    /// Names the variable that is missing or cannot be used, and says what it may be.
    pub fn from_env() -> Result<Self, OidcError> {
        Self::from_vars(environment::variables())
    }

    /// Like [`from_env`](Self::from_env), with variables from elsewhere.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    ///
    /// # Examples
    ///
    /// ```
    /// use ioserver_oidc::OidcConfig;
    ///
    /// let url = ("AUTH_SERVICE_URL".to_owned(), "https://auth.example.com".to_owned());
    /// let error = OidcConfig::from_vars([url]).unwrap_err();
    /// assert!(error.to_string().contains("AUTH_SERVICE_APP_SLUG is required"));
    /// ```
    pub fn from_vars(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, OidcError> {
        let config = environment::read(variables)?;
        config.validate()?;
        Ok(config)
    }

    /// The `iss` that tokens must have.
    #[must_use]
    pub fn expected_issuer(&self) -> &str {
        self.issuer.as_deref().unwrap_or_else(|| self.base_url())
    }

    /// The `aud` that tokens must name.
    #[must_use]
    pub fn expected_audience(&self) -> &str {
        self.audience.as_deref().unwrap_or(&self.app_slug)
    }

    /// Where the keys are.
    #[must_use]
    pub fn keys_uri(&self) -> String {
        let default = || format!("{}{DEFAULT_KEYS}", self.base_url());
        self.jwks_uri.clone().unwrap_or_else(default)
    }

    /// The issuer's keys, as everything in the process shares them: their
    /// [`state`](JwksSource::state) tells whether tokens can be verified.
    ///
    /// # Errors
    ///
    /// As [`validate`](Self::validate).
    pub fn keys(&self) -> Result<Arc<JwksSource>, OidcError> {
        JwksSource::shared(&self.keys_uri(), &self.jwks)
    }

    pub(crate) fn verifier(&self) -> Result<Arc<Verifier>, OidcError> {
        if let Some(resolved) = self.resolved.get().filter(|resolved| self.agrees_with(resolved)) {
            return Ok(Arc::clone(&resolved.verifier));
        }
        let verifier = Verifier::shared(self.rules(), self.keys()?, self.token_cache);
        let (keys_uri, jwks) = (self.keys_uri(), self.jwks.clone());
        let resolved = Resolved { verifier: Arc::clone(&verifier), keys_uri, jwks };
        let _ = self.resolved.set(resolved); // once a field was changed, nothing is kept
        Ok(verifier)
    }

    pub(crate) fn base_url(&self) -> &str {
        self.auth_service_url.trim_end_matches('/')
    }

    fn allowed_clients(&self) -> Option<&[String]> {
        match (self.clients.as_slice(), self.profile) {
            ([], Profile::Compatible) => None,
            ([], Profile::Strict) => Some(std::slice::from_ref(&self.app_slug)),
            (clients, _) => Some(clients),
        }
    }

    fn rules(&self) -> Rules {
        Rules {
            issuer: self.expected_issuer().into(),
            audience: self.expected_audience().into(),
            profile: self.profile,
            clients: self.allowed_clients().map(<[String]>::to_vec),
            clock_tolerance: self.clock_tolerance.as_secs_f64(),
            max_token_bytes: self.max_token_bytes,
        }
    }

    /// Whether nothing was changed since. Allocates nothing: it is asked for each token.
    fn agrees_with(&self, resolved: &Resolved) -> bool {
        let same_uri = match &self.jwks_uri {
            Some(uri) => *uri == resolved.keys_uri,
            None => resolved.keys_uri.strip_prefix(self.base_url()) == Some(DEFAULT_KEYS),
        };
        let rules = resolved.verifier.rules();
        same_uri
            && resolved.jwks == self.jwks
            && resolved.verifier.cache_size() == self.token_cache
            && rules.issuer == self.expected_issuer()
            && rules.audience == self.expected_audience()
            && rules.profile == self.profile
            && rules.clients.as_deref() == self.allowed_clients()
            && rules.clock_tolerance == self.clock_tolerance.as_secs_f64()
            && rules.max_token_bytes == self.max_token_bytes
    }
}

const DEFAULT_KEYS: &str = "/api/auth/jwks";

/// A copy may be changed before it is used.
impl Clone for OidcConfig {
    fn clone(&self) -> Self {
        Self {
            auth_service_url: self.auth_service_url.clone(),
            app_slug: self.app_slug.clone(),
            jwks_uri: self.jwks_uri.clone(),
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            profile: self.profile,
            clients: self.clients.clone(),
            clock_tolerance: self.clock_tolerance,
            max_token_bytes: self.max_token_bytes,
            token_cache: self.token_cache,
            users_without_directory: self.users_without_directory,
            outage_answer: self.outage_answer,
            jwks: self.jwks.clone(),
            remarks: self.remarks.clone(),
            resolved: OnceLock::new(),
        }
    }
}

impl fmt::Debug for OidcConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OidcConfig")
            .field("issuer", &self.expected_issuer())
            .field("audience", &self.expected_audience())
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}
