//! Socket.IO: the chat, and a namespace for admins.

mod admin;
mod chat;
mod wire;

pub(crate) use admin::AdminService;
pub(crate) use chat::ChatService;
