//! Socket.IO: a chat for everyone with a token, and a namespace for admins.

mod admin;
mod chat;

pub(crate) use admin::AdminService;
pub(crate) use chat::ChatService;
