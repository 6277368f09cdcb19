//! The one fetch that may be under way, and what comes of it.

use std::{
    sync::{Arc, MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use tokio::{runtime::Handle, sync::watch, time::Instant};

use super::{
    JwksSource, Snapshot,
    absent::Absent,
    failure::Failure,
    key::Unusable,
    policy::{Cause, History, Standing},
    report::Report,
    set::Parsed,
};

/// What those who find no key, and the fetch itself, share under a lock that is never held for long.
#[derive(Debug, Default)]
pub(crate) struct Control {
    flight: Option<Flight>,
    pub(crate) history: History,
    pub(crate) absent: Absent,
    last_error: Option<Arc<str>>,
    emptied: bool,          // the last answer held no usable key
    skipped: Vec<Unusable>, // of the last good answer: each is named once
}

impl Control {
    pub(crate) fn flight(&self) -> Option<Flight> {
        self.flight.clone()
    }

    pub(crate) fn failures(&self) -> u32 {
        self.history.failures()
    }

    pub(crate) fn last_error(&self) -> Option<Arc<str>> {
        self.last_error.clone()
    }

    /// Why there are no keys.
    pub(crate) fn reason(&self) -> Arc<str> {
        self.last_error()
            .unwrap_or_else(|| Arc::from("no keys were fetched: is this a tokio runtime?"))
    }
}

/// A fetch under way, to wait for.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    pub(crate) started: Instant,
    landed: watch::Receiver<Option<bool>>,
}

/// How a fetch ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) started: Instant,
    pub(crate) brought_keys: bool,
}

impl Flight {
    /// Waits for the end of the fetch, but not past `deadline`.
    pub(crate) async fn landed(mut self, deadline: Option<Instant>) -> Option<End> {
        let end = self.landed.wait_for(Option::is_some);
        let end = match deadline {
            Some(deadline) => tokio::time::timeout_at(deadline, end).await.ok()?,
            None => end.await,
        };
        let brought_keys = end.is_ok_and(|brought| *brought == Some(true));
        Some(End { started: self.started, brought_keys })
    }
}

/// The fetch's own side. Dropped before its time, with its runtime or by a panic, it has failed:
/// those who wait are told, and the next may try.
struct Landing {
    source: Arc<JwksSource>,
    done: watch::Sender<Option<bool>>,
    over: bool,
}

impl Landing {
    async fn fly(mut self) {
        let answer = self.source.endpoint.fetch().await;
        self.end(answer);
    }

    fn end(&mut self, answer: Result<Parsed, Failure>) {
        self.over = true;
        let (brought_keys, report) = self.source.land(answer);
        self.done.send_replace(Some(brought_keys)); // first: a log may be slow
        if let Some(reporter) = self.source.reporters.last() {
            report.send(&*reporter);
        }
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if !self.over {
            self.end(Err(Failure::CutOff));
        }
    }
}

