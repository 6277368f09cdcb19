//! A connection's bytes: when a client is too slow, and Node's answer to what is no HTTP.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

use super::{activity::Activity, bare_answer, request_line::keep_fragment, seats::Seat};
use crate::{Limits, alarm::Alarm};

/// How long, and for how many bytes, a closed connection is listened to: a client that is still
/// sending would otherwise be reset before it has read why it was refused.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 1 << 20;

/// A stream that closes itself when its client is too slow.
///
/// hyper's own timer for headers counts the time between requests as well, and has none for slow
/// readers; so the times are kept here, where every byte passes.
pub(super) struct Wire<S> {
    stream: S,
    activity: Arc<Activity>,
    limits: Limits,
    protocol: Protocol,
    phase: Phase,
    /// When the phase has lasted for too long, since somebody first waited in it: most phases end
    /// before anybody does, and cost no look at the clock.
    until: Option<Instant>,
    /// How many requests had begun when the phase was last looked at.
    calls: usize,
    /// How many requests had been answered when hyper had nothing more to write.
    flushed: usize,
    reading: Alarm,
    writing: Alarm,
    stalled: Option<Instant>,
    answer: Option<bare_answer::Replacement>,
    /// What was read and not asked for yet.
    ahead: Bytes,
    lingered: usize,
    ended: bool,
    /// Its place among the connections; a WebSocket keeps it.
    _seat: Seat,
}

/// What the connection waits for.
#[derive(Clone, Copy, PartialEq)]
enum Phase {
    /// The first byte.
    Fresh,
    /// The rest of a request's head.
    Head,
    /// An answer of ours.
    Busy,
    /// The client, to take what was offered at this step (HTTP/2).
    Offered { step: usize },
    /// The next request.
    Idle,
    /// The next request, after bytes that may be its own or the rest of a body that nobody reads.
    Stray,
}

/// HTTP/2 begins with this, which no request of HTTP/1 does.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[derive(Clone, Copy, PartialEq)]
enum Protocol {
    /// This much of the preface was seen.
    Open(usize),
    Http1,
    Http2,
}

