use ioserver::{AppHandle, DisconnectReason, LogLevel, Result, Socket, service};
use ioserver_oidc::OidcUserContext;
use serde::Serialize;
use serde_json::{Value, json};

/// `/chat`: what one says, everyone hears.
pub(crate) struct ChatService(pub(crate) AppHandle);

#[derive(Serialize)]
struct Message {
    from: String,
    text: String,
}

#[service]
impl ChatService {
    /// `chat.emit("say", "hello", callback)`.
    pub async fn say(&self, socket: Socket, text: String) -> Result<Value> {
        let user = socket.get::<OidcUserContext>().unwrap_or_default();
        let from = user.name.unwrap_or(user.user_id);
        socket.namespace().emit("message", &Message { from, text });
        Ok(json!({ "delivered": socket.namespace().count() }))
    }

    /// `chat.emit("whoami", callback)`.
    pub async fn whoami(&self, socket: Socket) -> Result<Option<OidcUserContext>> {
        Ok(socket.get())
    }

    /// Runs when a client has gone.
    pub async fn disconnect(&self, _: Socket, reason: DisconnectReason) {
        self.0.log(LogLevel::Debug, format_args!("a chat client has gone: {reason}"));
    }
}
