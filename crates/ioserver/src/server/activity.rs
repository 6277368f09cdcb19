//! What a connection's wire and its service know of each other.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Version;
use http_body::{Body, Frame, SizeHint};

/// What one connection is at. Counters only: nothing is decided on two of them at once.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    calls: AtomicUsize,
    open: AtomicUsize,
    working: AtomicUsize,
    steps: AtomicUsize,
    upgraded: AtomicBool,
    bodies: AtomicUsize,
    unread: AtomicBool,
    stray: AtomicBool,
}

impl Activity {
    /// How many requests have begun.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Relaxed)
    }

    /// Whether an answer is not finished.
    pub(super) fn is_open(&self) -> bool {
        self.open.load(Relaxed) > 0
    }

    /// Whether all open answers wait for the client to take bytes.
    pub(super) fn waits_for_client(&self) -> bool {
        self.working.load(Relaxed) == 0
    }

    /// Changes whenever an answer gets on.
    pub(super) fn steps(&self) -> usize {
        self.steps.load(Relaxed)
    }

    /// Whether the connection speaks another protocol by now.
    pub(super) fn is_upgraded(&self) -> bool {
        self.upgraded.load(Relaxed)
    }

    /// Whether the body of a request was left unread, so that more of it may be on its way.
    pub(super) fn has_unread(&self) -> bool {
        self.unread.load(Relaxed)
    }

    /// Whether a request's body is still being read.
    pub(super) fn has_open_body(&self) -> bool {
        self.bodies.load(Relaxed) > 0
    }

    /// Whether what comes next over HTTP/1 may be the rest of a body that nobody reads.
    pub(super) fn expects_stray_bytes(&self) -> bool {
        self.stray.load(Relaxed)
    }

    /// A body begins.
    pub(crate) fn open_body(self: &Arc<Self>) -> OpenBody {
        self.bodies.fetch_add(1, Relaxed);
        OpenBody { activity: Arc::clone(self) }
    }

    pub(crate) fn begin(self: &Arc<Self>, version: Version) -> InFlight {
        self.calls.fetch_add(1, Relaxed);
        self.stray.store(false, Relaxed); // a head was read, and so all that was before it
        self.open.fetch_add(1, Relaxed);
        let is_http2 = version == Version::HTTP_2;
        if is_http2 {
            self.working.fetch_add(1, Relaxed);
        }
        InFlight { activity: Arc::clone(self), is_http2, working: is_http2 }
    }
}

/// A request's body that has not been read to its end. It is dropped when it has been.
#[derive(Debug)]
pub(crate) struct OpenBody {
    activity: Arc<Activity>,
}

impl OpenBody {
    /// Nobody will read the rest.
    pub(crate) fn leave_unread(self) {
        self.activity.unread.store(true, Relaxed);
        self.activity.stray.store(true, Relaxed);
    }
}

impl Drop for OpenBody {
    fn drop(&mut self) {
        self.activity.bodies.fetch_sub(1, Relaxed);
    }
}

/// A request that is being answered, from its head to the end of the answer's body.
#[derive(Debug)]
pub(crate) struct InFlight {
    activity: Arc<Activity>,
    /// Over HTTP/1, writes that stall show who waits for whom, and nobody asks for steps.
    is_http2: bool,
    working: bool,
}

impl InFlight {
    /// The connection speaks another protocol from now on.
    pub(crate) fn upgrade(&self) {
        self.activity.upgraded.store(true, Relaxed);
    }

    fn work(&mut self) {
        if !self.is_http2 {
            return;
        }
        self.activity.steps.fetch_add(1, Relaxed);
        if !self.working {
            self.working = true;
            self.activity.working.fetch_add(1, Relaxed);
        }
    }

    fn hand_over(&mut self) {
        if self.working {
            self.working = false;
            self.activity.working.fetch_sub(1, Relaxed);
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.hand_over();
        self.activity.open.fetch_sub(1, Relaxed);
    }
}

/// A body that tells how far its answer is.
#[derive(Debug)]
pub(crate) struct Tracked<B> {
    body: B,
    flight: InFlight,
    /// What of the last piece is to be handed over, in pieces of this size.
    rest: Bytes,
    piece: usize,
}

/// Over HTTP/2, all that is handed over at once waits for the client out of our sight: so it is
/// handed over in frames, and an answer is open until its last one.
const HTTP2_PIECE: usize = 16 * 1024;

impl<B> Tracked<B> {
    pub(crate) fn new(body: B, flight: InFlight) -> Self {
        let piece = if flight.is_http2 { HTTP2_PIECE } else { usize::MAX };
        Self { body, flight, rest: Bytes::new(), piece }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Tracked<B> {
    fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        if self.rest.is_empty() {
            let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(context)) else {
                return Poll::Ready(None);
            };
            match frame?.into_data() {
                Ok(data) => self.rest = data,
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
            }
        }
        let piece = self.rest.split_to(self.rest.len().min(self.piece));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Tracked<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.flight.work();
        let frame = self.poll_piece(context);
        if frame.is_ready() {
            self.flight.hand_over();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (body, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower() + rest);
        if let Some(upper) = body.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