impl JwksSource {
    pub(crate) fn control(&self) -> MutexGuard<'_, Control> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Acquire)
    }

    /// Starts a fetch; none without a tokio runtime. The lock is given back before the task exists,
    /// since a runtime that is shutting down drops it on the spot, and dropping takes the lock.
    pub(crate) fn depart(
        self: &Arc<Self>,
        mut control: MutexGuard<'_, Control>,
        cause: Cause,
        now: Instant,
    ) -> Option<Flight> {
        let runtime = Handle::try_current().ok()?;
        let (done, landed) = watch::channel(None);
        let flight = Flight { started: now, landed };
        control.flight = Some(flight.clone());
        control.history.started(cause, now);
        self.wake.store(u64::MAX, Ordering::Relaxed);
        drop(control);
        runtime.spawn(Landing { source: Arc::clone(self), done, over: false }.fly());
        Some(flight)
    }

    /// Fetches in the background when the time has come. One atomic read when it has not.
    pub(crate) fn look_ahead(self: &Arc<Self>, now: Instant) {
        if self.millis(now) < self.wake.load(Ordering::Relaxed) {
            return;
        }
        let control = self.control();
        if control.flight.is_none() && self.policy.may_fetch(Cause::Age, &control.history, now) {
            self.depart(control, Cause::Age, now);
        }
    }

    /// Takes in what a fetch brought. Returns whether that is a key set, and what there is to tell.
    fn land(&self, answer: Result<Parsed, Failure>) -> (bool, Report) {
        let now = Instant::now();
        let mut report = Report::about(&self.endpoint);
        let mut control = self.control();
        control.flight = None;
        let answer = answer.and_then(|parsed| self.believed(&mut control, parsed, now));
        let brought_keys = answer.is_ok();
        match answer {
            Ok(parsed) => self.take(&mut control, parsed, now, &mut report),
            Err(failure) => self.fail(&mut control, &failure, now, &mut report),
        }
        (brought_keys, report)
    }

    /// A set without a usable key does away with every user at once, so it must be said twice while
    /// there are keys. (`BetterAuth` does publish one, after its last key has expired.)
    fn believed(
        &self,
        control: &mut Control,
        parsed: Parsed,
        now: Instant,
    ) -> Result<Parsed, Failure> {
        let empty = parsed.set.keys().is_empty();
        let repeated = std::mem::replace(&mut control.emptied, empty);
        if empty
            && !repeated
            && self.snapshot.load().as_ref().is_some_and(|old| self.would_lose(old, now))
        {
            return Err(Failure::Emptied);
        }
        Ok(parsed)
    }

    fn would_lose(&self, old: &Snapshot, now: Instant) -> bool {
        !old.set.keys().is_empty() && self.standing(old, now) != Standing::Expired
    }

    fn take(&self, control: &mut Control, parsed: Parsed, now: Instant, report: &mut Report) {
        let Parsed { set, skipped } = parsed;
        report.skipped(skipped.iter().filter(|one| !control.skipped.contains(one)));
        report.recovered(control.failures());
        let old = self.snapshot.load_full().filter(|old| old.set.is_same(&set));
        let set = match old {
            Some(old) => Arc::clone(&old.set), // the same keys: what they verified stays verified
            None => {
                report.keys(set.keys());
                Arc::new(set)
            }
        };
        self.snapshot.store(Some(Arc::new(Snapshot { set, fetched: now, skipped: skipped.len() })));
        self.failing.store(false, Ordering::Release);
        control.skipped = skipped;
        control.last_error = None;
        control.history.succeeded(now);
        self.wake_in(self.policy.refresh_ahead(), now);
    }

    fn fail(&self, control: &mut Control, failure: &Failure, now: Instant, report: &mut Report) {
        let text: Arc<str> = Arc::from(failure.chain());
        let rest = self.policy.failed(&mut control.history, now, chance());
        let kept = self.snapshot.load_full().filter(|old| self.would_lose(old, now));
        let news = control.last_error.as_ref() != Some(&text);
        report.failed(&text, control.failures(), news, kept.is_some());
        control.last_error = Some(text);
        self.failing.store(true, Ordering::Release);
        // Whoever passes after the pause tries again in the background. Without pauses, as in the
        // original, nobody does before the keys are getting old.
        let ahead = kept
            .map_or(Duration::ZERO, |old| self.policy.refresh_ahead().saturating_sub(old.age(now)));
        self.wake_in(rest.map_or(ahead, |rest| rest.saturating_duration_since(now)), now);
    }

    fn wake_in(&self, pause: Duration, now: Instant) {
        let pause = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        self.wake.store(self.millis(now).saturating_add(pause), Ordering::Relaxed);
    }

    fn millis(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.epoch).as_millis();
        u64::try_from(since).unwrap_or(u64::MAX - 1)
    }
}

/// From 0 to 1, so that the servers of a cluster do not all ask again at once.
fn chance() -> f64 {
    let mut random = [0; 4];
    match aws_lc_rs::rand::fill(&mut random) {
        Ok(()) => f64::from(u32::from_be_bytes(random)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}
