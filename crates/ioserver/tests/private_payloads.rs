//! Payloads are a component's own business: they need not be as public as its methods are written.

#![deny(private_interfaces)]
#![allow(missing_docs, reason = "a test that passes by compiling")]

use ioserver::{BaseController, BaseService, Json, controller, service};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Note {
    text: String,
}

#[derive(Debug)]
pub struct Notes;

#[service]
impl Notes {
    pub async fn keep(&self, note: Note) -> ioserver::Result<Note> {
        Ok(note)
    }
}

#[controller]
impl Notes {
    pub async fn keep_one(&self, Json(note): Json<Note>) -> Json<Note> {
        Json(Note { text: note.text })
    }
}

#[test]
fn a_method_may_take_and_return_types_that_are_private_to_its_module() {
    fn is_component<T: BaseController + BaseService>() {}
    is_component::<Notes>();
}
