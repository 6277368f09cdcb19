//! HTTP: one controller that is open, one behind `OidcHttpMiddleware`.

mod api;
mod public;

pub(crate) use api::ApiController;
pub(crate) use public::PublicController;
