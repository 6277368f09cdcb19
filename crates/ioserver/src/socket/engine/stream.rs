//! A WebSocket's bytes on their way between the client and the engine.

use std::{
    io,
    mem::MaybeUninit,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf, copy, sink},
    time::{Instant, Sleep, sleep_until, timeout},
};

use super::{
    backlog::{Backlog, Room},
    fault::Fault,
    frame::NO_PACKET,
    frames::Frames,
    line::Line,
    outgoing::as_node,
};

/// The stream that the engine reads and writes.
///
/// It takes what the client does not read yet, up to a limit, so that this is counted in bytes: the
/// engine's own queue counts packets, of whatever size.
pub(super) struct Stream<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> {
    inner: Option<S>,
    line: Arc<Line>,
    frames: Frames,
    backlog: Backlog,
    limits: Limits,
    /// Bytes that the engine writes and the client has already.
    swallow: usize,
    /// Whether the engine was told that the connection ends.
    told: bool,
    /// Whether it was told by something that is no packet.
    failing: bool,
    stalled: Option<Pin<Box<Sleep>>>,
}

/// What a client may send, and what may wait for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// A message of the client's has so many bytes at most.
    pub(super) message: usize,
    /// So many bytes wait for it at most.
    pub(super) room: Room,
    /// And for so long while it reads nothing.
    pub(super) time: Duration,
}

/// The packet by which a client closes, in a frame masked with zeros. The engine sends what waits
/// and closes; at a mere end of the stream it would send nothing more.
const CLOSE: &[u8] = &[0x81, 0x81, 0, 0, 0, 0, b'1'];

/// How much is read from the wire at once.
const PIECE: usize = 8 * 1024;

