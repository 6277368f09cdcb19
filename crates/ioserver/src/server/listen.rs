//! The accept loop and its connections.

use std::{io, sync::Arc, time::Duration};

use hyper_util::{
    rt::{TokioExecutor, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::{Instant, timeout_at},
};

use super::wire::Wire;
use crate::{
    AppHandle, LogLevel,
    http::{Connection, Front},
};

/// Node's limit for a request's head.
const MAX_HEAD: usize = 16 * 1024;
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The task that accepts connections, which owns them. Dropping it drops them.
pub(super) struct Listener {
    close: oneshot::Sender<()>,
    task: AbortOnDrop<(GracefulShutdown, JoinSet<()>)>,
}

impl Listener {
    pub(super) fn spawn(listener: TcpListener, front: Arc<Front>, app: AppHandle) -> Self {
        let (close, closed) = oneshot::channel();
        Self { close, task: AbortOnDrop(tokio::spawn(accept(listener, front, app, closed))) }
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
    app: AppHandle,
    mut closed: oneshot::Receiver<()>,
) -> (GracefulShutdown, JoinSet<()>) {
    let (graceful, mut connections) = (GracefulShutdown::new(), JoinSet::new());
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD);
    builder.http2().timer(TokioTimer::new());
    let builder = Arc::new(builder);
    loop {
        // Both arms are cancel-safe: a connection that is not taken stays in the backlog.
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
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
        let service = Connection { front: Arc::clone(&front), remote };
        let watcher = graceful.watcher();
        let builder = Arc::clone(&builder);
        connections.spawn(async move {
            let connection = builder.serve_connection_with_upgrades(Wire::new(stream), service);
            let _ = watcher.watch(connection.into_owned()).await; // a client's error is its own
        });
    }
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
