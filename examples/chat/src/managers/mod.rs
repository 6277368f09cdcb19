//! Shared state: the rooms and what is counted about them; accounts, and who is connected.

mod rooms;
mod session;
mod stats;
mod users;

pub(crate) use rooms::RoomsManager;
pub(crate) use session::{SessionManager, Visitor};
pub(crate) use stats::{Stats, StatsManager};
pub(crate) use users::UsersManager;
