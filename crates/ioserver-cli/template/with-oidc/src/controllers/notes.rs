use std::sync::Arc;

use ioserver::{
    AppHandle, IOServerError, Json, LogLevel, Request, Result, controller, extract::Ext,
};
use ioserver_oidc::OidcUserContext;
use serde::Deserialize;

use crate::managers::{Note, NotesManager};

/// The notes over HTTP. No method runs without a valid token.
pub(crate) struct NotesController {
    notes: Arc<NotesManager>,
}

#[derive(Deserialize)]
pub struct NewNote {
    text: String,
}

impl NotesController {
    pub(crate) fn new(app: AppHandle) -> Result<Self> {
        let notes = app.manager("notes")?;
        Ok(Self { notes })
    }
}

#[controller]
impl NotesController {
    pub async fn list(&self) -> Json<Vec<Note>> {
        Json(self.notes.all())
    }

    pub async fn create(
        &self,
        Ext(user): Ext<OidcUserContext>,
        Json(new): Json<NewNote>,
    ) -> Result<(u16, Json<Note>)> {
        let note = self.notes.add(user.user_id, new.text)?;
        Ok((201, Json(note)))
    }

    /// `errorHandler` of the routes: clients do not hear why something failed, so the log does.
    #[hook(error)]
    pub async fn log_failure(&self, request: &mut Request, error: IOServerError) -> IOServerError {
        if error.status() >= 500 {
            let (method, path) = (request.method(), request.path());
            let text = format_args!("{method} {path}: {error}");
            request.app().log(LogLevel::Error, text);
        }
        error
    }
}
