//! One service class a file.

mod baddisc;
mod chat;
mod guarded;
mod root;
mod ticks;
mod where_am_i;

pub(crate) use baddisc::BadDisconnectService;
pub(crate) use chat::ChatService;
pub(crate) use guarded::GuardedService;
pub(crate) use root::RootService;
pub(crate) use ticks::TicksService;
pub(crate) use where_am_i::WhereService;
