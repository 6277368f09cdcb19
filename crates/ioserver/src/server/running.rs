//! A server that listens, and how it stops.

use std::{fmt, net::SocketAddr, time::Duration};

use socketioxide::SocketIo;
use tokio::{task::JoinSet, time::timeout};

use super::{Managed, Registry, Watched, lifecycle::stop_all, listen::Listener};
use crate::{AppHandle, Result, task::catch_panic};

/// A server that listens. Dropping it stops it without waiting.
#[must_use = "a server stops when it is dropped"]
pub struct RunningServer {
    parts: Parts,
}

pub(super) struct Parts {
    pub(super) address: SocketAddr,
    pub(super) app: AppHandle,
    pub(super) managers: Vec<Managed>,
    pub(super) watchers: Vec<Watched>,
    pub(super) watching: JoinSet<()>,
    pub(super) listener: Listener,
    pub(super) io: SocketIo,
    pub(super) grace: Duration,
    pub(super) registry: Registry,
}

impl RunningServer {
    pub(super) fn new(parts: Parts) -> Self {
        Self { parts }
    }

    /// Where the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.parts.address
    }

    /// The handle that components have.
    #[must_use]
    pub fn app(&self) -> &AppHandle {
        &self.parts.app
    }

    /// Serves until `signal` ends, then stops: `until(ioserver::shutdown_signal())`.
    ///
    /// # Errors
    ///
    /// As [`stop`](Self::stop).
    pub async fn until<F: Future>(self, signal: F) -> Result<()> {
        signal.await;
        self.stop().await
    }

    /// Stops listening, stops the watchers, closes the sockets, waits for open requests up to the
    /// [grace period](crate::IOServerOptions::grace), and stops the managers in reverse.
    ///
    /// # Errors
    ///
    /// The first watcher's error. Everything is stopped nevertheless.
    pub async fn stop(self) -> Result<()> {
        let Parts { app, managers, watchers, mut watching, listener, io, grace, registry, .. } =
            self.parts;
        app.begin_stop();
        let drained = listener.close();
        let mut result = Ok(());
        for watched in &watchers {
            if let Ok(stopped) = catch_panic(watched.watcher.stop()).await {
                result = result.and(stopped);
            }
        }
        let finished = async { while watching.join_next().await.is_some() {} };
        let _ = timeout(grace, finished).await;
        watching.shutdown().await;
        let _ = timeout(grace, io.close()).await;
        drained.within(grace).await;
        stop_all(&managers).await;
        drop(registry);
        result
    }
}

impl fmt::Debug for RunningServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningServer").field("address", &self.address()).finish_non_exhaustive()
    }
}
