//! Socket.IO: each public async method answers the event of its name.

mod admin;
mod notes;

pub(crate) use admin::AdminService;
pub(crate) use notes::NotesService;