impl Protocol {
    fn after(self, bytes: &[u8]) -> Self {
        let Self::Open(seen) = self else { return self };
        let rest = &PREFACE[seen..];
        let common = rest.len().min(bytes.len());
        match (rest[..common] == bytes[..common], common == rest.len()) {
            (false, _) => Self::Http1,
            (true, true) => Self::Http2,
            (true, false) => Self::Open(seen + common),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>, limits: Limits, seat: Seat) -> Self {
        Self {
            stream,
            activity,
            limits,
            protocol: Protocol::Open(0),
            phase: Phase::Fresh,
            until: None,
            calls: 0,
            flushed: 0,
            reading: Alarm::default(),
            writing: Alarm::default(),
            stalled: None,
            answer: None,
            ahead: Bytes::new(),
            lingered: 0,
            ended: false,
            _seat: seat,
        }
    }

    /// Brings the phase up to date with what the service did.
    fn catch_up(&mut self) {
        let calls = self.activity.calls();
        if self.activity.is_open() || self.activity.has_open_body() {
            self.calls = calls;
            let phase = self.open_phase();
            if phase != self.phase {
                self.enter(phase);
            }
        } else if calls != self.calls || matches!(self.phase, Phase::Busy | Phase::Offered { .. }) {
            self.calls = calls;
            self.enter(Phase::Idle);
        }
    }

    /// A stream of HTTP/2 whose window is shut holds no write up, so that its answers are watched.
    fn open_phase(&self) -> Phase {
        let is_offered = self.protocol == Protocol::Http2
            && self.activity.is_open()
            && self.activity.waits_for_client();
        if !is_offered {
            return Phase::Busy;
        }
        Phase::Offered { step: self.activity.steps() }
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.until = None;
    }

    /// Looks at what came in after the first `before` bytes of `buffer`.
    fn received(&mut self, buffer: &mut ReadBuf<'_>, before: usize) {
        self.protocol = self.protocol.after(&buffer.filled()[before..]);
        self.catch_up();
        match (self.phase, self.protocol) {
            (Phase::Fresh, Protocol::Http2) => self.enter(Phase::Idle),
            (Phase::Idle, Protocol::Http2) => {}
            // Not rewritten: hyper counts what it takes for a body.
            (Phase::Idle, _) if self.activity.expects_stray_bytes() => self.enter(Phase::Stray),
            (Phase::Fresh | Phase::Idle, _) => {
                keep_fragment(buffer, before);
                self.enter(Phase::Head);
            }
            _ => {}
        }
    }

    /// Ready when the client has let the connection wait for too long.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.activity.is_upgraded() {
            return Poll::Pending; // Engine.IO pings
        }
        self.catch_up();
        let patience = match self.phase {
            Phase::Busy => return Poll::Pending,
            Phase::Fresh | Phase::Head => self.limits.header_read,
            Phase::Idle | Phase::Stray => self.limits.keep_alive,
            Phase::Offered { .. } => self.limits.write_idle,
        };
        let until = *self.until.get_or_insert_with(|| Instant::now() + patience);
        self.reading.poll(context, until)
    }

    /// The end of a connection whose client is too slow.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_patience(context));
        self.ended = true;
        match self.phase {
            Phase::Head if self.speaks_hyper() => {
                let timeout = bare_answer::REQUEST_TIMEOUT;
                let _ = Pin::new(&mut self.stream).poll_write(context, timeout); // it may be gone
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Phase::Offered { .. } => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            _ => Poll::Ready(Ok(())), // as if the client had closed it
        }
    }

    /// Whether the next bytes to be written are hyper's own and no handler's: no request is being
    /// answered, hyper had flushed all answers before, and none has begun since.
    fn speaks_hyper(&self) -> bool {
        self.protocol != Protocol::Http2
            && !self.activity.is_upgraded()
            && !self.activity.is_open()
            && self.flushed == self.activity.calls()
    }

    fn poll_own_answer(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<usize>>> {
        let Some(answer) = &mut self.answer else { return Poll::Ready(Ok(None)) };
        while !answer.rest.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, answer.rest))?;
            answer.rest = &answer.rest[written..];
        }
        let replaced = answer.replaces;
        self.answer = None;
        Poll::Ready(Ok(Some(replaced)))
    }

    fn poll_stream(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ended {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Pending => self.poll_end(context),
            Poll::Ready(result) => {
                if buffer.filled().len() > before && !self.activity.is_upgraded() {
                    self.received(buffer, before);
                }
                Poll::Ready(result)
            }
        }
    }

    /// Gives up on a client that takes nothing.
    fn poll_written(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let until = *self.stalled.get_or_insert_with(|| Instant::now() + self.limits.write_idle);
        ready!(self.writing.poll(context, until));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.ahead.is_empty() {
            if buffer.remaining() > PREFACE.len() {
                return this.poll_stream(context, buffer);
            }
            // hyper first asks for as much as tells the protocol; a line is looked at as a whole.
            let mut piece = [0; 4 * 1024];
            let mut piece = ReadBuf::new(&mut piece);
            ready!(this.poll_stream(context, &mut piece))?;
            this.ahead = Bytes::copy_from_slice(piece.filled());
        }
        let length = this.ahead.len().min(buffer.remaining());
        buffer.put_slice(&this.ahead.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.answer.is_none() && this.speaks_hyper() {
            this.answer = bare_answer::replace(bytes);
        }
        let written = match ready!(this.poll_own_answer(context))? {
            Some(replaced) => Poll::Ready(Ok(replaced)),
            None => Pin::new(&mut this.stream).poll_write(context, bytes),
        };
        this.poll_written(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [only] = buffers {
            return self.poll_write(context, only);
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.poll_written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes when it has written all it had.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.activity.is_open() {
            this.flushed = this.activity.calls();
            // hyper may have begun to wait for the next request before this answer was finished,
            // and reads again only when it is woken.
            if this.poll_patience(context).is_ready() {
                context.waker().wake_by_ref();
            }
        }
        Pin::new(&mut this.stream).poll_flush(context)
    }

    /// Closes our side, then lets a client that is still sending find out.
    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        if !this.activity.has_unread() {
            return Poll::Ready(Ok(()));
        }
        let until = *this.stalled.get_or_insert_with(|| Instant::now() + LINGER);
        let mut piece = [0; 8 * 1024];
        while this.lingered < LINGER_BYTES {
            let mut buffer = ReadBuf::new(&mut piece);
            match Pin::new(&mut this.stream).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    this.lingered += buffer.filled().len();
                }
                Poll::Ready(_) => break,
                Poll::Pending => {
                    ready!(this.writing.poll(context, until));
                    break;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}