/// How long a connection that ends may take to read the rest.
const FAREWELL: Duration = Duration::from_secs(5);

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream<S> {
    pub(super) fn new(inner: S, line: Arc<Line>, limits: Limits) -> Self {
        let frames = Frames::new(Arc::clone(&line), limits.message);
        let backlog = Backlog::new(line.waiting());
        let inner = Some(inner);
        let (swallow, told, failing, stalled) = Default::default();
        Self { inner, line, frames, backlog, limits, swallow, told, failing, stalled }
    }

    /// Lets the engine read these bytes first, and keeps its answer of so many bytes from the
    /// client, who has had both.
    pub(super) fn replay(mut self, read: &[u8], swallow: usize) -> Self {
        self.frames.ready().extend_from_slice(read);
        self.swallow = swallow;
        self
    }

    /// Sends what waits as far as the client takes it.
    fn drain(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if self.backlog.is_empty() {
            return Ok(());
        }
        let inner = self.inner.as_mut().expect("a stream is there until it is dropped");
        let mut progress = false;
        while !self.backlog.is_empty() {
            match Pin::new(&mut *inner).poll_write(context, self.backlog.bytes()) {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(length)) => self.backlog.advance(length),
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => break,
            }
            progress = true;
        }
        if progress {
            self.stalled = None; // made anew by the reading side
        }
        if self.backlog.has_room(self.limits.room) {
            self.line.set_full(false);
        }
        Ok(())
    }

    /// Whether the client has read nothing for too long.
    fn is_stalled(&mut self, context: &mut Context<'_>) -> bool {
        if self.backlog.is_empty() {
            return false;
        }
        let deadline = || Box::pin(sleep_until(Instant::now() + self.limits.time));
        self.stalled.get_or_insert_with(deadline).as_mut().poll(context).is_ready()
    }

    /// What the client is to have in place of what the engine writes: whole frames.
    fn rewritten(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let refusal = self.line.refusals().write(bytes);
        let code = self.line.fault().and_then(Fault::close_code);
        as_node(refusal.as_deref().unwrap_or(bytes), code).or(refusal)
    }

    /// Has the engine close the connection.
    fn take_leave(&mut self, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.failing {
            return Poll::Pending; // an end would keep the engine from sending what waits
        }
        let packet = if self.line.is_failed() { NO_PACKET } else { CLOSE };
        let between_frames = self.frames.is_between() && buffer.remaining() >= packet.len();
        if !self.told && !self.line.is_cut() && between_frames {
            buffer.put_slice(packet);
            self.failing = self.line.is_failed();
        }
        self.told = true;
        Poll::Ready(Ok(())) // the end of the stream if nothing was put
    }

    fn poll_frames(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.frames.is_over() && self.frames.ready().is_empty() {
            return Poll::Pending; // the engine is closing the connection
        }
        let inner = self.inner.as_mut().expect("a stream is there until it is dropped");
        while self.frames.ready().is_empty() {
            // On the stack: what the engine reads into stays with a client that is idle.
            let mut bytes = [MaybeUninit::uninit(); PIECE];
            let mut piece = ReadBuf::uninit(&mut bytes);
            ready!(Pin::new(&mut *inner).poll_read(context, &mut piece))?;
            let piece = piece.filled();
            if piece.is_empty() {
                self.frames.end();
                break;
            }
            if self.frames.is_waiting() {
                self.frames.push(piece);
                continue;
            }
            let passed = &piece[..self.frames.pass(piece)];
            let (now, later) = passed.split_at(passed.len().min(buffer.remaining()));
            buffer.put_slice(now);
            if !later.is_empty() {
                let rest = std::mem::replace(self.frames.ready(), later.into());
                self.frames.ready().unsplit(rest);
            }
            if !now.is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
        self.hand_on(buffer);
        Poll::Ready(Ok(()))
    }

    /// Lets the engine have what is ready.
    fn hand_on(&mut self, buffer: &mut ReadBuf<'_>) {
        let ready = self.frames.ready();
        let length = ready.len().min(buffer.remaining());
        buffer.put_slice(&ready[..length]);
        ready.advance(length);
        if ready.is_empty() {
            *ready = BytesMut::new(); // an idle client keeps nothing
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.line.set_reader(context.waker());
        if self.line.is_closing() {
            let is_read_on = !self.told && !self.line.is_cut() && !self.frames.ready().is_empty();
            if is_read_on {
                // The engine can be told between frames only. What is left of these is read as what
                // it has in its own buffer by now: by sockets that are disconnected.
                self.hand_on(buffer);
                return Poll::Ready(Ok(()));
            }
            return self.take_leave(buffer);
        }
        self.drain(context)?;
        if self.is_stalled(context) {
            self.line.cut();
            return Poll::Ready(Ok(()));
        }
        self.poll_frames(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> AsyncWrite for Stream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.line.is_cut() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if this.swallow > 0 {
            let length = this.swallow.min(bytes.len());
            this.swallow -= length;
            return Poll::Ready(Ok(length));
        }
        this.drain(context)?;
        if this.backlog.is_full(this.limits.room) {
            this.line.set_writer(context.waker());
            this.line.set_full(true);
            this.line.wake_reader(); // it keeps the time
            return Poll::Pending;
        }
        let written = this.rewritten(bytes);
        let changed = written.as_deref().unwrap_or(bytes);
        let mut sent = 0;
        if this.backlog.is_empty() && !changed.is_empty() {
            let inner = this.inner.as_mut().expect("a stream is there until it is dropped");
            if let Poll::Ready(result) = Pin::new(inner).poll_write(context, changed) {
                sent = result?;
            }
        }
        // All of it is taken, so that what the engine writes next begins with a frame.
        if sent < changed.len() {
            this.backlog.push(&changed[sent..]);
            this.line.wake_reader(); // it sends the rest
        }
        Poll::Ready(Ok(bytes.len()))
    }

    /// Done when the rest is in hand: the engine must go on emptying its queue.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.line.is_cut() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        self.drain(context)?;
        if !self.backlog.is_empty() {
            self.line.wake_reader();
            return Poll::Ready(Ok(()));
        }
        let inner = self.inner.as_mut().expect("a stream is there until it is dropped");
        Pin::new(inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.backlog.is_empty() {
            return Poll::Ready(Ok(())); // when the stream is dropped
        }
        let inner = self.inner.as_mut().expect("a stream is there until it is dropped");
        Pin::new(inner).poll_shutdown(context)
    }
}

/// The engine drops a stream when it has written everything; the client may not have read it.
impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Drop for Stream<S> {
    fn drop(&mut self) {
        let Some(mut inner) = self.inner.take() else { return };
        let is_still_sending = self.frames.is_over() || self.line.is_closing();
        if self.line.is_cut() || self.backlog.is_empty() && !is_still_sending {
            return;
        }
        let mut rest = self.backlog.take();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(timeout(FAREWELL, async move {
                inner.write_all_buf(&mut rest).await?;
                part(&mut inner).await
            }));
        }
    }
}

/// Ends a connection whose client may still be sending: bytes that nobody reads would have the
/// system reset it, and the client miss what it was told last.
pub(super) async fn part<S: AsyncRead + AsyncWrite + Unpin>(wire: &mut S) -> io::Result<()> {
    const ENOUGH: u64 = 8 << 20;
    wire.shutdown().await?;
    let (mut unread, mut nowhere) = (AsyncReadExt::take(wire, ENOUGH), sink());
    timeout(FAREWELL, copy(&mut unread, &mut nowhere)).await??;
    Ok(())
}
