use super::FromRequest;
use crate::{IOServerError, Request, Result};

/// A value that a middleware left on the request.
///
/// A request without it is answered with 500, since its middleware is not on the route.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper that is taken apart by pattern")]
pub struct Ext<T>(pub T);

impl<T: Clone + Send + Sync + 'static> FromRequest for Ext<T> {
    async fn from_request(request: &mut Request) -> Result<Self> {
        request.extensions().get::<T>().cloned().map(Self).ok_or_else(|| {
            let name = std::any::type_name::<T>();
            let message = format!("no `{name}` on this request: is its middleware on this route?");
            IOServerError::new(message, 500)
        })
    }
}
