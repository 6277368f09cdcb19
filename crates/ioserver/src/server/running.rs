//! A server that listens, and how it stops.

use std::{fmt, net::SocketAddr, time::Duration};

use socketioxide::SocketIo;
use tokio::{
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

use super::{Managed, Registry, Watched, lifecycle::stop_all, listen::Listener};
use crate::{AppHandle, IOServerError, LogLevel, Result, socket::gate::see_off, task::catch_panic};

/// A server that listens. Dropping it stops it without waiting.
#[must_use = "a server stops when it is dropped"]
pub struct RunningServer {
    address: SocketAddr,
    parts: Parts,
}

/// What runs, whoever listens.
pub(super) struct Parts {
    pub(super) app: AppHandle,
    pub(super) managers: Vec<Managed>,
    pub(super) watchers: Vec<Watched>,
    pub(super) watching: JoinSet<()>,
    pub(super) listener: Option<Listener>,
    pub(super) io: SocketIo,
    pub(super) grace: Duration,
    pub(super) registry: Registry,
}

impl RunningServer {
    pub(super) fn new(address: SocketAddr, parts: Parts) -> Self {
        Self { address, parts }
    }

    /// Where the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
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

    /// Stops listening, stops the watchers, closes the sockets and waits for open requests, all
    /// within the [grace period](crate::IOServerOptions::grace); what is open then is dropped. The
    /// managers are stopped last, in reverse, and have a grace period of their own.
    ///
    /// # Errors
    ///
    /// The first watcher's error, or the name of one that did not stop in time. Everything is
    /// stopped nevertheless.
    pub async fn stop(self) -> Result<()> {
        self.parts.stop().await
    }
}

impl Parts {
    pub(super) async fn stop(self) -> Result<()> {
        let Self { app, managers, watchers, mut watching, listener, io, grace, registry } = self;
        let deadline = Instant::now() + grace;
        app.begin_stop();
        let drained = listener.map(Listener::close);
        let mut result = Ok(());
        for watched in &watchers {
            let text = format_args!("[*] Stopping watcher {}", watched.name);
            app.log(LogLevel::Information, text);
            result = result.and(watched.stop(deadline).await);
        }
        watching.shutdown().await;
        see_off(&io);
        let _ = timeout_at(deadline, io.close()).await;
        if let Some(drained) = drained {
            drained.until(deadline).await;
        }
        let _ = timeout(grace, stop_all(&managers)).await;
        drop(registry);
        app.log(LogLevel::Information, "[*] Server stopped");
        result
    }
}

impl Watched {
    async fn stop(&self, deadline: Instant) -> Result<()> {
        let name = &self.name;
        let failed = |why| Err(IOServerError::new(format!("watcher `{name}` {why}"), 500));
        match timeout_at(deadline, catch_panic(self.watcher.stop())).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => failed("panicked when it was to stop"),
            Err(_) => failed("did not stop within the grace period"),
        }
    }
}

impl fmt::Debug for RunningServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningServer").field("address", &self.address()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::{BaseWatcher, IOServer, IOServerOptions, Result, WatcherOptions};

    /// Watches for ever; stops at once, or never.
    struct Watcher {
        stops: bool,
    }

    impl BaseWatcher for Watcher {
        async fn watch(&self) -> Result<()> {
            std::future::pending().await
        }

        async fn stop(&self) -> Result<()> {
            if self.stops { Ok(()) } else { std::future::pending().await }
        }
    }

    async fn stop(stops: bool) -> (Result<()>, std::time::Duration) {
        let mut server = IOServer::new(IOServerOptions { port: 0, ..Default::default() });
        server.add_watcher(WatcherOptions::new("loop", |_| Watcher { stops })).unwrap();
        let running = server.start().await.unwrap();
        let begun = tokio::time::Instant::now();
        (running.stop().await, begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_watcher_that_watches_for_ever_costs_no_time_at_the_stop() {
        let (result, took) = stop(true).await;
        assert!(result.is_ok());
        assert!(took < std::time::Duration::from_secs(1), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_watcher_that_does_not_stop_is_dropped_after_the_grace_period_and_named() {
        let (result, took) = stop(false).await;
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), "watcher `loop` did not stop within the grace period");
        assert!(took >= IOServerOptions::default().grace, "{took:?}");
    }
}
