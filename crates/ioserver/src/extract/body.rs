use bytes::Bytes;

use super::FromRequest;
use crate::{BodyStream, Request, Result};

impl FromRequest for BodyStream {
    async fn from_request(request: &mut Request) -> Result<Self> {
        request.take_body().await
    }
}

/// The body as it was sent, on a route that [accepts](crate::IOServerOptions::accepts) its media
/// type.
impl FromRequest for Bytes {
    async fn from_request(request: &mut Request) -> Result<Self> {
        request.take_body().await?.collect().await
    }
}
