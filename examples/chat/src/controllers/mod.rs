//! HTTP: the page, and what monitoring asks for.

mod api;
mod chat;
mod me;

pub(crate) use api::ApiController;
pub(crate) use chat::ChatController;
pub(crate) use me::MeController;
