//! The accept loop and its connections.

use std::{io, sync::Arc, time::Duration};

use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    task::{JoinHandle, JoinSet},
    time::{Instant, timeout, timeout_at},
};

use super::{activity::Activity, bare_answer, seats::Seats, wire::Wire};
use crate::{
    AppHandle, Limits, LogLevel,
    http::{Connection, Front, Stack},
};

/// What hyper needs for a head, and how many fields it takes by itself.
const LEAST_HEAD: usize = 8 * 1024;
const HYPER_FIELDS: usize = 100;

/// How many clients are told at a time that there are too many, and for how long.
const REFUSALS: usize = 256;
const FAREWELL: Duration = Duration::from_secs(1);

/// The task that accepts connections, which owns them. Dropping it drops them.
pub(super) struct Listener {
    close: oneshot::Sender<()>,
    task: AbortOnDrop<(GracefulShutdown, JoinSet<()>)>,
}

impl Listener {
    pub(super) fn spawn(
        listener: TcpListener,
        front: Arc<Front>,
        stack: Option<Stack>,
        app: AppHandle,
    ) -> Self {
        let (close, closed) = oneshot::channel();
        let task = tokio::spawn(accept(listener, front, stack, app, closed));
        Self { close, task: AbortOnDrop(task) }
    }

    /// Accepts no more; the open connections are what is left.
    pub(super) fn close(self) -> Draining {
        let _ = self.close.send(());
        Draining { task: self.task }
    }
}

/// Connections that finish what they have begun.
pub(super) struct Draining {
    task: AbortOnDrop<(GracefulShutdown, JoinSet<()>)>,
}

impl Draining {
    /// Waits for open requests; what is open at the deadline is dropped.
    pub(super) async fn until(mut self, deadline: Instant) {
        let Ok((graceful, mut connections)) = (&mut self.task.0).await else { return };
        let _ = timeout_at(deadline, graceful.shutdown()).await;
        connections.shutdown().await;
    }
}

struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn accept(
    listener: TcpListener,
    front: Arc<Front>,
    stack: Option<Stack>,
    app: AppHandle,
    mut closed: oneshot::Receiver<()>,
) -> (GracefulShutdown, JoinSet<()>) {
    let (graceful, mut connections) = (GracefulShutdown::new(), JoinSet::new());
    let limits = front.limits;
    let builder = Arc::new(builder(&limits));
    let seats = Seats::new(&limits);
    let refusals = Arc::new(Semaphore::new(REFUSALS));
    loop {
        // All arms are cancel-safe: a connection that is not taken stays in the backlog.
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // One that has ended is kept, 5 kB of it, until it is joined.
            Some(_) = connections.join_next() => continue,
            _ = &mut closed => return (graceful, connections),
        };
        while connections.try_join_next().is_some() {}
        let (stream, remote) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                pause_after(&error, &app).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let Some(seat) = seats.take(remote.ip()) else {
            if let Ok(refusal) = Arc::clone(&refusals).try_acquire_owned() {
                connections.spawn(turn_away(stream, refusal));
            }
            continue;
        };
        let activity = Arc::<Activity>::default();
        let wire = Wire::new(stream, Arc::clone(&activity), limits, seat);
        let (front, stack) = (Arc::clone(&front), stack.clone());
        let service = Connection { front, stack, remote, activity };
        let watcher = graceful.watcher();
        let builder = Arc::clone(&builder);
        connections.spawn(async move {
            let connection = builder.serve_connection_with_upgrades(TokioIo::new(wire), service);
            let _ = watcher.watch(connection.into_owned()).await; // a client's error is its own
        });
    }
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    let mut http1 = builder.http1();
    http1.max_buf_size(limits.header_bytes.max(LEAST_HEAD));
    if limits.header_fields != HYPER_FIELDS {
        http1.max_headers(limits.header_fields); // costs an allocation for each request
    }
    let header_bytes = u32::try_from(limits.header_bytes).unwrap_or(u32::MAX);
    builder.http2().timer(TokioTimer::new()).max_header_list_size(header_bytes);
    builder
}

/// Tells a client that is one too many, and waits a moment for it to hear that.
async fn turn_away(mut stream: TcpStream, _refusal: OwnedSemaphorePermit) {
    let farewell = async {
        stream.write_all(bare_answer::OVERLOADED).await?;
        stream.shutdown().await?;
        while stream.read(&mut [0; 1024]).await? > 0 {}
        io::Result::Ok(())
    };
    let _ = timeout(FAREWELL, farewell).await; // it may be gone
}

/// A listener that has run out of file descriptors is tried again, not in a busy loop.
async fn pause_after(error: &io::Error, app: &AppHandle) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        return;
    }
    app.log(LogLevel::Error, format_args!("cannot accept a connection: {error}; trying again"));
    tokio::time::sleep(Duration::from_millis(100)).await;
}
