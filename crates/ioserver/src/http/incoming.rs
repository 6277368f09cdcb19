//! The body of a request as it arrives, from a client that may stop in the middle.

use std::{
    error::Error,
    fmt, io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::Instant;

use crate::{
    Limits,
    alarm::Alarm,
    server::{Activity, OpenBody},
};

/// A request's body before it is read, as [layers](crate::IOServer::layer) see it. It fails when the
/// client pauses for too long, or takes too long for all of it.
pub struct RequestBody {
    source: Source,
    idle: Duration,
    whole: Duration,
    /// When the pause that it is in is too long, and when the whole of it is.
    until: Option<Instant>,
    end: Option<Instant>,
    alarm: Alarm,
    /// Until it was read to its end.
    open: Option<OpenBody>,
}

enum Source {
    /// What a listener of ours reads; not boxed, since most requests come this way.
    Hyper(Incoming),
    /// What another server hands over. The mutex is never locked: it makes the body `Sync`.
    Boxed(Mutex<BoxedBody>),
}

type BoxedBody = Pin<Box<dyn Body<Data = Bytes, Error = io::Error> + Send>>;

impl RequestBody {
    pub(crate) fn hyper(body: Incoming, limits: &Limits, activity: &Arc<Activity>) -> Self {
        let open = (!body.is_end_stream()).then(|| activity.open_body());
        Self::new(Source::Hyper(body), limits, open)
    }

    pub(crate) fn boxed<B>(body: B, limits: &Limits) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let body: BoxedBody = Box::pin(body.map_err(broken));
        Self::new(Source::Boxed(Mutex::new(body)), limits, None)
    }

    fn new(source: Source, limits: &Limits, open: Option<OpenBody>) -> Self {
        let (idle, whole) = (limits.body_idle, limits.body_read);
        Self { source, idle, whole, until: None, end: None, alarm: Alarm::default(), open }
    }

    fn poll_source(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut self.source {
            Source::Hyper(body) => Pin::new(body).poll_frame(context).map_err(broken),
            Source::Boxed(body) => {
                let body = body.get_mut().unwrap_or_else(PoisonError::into_inner);
                body.as_mut().poll_frame(context)
            }
        }
    }
}

fn broken(error: impl Into<Box<dyn Error + Send + Sync>>) -> io::Error {
    io::Error::other(error)
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        let frame = this.poll_source(context);
        if let Poll::Ready(piece) = &frame {
            this.until = None;
            if piece.is_none() {
                this.open = None;
            }
            return frame;
        }
        let until = *this.until.get_or_insert_with(|| {
            let now = Instant::now();
            // A byte now and then shall not hold a connection for ever.
            let end = *this.end.get_or_insert(now + this.whole);
            end.min(now + this.idle)
        });
        ready!(this.alarm.poll(context, until));
        Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())))
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Hyper(body) => body.is_end_stream(),
            Source::Boxed(body) => {
                body.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream()
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Hyper(body) => body.size_hint(),
            Source::Boxed(body) => body.lock().unwrap_or_else(PoisonError::into_inner).size_hint(),
        }
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if let Some(open) = self.open.take()
            && !self.is_end_stream()
        {
            open.leave_unread();
        }
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody").finish_non_exhaustive()
    }
}
