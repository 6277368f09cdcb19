use serde::de::DeserializeOwned;

use super::{FromRequest, lenient};
use crate::{Request, Result};

/// The path parameters as a struct, read from their text: `id: u32` takes `/users/7`.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper that is taken apart by pattern")]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequest for Params<T> {
    async fn from_request(request: &mut Request) -> Result<Self> {
        lenient::read(&request.params_cow(), "params").map(Self)
    }
}
