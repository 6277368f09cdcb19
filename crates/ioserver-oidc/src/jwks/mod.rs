//! The keys of an auth-service: fetched, kept and looked up.

mod absent;
mod edwards;
mod failure;
mod fetch;
mod flight;
mod key;
mod lookup;
mod options;
mod policy;
mod report;
mod roca;
mod set;
mod state;

use std::{
    collections::HashMap,
    error::Error as StdError,
    fmt,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use tokio::time::Instant;

use self::{
    fetch::Endpoint,
    flight::Control,
    policy::{Cause, Policy, Standing},
    report::Reporters,
};
pub(crate) use self::{
    lookup::{FoundKey, KeyError},
    report::Reporter,
    set::KeySet,
};
pub use self::{
    options::{CooldownFrom, JwksClient, JwksOptions, RetryPause},
    state::{JwksState, JwksStatus},
};
use crate::OidcError;

/// The keys at one URI.
///
/// There is one source per URI, options and process, whoever asks for it, so that HTTP and sockets
/// share what was fetched. It
///
/// - asks for nothing before the first token (or at start, [`JwksOptions::fetch_at_start`]);
/// - reads a key that it has without a lock and without waiting for anyone;
/// - asks once for all who miss a key at the same time, in a task of its own, which lasts no longer
///   than [`JwksOptions::timeout`] and does not end with the request that started it;
/// - fetches anew in the background before the age limit. Keys that nobody needed until after the
///   limit are fetched before they are used, for half a second at most; then, and while the endpoint
///   fails, the old ones serve, up to [`JwksOptions::max_stale`];
/// - leaves the endpoint alone for a while after it failed, and lets unknown key ids and bad
///   signatures cause few fetches.
pub struct JwksSource {
    endpoint: Endpoint,
    options: JwksOptions,
    policy: Policy,
    snapshot: ArcSwapOption<Snapshot>,
    failing: AtomicBool, // the last attempt failed
    wake: AtomicU64,     // from when on somebody who passes looks at `control`, in ms since `epoch`
    epoch: Instant,
    control: Mutex<Control>, // only for those who found no key, and when `wake` has come
    reporters: Reporters,
}

/// A set and when it came.
#[derive(Debug)]
struct Snapshot {
    set: Arc<KeySet>,
    fetched: Instant,
    skipped: usize,
}

impl JwksSource {
    /// The source for a URI and options: the same for everyone in the process. It stays for the life
    /// of the process, so that `verify_oidc_token` finds the keys of its last call.
    pub(crate) fn shared(uri: &str, options: &JwksOptions) -> Result<Arc<Self>, OidcError> {
        static SOURCES: LazyLock<Mutex<HashMap<String, Vec<Arc<JwksSource>>>>> =
            LazyLock::new(Mutex::default);
        let mut sources = SOURCES.lock().unwrap_or_else(PoisonError::into_inner);
        let same = sources.get(uri).and_then(|all| all.iter().find(|one| one.options == *options));
        if let Some(source) = same {
            return Ok(Arc::clone(source));
        }
        let source = Arc::new(Self::new(uri, options)?);
        sources.entry(uri.to_owned()).or_default().push(Arc::clone(&source));
        Ok(source)
    }

    fn new(uri: &str, options: &JwksOptions) -> Result<Self, OidcError> {
        Ok(Self {
            endpoint: Endpoint::new(uri, options)?,
            policy: Policy::new(options),
            options: options.clone(),
            snapshot: ArcSwapOption::empty(),
            failing: AtomicBool::new(false),
            wake: AtomicU64::new(u64::MAX),
            epoch: Instant::now(),
            control: Mutex::default(),
            reporters: Reporters::default(),
        })
    }

    /// Fetches now, whatever the age of the keys and the pauses.
    ///
    /// Waits for the fetch that is under way, if there is one. For readiness, ask
    /// [`state`](Self::state) instead: this asks the auth-service each time.
    ///
    /// # Errors
    ///
    /// [`OidcError::KeysUnavailable`] with the cause. The keys there were stay.
    pub async fn refresh(self: &Arc<Self>) -> Result<(), OidcError> {
        let end = self.fetched(Cause::Asked).await;
        if end.is_some_and(|end| end.brought_keys) {
            return Ok(());
        }
        let reason = Box::<dyn StdError + Send + Sync>::from(&*self.control().reason());
        Err(OidcError::KeysUnavailable(reason.into()))
    }

    /// What the source has, and what went wrong last.
    #[must_use]
    pub fn state(&self) -> JwksState {
        let now = Instant::now();
        let control = self.control();
        let snapshot = self.snapshot.load_full();
        let status = match &snapshot {
            None => JwksStatus::Missing,
            Some(snapshot) => match self.standing(snapshot, now) {
                Standing::Expired => JwksStatus::Expired,
                _ if snapshot.set.keys().is_empty() => JwksStatus::Empty,
                Standing::Fresh => JwksStatus::Fresh,
                Standing::Due | Standing::Stale => JwksStatus::Stale,
            },
        };
        JwksState {
            status,
            keys: snapshot.as_ref().map_or(0, |snapshot| snapshot.set.keys().len()),
            skipped: snapshot.as_ref().map_or(0, |snapshot| snapshot.skipped),
            age: snapshot.map(|snapshot| snapshot.age(now)),
            consecutive_failures: control.failures(),
            last_error: control.last_error().map(|text| text.to_string()),
        }
    }

    /// Has what happens from now on told to `reporter` as long as it is there, instead of those that
    /// were named before. It is told of key ids and failures, never of a token, and by the task
    /// that fetches.
    pub(crate) fn report_to(&self, reporter: &Arc<Reporter>) {
        self.reporters.add(reporter);
    }

    fn standing(&self, snapshot: &Snapshot, now: Instant) -> Standing {
        self.policy.standing(snapshot.age(now), self.is_failing())
    }
}

impl Snapshot {
    fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.fetched)
    }
}

impl fmt::Debug for JwksSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksSource").field("uri", &self.endpoint.shown()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
