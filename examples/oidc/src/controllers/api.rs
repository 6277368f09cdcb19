use std::sync::{Mutex, PoisonError};

use ioserver::{AppHandle, IOServerError, Json, Result, SendTo, controller, extract::Ext};
use ioserver_oidc::OidcUserContext;
use serde::{Deserialize, Serialize};

/// What is behind `OidcHttpMiddleware`: no method runs without a valid token.
pub(crate) struct ApiController {
    app: AppHandle,
    notes: Mutex<Vec<Note>>,
}

#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Note {
    #[serde(default)]
    author: String,
    text: String,
}

impl ApiController {
    pub(crate) fn new(app: AppHandle) -> Self {
        Self { app, notes: Mutex::default() }
    }
}

#[controller]
impl ApiController {
    /// Who the token says one is, and the local account.
    pub async fn me(&self, Ext(user): Ext<OidcUserContext>) -> Json<OidcUserContext> {
        Json(user)
    }

    /// Keeps a note, and tells everyone in the chat.
    pub async fn create_note(
        &self,
        Ext(user): Ext<OidcUserContext>,
        Json(mut note): Json<Note>,
    ) -> Result<(u16, Json<Note>)> {
        if note.text.trim().is_empty() {
            return Err(IOServerError::new("a note has a text", 400_u16));
        }
        note.author = user.user_id;
        self.app.send(SendTo::new("note", &note).namespace("chat"));
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note.clone());
        Ok((201, Json(note)))
    }

    pub async fn list_notes(&self) -> Json<Vec<Note>> {
        Json(self.notes.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}
