//! The namespace `/chat`: an event for each thing that a service can do.

mod arguments;
mod failures;

use std::time::Duration;

use ioserver::{
    Ack, AppHandle, Arguments, DisconnectReason, IOServerError, Payload, Result, SendTo, Socket,
    service,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::managers::TraceManager;
use arguments::AsInJavaScript;
use failures::Failure;

pub(crate) struct ChatService {
    pub(crate) app: AppHandle,
}

#[derive(Deserialize)]
pub(crate) struct Room {
    room: String,
}

#[derive(Deserialize)]
pub(crate) struct RoomMessage {
    room: String,
    #[serde(default)]
    text: Value,
}

/// `socket.data.value`.
#[derive(Clone)]
struct Remembered(Payload);

#[service(rename_all = "camelCase")]
impl ChatService {
    pub async fn echo(&self, data: Payload) -> Result<Payload> {
        Ok(data)
    }

    pub async fn echo_event(&self, socket: Socket, data: Payload) {
        socket.emit("echoed", data);
    }

    pub async fn typed(&self, socket: Socket, arguments: Arguments, ack: Ack) -> Result<()> {
        let arguments = AsInJavaScript::new(&arguments, &ack);
        let result = json!({ "data": arguments.kind(0), "cb": arguments.kind(1) });
        if arguments.kind(0) == "function" || arguments.kind(1) == "function" {
            ack.send(&(result,));
            return Ok(());
        }
        socket.emit("typed-result", result);
        Ok(())
    }

    pub async fn multi(&self, socket: Socket, arguments: Arguments, ack: Ack) {
        let kind = AsInJavaScript::new(&arguments, &ack).kind(1);
        let data = arguments.0.into_iter().next().unwrap_or_default();
        let result = object([("data", data), ("cb", Payload::String(kind.into()))]);
        socket.emit("multi-result", result);
    }

    pub async fn nothing(&self) {}

    pub async fn join(&self, socket: Socket, Room { room }: Room) -> Result<Value> {
        socket.join(&room);
        Ok(json!({ "joined": room }))
    }

    pub async fn leave(&self, socket: Socket, Room { room }: Room) -> Result<Value> {
        socket.leave(&room);
        Ok(json!({ "left": room }))
    }

    pub async fn rooms(&self, socket: Socket) -> Result<Vec<String>> {
        Ok(other_rooms(&socket))
    }

    pub async fn own_room(&self, socket: Socket) -> Result<Value> {
        let in_own_room = socket.rooms().iter().any(|room| room == socket.id());
        Ok(json!({ "inOwnRoom": in_own_room }))
    }

    pub async fn to_room(&self, socket: Socket, message: RoomMessage) {
        socket.to(&message.room).emit("room-msg", message.from(&socket));
    }

    pub async fn all_in_room(&self, socket: Socket, message: RoomMessage) {
        socket.namespace().to(&message.room).emit("room-msg", message.from(&socket));
    }

    pub async fn except_room(&self, socket: Socket, message: RoomMessage) {
        socket.namespace().except(&message.room).emit("room-msg", message.from(&socket));
    }

    pub async fn broadcast(&self, socket: Socket, data: Payload) {
        socket.broadcast().emit("bcast", &data);
    }

    #[event("failIO")]
    pub async fn fail_io(&self, failure: Failure) -> Result<()> {
        Err(failure.into())
    }

    pub async fn fail_default(&self) -> Result<()> {
        Err(IOServerError::new("default code", 500_u16))
    }

    pub async fn fail_error(&self) -> Result<()> {
        Err(IOServerError::internal("service boom"))
    }

    pub async fn fail_type(&self) -> Result<()> {
        Err(IOServerError::internal("service type").with_name("TypeError"))
    }

    pub async fn fail_string(&self) -> Result<()> {
        Err(failures::thrown_string("service string"))
    }

    pub async fn fail_null(&self) -> Result<()> {
        Err(IOServerError::internal("null").without_message())
    }

    pub async fn fail_number(&self) -> Result<()> {
        Err(IOServerError::internal("42").without_message().with_name("Number"))
    }

    pub async fn fail_object(&self) -> Result<()> {
        Err(IOServerError::new("object thrown", 418_u16).with_name("Object"))
    }

    pub async fn fail_status(&self) -> Result<()> {
        Err(IOServerError::new("status only", 404_u16).with_name("Error"))
    }

    pub async fn fail_status_code(&self) -> Result<()> {
        Err(IOServerError::new("with statusCode", 404_u16).with_name("Error"))
    }

    pub async fn fail_empty(&self) -> Result<()> {
        Err(IOServerError::internal(""))
    }

    pub async fn sync_fail(&self) -> Result<()> {
        Err(IOServerError::new("sync failure", 400_u16))
    }

    pub async fn fail_after_ack(&self, ack: Ack) -> Result<()> {
        ack.send(json!({ "first": true }));
        Err(IOServerError::new("too late", 500_u16))
    }

    /// Never reachable: its name begins with `_`.
    pub async fn _hidden(&self) -> Result<&'static str> {
        Ok("leak")
    }

    pub async fn helper(&self, socket: Socket) {
        socket.emit("helper-called", json!({ "exposed": true }));
    }

    pub async fn bin(&self, data: Payload) -> Result<Payload> {
        let reversed = arguments::bytes(&data)?.iter().rev().copied().collect::<Vec<_>>();
        Ok(Payload::Binary(reversed.into()))
    }

    pub async fn bin_nested(&self, data: Payload) -> Result<Payload> {
        let copy = arguments::bytes(data.get("buf").unwrap_or(&data))?.clone();
        let list = vec![Payload::Binary(vec![1].into()), Payload::String("x".into())];
        Ok(object([
            ("size", Payload::Number(copy.len().into())),
            ("copy", Payload::Binary(copy)),
            ("list", Payload::Array(list)),
        ]))
    }

    pub async fn bin_event(&self, socket: Socket) {
        let buffer = Payload::Binary(vec![9, 8, 7].into());
        let out = object([("buf", buffer), ("n", Payload::Number(1.into()))]);
        socket.emit("bin-out", out);
    }

    pub async fn delayed_ack(&self) -> Result<Value> {
        sleep(Duration::from_millis(50)).await;
        Ok(json!({ "delayed": true }))
    }

    pub async fn ack_multi(&self, ack: Ack) {
        ack.send(&("a", 2, json!({ "c": 3 })));
    }

    pub async fn ack_none(&self, ack: Ack) {
        ack.send(());
    }

    pub async fn ack_twice(&self, ack: Ack) {
        ack.send(1);
        ack.send(2);
    }

    pub async fn question(&self, socket: Socket) -> Result<()> {
        let answer: Payload = socket.emit_with_ack("question", "what?").await?;
        socket.emit("answered", object([("answer", answer)]));
        Ok(())
    }

    pub async fn send_self(&self, socket: Socket, data: Payload) -> Result<Value> {
        let message = SendTo::new("direct", &data).namespace("chat").sid(socket.id());
        Ok(json!({ "sent": self.app.send(message) }))
    }

    pub async fn kick(&self, socket: Socket) {
        socket.disconnect(false);
    }

    pub async fn kick_all(&self, socket: Socket) {
        socket.disconnect(true);
    }

    pub async fn handshake(&self, socket: Socket) -> Result<Value> {
        let handshake = socket.handshake();
        let header = handshake.headers().get("x-sock").and_then(|value| value.to_str().ok());
        Ok(json!({
            "auth": handshake.auth(),
            "q": handshake.query("q"),
            "eio": handshake.query("EIO"),
            "transport": handshake.query("transport"),
            "x": header,
            "secure": false,
            "xdomain": handshake.xdomain(),
            "url": handshake.path(),
        }))
    }

    pub async fn remember(&self, socket: Socket, data: Payload) -> Result<bool> {
        socket.insert(Remembered(data));
        Ok(true)
    }

    pub async fn recall(&self, socket: Socket) -> Result<Payload> {
        Ok(socket.get().map(|Remembered(data)| data).unwrap_or_default())
    }

    pub async fn count(&self, socket: Socket) -> Result<Value> {
        Ok(json!({ "n": socket.namespace().count() }))
    }

    #[event("with-dash")]
    pub async fn with_dash(&self) -> Result<&'static str> {
        Ok("dash")
    }

    #[event("ns:colon")]
    pub async fn ns_colon(&self) -> Result<&'static str> {
        Ok("colon")
    }

    #[event("é")]
    pub async fn accent(&self) -> Result<&'static str> {
        Ok("accent")
    }

    /// `same` is what the type system guarantees: a method runs on its instance.
    pub async fn state(&self) -> Result<Value> {
        let app_has_send = self.app.has_manager("trace");
        Ok(json!({ "same": true, "hasHandle": app_has_send }))
    }

    pub async fn inherited(&self) -> Result<Value> {
        Ok(json!({ "inherited": true }))
    }

    pub async fn disconnecting(&self, socket: Socket, reason: DisconnectReason) -> Result<()> {
        let rooms = other_rooms(&socket).join(",");
        self.record(&socket, format!("disconnecting:{reason}:{rooms}"))
    }

    pub async fn disconnect(&self, socket: Socket, reason: DisconnectReason) -> Result<()> {
        self.record(&socket, format!("disconnect:{reason}:{}", socket.rooms().len()))
    }
}

impl ChatService {
    fn record(&self, socket: &Socket, text: String) -> Result<()> {
        let value = match socket.get() {
            Some(Remembered(Payload::String(text))) => text,
            Some(Remembered(other)) => json!(other).to_string(),
            None => "undefined".into(),
        };
        self.app.manager::<TraceManager>("trace")?.push(&format!("disc-{value}"), text);
        Ok(())
    }
}

impl RoomMessage {
    fn from(&self, socket: &Socket) -> Value {
        json!({ "text": self.text, "from": socket.id() })
    }
}

/// An object that may hold binary data, which `json!` would write as numbers.
fn object<const N: usize>(members: [(&str, Payload); N]) -> Payload {
    Payload::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
}

/// The rooms of a socket, sorted, without the one of its id.
fn other_rooms(socket: &Socket) -> Vec<String> {
    let mut rooms = socket.rooms();
    rooms.retain(|room| room != socket.id());
    rooms.sort();
    rooms
}
