//! HTTP: `routes/<name>.json` says which method answers what.

mod notes;
mod public;

pub(crate) use notes::NotesController;
pub(crate) use public::PublicController;
