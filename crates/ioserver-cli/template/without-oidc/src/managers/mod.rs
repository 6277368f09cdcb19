//! What components share: the notes.

mod notes;

pub use notes::{Note, NotesManager};
