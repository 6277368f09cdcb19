//! HTTP: the page, and what monitoring asks for.

mod api;
mod chat;

pub(crate) use api::ApiController;
pub(crate) use chat::ChatController;
