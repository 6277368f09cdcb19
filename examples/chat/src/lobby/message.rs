use serde::Serialize;

use crate::clock;

/// A line of a room's history, as clients get it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Message {
    id: String,
    pub(crate) username: String,
    pub(crate) room: String,
    pub(crate) content: String,
    timestamp: String,
    #[serde(rename = "type")]
    kind: Kind,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Message,
    System,
}

/// Who system messages come from; nobody else may have the name.
pub(super) const SYSTEM: &str = "System";

impl Message {
    pub(super) fn said(id: u64, username: &str, room: &str, content: &str) -> Self {
        Self::new(id, username, room, content.to_owned(), Kind::Message)
    }

    pub(super) fn system(id: u64, room: &str, content: String) -> Self {
        Self::new(id, SYSTEM, room, content, Kind::System)
    }

    fn new(id: u64, username: &str, room: &str, content: String, kind: Kind) -> Self {
        let (username, room) = (username.to_owned(), room.to_owned());
        Self { id: id.to_string(), username, room, content, timestamp: clock::now(), kind }
    }
}
