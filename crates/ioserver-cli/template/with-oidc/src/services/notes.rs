use std::sync::Arc;

use ioserver::{AppHandle, IOServerError, Result, Socket, service};
use ioserver_oidc::OidcUserContext;

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
    /// `socket.emit("add", "text", callback)`
    pub async fn add(&self, socket: Socket, text: String) -> Result<Note> {
        let Some(user) = socket.get::<OidcUserContext>() else {
            return Err(IOServerError::new("nobody is signed in", 401));
        };
        self.notes.add(user.user_id, text)
    }

    /// `socket.emit("list", callback)`
    pub async fn list(&self) -> Result<Vec<Note>> {
        Ok(self.notes.all())
    }
}
