//! Watchers: background tasks that live as long as the server listens.

use crate::{BoxFuture, Result};

/// A background task.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use ioserver::{AppHandle, BaseWatcher, Result, SendTo};
///
/// struct Heartbeat(AppHandle);
///
/// impl BaseWatcher for Heartbeat {
///     async fn watch(&self) -> Result<()> {
///         let mut ticks = tokio::time::interval(Duration::from_secs(30));
///         loop {
///             ticks.tick().await;
///             self.0.send(SendTo::new("heartbeat", &"alive").namespace("status"));
///         }
///     }
/// }
/// ```
pub trait BaseWatcher: Send + Sync + 'static {
    /// Runs from the server's start until it returns, or until the server has stopped it and drops
    /// it at an `.await`.
    ///
    /// # Errors
    ///
    /// An error is logged and ends this watcher only.
    fn watch(&self) -> impl Future<Output = Result<()>> + Send;

    /// Runs when the server stops; when it returns, [`watch`](BaseWatcher::watch) is dropped at its
    /// next `.await`. What must be finished first is waited for here, within the
    /// [grace period](crate::IOServerOptions::grace).
    ///
    /// # Errors
    ///
    /// The first error of all watchers is what the server's stop returns.
    fn stop(&self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

/// The `dyn`-safe face of [`BaseWatcher`].
pub(crate) trait ErasedWatcher: Send + Sync {
    fn watch(&self) -> BoxFuture<'_, Result<()>>;
    fn stop(&self) -> BoxFuture<'_, Result<()>>;
}

impl<W: BaseWatcher> ErasedWatcher for W {
    fn watch(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(BaseWatcher::watch(self))
    }

    fn stop(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(BaseWatcher::stop(self))
    }
}
