//! Shared state: who the users are, and who is connected.

mod session;
mod users;

pub(crate) use session::{SessionManager, Visitor};
pub(crate) use users::UsersManager;
