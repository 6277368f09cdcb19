use std::error::Error as _;

use bytes::Bytes;
use http::header;

use super::{FromRequest, part_heads::BoundedHeads};
use crate::{BodyStream, IOServerError, Request, Result};

/// The parts of a `multipart/form-data` body, one after the other, as they arrive.
///
/// The route must [accept](crate::IOServerOptions::accepts) `multipart/form-data`; its `bodyLimit`
/// (1 MiB by default) is that of all parts together. Nothing is kept of a part that was not read. What
/// stands before the first part, and the head of each, has at most 16 KiB; more is 400.
///
/// # Examples
///
/// ```
/// use ioserver::extract::Multipart;
///
/// async fn upload(mut parts: Multipart) -> ioserver::Result<String> {
///     let mut seen = String::new();
///     while let Some(mut part) = parts.next().await? {
///         let mut length = 0;
///         while let Some(piece) = part.next().await? {
///             length += piece.len();
///         }
///         seen += &format!("{:?}: {length} bytes\n", part.file_name());
///     }
///     Ok(seen)
/// }
/// ```
#[derive(Debug)]
pub struct Multipart(multer::Multipart<'static>);

impl Multipart {
    /// The next part, or `None` at the end. What is left of the part before is skipped.
    ///
    /// # Errors
    ///
    /// 400 if the body is no multipart; else as [`BodyStream::next`].
    pub async fn next(&mut self) -> Result<Option<Part>> {
        Ok(self.0.next_field().await.map_err(unreadable)?.map(Part))
    }
}

/// One part: a field of a form, or a file.
#[derive(Debug)]
pub struct Part(multer::Field<'static>);

impl Part {
    /// The name of the form's field.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.name()
    }

    /// The name that the client gives the file. Never use it as a path: clients write what they want.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.0.file_name()
    }

    /// The media type that the client gives.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.0.headers().get(header::CONTENT_TYPE)?.to_str().ok()
    }

    /// The next piece of its content, or `None` at the end.
    ///
    /// # Errors
    ///
    /// As [`Multipart::next`].
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        self.0.chunk().await.map_err(unreadable)
    }

    /// Its whole content.
    ///
    /// # Errors
    ///
    /// As [`Multipart::next`].
    pub async fn bytes(self) -> Result<Bytes> {
        self.0.bytes().await.map_err(unreadable)
    }

    /// Its whole content as text; what is no UTF-8 is replaced.
    ///
    /// # Errors
    ///
    /// As [`Multipart::next`].
    pub async fn text(self) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.bytes().await?).into_owned())
    }
}

impl FromRequest for Multipart {
    const BODY: Option<&'static str> = Some("multipart/form-data");

    async fn from_request(request: &mut Request) -> Result<Self> {
        let boundary =
            request.header("content-type").and_then(|kind| multer::parse_boundary(kind).ok());
        let Some(boundary) = boundary else {
            return Err(IOServerError::new("the request is not multipart", 406_u16)
                .with_name("Not Acceptable")
                .with_code("FST_INVALID_MULTIPART_CONTENT_TYPE"));
        };
        let body: BodyStream = request.take_body().await?;
        let body = BoundedHeads::new(body, &boundary);
        Ok(Self(multer::Multipart::new(body, boundary)))
    }
}

/// The body's own error, such as a 413, or a 400 for what is no multipart.
fn unreadable(error: multer::Error) -> IOServerError {
    if let multer::Error::StreamReadFailed(cause) = error {
        return match cause.downcast::<IOServerError>() {
            Ok(own) => *own,
            Err(other) => malformed(&other.to_string()),
        };
    }
    let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    malformed(&why)
}

fn malformed(why: &str) -> IOServerError {
    IOServerError::new(format!("the body is not multipart: {why}"), 400_u16)
        .with_name("Bad Request")
}
