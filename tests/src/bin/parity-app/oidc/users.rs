use std::sync::{Arc, Mutex, PoisonError};

use ioserver::{BaseManager, Capabilities, IOServerError, Result};
use ioserver_oidc::{LocalUser, OidcUserContext, UserDirectory, async_trait};
use serde_json::{Value, json};

/// Finds an account of the kind that the beginning of the `sub` names.
#[derive(Default)]
pub(crate) struct UsersManager {
    calls: Mutex<Vec<Value>>,
}

impl UsersManager {
    pub(super) fn calls(&self) -> Vec<Value> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
        // As the token has them: the original hands them on whatever they are.
        let (email, name) = (user.claim("email"), user.claim("name"));
        let call = json!({ "sub": user.sub, "email": email, "name": name });
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        let id = format!("id-{}", user.sub);
        let account = match user.sub.split_once('-').map_or("", |(kind, _)| kind) {
            "throw" => return Err(IOServerError::internal("database down")),
            "null" => return Ok(None),
            "disabled" => LocalUser::new(id, "user").disabled(true),
            "norole" => LocalUser::default().with_id(id),
            "noid" => LocalUser::default().with_role("user"),
            "dbadmin" => LocalUser::new(id, "admin"),
            "named" => LocalUser::new(id, "user").with_email("db@example.com").with_name("From DB"),
            _ => LocalUser::new(id, "user"),
        };
        Ok(Some(account))
    }
}

/// A users manager that cannot look accounts up.
pub(crate) struct UsersWithoutLookUp;

impl BaseManager for UsersWithoutLookUp {}
