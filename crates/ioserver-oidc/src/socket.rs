//! Bearer tokens on connecting sockets, and the sessions of those that got in.

use std::sync::{Arc, OnceLock};

use ioserver::{
    AppHandle, BaseMiddleware, ConnectError, Handshake, LogLevel, Middleware, Result, Socket,
};
use serde_json::Value;

use crate::{OidcUserContext, SessionRegistry, authenticate::Door, http::bearer, refusal::Refusal};

/// Lets in sockets with a valid token, and leaves an [`OidcUserContext`] on them.
///
/// A method finds it with `socket.get::<OidcUserContext>()`. The token is that of
/// `io(url, { auth: { token } })`, else that of the handshake's `Authorization: Bearer …`. Clients
/// that are refused hear a `connect_error` whose message is one of
/// [`OidcHttpMiddleware`](struct@crate::OidcHttpMiddleware)'s codes.
///
/// With a manager `session` that provides a [`SessionRegistry`], a socket is registered there once
/// every middleware of the namespace let it in, and unregistered when it has gone. The original
/// registers it at once, and keeps those for ever that a later middleware refuses.
#[derive(Debug, Default, Middleware)]
#[middleware(Handshake)]
pub struct OidcSocketMiddleware {
    door: Door,
    sessions: Sessions,
}

impl BaseMiddleware<Handshake> for OidcSocketMiddleware {
    fn start(&self, app: &AppHandle) -> Result<()> {
        self.door.open(app)?;
        self.sessions.resolve(app);
        Ok(())
    }

    async fn handle(&self, handshake: &mut Handshake, app: &AppHandle) -> Result<(), ConnectError> {
        let authenticator = self.door.authenticator()?;
        let token = match sent_token(handshake.auth()) {
            Some(Value::String(token)) => token,
            Some(_) => return Err(Refusal::TokenInvalid.into()),
            None => bearer(handshake.headers())?,
        };
        let user = authenticator.authenticate(token, app).await?;
        handshake.socket().insert(user.clone());
        if let Some(sessions) = self.sessions.registry() {
            let app = app.clone();
            handshake.on_accept(|socket| register(sessions, socket, user, app));
        }
        Ok(())
    }
}

/// What the client sent as `auth.token`, unless JavaScript takes it for nothing.
fn sent_token(auth: &Value) -> Option<&Value> {
    let token = auth.get("token")?;
    let is_falsy = match token {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(_) | Value::Object(_) => false,
    };
    (!is_falsy).then_some(token)
}

async fn register(
    sessions: Arc<dyn SessionRegistry>,
    socket: Socket,
    user: OidcUserContext,
    app: AppHandle,
) -> Result<(), ConnectError> {
    if let Err(error) = sessions.register_socket(&socket, name(&socket), &user).await {
        app.log(LogLevel::Error, format_args!("[ioserver-oidc] manager `session` failed: {error}"));
        return Err(Refusal::SessionFailed.into());
    }
    let (id, namespace) = (socket.id().to_owned(), name(&socket).to_owned());
    socket.on_disconnect(move |_| async move {
        sessions.unregister_socket(&id, &namespace).await;
    });
    Ok(())
}

/// The namespace's name: that of the root is empty.
fn name(socket: &Socket) -> &str {
    socket.ns().strip_prefix('/').unwrap_or(socket.ns())
}

/// The registry of the manager `session`, resolved at the start.
#[derive(Default)]
struct Sessions(OnceLock<Option<Arc<dyn SessionRegistry>>>);

impl Sessions {
    fn resolve(&self, app: &AppHandle) {
        let registry = app.capability::<dyn SessionRegistry>("session");
        if registry.is_none() && app.has_manager("session") {
            let text = "[ioserver-oidc] manager `session` provides no SessionRegistry, so that no \
                        socket is registered: implement its `provide` with \
                        `capabilities.add::<dyn SessionRegistry>(self)`";
            app.log(LogLevel::Warning, text);
        }
        let _ = self.0.set(registry); // a middleware shared by components starts once for each
    }

    fn registry(&self) -> Option<Arc<dyn SessionRegistry>> {
        self.0.get()?.clone()
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_that_is_falsy_in_javascript_was_not_sent() {
        for nothing in [json!(""), json!(null), json!(0), json!(-0.0), json!(false)] {
            assert_eq!(sent_token(&json!({ "token": nothing })), None, "{nothing}");
        }
        for auth in [json!({}), json!(null), json!("token"), json!(["token"])] {
            assert_eq!(sent_token(&auth), None, "{auth}");
        }
    }

    #[test]
    fn whatever_else_was_sent_counts_even_if_it_is_no_text() {
        for sent in [json!("x"), json!(" "), json!(5), json!(true), json!([]), json!({})] {
            assert_eq!(sent_token(&json!({ "token": sent })), Some(&sent));
        }
    }
}
