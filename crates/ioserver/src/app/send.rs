//! Messages from anywhere in the server to clients.

use serde::Serialize;
use socketioxide::{SocketIo, socket::Sid};

use super::Namespaces;
use crate::socket::{broadcast, is_reserved, rooms};

/// A message for clients: an event, and who gets it.
///
/// # Examples
///
/// ```
/// use ioserver::SendTo;
/// use serde_json::json;
///
/// let everyone = SendTo::new("news", json!({ "text": "hi" }));
/// let one_room = SendTo { namespace: Some("chat"), room: Some("general"), ..everyone };
/// assert_eq!(one_room.event, "news");
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "written as a literal, as in the original")]
pub struct SendTo<'a, T> {
    /// The namespace, with or without its slash; the root one by default.
    pub namespace: Option<&'a str>,
    /// The event's name.
    pub event: &'a str,
    /// The payload. A tuple is several arguments, `()` none, and anything else is one, arrays among
    /// them.
    pub data: T,
    /// Only to the sockets of this room.
    pub room: Option<&'a str>,
    /// Only to this socket; wins over the room.
    pub sid: Option<&'a str>,
}

impl<'a, T> SendTo<'a, T> {
    /// An event for every socket of the root namespace.
    #[must_use]
    pub fn new(event: &'a str, data: T) -> Self {
        Self { namespace: None, event, data, room: None, sid: None }
    }

    /// Sends to a namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: &'a str) -> Self {
        self.namespace = Some(namespace);
        self
    }

    /// Sends to the sockets of a room only.
    #[must_use]
    pub fn room(mut self, room: &'a str) -> Self {
        self.room = Some(room);
        self
    }

    /// Sends to one socket only.
    #[must_use]
    pub fn sid(mut self, sid: &'a str) -> Self {
        self.sid = Some(sid);
        self
    }
}

impl<T: Serialize> SendTo<'_, T> {
    /// Hands the message to the engine; `false` if nobody could ever get it.
    pub(crate) fn deliver(&self, io: &SocketIo, namespaces: &Namespaces) -> bool {
        // The original sends a packet without a name, and every client of the namespace drops its
        // connection.
        if self.event.is_empty() || is_reserved(self.event) {
            return false;
        }
        let path = namespace_path(self.namespace.unwrap_or_default());
        let Some(sockets) = io.of(&path) else {
            return false; // the original creates the namespace, and clients can connect to it
        };
        let sockets = match (self.sid, self.room) {
            (Some(sid), _) if !is_connected(io, sid) => return false,
            (Some(target), _) | (None, Some(target)) => {
                rooms::enter(&sockets, target);
                sockets.to(target.to_owned())
            }
            (None, None) => sockets,
        };
        // Sockets that are gone or full are no error of the sender's.
        let losses = namespaces.get(&path).map(|losses| &**losses);
        broadcast(sockets, losses, self.event, &self.data);
        true
    }
}

/// Whether a socket of this id is connected to any namespace.
fn is_connected(io: &SocketIo, sid: &str) -> bool {
    let Ok(sid) = sid.parse::<Sid>() else { return false };
    io.nsps().iter().any(|namespace| namespace.get_socket(sid).is_some())
}

/// `chat`, `/chat` → `/chat`; nothing → `/`.
pub(crate) fn namespace_path(name: &str) -> String {
    match name {
        "" | "/" => "/".into(),
        _ if name.starts_with('/') => name.into(),
        _ => format!("/{name}"),
    }
}
