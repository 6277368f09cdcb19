//! Local accounts and sessions: what other managers provide, and how it is asked.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use async_trait::async_trait;
use ioserver::{AppHandle, LogLevel, Result, Socket};

use crate::{
    ConfigSource, OidcConfig, OidcError, OidcUserContext, OutageAnswer, UsersWithoutDirectory,
    refusal::Refusal, user::UserRole, verify::Verifier,
};

/// What a manager named `users` provides: the local account behind a token.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use ioserver::{BaseManager, Capabilities, Result};
/// use ioserver_oidc::{LocalUser, OidcUserContext, UserDirectory, async_trait};
///
/// struct UsersManager;
///
/// impl BaseManager for UsersManager {
///     fn provide(self: Arc<Self>, capabilities: &mut Capabilities) {
///         capabilities.add::<dyn UserDirectory>(self);
///     }
/// }
///
/// #[async_trait]
/// impl UserDirectory for UsersManager {
///     async fn find_or_create(&self, user: &OidcUserContext) -> Result<Option<LocalUser>> {
///         let id = format!("local-{}", user.sub); // look it up, or make it
///         Ok(Some(LocalUser::new(id, "user").disabled(user.sub == "mallory")))
///     }
/// }
/// ```
#[async_trait]
pub trait UserDirectory: Send + Sync {
    /// Finds the account, or makes it on the first visit. Called for every request and every
    /// connecting socket with a good token; nothing is remembered, so that disabling an account
    /// takes effect at once.
    ///
    /// # Errors
    ///
    /// An error, and `None`, are answered with `ERR_USER_PROVISION_FAILED`. The original lets a
    /// client in whose account it did not get.
    #[doc(alias = "findOrCreate")]
    async fn find_or_create(&self, user: &OidcUserContext) -> Result<Option<LocalUser>>;
}

/// A local account. What is `None` is taken from the token.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct LocalUser {
    /// Its id; else the `sub`.
    pub id: Option<String>,
    /// Its role; else the token's first, else `user`.
    pub role: Option<String>,
    /// Its address; else the token's.
    pub email: Option<String>,
    /// Its name; else the token's.
    pub name: Option<String>,
    /// Whether it is kept out.
    #[doc(alias = "isDisabled")]
    pub is_disabled: bool,
}

impl LocalUser {
    /// An account with this id and role. `LocalUser::default()` has neither.
    #[must_use]
    pub fn new(id: impl Into<String>, role: impl Into<String>) -> Self {
        Self::default().with_id(id).with_role(role)
    }

    /// Sets the id.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets the role.
    #[must_use]
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }

    /// Sets the address.
    #[must_use]
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets the name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Keeps the account out, or lets it in.
    #[must_use]
    pub fn disabled(mut self, is_disabled: bool) -> Self {
        self.is_disabled = is_disabled;
        self
    }

    /// What the account says wins over what the token says. The `roles` stay the token's.
    fn override_in(self, user: &mut OidcUserContext) {
        if let Some(id) = self.id {
            user.user_id = id;
        }
        if let Some(role) = self.role {
            user.user_role = UserRole::from(role);
        }
        user.email = self.email.or(user.email.take());
        user.name = self.name.or(user.name.take());
    }
}

impl fmt::Debug for LocalUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalUser").field("is_disabled", &self.is_disabled).finish_non_exhaustive()
    }
}

/// What a manager named `session` provides: a list of who is connected.
#[async_trait]
pub trait SessionRegistry: Send + Sync {
    /// A client was let in by every middleware, and does not know it yet. `namespace` has no slash
    /// in front; that of the root is empty.
    ///
    /// # Errors
    ///
    /// The client is refused after all, with `ERR_SESSION_FAILED`.
    #[doc(alias = "registerSocket")]
    async fn register_socket(
        &self,
        socket: &Socket,
        namespace: &str,
        user: &OidcUserContext,
    ) -> Result<()>;

    /// A client that was registered has gone.
    #[doc(alias = "unregisterSocket")]
    async fn unregister_socket(&self, _id: &str) {}
}

/// What a middleware resolved at its start, so that nothing is looked up by name while serving.
#[derive(Default)]
pub(crate) struct Door(OnceLock<Result<Authenticator, String>>);

impl Door {
    /// Resolves the configuration and the users manager, once.
    pub(crate) fn open(&self, app: &AppHandle) -> Result<()> {
        let state = match configured(app)? {
            Ok(config) => Ok(Authenticator::new(&config, app)?),
            Err(why) => Err(why.to_string()),
        };
        let _ = self.0.set(state); // a middleware shared by components starts once for each
        Ok(())
    }

    pub(crate) fn authenticator(&self) -> Result<&Authenticator, Refusal> {
        match self.0.get() {
            Some(Ok(authenticator)) => Ok(authenticator),
            Some(Err(why)) => Err(Refusal::NotConfigured(why.clone())),
            None => Err(Refusal::NotConfigured(OidcError::NotStarted.to_string())),
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
fn configured(app: &AppHandle) -> Result<Result<Arc<OidcConfig>, ioserver::IOServerError>> {
    const MANAGER: &str = "oidcConfig";
    if !app.has_manager(MANAGER) {
        return Ok(Ok(Arc::new(OidcConfig::from_env()?)));
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
pub(crate) struct Authenticator {
    verifier: Arc<Verifier>,
    users: Option<Arc<dyn UserDirectory>>,
    outage_answer: OutageAnswer,
    outage_log: OncePerSecond,
}

impl Authenticator {
    fn new(config: &OidcConfig, app: &AppHandle) -> Result<Self> {
        let verifier = config.verifier()?;
        verifier.announce(config, app);
        Ok(Self {
            verifier,
            users: directory(config, app)?,
            outage_answer: config.outage_answer,
            outage_log: OncePerSecond::default(),
        })
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
