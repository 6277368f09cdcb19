//! Typed arguments of controller handlers.

mod body;
mod ext;
mod form;
mod json;
mod lenient;
#[cfg(feature = "multipart")]
mod multipart;
mod params;
#[cfg(feature = "multipart")]
mod part_heads;
mod query;

use crate::{AppHandle, Request, Result};

pub use crate::reply::Json;
pub use ext::Ext;
pub use form::Form;
#[cfg(feature = "multipart")]
pub use multipart::{Multipart, Part};
pub use params::Params;
pub use query::Query;

/// An argument of a controller handler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken from a request",
    note = "take `&mut Request`, `Params<T>`, `Query<T>`, `Json<T>`, `Form<T>`, `Ext<T>`, `AppHandle`, or implement `FromRequest`"
)]
pub trait FromRequest: Sized + Send {
    /// The media type of the body that it reads, if that is neither JSON nor text: a route that
    /// does not [accept](crate::IOServerOptions::accepts) it is refused when its controller is
    /// added, since each request would be a 415.
    const BODY: Option<&'static str> = None;

    /// Takes the argument out of the request.
    ///
    /// # Errors
    ///
    /// The answer to the client: 400 for what it sent wrongly.
    fn from_request(request: &mut Request) -> impl Future<Output = Result<Self>> + Send;
}

impl FromRequest for AppHandle {
    async fn from_request(request: &mut Request) -> Result<Self> {
        Ok(request.app().clone())
    }
}
