//! Socket.IO: the chat.

mod chat;
mod wire;

pub(crate) use chat::ChatService;
