//! What clients of the chat send and get: the original's names and shapes.

use serde::{Deserialize, Serialize};

use crate::lobby::{Message, Refused, RoomInfo};

#[derive(Deserialize)]
pub(super) struct Login {
    #[serde(default)]
    pub(super) username: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    pub(super) content: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Join {
    #[serde(default)]
    pub(super) room: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Typing {
    #[serde(default)]
    pub(super) is_typing: bool,
}

/// `{"status": "success", …}`, or `{"status": "error", "message": …}`.
#[derive(Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub(super) enum Answer<T> {
    Success(T),
    Error { message: &'static str },
}

/// Nothing to say but that it went well.
#[derive(Serialize)]
pub(super) struct Done {}

impl<T> From<Refused<T>> for Answer<T> {
    fn from(result: Refused<T>) -> Self {
        match result {
            Ok(value) => Self::Success(value),
            Err(message) => Self::Error { message },
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Welcome {
    pub(super) user: User,
    pub(super) room_users: Vec<String>,
    pub(super) recent_messages: Vec<Message>,
    pub(super) available_rooms: Vec<RoomInfo>,
}

#[derive(Serialize)]
pub(super) struct User {
    pub(super) username: String,
    pub(super) room: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Joined {
    pub(super) room: String,
    pub(super) room_users: Vec<String>,
    pub(super) recent_messages: Vec<Message>,
}

#[derive(Serialize)]
pub(super) struct Users {
    pub(super) users: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Rooms {
    pub(super) rooms: Vec<RoomInfo>,
}

/// Something was said in a room, for those who are in others.
#[derive(Serialize)]
pub(super) struct Activity<'a> {
    pub(super) room: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserTyping<'a> {
    pub(super) username: &'a str,
    pub(super) is_typing: bool,
}

/// Someone came into a room or went out of it, for the others in it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Change<'a> {
    pub(super) username: &'a str,
    pub(super) message: &'a Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) room_users: Option<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_have_the_originals_shape() {
        let json = |answer: Answer<Done>| serde_json::to_value(answer).unwrap();
        assert_eq!(json(Ok(Done {}).into()), json!({ "status": "success" }));
        assert_eq!(json(Err("no").into()), json!({ "status": "error", "message": "no" }));
    }
}
