//! From a token to a user with an account: what both middlewares share.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use ioserver::{AppHandle, IOServerError, LogLevel, Result};

use crate::{
    ConfigSource, OidcConfig, OidcConfigManager, OidcError, OidcUserContext, OutageAnswer,
    UserDirectory, UsersWithoutDirectory, jwks::Reporter, refusal::Refusal, verify::Verifier,
};

/// What a middleware resolved at its start, so that nothing is looked up by name while serving.
#[derive(Default)]
pub(crate) struct Door(OnceLock<Result<Authenticator, NotConfigured>>);

/// There is no configuration; the log has said why.
#[derive(Clone)]
struct NotConfigured;

impl Door {
    /// Resolves the configuration and the users manager. A middleware that components share starts
    /// once for each of them, and must find the same each time.
    pub(crate) fn open(&self, app: &AppHandle) -> Result<()> {
        let state = match configured(app)? {
            Ok(config) => Ok(Authenticator::new(&config, app)?),
            Err(why) => {
                app.log(LogLevel::Error, format_args!("nobody is let in: {why}"));
                Err(NotConfigured)
            }
        };
        match (self.0.get_or_init(|| state.clone()), &state) {
            (Ok(first), Ok(second)) if first.is_same(second) => Ok(()),
            (Err(NotConfigured), Err(NotConfigured)) => Ok(()),
            _ => Err(OidcError::Config(
                "one middleware of ioserver-oidc is shared by servers with different \
                 configurations, and can follow one only: name its type in `middlewares` instead"
                    .into(),
            )
            .into()),
        }
    }

    pub(crate) fn authenticator(&self) -> Result<&Authenticator, Refusal> {
        match self.0.get() {
            Some(Ok(authenticator)) => Ok(authenticator),
            Some(Err(NotConfigured)) | None => Err(Refusal::NotConfigured),
        }
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").finish_non_exhaustive()
    }
}

/// The configuration of the manager `oidcConfig`, else that of the environment. The inner error is
/// that of a manager which may fail and did: the server starts, and lets nobody in.
fn configured(app: &AppHandle) -> Result<Result<Arc<OidcConfig>, IOServerError>> {
    const MANAGER: &str = "oidcConfig";
    if !app.has_manager(MANAGER) {
        if app.manager_of::<OidcConfigManager>().is_some() {
            let message =
                format!("add OidcConfigManager as `{MANAGER}`: under another name it is not found");
            return Err(OidcError::Config(message).into());
        }
        let config = OidcConfig::from_env()?;
        if config.jwks.fetch_at_start {
            config.verifier()?.fetch_once();
        }
        return Ok(Ok(Arc::new(config)));
    }
    match app.capability::<dyn ConfigSource>(MANAGER) {
        Some(source) => Ok(source.oidc_config()),
        None => Err(OidcError::Config(format!(
            "manager `{MANAGER}` provides no configuration: implement its `provide` with \
             `capabilities.add::<dyn ConfigSource>(self)`, or use OidcConfigManager"
        ))
        .into()),
    }
}

/// Finds out who is behind a token.
#[derive(Clone)]
pub(crate) struct Authenticator {
    verifier: Arc<Verifier>,
    users: Option<Arc<dyn UserDirectory>>,
    outage_answer: OutageAnswer,
    outage_log: Arc<OncePerSecond>,
    _reporter: Arc<Reporter>,
}

impl Authenticator {
    fn new(config: &OidcConfig, app: &AppHandle) -> Result<Self> {
        let verifier = config.verifier()?;
        Ok(Self {
            _reporter: verifier.announce(config, app),
            verifier,
            users: directory(config, app)?,
            outage_answer: config.outage_answer,
            outage_log: Arc::default(),
        })
    }

    fn is_same(&self, other: &Self) -> bool {
        let same_users = match (&self.users, &other.users) {
            (Some(users), Some(others)) => Arc::ptr_eq(users, others),
            (None, None) => true,
            _ => false,
        };
        Arc::ptr_eq(&self.verifier, &other.verifier)
            && same_users
            && self.outage_answer == other.outage_answer
    }

    /// The user behind a bearer token, with its account where there is a directory. Both
    /// middlewares go through here, so that they cannot drift apart.
    pub(crate) async fn authenticate(
        &self,
        token: &str,
        app: &AppHandle,
    ) -> Result<OidcUserContext, Refusal> {
        let verified = self.verifier.verify(token).await;
        let mut user = verified.map_err(|error| self.refuse(&error, app))?;
        let Some(users) = &self.users else {
            return Ok(user);
        };
        match users.find_or_create(&user).await {
            Ok(Some(account)) if account.is_disabled => Err(Refusal::AccountDisabled),
            Ok(Some(account)) => {
                account.override_in(&mut user);
                Ok(user)
            }
            Ok(None) => {
                app.log(
                    LogLevel::Error,
                    "[ioserver-oidc] manager `users` has no account for a user",
                );
                Err(Refusal::ProvisionFailed)
            }
            Err(error) => {
                let text = format_args!("[ioserver-oidc] manager `users` failed: {error}");
                app.log(LogLevel::Error, text);
                Err(Refusal::ProvisionFailed)
            }
        }
    }

    /// Clients hear constant texts; the reason is for the log, and holds nothing of the token.
    fn refuse(&self, error: &OidcError, app: &AppHandle) -> Refusal {
        if matches!(error, OidcError::InvalidToken(_)) {
            app.log(LogLevel::Information, format_args!("[ioserver-oidc] refused: {error}"));
            return Refusal::TokenInvalid;
        }
        if self.outage_log.is_due() {
            let why = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            let text = format_args!("[ioserver-oidc] nobody can be let in: {error}: {why}");
            app.log(LogLevel::Error, text);
        }
        match self.outage_answer {
            OutageAnswer::Unavailable => {
                // RFC 9110 section 10.2.3: whole seconds; at least one, and never for long.
                let pause = error.retry_after().unwrap_or_default().as_millis().div_ceil(1000);
                Refusal::Unavailable { retry_after: pause.clamp(1, 60) as u64 }
            }
            OutageAnswer::AsBadToken => Refusal::TokenInvalid,
        }
    }
}

/// The directory of the manager `users`, if there is such a manager. One without a directory would
/// let disabled accounts in because of a forgotten line.
fn directory(config: &OidcConfig, app: &AppHandle) -> Result<Option<Arc<dyn UserDirectory>>> {
    let directory = app.capability::<dyn UserDirectory>("users");
    let is_lacking = directory.is_none() && app.has_manager("users");
    if is_lacking && config.users_without_directory == UsersWithoutDirectory::Refuse {
        return Err(OidcError::Config(
            "manager `users` provides no UserDirectory, so that no account would ever be disabled: \
             implement its `provide` with `capabilities.add::<dyn UserDirectory>(self)`, or set \
             `users_without_directory` (AUTH_SERVICE_USERS_WITHOUT_DIRECTORY) to `ignore`"
                .into(),
        )
        .into());
    }
    Ok(directory)
}

/// Says a thing once a second, however often it happens.
struct OncePerSecond {
    born: Instant,
    last: AtomicU64, // 0 is never, else a second since `born`, counted from 1
}

impl OncePerSecond {
    fn is_due(&self) -> bool {
        let second = self.born.elapsed().as_secs() + 1;
        self.last.swap(second, Ordering::Relaxed) != second
    }
}

impl Default for OncePerSecond {
    fn default() -> Self {
        Self { born: Instant::now(), last: AtomicU64::new(0) }
    }
}
