use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ioserver::{AppHandle, BaseManager, Capabilities, Result};
use ioserver_oidc::{LocalUser, OidcUserContext, UserDirectory, async_trait};

/// The local accounts behind tokens.
///
/// A stub: everyone with a valid token has an account, under the token's `sub`, until it is
/// disabled. Put a database in its place: open it in `new` or `start`, ask it in `find_or_create`.
pub struct UsersManager {
    disabled: Mutex<HashSet<String>>,
}

impl UsersManager {
    pub(crate) fn new(_: AppHandle) -> Self {
        let disabled = Mutex::default();
        Self { disabled }
    }

    /// Keeps an account out, from its next request on.
    pub fn disable(&self, sub: &str) {
        self.disabled().insert(sub.into());
    }

    fn disabled(&self) -> MutexGuard<'_, HashSet<String>> {
        self.disabled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BaseManager for UsersManager {
    /// Without this the middlewares could not ask who is disabled, and the server would not start.
    fn provide(self: Arc<Self>, capabilities: &mut Capabilities) {
        capabilities.add::<dyn UserDirectory>(self);
    }
}

#[async_trait]
impl UserDirectory for UsersManager {
    /// Runs for every request and every connecting socket, after the token was found good. `None`
    /// and errors keep the client out.
    async fn find_or_create(&self, user: &OidcUserContext) -> Result<Option<LocalUser>> {
        let is_disabled = self.disabled().contains(&user.sub);
        // What it does not say, its id and its role among it, is the token's.
        Ok(Some(LocalUser::default().disabled(is_disabled)))
    }
}
