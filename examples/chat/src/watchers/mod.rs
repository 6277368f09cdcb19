//! What happens without anyone asking.

mod chat;
mod memory;

pub(crate) use chat::ChatWatcher;
