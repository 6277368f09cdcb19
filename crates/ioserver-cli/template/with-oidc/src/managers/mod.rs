//! What components share: the notes, the accounts, and who is connected.

mod notes;
mod session;
mod users;

pub use notes::{Note, NotesManager};
pub use session::SessionManager;
pub use users::UsersManager;
