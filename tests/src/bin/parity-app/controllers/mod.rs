//! One controller class a file.

mod api;
mod basic;
mod errors;
mod hooks;
mod params;
mod probe;
mod schema;
mod shape;
mod where_am_i;

pub(crate) use api::{ApiController, ShadowController};
pub(crate) use basic::BasicController;
pub(crate) use errors::ErrorsController;
pub(crate) use hooks::HooksController;
pub(crate) use params::ParamsController;
pub(crate) use probe::ProbeController;
pub(crate) use schema::SchemaController;
pub(crate) use where_am_i::WhereController;
