use std::sync::Arc;

use ioserver::{AppHandle, Result, service};

use crate::managers::{Note, NotesManager};

/// `/notes`: whoever is connected hears `added` with each new note.
pub(crate) struct NotesService {
    notes: Arc<NotesManager>,
}

impl NotesService {
    pub(crate) fn new(app: AppHandle) -> Result<Self> {
        let notes = app.manager("notes")?;
        Ok(Self { notes })
    }
}

#[service]
impl NotesService {
    /// `socket.emit("add", "author", "text", callback)`
    pub async fn add(&self, author: String, text: String) -> Result<Note> {
        self.notes.add(author, text)
    }

    /// `socket.emit("list", callback)`
    pub async fn list(&self) -> Result<Vec<Note>> {
        Ok(self.notes.all())
    }
}
