//! Socket.IO: each public async method answers the event of its name.

mod notes;

pub(crate) use notes::NotesService;
