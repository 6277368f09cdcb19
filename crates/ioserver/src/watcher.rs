//! Watchers: background tasks that live as long as the server listens.

use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::{BoxFuture, Result};

/// Ticks every `period`, as `setInterval` does: the first time after a period, and late ticks are
/// not made up for. A period of nothing is a millisecond, as there.
///
/// # Examples
///
/// ```
/// # use std::time::Duration;
/// # async fn watch() {
/// let mut ticks = ioserver::every(Duration::from_secs(30));
/// loop {
///     ticks.tick().await;
///     println!("half a minute has passed");
/// }
/// # }
/// ```
#[doc(alias = "setInterval")]
#[must_use]
pub fn every(period: Duration) -> Interval {
    let period = period.max(Duration::from_millis(1));
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// A background task.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use ioserver::{AppHandle, BaseWatcher, Result, SendTo, every};
///
/// struct Heartbeat(AppHandle);
///
/// impl BaseWatcher for Heartbeat {
///     async fn watch(&self) -> Result<()> {
///         let mut ticks = every(Duration::from_secs(30));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_first_tick_comes_after_a_period_and_late_ones_are_not_made_up_for() {
        let (period, begun) = (Duration::from_secs(10), Instant::now());
        let mut ticks = every(period);
        ticks.tick().await;
        assert_eq!(begun.elapsed(), period);
        tokio::time::advance(period * 5).await; // the loop was busy
        ticks.tick().await;
        assert_eq!(begun.elapsed(), period * 6);
        ticks.tick().await;
        assert_eq!(begun.elapsed(), period * 7);
    }
}
