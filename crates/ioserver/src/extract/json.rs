use serde::de::DeserializeOwned;

use super::FromRequest;
use crate::{IOServerError, Json, Request, Result};

impl<T: DeserializeOwned + Send> FromRequest for Json<T> {
    /// Reads the body as a `T`; a request without one reads as `null`.
    async fn from_request(request: &mut Request) -> Result<Self> {
        let body = request.body().await?.unwrap_or(&serde_json::Value::Null);
        T::deserialize(body)
            .map(Self)
            .map_err(|error| IOServerError::new(format!("body: {error}"), 400))
    }
}
