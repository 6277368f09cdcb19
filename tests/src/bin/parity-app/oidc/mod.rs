//! What only set O has: accounts, sessions, and what is behind tokens.

mod open;
mod secure;
mod session;
mod set_role;
mod user;
mod users;
mod whoami;

pub(crate) use open::OpenController;
pub(crate) use secure::SecureController;
pub(crate) use session::SessionManager;
pub(crate) use set_role::SetRole;
pub(crate) use users::{UsersManager, UsersWithoutLookUp};
pub(crate) use whoami::WhoamiService;
