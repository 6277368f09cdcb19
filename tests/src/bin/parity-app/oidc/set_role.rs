use ioserver::{AppHandle, BaseMiddleware, ConnectError, Handshake, Middleware};
use ioserver_oidc::OidcUserContext;
use serde_json::Value;

/// Lets clients choose their role, for cases that look at the guard behind it.
#[derive(Default, Middleware)]
#[middleware(Handshake)]
pub(crate) struct SetRole {}

impl BaseMiddleware<Handshake> for SetRole {
    async fn handle(&self, handshake: &mut Handshake, _: &AppHandle) -> Result<(), ConnectError> {
        let auth = handshake.auth();
        let mut user = OidcUserContext::default();
        user.user_role = auth["role"].clone().into();
        if let Some(Value::Array(roles)) = auth.get("roles") {
            user.roles = roles.iter().cloned().collect();
        }
        handshake.socket().insert(user);
        Ok(())
    }
}
