//! A body that its handler reads piece by piece.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http_body::Body;

use super::{
    body::{too_large, unreadable},
    incoming::RequestBody,
};
use crate::Result;

/// A request's body as it arrives, on a route that [accepts](crate::IOServerOptions::accepts) its
/// media type; empty if the request has none.
///
/// It ends with a 413 beyond the route's `bodyLimit`, and with a 408 when the client pauses for
/// longer than [`body_idle`](crate::Limits::body_idle) or takes longer than
/// [`body_read`](crate::Limits::body_read) for all of it. What a handler does not read is never read.
///
/// # Examples
///
/// ```
/// use ioserver::BodyStream;
///
/// async fn count(mut body: BodyStream) -> ioserver::Result<String> {
///     let mut length = 0;
///     while let Some(piece) = body.next().await? {
///         length += piece.len();
///     }
///     Ok(format!("{length} bytes"))
/// }
/// ```
pub struct BodyStream {
    body: Option<RequestBody>,
    left: usize,
}

impl BodyStream {
    pub(super) fn new(body: RequestBody, limit: usize) -> Self {
        Self { body: Some(body), left: limit }
    }

    pub(crate) fn empty() -> Self {
        Self { body: None, left: 0 }
    }

    /// The next piece, or `None` at the end.
    ///
    /// # Errors
    ///
    /// 413 if it is too large, 408 if it does not arrive in time, 400 if it breaks off.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    /// All that is left of it.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub async fn collect(mut self) -> Result<Bytes> {
        let Some(first) = self.next().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.next().await? else { return Ok(first) };
        let mut collected = BytesMut::from(first);
        collected.extend_from_slice(&second);
        while let Some(piece) = self.next().await? {
            collected.extend_from_slice(&piece);
        }
        Ok(collected.freeze())
    }
}

impl Stream for BodyStream {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let this = self.get_mut();
        loop {
            let Some(body) = &mut this.body else { return Poll::Ready(None) };
            let failure = match ready!(Pin::new(body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Err(_) => continue, // trailers
                    Ok(data) if data.len() <= this.left => {
                        this.left -= data.len();
                        return Poll::Ready(Some(Ok(data)));
                    }
                    Ok(_) => Some(Err(too_large())),
                },
                Some(Err(error)) => Some(Err(unreadable(&error))),
                None => None,
            };
            this.body = None;
            return Poll::Ready(failure);
        }
    }
}

impl fmt::Debug for BodyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyStream").field("left", &self.left).finish_non_exhaustive()
    }
}
