use serde::de::DeserializeOwned;

use super::{FromRequest, lenient};
use crate::{Request, Result};

/// A body of `application/x-www-form-urlencoded` as a struct, read from its text: `age: u8` takes
/// `age=7`. The route must [accept](crate::IOServerOptions::accepts) it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper that is taken apart by pattern")]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequest for Form<T> {
    const BODY: Option<&'static str> = Some("application/x-www-form-urlencoded");

    async fn from_request(request: &mut Request) -> Result<Self> {
        let body = request.body().await?.unwrap_or(&serde_json::Value::Null);
        lenient::read(body, "body").map(Self)
    }
}
