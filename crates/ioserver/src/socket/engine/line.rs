//! What the framework knows of a client's connection below the engine.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::Waker,
};

use tokio::sync::Semaphore;

use super::{backlog::Total, fault::Fault, refusals::Refusals, stage::Polling};
use crate::socket::{partings::Partings, slow::Attached};

/// One client's connection, whichever transport it is on. The engine's sockets find it among the
/// extensions of their request.
pub(crate) struct Line {
    closing: AtomicBool,
    failed: AtomicBool,
    cut: AtomicBool,
    full: AtomicBool,
    wakers: Mutex<Wakers>,
    sockets: Mutex<Vec<Attached>>,
    pub(super) polling: Option<Box<Polling>>,
    known: Known,
    waiting: Total,
    partings: Partings,
    refusals: Refusals,
    fault: OnceLock<Fault>,
}

/// The paths of all namespaces.
type Known = Arc<OnceLock<Vec<Box<str>>>>;

#[derive(Default)]
struct Wakers {
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Line {
    fn new(polling: Option<Box<Polling>>, lines: &Lines) -> Arc<Self> {
        let (closing, failed, cut, full, wakers, sockets) = Default::default();
        let (partings, refusals, fault) = Default::default();
        let (known, waiting) = (Arc::clone(&lines.known), Arc::clone(&lines.waiting));
        Arc::new(Self {
            closing,
            failed,
            cut,
            full,
            wakers,
            sockets,
            polling,
            known,
            waiting,
            partings,
            refusals,
            fault,
        })
    }

    /// The sockets that are leaving.
    pub(in crate::socket) fn partings(&self) -> &Partings {
        &self.partings
    }

    /// The refusals that the engine is to send.
    pub(in crate::socket) fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    /// The paths of the server's namespaces.
    pub(super) fn known(&self) -> impl Iterator<Item = &str> {
        self.known.get().into_iter().flatten().map(AsRef::as_ref)
    }

    /// How much waits for all clients.
    pub(super) fn waiting(&self) -> &Total {
        &self.waiting
    }

    /// Whether the client is connected to a namespace.
    pub(super) fn has_joined(&self, namespace: &str) -> bool {
        self.sockets().iter().any(|socket| socket.is_in(namespace))
    }

    /// Notes that the client leaves a namespace, before the engine does: it may join anew at once.
    /// Says whether it was in it.
    pub(super) fn leave(&self, namespace: &str) -> bool {
        let mut sockets = self.sockets();
        let before = sockets.len();
        sockets.retain(|socket| !socket.is_in(namespace));
        sockets.len() < before
    }

    /// Unties a namespace's socket.
    pub(in crate::socket) fn detach(&self, socket: &Arc<socketioxide::socket::Socket>) {
        self.sockets().retain(|attached| !attached.is_of(socket));
    }

    /// Closes the connection after what waits was sent.
    pub(crate) fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.wake();
    }

    /// Closes the connection as at a packet that is none.
    pub(in crate::socket) fn fail(&self) {
        self.failed.store(true, Ordering::Release);
        self.close();
    }

    pub(in crate::socket) fn is_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Notes what the client did wrong, before the engine closes the connection for it.
    pub(super) fn blame(&self, fault: Fault) {
        let _ = self.fault.set(fault); // the first counts: nothing is read after it
    }

    /// What the client did wrong.
    pub(in crate::socket) fn fault(&self) -> Option<Fault> {
        self.fault.get().copied()
    }

    /// Closes the connection at once; what waits is lost.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::Release);
        self.close();
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    pub(super) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Acquire)
    }

    /// Whether so much waits for the client that no more is taken.
    pub(crate) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// Says that the line is full, or that it is not any more. Only the connection's stream does.
    pub(super) fn set_full(self: &Arc<Self>, full: bool) {
        if self.full.swap(full, Ordering::Relaxed) == full {
            return;
        }
        if !full && let Some(writer) = self.wakers().writer.take() {
            writer.wake();
        }
        // Not here: this runs while the engine writes, and services may hear of it.
        let line = Arc::clone(self);
        tokio::spawn(async move {
            let sockets: Vec<_> = line.sockets().clone();
            let staying = sockets.iter().filter(|socket| socket.fill(line.is_full())).count();
            if line.is_full() && staying == 0 {
                line.cut();
            }
        });
    }

    /// Ties a namespace's socket to the line, so that it hears when the line is full.
    pub(in crate::socket) fn attach(&self, socket: Attached) {
        if self.is_full() {
            socket.fill(true);
        }
        let mut sockets = self.sockets();
        sockets.retain(Attached::is_there);
        sockets.push(socket);
    }

    fn sockets(&self) -> MutexGuard<'_, Vec<Attached>> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_reader(&self, waker: &Waker) {
        keep(&mut self.wakers().reader, waker);
    }

    pub(super) fn set_writer(&self, waker: &Waker) {
        keep(&mut self.wakers().writer, waker);
    }

    /// Has the reading side look at the line again.
    pub(super) fn wake_reader(&self) {
        if let Some(reader) = &self.wakers().reader {
            reader.wake_by_ref();
        }
    }

    fn wake(&self) {
        let Wakers { reader, writer } = std::mem::take(&mut *self.wakers());
        for waker in [reader, writer].into_iter().flatten() {
            waker.wake();
        }
    }

    fn wakers(&self) -> MutexGuard<'_, Wakers> {
        self.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keep(place: &mut Option<Waker>, waker: &Waker) {
    match place {
        Some(kept) => kept.clone_from(waker),
        None => *place = Some(waker.clone()),
    }
}

/// The lines of all clients that began on polling, by the engine's ids.
pub(super) struct Lines {
    by_id: Mutex<HashMap<Box<str>, Weak<Line>>>,
    known: Known,
    waiting: Total,
    /// The places of clients that began on polling: their sessions outlive their connections.
    seats: Arc<Semaphore>,
}

impl Lines {
    pub(super) fn new(sessions: usize) -> Self {
        let (by_id, known, waiting) = Default::default();
        let seats = Arc::new(Semaphore::new(sessions.min(Semaphore::MAX_PERMITS)));
        Self { by_id, known, waiting, seats }
    }

    /// Names the namespaces; those that are named later are not heard.
    pub(super) fn know(&self, namespaces: impl IntoIterator<Item = String>) {
        let _ = self.known.set(namespaces.into_iter().map(Into::into).collect());
    }

    /// The line of a client that opens a WebSocket.
    pub(super) fn websocket(&self) -> Arc<Line> {
        Line::new(None, self)
    }

    /// A line for a client that begins on polling, if there is a place for it.
    pub(super) fn open(self: &Arc<Self>) -> Option<Arc<Line>> {
        let seat = Arc::clone(&self.seats).try_acquire_owned().ok()?;
        let polling = Box::new(Polling::new(Arc::downgrade(self), seat));
        Some(Line::new(Some(polling), self))
    }

    pub(super) fn find(&self, id: &str) -> Option<Arc<Line>> {
        self.by_id().get(id).and_then(Weak::upgrade)
    }

    pub(super) fn by_id(&self) -> MutexGuard<'_, HashMap<Box<str>, Weak<Line>>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(polling) = &self.polling {
            polling.forget();
        }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").finish_non_exhaustive()
    }
}
