use std::sync::Arc;

use ioserver::{AppHandle, BaseManager, Capabilities, Result};
use ioserver_oidc::{LocalUser, OidcUserContext, UserDirectory, async_trait};

/// The local accounts: everyone has one, and that of the development auth-service's Mallory is
/// disabled. `examples/oidc` keeps accounts in a database.
pub(crate) struct UsersManager;

impl UsersManager {
    pub(crate) fn new(_: AppHandle) -> Self {
        Self
    }
}

impl BaseManager for UsersManager {
    fn provide(self: Arc<Self>, capabilities: &mut Capabilities) {
        capabilities.add::<dyn UserDirectory>(self);
    }
}

#[async_trait]
impl UserDirectory for UsersManager {
    async fn find_or_create(&self, user: &OidcUserContext) -> Result<Option<LocalUser>> {
        let is_disabled = user.sub == example_auth_service::DISABLED_SUB;
        Ok(Some(LocalUser::default().with_id(user.sub.as_str()).disabled(is_disabled)))
    }
}
