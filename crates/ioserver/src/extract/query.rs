use serde::de::DeserializeOwned;

use super::{FromRequest, lenient};
use crate::{Request, Result};

/// The query string as a struct, read from its text: `page: Option<u32>` takes `?page=2`.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper that is taken apart by pattern")]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequest for Query<T> {
    async fn from_request(request: &mut Request) -> Result<Self> {
        lenient::read(&request.query_cow(), "querystring").map(Self)
    }
}
