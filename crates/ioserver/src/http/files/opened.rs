//! A file that was found, and the reply that sends it.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    pin::Pin,
    task::{Context, Poll, ready},
    time::SystemTime,
};

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, HeaderValue, Method, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::io::{AsyncReadExt, Take};
use tokio_util::io::ReaderStream;

use super::{
    conditions::{Validators, Verdict},
    range::Range,
    types::content_type,
};
use crate::{IOServerError, Reply, reply::Body};

/// Files up to this size are read at once: a task for each piece would cost more.
const SMALL: u64 = 64 * 1024;

/// An open file and what is known of it. Made and read where blocking is allowed.
pub(crate) struct Opened {
    file: File,
    length: u64,
    modified: SystemTime,
    content_type: HeaderValue,
    pub(super) encoding: Option<&'static str>,
}

impl Opened {
    /// The file of a path; a folder is none, and neither is a pipe or a device, which the first look
    /// finds out: to open a pipe waits for somebody to write.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        if !path.metadata()?.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let (length, modified) = (metadata.len(), metadata.modified()?);
        Ok(Self { file, length, modified, content_type: content_type(path), encoding: None })
    }

    /// Sends another file's bytes in the name of this one.
    pub(super) fn encoded(path: &Path, of: &Path, encoding: &'static str) -> io::Result<Self> {
        let encoding = Some(encoding);
        Ok(Self { content_type: content_type(of), encoding, ..Self::at(path)? })
    }

    /// Answers with the file, a part of it, or that the client has it already.
    pub(crate) fn reply(mut self, method: &Method, request: &HeaderMap) -> Reply {
        let validators = Validators::new(self.length, self.modified);
        let verdict = validators.judge(request);
        if verdict == Verdict::Failed {
            return failure("Precondition Failed", "PreconditionFailedError", 412).into();
        }
        let mut reply = Reply::new(200_u16);
        let headers = reply.headers_mut();
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=0"));
        headers.extend(validators.headers());
        if verdict == Verdict::NotModified {
            return reply.with_status(304_u16);
        }
        let range = request.get(header::RANGE).filter(|_| validators.allow_range(request));
        let (status, start, end) = match Range::parse(range, self.length) {
            Range::Whole => (200_u16, 0, self.length),
            Range::Part(start, end) => (206, start, end),
            Range::Unsatisfiable => return unsatisfiable(self.length),
        };
        let headers = reply.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.content_type.clone());
        headers.insert(header::CONTENT_LENGTH, (end - start).into());
        if let Some(encoding) = self.encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        if status == 206 {
            headers.insert(header::CONTENT_RANGE, content_range(Some((start, end)), self.length));
        }
        if *method != Method::HEAD {
            match self.body(start, end - start) {
                Ok(body) => reply.body = body,
                Err(error) => return IOServerError::internal(error).into(),
            }
        }
        reply.with_status(status)
    }

    fn body(&mut self, start: u64, length: u64) -> io::Result<Body> {
        if start > 0 {
            self.file.seek(SeekFrom::Start(start))?;
        }
        if length <= SMALL {
            let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
            (&self.file).take(length).read_to_end(&mut bytes)?;
            return Ok(Body::Bytes(bytes.into()));
        }
        let file = tokio::fs::File::from_std(self.file.try_clone()?);
        let stream = ReaderStream::with_capacity(file.take(length), 64 * 1024);
        Ok(Body::Stream(Box::pin(FileBody { stream, left: length })))
    }
}

/// RFC 9110 section 15.5.17: with the length that there is, which the original leaves out.
fn unsatisfiable(length: u64) -> Reply {
    failure("Range Not Satisfiable", "RangeNotSatisfiableError", 416)
        .with_header(header::CONTENT_RANGE, content_range(None, length))
        .into()
}

fn failure(message: &'static str, name: &'static str, status: u16) -> IOServerError {
    IOServerError::new(message, status).with_name(name)
}

fn content_range(part: Option<(u64, u64)>, length: u64) -> HeaderValue {
    let text = match part {
        Some((start, end)) => format!("bytes {start}-{}/{length}", end - 1),
        None => format!("bytes */{length}"),
    };
    HeaderValue::from_str(&text).expect("numbers are ASCII")
}

/// A part of a file, read while it is sent.
struct FileBody {
    stream: ReaderStream<Take<tokio::fs::File>>,
    left: u64,
}

impl HttpBody for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        match ready!(Pin::new(&mut this.stream).poll_next(context)) {
            Some(Ok(bytes)) => {
                this.left = this.left.saturating_sub(bytes.len() as u64);
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            // The file became shorter: an answer that ends early must not look whole.
            None if this.left > 0 => Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into()))),
            other => Poll::Ready(other.map(|piece| piece.map(Frame::data))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
