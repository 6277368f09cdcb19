use std::sync::{Mutex, MutexGuard, PoisonError};

use ioserver::{AppHandle, BaseManager, IOServerError, Result, SendTo};
use serde::Serialize;

/// The notes, and whom they are told. In memory: put a database in its place.
pub struct NotesManager {
    app: AppHandle,
    notes: Mutex<Vec<Note>>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Note {
    id: usize,
    author: String,
    text: String,
}

impl NotesManager {
    pub(crate) fn new(app: AppHandle) -> Self {
        Self {
            app,
            notes: Mutex::default(),
        }
    }

    /// All notes, the oldest first.
    pub fn all(&self) -> Vec<Note> {
        self.notes().clone()
    }

    /// Keeps a note, and tells every client of the namespace `/notes`.
    pub fn add(&self, author: String, text: String) -> Result<Note> {
        if text.trim().is_empty() || text.chars().count() > 1000 {
            let message = "a note has 1 to 1000 characters";
            return Err(IOServerError::new(message, 400));
        }
        let note = self.keep(author, text);
        let added = SendTo::new("added", &note);
        self.app.send(added.namespace("notes"));
        Ok(note)
    }

    fn keep(&self, author: String, text: String) -> Note {
        let mut notes = self.notes();
        let id = notes.len() + 1;
        let note = Note { id, author, text };
        notes.push(note.clone());
        note
    }

    fn notes(&self) -> MutexGuard<'_, Vec<Note>> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `start` is the place to open a database: the server listens when it has returned, and does not
/// start if it fails. `stop` is the place to close it.
impl BaseManager for NotesManager {}
