//! Local accounts and sessions: what other managers provide.

use std::fmt;

use async_trait::async_trait;
use ioserver::{Result, Socket};

use crate::{OidcUserContext, user::UserRole};

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
    pub(crate) fn override_in(self, user: &mut OidcUserContext) {
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

    /// A client that was registered has gone from this namespace.
    ///
    /// Here a connection has one id in all its namespaces, where Socket.IO for Node makes one for each:
    /// who is connected is a matter of both. A client that comes back to a namespace is registered
    /// after this has returned.
    #[doc(alias = "unregisterSocket")]
    async fn unregister_socket(&self, _id: &str, _namespace: &str) {}
}
